"""The prompt of `wirehouse sql` in a terminal: SQL up to a semicolon, with history and completion."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from prompt_toolkit import PromptSession
from prompt_toolkit.completion import FuzzyWordCompleter
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

from flows.terminal.values import visible
from tasks.errors import UsageError

if TYPE_CHECKING:
    import duckdb

_WELCOME = "SQL, ended by a semicolon. Tab completes views and columns; Ctrl-D ends."


def run_prompt(con: "duckdb.DuckDBPyConnection", answer: Callable[[str], None]) -> None:
    """Read queries and pass each to `answer`, until Ctrl-D; an error is printed, Ctrl-C stops a query."""
    session = make_session(con)
    typer.echo(_WELCOME, err=True)
    with ThreadPoolExecutor(1) as worker:
        while True:
            try:
                question = session.prompt()
            except KeyboardInterrupt:  # forgets what was typed
                continue
            except EOFError:
                return
            if question.strip(" \t\r\n;"):
                _answer_in(worker, con, answer, question)


def make_session(con: "duckdb.DuckDBPyConnection") -> "PromptSession[str]":
    """Return a session with completion, and the history of earlier sessions."""
    from warehouse.inspection.question import find_names

    return PromptSession(
        "sql> ",
        multiline=True,
        prompt_continuation="  -> ",
        completer=FuzzyWordCompleter(find_names(con)),
        complete_while_typing=False,
        history=_history(),
        key_bindings=_keys(),
    )


def _keys() -> KeyBindings:
    """Return what Enter does: it sends a query that ends with a semicolon, else begins a line."""
    keys = KeyBindings()

    @keys.add("enter")
    def enter(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if buffer.text.rstrip().endswith(";") or not buffer.text.strip():
            buffer.validate_and_handle()
        else:
            buffer.insert_text("\n")

    return keys


def _history() -> History:
    """Return the history in its file, readable by its owner only (XDG Base Directory Specification).

    A user without a writable home, such as that of a service, has the history of this session only.
    """
    state = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    file = Path(state).expanduser() / "wirehouse" / "sql_history"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
    except OSError as error:
        typer.echo(f"The history is not kept: '{file}' cannot be written ({error.strerror}).", err=True)
        return InMemoryHistory()
    return FileHistory(str(file))


def _answer_in(
    worker: ThreadPoolExecutor, con: "duckdb.DuckDBPyConnection", answer: Callable[[str], None], question: str
) -> None:
    """Answer in another thread, so that this one receives Ctrl-C while DuckDB works."""
    running = worker.submit(answer, question)
    try:
        while True:
            try:
                return running.result()
            except KeyboardInterrupt:
                con.interrupt()
    except UsageError as error:
        typer.echo("\n".join(visible(line) for line in str(error).splitlines()), err=True)

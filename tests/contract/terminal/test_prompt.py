"""The prompt of `wirehouse sql`: several lines, several queries, errors that end nothing, history."""

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.document import Document
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from flows.cli import run
from flows.terminal.prompt import make_session
from tests.support.warehouse_rows import a_home, article, load
from warehouse.publish import publish_snapshot
from warehouse.store.connection import connect


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = a_home(tmp_path_factory.mktemp("prompt"))
    load(home, article(1))
    publish_snapshot(home)
    return home


@pytest.fixture
def prompt(home, tmp_path, monkeypatch, capsys):
    """Return a function that types into the prompt and gives what was printed, and the errors."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)

    def typed(text, *options):
        with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
            keys.send_text(text + "\x04")  # Ctrl-D
            assert run(["sql", "--home", str(home.root), *options]) == 0
        return capsys.readouterr()

    return typed


def test_queries_of_several_lines_and_errors(prompt):
    printed = prompt("select title\rfrom articles;\rselec 1;\rselect 41 + 1 as answer;\r")
    assert "Title 1" in printed.out
    assert "42" in printed.out
    assert "syntax error" in printed.err


def test_formats_and_refusals(prompt):
    printed = prompt("select 1 as n;\rcall enable_logging();\r", "--format", "csv")
    assert printed.out == "n\n1\n"
    assert "enable_logging() is not allowed here" in printed.err


def test_queries_are_remembered_for_the_owner_only(prompt, tmp_path):
    prompt("select 1;\r")
    (history,) = tmp_path.rglob("sql_history")
    assert "select 1;" in history.read_text()
    assert history.stat().st_mode & 0o077 == 0


def test_a_user_without_a_writable_home_has_a_prompt_too(prompt, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    printed = prompt("select 41 + 1 as answer;\r")
    assert "42" in printed.out
    assert "The history is not kept: " in printed.err


def test_views_columns_and_functions_are_completed(home, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with connect(home) as con, create_pipe_input() as keys, create_app_session(keys, DummyOutput()):
        completer = make_session(con).completer
        for typed, name in (("artic", "articles"), ("published_o", "published_on"), ("atten", "attention")):
            completions = completer.get_completions(Document(f"select {typed}"), None)
            assert name in [completion.text for completion in completions]

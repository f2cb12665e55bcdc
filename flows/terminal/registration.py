"""What is added to each command where it is registered: `--cluster`, `--debug`, and the log of the steps."""

import inspect
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

from flows.terminal.options import ClusterOption, DebugOption, LogFileOption, LogLevelOption
from warehouse.cluster.place import VARIABLE

Command = Callable[..., None]


def with_debug(command: Command) -> Command:
    """Return a command that also takes `--cluster` and `--debug`.

    `flows.cli.run` looks for `--debug` when the command fails.
    """

    def run(*, cluster: Path | None, debug: bool, **options: Any) -> None:
        with _cluster_named(cluster, options.get("config")):
            command(**options)

    return _with_options(command, run, cluster=(ClusterOption, None), debug=(DebugOption, False))


def with_log(command: Command) -> Command:
    """Return a command that also takes the options of the log, and writes the steps' log."""

    def run(
        *, cluster: Path | None, log_level: str, log_file: Path | None, debug: bool, **options: Any
    ) -> None:
        from flows.terminal.progress import show_progress

        show_progress("debug" if debug else log_level, log_file)
        with _cluster_named(cluster, options.get("config")):
            command(**options)

    return _with_options(
        command,
        run,
        cluster=(ClusterOption, None),
        log_level=(LogLevelOption, "info"),
        log_file=(LogFileOption, None),
        debug=(DebugOption, False),
    )


@contextmanager
def _cluster_named(cluster: Path | None, config: Path | None) -> Iterator[None]:
    """Let this process and its workers find the cluster's settings where the options say.

    They are those of `--cluster`, else the file beside the source list of `--config`, if there is one.
    """
    named = cluster or (config.with_name("cluster.toml") if config else None)
    before = os.environ.get(VARIABLE)
    if named is not None and (cluster is not None or (not before and named.is_file())):
        os.environ[VARIABLE] = str(named.expanduser().absolute())
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(VARIABLE, None)
        else:
            os.environ[VARIABLE] = before


def _with_options(command: Command, run: Command, **added: tuple[Any, Any]) -> Command:
    """Return `run` with the name, help and parameters of a command, and the parameters that are added."""
    signature = inspect.signature(command)
    parameters = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, (annotation, default) in added.items()
    ]
    registered: Any = wraps(command)(run)
    registered.__doc__ = _unwrapped(command.__doc__ or "")
    registered.__signature__ = signature.replace(parameters=[*signature.parameters.values(), *parameters])
    registered.__annotations__ = {
        **command.__annotations__,
        **{name: annotation for name, (annotation, _) in added.items()},
    }
    return registered  # type: ignore[no-any-return]


def _unwrapped(help_text: str) -> str:
    """Return a help text with one line for each paragraph; Typer would keep the breaks inside them."""
    return "\n\n".join(" ".join(text.split()) for text in inspect.cleandoc(help_text).split("\n\n"))

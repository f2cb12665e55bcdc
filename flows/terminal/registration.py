"""What is added to each command where it is registered: the option `--debug`, and the log of the steps."""

import inspect
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from flows.terminal.options import DebugOption, LogFileOption, LogLevelOption

Command = Callable[..., None]


def with_debug(command: Command) -> Command:
    """Return a command that also takes `--debug`; `flows.cli.run` looks for it when the command fails."""

    def run(*, debug: bool, **options: Any) -> None:
        command(**options)

    return _with_options(command, run, debug=(DebugOption, False))


def with_log(command: Command) -> Command:
    """Return a command that also takes the options of the log, and writes the steps' log."""

    def run(*, log_level: str, log_file: Path | None, debug: bool, **options: Any) -> None:
        from flows.terminal.progress import show_progress

        show_progress("debug" if debug else log_level, log_file)
        command(**options)

    return _with_options(
        command,
        run,
        log_level=(LogLevelOption, "info"),
        log_file=(LogFileOption, None),
        debug=(DebugOption, False),
    )


def _with_options(command: Command, run: Command, **added: tuple[Any, Any]) -> Command:
    """Return `run` with the name, help and parameters of a command, and the parameters that are added."""
    signature = inspect.signature(command)
    parameters = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, (annotation, default) in added.items()
    ]
    registered: Any = wraps(command)(run)
    registered.__signature__ = signature.replace(parameters=[*signature.parameters.values(), *parameters])
    registered.__annotations__ = {
        **command.__annotations__,
        **{name: annotation for name, (annotation, _) in added.items()},
    }
    return registered  # type: ignore[no-any-return]

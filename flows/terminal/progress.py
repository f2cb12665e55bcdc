"""The log of the steps on standard error: lines, JSON lines, or lines with a progress bar."""

import json
import logging
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from flows.terminal.options import is_interactive
from flows.terminal.output import visible
from tasks.errors import UsageError
from warehouse.wording import suggest

LEVELS = ("debug", "info", "warning", "error")


def show_progress(level: str = "info", file: Path | None = None) -> None:
    """Send the steps' log to standard error or a file, as JSON lines when WIREHOUSE_LOG is "json".

    Raises UsageError for an unknown level or a file that cannot be written.
    """
    if level.lower() not in LEVELS:
        raise UsageError(f"--log-level: unknown level '{level}'. {suggest(level, LEVELS)}")
    as_json = os.environ.get("WIREHOUSE_LOG") == "json"
    handler = _handler(file, as_json)
    if as_json:
        handler.setFormatter(JsonLines())
    else:
        handler.setFormatter(PlainLines("%(asctime)s %(levelname)s %(message)s" if file else "%(message)s"))
    logger = logging.getLogger("wirehouse")
    logger.handlers = [handler]
    logger.setLevel(level.upper())
    logger.propagate = False


def _handler(file: Path | None, as_json: bool) -> logging.Handler:
    if file is not None:
        try:
            return logging.FileHandler(file, encoding="utf-8")
        except OSError as error:
            raise UsageError(f"--log-file: '{file}' cannot be written: {error.strerror}.") from error
    return ProgressHandler() if is_interactive() and not as_json else logging.StreamHandler(sys.stderr)


class PlainLines(logging.Formatter):
    """A record as text without control characters; a traceback keeps its lines."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as text."""
        return "\n".join(visible(line) for line in super().format(record).splitlines())


class ProgressHandler(logging.Handler):
    """Prints lines, and draws a progress bar once a record carries `n_done` and `n_named`.

    These count the pages that are done, of those that indexes have listed so far.
    """

    def __init__(self) -> None:
        super().__init__()
        self._progress = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
            console=Console(stderr=True), transient=True,
        )  # fmt: skip
        self._task: TaskID | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Show the record."""
        n_done, n_named = getattr(record, "n_done", None), getattr(record, "n_named", None)
        if n_done is None:
            self._progress.console.print(self.format(record), markup=False, highlight=False)
            return
        if self._task is None:
            self._progress.start()
            self._task = self._progress.add_task("pages listed so far")
        self._progress.update(self._task, completed=n_done, total=n_named)

    def close(self) -> None:
        """Remove the bar."""
        self._progress.stop()
        super().close()


class JsonLines(logging.Formatter):
    """One JSON object a line: at, level, logger, message, and the record's `extra` values."""

    _OWN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as a line."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {key: value for key, value in record.__dict__.items() if key not in self._OWN}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)

"""The log of the steps on standard error: lines, JSON lines, or lines with a progress bar."""

import json
import logging
import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from flows.terminal.options import is_interactive
from flows.terminal.values import visible
from tasks.errors import UsageError
from warehouse.store.progress import PROGRESS
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
    _watch_progress(handler)


def _handler(file: Path | None, as_json: bool) -> logging.Handler:
    if file is not None:
        try:
            return LogFile(file, encoding="utf-8")
        except OSError as error:
            raise UsageError(f"--log-file: '{file}' cannot be written: {error.strerror}.") from error
    if not is_interactive() or as_json:
        return logging.StreamHandler(sys.stderr)
    from flows.terminal.progress_bar import ProgressHandler  # draws with rich, which is slow to import

    return ProgressHandler()


def _watch_progress(handler: logging.Handler) -> None:
    """Let the bars of a terminal listen to the progress of long work; nothing else does."""
    for other in [h for h in PROGRESS.handlers if not isinstance(h, logging.NullHandler)]:
        PROGRESS.removeHandler(other)
    if not isinstance(handler, logging.StreamHandler):
        PROGRESS.addHandler(handler)


class LogFile(logging.FileHandler):
    """A file of the log. One that cannot be written, as on a full disk, is said once; the run goes on."""

    _is_failing = False

    def handleError(self, record: logging.LogRecord) -> None:
        """Say once on standard error why the file cannot be written; other errors as usual."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            super().handleError(record)
        elif not self._is_failing:
            self._is_failing = True
            with suppress(OSError):
                sys.stderr.write(
                    f"wirehouse: --log-file: '{self.baseFilename}' cannot be written: {error.strerror}. "
                    "The run goes on, and its log has gaps until there is space again.\n"
                )


class PlainLines(logging.Formatter):
    """A record as text without control characters; a traceback keeps its lines."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as text."""
        return "\n".join(visible(line) for line in super().format(record).splitlines())


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

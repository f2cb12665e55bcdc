"""Progress on standard error: lines for a log file, lines and a bar for a person who watches."""

import json
import logging
import sys
from datetime import UTC, datetime

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from flows.terminal.options import is_interactive


def show_progress(*, debug: bool = False, as_json: bool = False) -> None:
    """Send what the steps say to standard error: plain lines, or one JSON object a line."""
    handler = Bar() if is_interactive() and not as_json else logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if as_json else logging.Formatter("%(message)s"))
    logger = logging.getLogger("wirehouse")
    logger.handlers = [handler]
    logger.setLevel(logging.DEBUG if debug else logging.INFO)
    logger.propagate = False


class Bar(logging.Handler):
    """Prints lines, and draws a bar with the time left once a message says how far the work is.

    Such a message carries `n_done` and `n_named`: how many of those named so far are done.
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
            self._task = self._progress.add_task("pages named so far")
        self._progress.update(self._task, completed=n_done, total=n_named)

    def close(self) -> None:
        """Take the bar away."""
        self._progress.stop()
        super().close()


class JsonLines(logging.Formatter):
    """One JSON object a line: at, level, logger, message and what the caller added as `extra`."""

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

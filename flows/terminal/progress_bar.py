"""The log of the steps in a terminal: lines, and a progress bar below them."""

import logging

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn


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

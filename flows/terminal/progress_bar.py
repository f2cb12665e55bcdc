"""The log of the steps in a terminal: lines, and below them a bar with rate and remaining time."""

import logging

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from warehouse.store.progress import PROGRESS


class RateColumn(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> Text:
        """Return the rate; nothing before it is known."""
        return Text(f"{task.speed:,.1f}/s" if task.speed else "")


class ProgressHandler(logging.Handler):
    """Prints the lines of the steps' log, and draws a bar for each unit of `warehouse.store.progress`."""

    def __init__(self) -> None:
        super().__init__()
        self._progress = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), RateColumn(),
            TimeRemainingColumn(), console=Console(stderr=True), transient=True, speed_estimate_period=60,
        )  # fmt: skip
        self._tasks: dict[str, TaskID] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Show the record."""
        if record.name != PROGRESS.name:
            self._progress.console.print(self.format(record), markup=False, highlight=False)
            return
        unit, n_done, n_total = record.getMessage(), record.__dict__["n_done"], record.__dict__["n_total"]
        if unit not in self._tasks:
            self._progress.start()
            self._tasks[unit] = self._progress.add_task(unit, total=n_total)
        self._progress.update(self._tasks[unit], completed=n_done, total=n_total)

    def close(self) -> None:
        """Remove the bars."""
        self._progress.stop()
        super().close()

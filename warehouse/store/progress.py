"""The progress of long work, as records of a separate logger.

Only the command line in a terminal listens (`flows.terminal.progress`). In pipes, in scheduled runs and in
tests the records go nowhere: the steps' log says what they did.
"""

import logging

PROGRESS = logging.getLogger("wirehouse.progress")
PROGRESS.propagate = False
PROGRESS.setLevel(logging.INFO)
PROGRESS.addHandler(logging.NullHandler())


def report_progress(unit: str, n_done: int, n_total: int | None = None) -> None:
    """Say how many of a unit are done, such as "pages"; without `n_total` nobody knows how many there are."""
    PROGRESS.info("%s", unit, extra={"n_done": n_done, "n_total": n_total})


def is_watched() -> bool:
    """Say whether anybody listens: what only progress needs is worth its cost then."""
    return any(not isinstance(handler, logging.NullHandler) for handler in PROGRESS.handlers)

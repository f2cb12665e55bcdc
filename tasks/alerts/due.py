"""Whether there may be alerts; sends those that are due when there is nothing else to do, instead of a run.

What sends them is imported only when there is something to send.
"""

import logging
from datetime import datetime
from pathlib import Path

from tasks.errors import SearchesError
from warehouse.alerts.due import is_alert_due
from warehouse.store.connection import read_store
from warehouse.store.home import Home

log = logging.getLogger("wirehouse")


def may_have_alerts(home: Home, file: Path) -> bool:
    """Say whether there are saved searches, or were: else there is nothing to send and no feed to write."""
    return file.exists() or home.deliveries_file.exists() or home.feed_note.exists()


def send_due_alerts(home: Home, file: Path, now: datetime) -> tuple[str, ...]:
    """Send what is due of the saved searches in a file, if it exists, and write its feeds.

    Returns why the file cannot be used, and which feeds could not be made.
    """
    if not file.exists():
        return ()
    from tasks.alerts.searches_file import read_searches
    from warehouse.alerts.feed_note import are_feeds_due

    try:
        searches = read_searches(file)
    except SearchesError as error:
        log.error("%s", error)
        return (str(error),)
    with read_store(home, owner="looking for alerts") as con:
        is_due = is_alert_due(con, [search.name for search in searches.searches], now)
    problems: tuple[str, ...] = ()
    if is_due:
        from tasks.alerts.send import report_saved

        problems = report_saved(home, file)
    if are_feeds_due(home, searches):
        from tasks.alerts.feed_files import write_feed_files

        problems += write_feed_files(home, file)
    return problems

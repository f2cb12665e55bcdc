"""What the pages of browse show of saved searches: the file as it is now, and what was sent."""

from pathlib import Path

from tasks.alerts.searches_file import read_if_any
from tasks.errors import SearchesError
from warehouse.alerts.deliveries import read_deliveries
from warehouse.alerts.watched import Watched
from warehouse.store.home import Home


def read_watched(home: Home, searches_file: Path) -> Watched:
    """Return the saved searches of a file and what was sent of them; a file with a mistake is a problem."""
    try:
        return Watched(read_if_any(searches_file), None, read_deliveries(home))
    except SearchesError as error:
        return Watched(problem=str(error), deliveries=read_deliveries(home))

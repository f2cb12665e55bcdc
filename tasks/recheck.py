"""Which known pages `--recheck` asks for again: the first step of such a run, instead of polling.

Apart from `tasks.plan`, which is imported to find out that there is nothing to do: loading the rules of URLs
would take longer than that.
"""

from collections.abc import Iterable

from tasks.domain.urls.key import url_key
from tasks.errors import ItemError, UsageError
from warehouse.pages.pages import find_known
from warehouse.records.page import PageRequest
from warehouse.store.connection import Home, read_store


def find_rechecks(home: Home, urls: Iterable[str]) -> list[PageRequest]:
    """Return the requests that ask for known pages again. Raises UsageError for one that is not known."""
    url_of: dict[str, str] = {}
    for url in urls:
        try:
            url_of[url_key(url)] = url
        except ItemError as error:
            raise UsageError(f"--recheck: '{url}': {error.reason}") from error
    with read_store(home, owner="looking for known pages") as con:
        requests = find_known(con, list(url_of))
    for request in requests:
        del url_of[request.url_key]
    for url in url_of.values():
        raise UsageError(
            f"--recheck: '{url}' is not known: no feed has shown it, and no article is stored from it. "
            "To fetch new pages, use `wirehouse backfill SOURCE --urls FILE`."
        )
    return requests

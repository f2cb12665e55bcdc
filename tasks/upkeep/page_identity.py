"""An archived page under the names that hold today: its source may have been renamed, its key's rule changed.

Beside replay and re-extraction: the archive says what was true when the page was fetched.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace

from tasks.domain.urls.key import url_key
from tasks.errors import ItemError
from warehouse.records import ArchiveRef, Page


def unknown_refs(pages: Sequence[Page], names: Container[str]) -> list[ArchiveRef]:
    """Return the places of pages whose source goes by none of the names."""
    return [page.ref for page in pages if page.request.source not in names]


def todays_page(page: Page, sources: Mapping[ArchiveRef, str]) -> Page:
    """Return the page with its source's present name, where one is given, and its URL key by today's rule.

    The key is taken from the old key, as for stored articles (`tasks.upkeep.rename`): both agree.
    """
    request = page.request
    source = sources.get(page.ref, request.source)
    try:
        key = url_key(f"https://{request.url_key}")
    except ItemError:
        key = request.url_key
    if (source, key) == (request.source, request.url_key):
        return page
    return replace(page, request=replace(request, source=source, url_key=key))

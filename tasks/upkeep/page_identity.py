"""An archived page under today's names: its source may have been renamed, the rule of its URL key changed.

For re-extraction and rebuild; the archive records what was true when the page was fetched.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace

from tasks.domain.urls.key import url_key
from tasks.errors import ItemError
from warehouse.records.page import ArchiveRef, Page


def unknown_refs(pages: Sequence[Page], names: Container[str]) -> list[ArchiveRef]:
    """Return the places of the pages whose source has none of these names."""
    return [page.ref for page in pages if page.request.source not in names]


def todays_page(page: Page, sources: Mapping[ArchiveRef, str]) -> Page:
    """Return the page with its source's current name, if `sources` has it, and its URL key by today's rule.

    The key is computed from the old key, as for stored articles (`tasks.upkeep.rename`), so that both agree.
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

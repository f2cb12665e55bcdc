"""A backfill from a list of URLs, and the storing of pages that files contain.

Replaces the index pages of a backfill. `tasks.backfill.warc_pages` reads WARC files; their pages are
first written to our own archive, like every other page, so that a rebuild has them.
"""

from collections.abc import Sequence
from pathlib import Path

from tasks.archive.writer import ArchiveWriter
from tasks.backfill.walk import Index, Way
from tasks.domain.urls.key import url_key
from tasks.errors import ItemError, UsageError, why_unreadable
from tasks.http_client.result import FetchResult
from warehouse.records import FeedEntry, FetchReason, Page, PageRequest, Source


def read_urls(path: Path, source: Source) -> Index:
    """Return the pages that a file lists, one URL a line; blank lines and `#` comments are skipped.

    Raises UsageError when the file cannot be read or a line is not a URL.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--urls: '{path}' cannot be read: {why_unreadable(error)}") from error
    requests: dict[str, PageRequest] = {}
    for number, line in enumerate(lines, 1):
        url = line.strip()
        if not url or url.startswith("#"):
            continue
        try:
            key = url_key(url)
        except ItemError as error:
            raise UsageError(
                f"--urls: {path}, line {number}: {error.reason} Correct or remove the line."
            ) from error
        requests.setdefault(key, _request(source, url, key))
    return Index(Way.URLS, str(path), len(requests), tuple(requests.values()), frozenset(requests))


def store_pages(
    captures: Sequence[tuple[PageRequest, FetchResult]], archive: ArchiveWriter
) -> tuple[Page, ...]:
    """Write pages to our own archive; return them with their places in it."""
    pages = tuple(archive.write(request, result) for request, result in captures)
    archive.sync()
    return pages


def _request(source: Source, url: str, key: str) -> PageRequest:
    return PageRequest(source.name, url, key, FeedEntry(url), reason=FetchReason.BACKFILL)

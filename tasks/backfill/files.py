"""A backfill from files instead of index pages: a list of URLs, or WARC files (`tasks.captures`)."""

from datetime import UTC, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from tasks.backfill.walk import Days, Index, Way
from tasks.captures.pages import CaptureSelection, domains_of
from tasks.captures.store import CaptureFiles
from tasks.domain.urls.key import url_key
from tasks.errors import ItemError, UsageError
from warehouse.errors import why_unreadable
from warehouse.records.feed import FeedEntry
from warehouse.records.page import FetchReason, PageRequest
from warehouse.records.source import Source


def read_urls(path: Path, source: Source) -> Index:
    """Return the pages that a file lists, one URL a line; blank lines and `#` comments are skipped.

    Raises UsageError when the file cannot be read or a line is not a URL.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
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


def capture_files(paths: tuple[Path, ...], source: Source, days: Days) -> CaptureFiles:
    """Return how to read the pages of one source, captured in the range or later, from WARC files."""
    zone = ZoneInfo(days.zone) if days.zone else UTC
    from_at = datetime.combine(days.since, time(), zone)
    wanted = CaptureSelection(domains_of({source.name: source}), from_at=from_at, fallback=source.name)
    return CaptureFiles(paths, wanted)


def _request(source: Source, url: str, key: str) -> PageRequest:
    return PageRequest(source.name, url, key, FeedEntry(url), reason=FetchReason.BACKFILL)

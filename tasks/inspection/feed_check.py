"""What a feed document gives, as the `feed` command shows it: files, addresses, manifests.

Beside the pipeline: nothing is stored. Documents are read in worker processes, as a run reads them.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tasks.domain.feeds.document import FeedDocument, FeedItem
from tasks.errors import ErrorClass, FeedFormatError, FetchError, ItemError, UsageError
from tasks.http_client.client import HttpClient, policy_for
from tasks.http_client.result import Document, FetchPolicy
from tasks.sources import Sources
from tasks.workers.feed_parser import FeedParser
from tasks.workers.feed_worker import FeedJob
from warehouse.records import Feed, Moment, Source

MAX_FILE_BYTES = 64_000_000


@dataclass(frozen=True, slots=True)
class FeedInput:
    """One document to be shown; a manifest line that cannot be used carries its problem."""

    name: str
    path: Path | None = None
    url: str | None = None
    content_type: str | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class _Context:
    """What all documents of one call share."""

    parser: FeedParser
    client: HttpClient
    sources: Sources | None
    source_name: str | None
    now: datetime


def place_input(place: str, url: str | None) -> FeedInput:
    """Return the document that an argument names: an address, or a file that comes from `url`."""
    if place.startswith(("http://", "https://")):
        return FeedInput(place, url=place)
    return FeedInput(place, path=Path(place), url=url)


def read_manifest(path: Path) -> list[FeedInput]:
    """Return the documents of a manifest; their paths are relative to the manifest's folder.

    Raises UsageError when the file cannot be read.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: the manifest cannot be read ({error}).") from error
    numbered = enumerate(lines, 1)
    return [_manifest_line(line, number, path.parent) for number, line in numbered if line.strip()]


def check_feeds(
    inputs: Sequence[FeedInput],
    *,
    sources: Sources | None,
    source_name: str | None,
    hosts_dir: Path,
    now: datetime,
) -> Iterator[dict[str, Any]]:
    """Yield one report for each document, in the order of `inputs`.

    A report has id, kind (None for what is no feed), title, entries, feed_urls and problems.
    """
    contact = sources.contact if sources else None
    with (
        FeedParser() as parser,
        HttpClient(hosts_dir=hosts_dir, contact=contact) as client,
        ThreadPoolExecutor(4) as threads,
    ):
        context = _Context(parser, client, sources, source_name, now)
        yield from threads.map(lambda one: _report(one, context), inputs)


def _manifest_line(line: str, number: int, folder: Path) -> FeedInput:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        return FeedInput(f"line {number}", problem=f"Line {number} of the manifest is no JSON object.")
    path, url = fields.get("path"), fields.get("url")
    name = str(fields.get("id") or path or url or f"line {number}")
    if not isinstance(path, str) and not isinstance(url, str):
        return FeedInput(name, problem=f"Line {number} of the manifest has neither path nor url.")
    kind = fields.get("content_type")
    return FeedInput(
        name,
        folder / path if isinstance(path, str) else None,
        url if isinstance(url, str) else None,
        kind if isinstance(kind, str) else None,
    )


def _report(one: FeedInput, context: _Context) -> dict[str, Any]:
    try:
        if one.problem:
            raise FetchError(one.name, ErrorClass.BAD_URL, one.problem)
        result = context.parser.read(_job(one, context))
        if isinstance(result, FeedFormatError):
            raise result
    except ItemError as error:
        return _shown(one.name, None, [error.reason])
    return _shown(one.name, result, list(result.problems))


def _job(one: FeedInput, context: _Context) -> FeedJob:
    source, feed = _described(one.url, context)
    if one.path is None and one.url is not None:
        body, url, content_type = _fetched(one.url, source, context.client)
    else:
        body, url, content_type = _read(one), one.url or "", one.content_type
    job = FeedJob(body, url, context.now, content_type)
    if source is None:
        return job
    return FeedJob(
        body,
        url,
        context.now,
        content_type,
        kind=feed.kind if feed else job.kind,
        listing=feed.listing if feed else None,
        zone=source.timezone,
        date_order=source.date_order,
        language=source.language,
    )


def _described(url: str | None, context: _Context) -> tuple[Source | None, Feed | None]:
    """Return the source and feed of the source list that the document belongs to, if any."""
    sources: Iterable[Source] = context.sources.sources if context.sources else ()
    candidates = [s for s in sources if context.source_name in (None, s.name)]
    for source in candidates:
        for feed in source.feeds:
            if feed.url == url:
                return source, feed
    if context.source_name is None or not candidates:
        return None, None
    only = candidates[0].feeds[0] if len(candidates[0].feeds) == 1 else None
    return candidates[0], only


def _fetched(url: str, source: Source | None, client: HttpClient) -> tuple[bytes, str, str | None]:
    policy = policy_for(source) if source else FetchPolicy()
    result = client.fetch(url, policy, document=Document.FEED)
    if not result.is_ok:
        raise FetchError(url, result.error_class, result.reason)
    return result.body, result.final_url, result.content_type


def _read(one: FeedInput) -> bytes:
    assert one.path is not None
    try:
        if one.path.stat().st_size > MAX_FILE_BYTES:
            raise FetchError(str(one.path), ErrorClass.TOO_LARGE, "The file is larger than 64 MB.")
        return one.path.read_bytes()
    except (OSError, ValueError) as error:
        raise FetchError(
            str(one.path), ErrorClass.BAD_URL, f"The file cannot be read: {_why(error)}."
        ) from error


def _why(error: Exception) -> str:
    reason = error.strerror if isinstance(error, OSError) else None
    return (reason or str(error) or type(error).__name__).lower()


# --- the form of a report --------------------------------------------------------------------


def _shown(name: str, document: FeedDocument | None, problems: list[str]) -> dict[str, Any]:
    return {
        "id": name,
        "kind": document.kind.value if document else None,
        "title": document.title if document else None,
        "entries": [_shown_item(item) for item in document.items] if document else [],
        "feed_urls": list(document.feed_urls) if document else [],
        "problems": problems,
    }


def _shown_item(item: FeedItem) -> dict[str, Any]:
    published = item.published
    return {
        "title": item.title,
        "link": item.link,
        "published": instant(published) if published else None,
        "guid": item.guid,
        "updated": _utc(item.updated_at) if item.updated_at else None,
        "url": item.url,
        "published_raw": item.published_raw,
        "published_local": published.local.isoformat() if published and published.local else None,
        "published_precision": published.precision.value if published else None,
        "zone_from": published.zone_from if published else None,
        "authors": list(item.authors),
        "language": item.language,
        "summary": item.summary,
    }


def instant(moment: Moment) -> str | None:
    """Return a moment in ISO 8601 and UTC; None for a time without a zone.

    A day without a time is shown as its midnight in UTC, as feed readers do; its precision says so.
    """
    if moment.at is not None:
        return _utc(moment.at)
    if moment.local is not None:
        return None
    return _utc(datetime(moment.on.year, moment.on.month, moment.on.day, tzinfo=UTC))


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

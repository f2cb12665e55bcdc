"""The entries of feed documents, as the `feed` command shows them: files, URLs, manifests.

Beside the pipeline: nothing is stored. Documents are parsed in worker processes, as in a run.
"""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tasks.domain.dates.context import DateContext
from tasks.domain.feeds.document import FeedItem
from tasks.errors import ErrorClass, FeedFormatError, FetchError, ItemError
from tasks.http_client.client import HttpClient, policy_for
from tasks.http_client.result import Document, FetchPolicy
from tasks.inspection.manifest import DocumentInput
from tasks.sources import Sources
from tasks.workers.feed_parser import FeedParser
from tasks.workers.feed_worker import FeedJob
from warehouse.cluster.place import find_leases
from warehouse.errors import why_unreadable
from warehouse.records.article import Moment
from warehouse.records.feed import FeedDocument
from warehouse.records.source import Feed, Source

MAX_FILE_BYTES = 64_000_000


@dataclass(frozen=True, slots=True)
class _Context:
    """What all documents of one call share."""

    parser: FeedParser
    client: HttpClient
    sources: Sources | None
    source_name: str | None
    now: datetime


def check_feeds(
    inputs: Sequence[DocumentInput],
    *,
    sources: Sources | None,
    source_name: str | None,
    hosts_dir: Path,
    now: datetime,
) -> Iterator[dict[str, Any]]:
    """Yield one report for each document, in the order of `inputs`.

    A report has id, kind (None when the document is not a feed), title, entries, feed_urls and problems.
    """
    contact = sources.contact if sources else None
    with (
        FeedParser() as parser,
        HttpClient(hosts_dir=hosts_dir, contact=contact, leases=find_leases()) as client,
        ThreadPoolExecutor(4) as threads,
    ):
        context = _Context(parser, client, sources, source_name, now)
        yield from threads.map(lambda document: _report(document, context), inputs)


def _report(document: DocumentInput, context: _Context) -> dict[str, Any]:
    try:
        if document.problem:
            raise FetchError(document.name, ErrorClass.BAD_URL, document.problem)
        result = context.parser.read(_job(document, context))
        if isinstance(result, FeedFormatError):
            raise result
    except ItemError as error:
        return _shown(document.name, None, [error.reason])
    return _shown(document.name, result, list(result.problems))


def _job(document: DocumentInput, context: _Context) -> FeedJob:
    source, feed = _described(document.url, context)
    if document.path is not None:
        body, url, content_type = _read(document.path), document.url or "", document.content_type
    else:
        assert document.url is not None, "an input has a path or a URL"
        body, url, content_type = _fetched(document.url, source, context.client)
    dates = DateContext.of_source(source, context.now) if source else DateContext(context.now)
    job = FeedJob(body, url, dates, content_type)
    return replace(job, kind=feed.kind, listing=feed.listing) if feed else job


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


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            reason = f"'{path}' is larger than {MAX_FILE_BYTES // 1_000_000} MB."
            raise FetchError(str(path), ErrorClass.TOO_LARGE, reason)
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = f"'{path}' cannot be read: {why_unreadable(error)}"
        raise FetchError(str(path), ErrorClass.BAD_URL, reason) from error


# --- the form of a report --------------------------------------------------------------------


def _shown(name: str, document: FeedDocument[FeedItem] | None, problems: list[str]) -> dict[str, Any]:
    return {
        "id": name,
        "kind": document.kind.value if document else None,
        "title": document.title if document else None,
        "entries": [shown_item(item) for item in document.entries] if document else [],
        "feed_urls": list(document.feed_urls) if document else [],
        "problems": problems,
    }


def shown_item(item: FeedItem) -> dict[str, Any]:
    """Return an item as `wirehouse feed --json` prints it."""
    published = item.published
    return {
        "title": item.title,
        "link": item.link,
        "published": instant(published) if published else None,
        "guid": item.guid,
        "updated": _utc(item.updated_at) if item.updated_at else None,
        "url": item.url,
        "published_raw": item.published_raw,
        "published_local": local_time(published) if published else None,
        "published_precision": published.precision.value if published else None,
        "zone_from": published.zone_from if published else None,
        "authors": list(item.authors),
        "language": item.language,
        "summary": item.summary,
        "content": item.content,
    }


def instant(moment: Moment) -> str | None:
    """Return a moment in ISO 8601 and UTC; None for a day without a time and for a time without a zone."""
    return _utc(moment.at) if moment.at is not None else None


def local_time(moment: Moment) -> str:
    """Return a moment's local time as written, in ISO 8601; only the day where it has no time."""
    return (moment.local or moment.on).isoformat()


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

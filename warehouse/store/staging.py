"""Batches as Arrow tables with cleaned text, for loads without single inserts.

Between the dataclasses and the SQL: one column list per table; each column has its Arrow type and a function
that gets its value from the record.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from warehouse.records.article import Article
from warehouse.records.feed import FeedEntry, FeedState
from warehouse.records.outcome import Batch, Reject, Step
from warehouse.records.page import ArchiveRef
from warehouse.store.text import (
    BODY_LIMIT,
    SHORT_LIMIT,
    SUMMARY_LIMIT,
    TITLE_LIMIT,
    URL_LIMIT,
    VALUE_LIMIT,
    clean_all,
    clean_optional,
    clean_text,
)

AT = pa.timestamp("us", tz="UTC")
LOCAL = pa.timestamp("us")
TEXTS = pa.list_(pa.string())

Column = tuple[pa.DataType, Callable[[Any], Any]]


def _ref_columns(get: Callable[[Any], ArchiveRef | None]) -> dict[str, Column]:
    return {
        "archive_file": (pa.string(), lambda r: ref.file if (ref := get(r)) else None),
        "archive_offset": (pa.int64(), lambda r: ref.offset if (ref := get(r)) else None),
        "archive_length": (pa.int64(), lambda r: ref.length if (ref := get(r)) else None),
    }


def _moment(name: str) -> Callable[[Article], Any]:
    return lambda a: getattr(a.published, name) if a.published else None


def _certainty(name: str) -> Callable[[Article], Any]:
    return lambda a: getattr(a.certainty, name) if a.certainty else None


ARTICLE: Mapping[str, Column] = {
    "url": (pa.string(), lambda a: clean_text(a.url, URL_LIMIT)),
    "url_key": (pa.string(), lambda a: clean_text(a.identity_key or a.url_key, URL_LIMIT)),
    "page_key": (pa.string(), lambda a: clean_text(a.url_key, URL_LIMIT)),
    "source": (pa.string(), lambda a: a.source),
    "title": (pa.string(), lambda a: clean_text(a.title, TITLE_LIMIT)),
    "body": (pa.string(), lambda a: clean_text(a.body, BODY_LIMIT)),
    "source_credit": (pa.string(), lambda a: clean_optional(a.source_credit, SHORT_LIMIT)),
    "dateline_place": (pa.string(), lambda a: clean_optional(a.dateline_place, SHORT_LIMIT)),
    "authors": (TEXTS, lambda a: clean_all(a.authors[:100], SHORT_LIMIT)),
    "author_kinds": (TEXTS, lambda a: [kind.value for kind in a.author_kinds[:100]]),
    "language": (pa.string(), lambda a: clean_optional(a.language, 20)),
    "published_at": (AT, _moment("at")),
    "published_on": (pa.date32(), _moment("on")),
    "published_local": (LOCAL, _moment("local")),
    "utc_offset_minutes": (pa.int16(), _moment("utc_offset_minutes")),
    "published_precision": (pa.string(), _moment("precision")),
    "published_from": (pa.string(), _moment("origin")),
    "published_raw": (pa.string(), lambda a: a.published and clean_text(a.published.raw, VALUE_LIMIT)),
    "zone_from": (pa.string(), _moment("zone_from")),
    "dates_disagree": (pa.bool_(), lambda a: a.dates_disagree),
    "modified_at": (AT, lambda a: a.modified.at if a.modified else None),
    "site_name": (pa.string(), lambda a: clean_optional(a.site_name, SHORT_LIMIT)),
    "canonical_url": (pa.string(), lambda a: clean_optional(a.canonical_url, URL_LIMIT)),
    "final_url": (pa.string(), lambda a: clean_optional(a.final_url, URL_LIMIT)),
    "section": (pa.string(), lambda a: clean_optional(a.section, SHORT_LIMIT)),
    "tags": (TEXTS, lambda a: clean_all(a.tags[:50], SHORT_LIMIT)),
    "image_url": (pa.string(), lambda a: clean_optional(a.image_url, URL_LIMIT)),
    "description": (pa.string(), lambda a: clean_optional(a.description, SUMMARY_LIMIT)),
    "is_partial": (pa.bool_(), lambda a: a.is_partial),
    "body_from": (pa.string(), lambda a: a.body_from.value),
    "title_certainty": (pa.string(), _certainty("title")),
    "published_certainty": (pa.string(), _certainty("published")),
    "body_certainty": (pa.string(), _certainty("body")),
    "authors_certainty": (pa.string(), _certainty("authors")),
    "direction": (pa.string(), lambda a: a.direction),
    "word_count": (pa.int32(), lambda a: a.word_count),
    "content_sha256": (pa.string(), lambda a: a.content_sha256),
    "extractor": (pa.string(), lambda a: a.extractor),
    **_ref_columns(lambda a: a.ref),
    "fetched_at": (AT, lambda a: a.fetched_at),
}

FETCH: Mapping[str, Column] = {
    "source": (pa.string(), lambda f: f.source),
    "url": (pa.string(), lambda f: clean_text(f.url, URL_LIMIT)),
    "url_key": (pa.string(), lambda f: clean_optional(f.url_key, URL_LIMIT)),
    "feed_url": (pa.string(), lambda f: clean_optional(f.feed_url, URL_LIMIT)),
    "final_url": (
        pa.string(),
        lambda f: clean_optional(f.final_url if f.final_url != f.url else None, URL_LIMIT),
    ),
    "started_at": (AT, lambda f: f.started_at),
    "duration_ms": (pa.int32(), lambda f: f.duration_ms),
    "status": (pa.int16(), lambda f: f.status),
    "outcome": (pa.string(), lambda f: f.outcome),
    "reason": (pa.string(), lambda f: f.reason),
    "n_bytes": (pa.int64(), lambda f: f.n_bytes),
    "body_sha256": (pa.string(), lambda f: f.body_sha256),
    "etag": (pa.string(), lambda f: clean_optional(f.etag, SHORT_LIMIT)),
    "last_modified": (pa.string(), lambda f: clean_optional(f.last_modified, SHORT_LIMIT)),
    **_ref_columns(lambda f: f.ref),
}

REJECT: Mapping[str, Column] = {
    "source": (pa.string(), lambda r: r.source),
    "item": (pa.string(), lambda r: clean_text(_item(r), URL_LIMIT)),
    "step": (pa.string(), lambda r: r.step),
    "error_class": (pa.string(), lambda r: r.error_class),
    "reason": (pa.string(), lambda r: clean_text(r.reason, SHORT_LIMIT)),
    "url": (pa.string(), lambda r: clean_optional(r.url, URL_LIMIT)),
    "url_key": (pa.string(), lambda r: clean_optional(r.url_key, URL_LIMIT)),
    "feed_url": (pa.string(), lambda r: clean_optional(r.feed_url, URL_LIMIT)),
    **_ref_columns(lambda r: r.ref),
    "failed_at": (AT, lambda r: r.at),
    "next_try_at": (AT, lambda r: r.next_try_at),
}

# An entry travels with its feed, its key and the time of the poll.
EntryRow = tuple[FeedEntry, FeedState, str, datetime]
ENTRY: Mapping[str, Column] = {
    "feed_url": (pa.string(), lambda row: row[1].feed_url),
    "source": (pa.string(), lambda row: row[1].source),
    "url": (pa.string(), lambda row: clean_text(row[0].url, URL_LIMIT)),
    "url_key": (pa.string(), lambda row: clean_text(row[2], URL_LIMIT)),
    "title": (pa.string(), lambda row: clean_optional(row[0].title, TITLE_LIMIT)),
    "guid": (pa.string(), lambda row: clean_optional(row[0].guid, SHORT_LIMIT)),
    "published_at": (AT, lambda row: row[0].published_at),
    "published_raw": (pa.string(), lambda row: clean_optional(row[0].published_raw, VALUE_LIMIT)),
    "updated_at": (AT, lambda row: row[0].updated_at),
    "summary": (pa.string(), lambda row: clean_optional(row[0].summary, SUMMARY_LIMIT)),
    "content": (pa.string(), lambda row: clean_optional(row[0].content, BODY_LIMIT)),
    "authors": (TEXTS, lambda row: clean_all(row[0].authors[:100], SHORT_LIMIT)),
    "language": (pa.string(), lambda row: clean_optional(row[0].language, 20)),
    "seen_at": (AT, lambda row: row[3]),
}

STATE: Mapping[str, Column] = {
    "feed_url": (pa.string(), lambda s: s.feed_url),
    "source": (pa.string(), lambda s: s.source),
    "kind": (pa.string(), lambda s: s.kind),
    "etag": (pa.string(), lambda s: clean_optional(s.etag, SHORT_LIMIT)),
    "last_modified": (pa.string(), lambda s: clean_optional(s.last_modified, SHORT_LIMIT)),
    "items_sha256": (pa.string(), lambda s: s.items_sha256),
    "last_polled_at": (AT, lambda s: s.last_polled_at),
    "last_ok_at": (AT, lambda s: s.last_ok_at),
    "last_new_at": (AT, lambda s: s.last_new_at),
    "last_unconditional_at": (AT, lambda s: s.last_unconditional_at),
    "n_failures": (pa.int32(), lambda s: s.n_failures),
    "error_class": (pa.string(), lambda s: s.error_class),
    "reason": (pa.string(), lambda s: clean_optional(s.reason, SHORT_LIMIT)),
    "not_before_at": (AT, lambda s: s.not_before_at),
    "next_due_at": (AT, lambda s: s.next_due_at),
    "next_due_reason": (pa.string(), lambda s: clean_optional(s.next_due_reason, SHORT_LIMIT)),
    "new_per_day": (pa.float64(), lambda s: s.new_per_day),
    "moved_to_url": (pa.string(), lambda s: clean_optional(s.moved_to_url, URL_LIMIT)),
    "n_moved_polls": (pa.int32(), lambda s: s.n_moved_polls),
    "overlap_lost": (pa.bool_(), lambda s: s.overlap_lost),
    "stopped_at": (AT, lambda s: s.stopped_at),
}


ORIGIN: Mapping[str, Column] = {
    "field": (pa.string(), lambda o: o.field),
    "value": (pa.string(), lambda o: clean_text(o.value, VALUE_LIMIT)),
    "origin": (pa.string(), lambda o: o.origin),
    "evidence": (pa.string(), lambda o: clean_text(o.evidence, VALUE_LIMIT)),
    "chosen": (pa.bool_(), lambda o: o.chosen),
}

LINK: Mapping[str, Column] = {
    "kind": (pa.string(), lambda link: link.kind),
    "url": (pa.string(), lambda link: clean_text(link.url, URL_LIMIT)),
    "text": (pa.string(), lambda link: clean_optional(link.text, SHORT_LIMIT)),
}


@dataclass(frozen=True, slots=True)
class StagedBatch:
    """A batch as Arrow tables with cleaned text, and its hash."""

    articles: pa.Table
    origins: pa.Table
    links: pa.Table
    fetches: pa.Table
    rejects: pa.Table
    sha256: str


def stage_batch(batch: Batch) -> StagedBatch:
    """Return the batch as Arrow tables; the same batch gives the same hash."""
    links = _parts_table(LINK, [article.links for article in batch.articles])
    positions = [position for article in batch.articles for position in range(len(article.links))]
    tables = {
        "articles": arrow_table(ARTICLE, batch.articles),
        "origins": _parts_table(ORIGIN, [article.origins for article in batch.articles]),
        "links": links.append_column("position", pa.array(positions, pa.int32())),
        "fetches": arrow_table(FETCH, batch.fetches),
        "rejects": arrow_table(REJECT, batch.rejects),
    }
    gone = pa.table({"url_key": pa.array([request.url_key for request in batch.gone], pa.string())})
    return StagedBatch(**tables, sha256=tables_sha256(*tables.values(), gone))


def arrow_table(columns: Mapping[str, Column], records: Sequence[Any]) -> pa.Table:
    """Return the records as an Arrow table, with `item_no`, their place, as its first column."""
    return bare_table(columns, records).add_column(0, "item_no", pa.array(range(len(records)), pa.int32()))


def _parts_table(columns: Mapping[str, Column], parts: Sequence[Sequence[Any]]) -> pa.Table:
    """Return the parts of a batch's articles as an Arrow table, with `item_no`, the article's place.

    Built without (article, part) tuples: tens of thousands of them make the garbage collector scan the batch.
    """
    table = bare_table(columns, [part for of_article in parts for part in of_article])
    item_nos = [n for n, of_article in enumerate(parts) for _ in of_article]
    return table.add_column(0, "item_no", pa.array(item_nos, pa.int32()))


def bare_table(columns: Mapping[str, Column], records: Sequence[Any]) -> pa.Table:
    """Return the records as an Arrow table."""
    arrays = [_array([get(record) for record in records], kind) for kind, get in columns.values()]
    return pa.table(arrays, names=list(columns))


def _array(values: list[Any], kind: pa.DataType) -> pa.Array:
    try:
        return pa.array(values, kind)
    except UnicodeEncodeError:  # a lone surrogate in a name or hash, which are not cleaned above
        return pa.array([value and clean_text(value, URL_LIMIT) for value in values], kind)


def tables_sha256(*tables: pa.Table) -> str:
    """Return a hash of the tables' contents."""
    digest = hashlib.sha256()
    for table in tables:
        digest.update(table.schema.to_string().encode())
        for column in table.columns:
            for buffer in column.combine_chunks().buffers():
                digest.update(b"-" if buffer is None else b"%d:" % buffer.size)
                digest.update(buffer or b"")
    return digest.hexdigest()


def _item(reject: Reject) -> str:
    if reject.step == Step.POLL and reject.feed_url and not reject.url_key:
        return reject.url or reject.feed_url
    return reject.url_key or reject.url or reject.feed_url or ""

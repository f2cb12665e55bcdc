"""Which archived pages a re-extraction reads, and what is stored of them.

An item is a URL key: of an article, or of a page that was rejected.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

from warehouse.records.article import Article, AuthorKind, Certainty, FieldCertainty, Moment, Precision
from warehouse.records.page import ArchiveRef
from warehouse.records.source import BodyFrom
from warehouse.store.arrow import ID_SET, id_set, registered
from warehouse.store.staging import ARTICLE


@dataclass(frozen=True, slots=True)
class Choice:
    """Which items a re-extraction reads; a field that is None does not restrict them."""

    sources: tuple[str, ...] | None = None
    since: date | None = None  # by the article's own day, else that of its page; inclusive
    until: date | None = None
    not_by: tuple[str, ...] | None = None  # only articles of other extractors than these


@dataclass(frozen=True, slots=True)
class StoredItem:
    """One item: its latest archived page, and its article if the page gave one."""

    url_key: str
    ref: ArchiveRef
    article_id: str | None
    article: Article | None
    reason: str | None  # why the page was rejected; None for an article


@dataclass(frozen=True, slots=True)
class PageFamily:
    """Articles that share pages, with the keys of all their pages."""

    article_ids: tuple[str, ...]
    url_keys: tuple[str, ...]
    refs: frozenset[ArchiveRef]
    n_bare: int = 0  # revisions without an archived page


def find_item_keys(
    con: duckdb.DuckDBPyConnection, choice: Choice, *, after: str = "", limit: int = 500
) -> list[str]:
    """Return the URL keys of the next items with an archived page, in order, after `after`."""
    rows = con.execute(_ITEM_KEYS, {**_parameters(choice), "after": after, "limit": limit}).fetchall()
    return [key for (key,) in rows]


def count_items(con: duckdb.DuckDBPyConnection, choice: Choice) -> tuple[int, int]:
    """Return how many items match a choice, and how many matching articles have no archived page."""
    n_items, n_bare = con.execute(_COUNT, _parameters(choice)).fetchall()[0]
    return int(n_items), int(n_bare)


def find_items(con: duckdb.DuckDBPyConnection, url_keys: Sequence[str]) -> list[StoredItem]:
    """Return what is stored of the items, in the order of their URL keys."""
    result = con.execute(_ITEMS, {"keys": list(url_keys)})
    names = [column[0] for column in result.description or []]
    return [_item(dict(zip(names, row, strict=True))) for row in result.fetchall()]


def find_family(con: duckdb.DuckDBPyConnection, url_keys: Iterable[str]) -> PageFamily:
    """Return the articles of the pages with these keys, together with all their other pages."""
    keys, ids = set(url_keys), set[str]()
    while True:
        rows = con.execute(_IDS_OF_KEYS, {"keys": list(keys)}).fetchall()
        ids_of_keys = {str(article_id) for (article_id,) in rows}
        if ids_of_keys <= ids:
            break
        ids |= ids_of_keys
        with id_set(con, ids):
            keys |= {key for (key,) in con.execute(_KEYS_OF_IDS).fetchall()}
    refs = con.execute(_REFS, {"keys": list(keys)}).fetchall()
    with id_set(con, ids):
        n_bare = con.execute(_N_BARE).fetchall()[0][0]
    return PageFamily(
        tuple(sorted(ids)), tuple(sorted(keys)), frozenset(ArchiveRef(*row) for row in refs), n_bare
    )


def find_article_keys(con: duckdb.DuckDBPyConnection, article_ids: Sequence[str]) -> set[str]:
    """Return the URL keys of those of the articles that are stored."""
    with id_set(con, article_ids):
        rows = con.execute(f"select url_key from core.article join {ID_SET} using (article_id)").fetchall()
    return {key for (key,) in rows}


def find_page_sources(
    con: duckdb.DuckDBPyConnection, refs: Sequence[ArchiveRef], schema: str = "core"
) -> dict[ArchiveRef, str]:
    """Return the current source of pages that the warehouse knows; `schema` may be an attached store's."""
    places = pa.table(
        {
            "archive_file": pa.array([ref.file for ref in refs], pa.string()),
            "archive_offset": pa.array([ref.offset for ref in refs], pa.int64()),
        }
    )
    with registered(con, some_page=places):
        rows = con.execute(_PAGE_SOURCES.format(schema=schema)).fetchall()
    by_place = {(file, offset): source for file, offset, source in rows}
    return {ref: by_place[ref.file, ref.offset] for ref in refs if (ref.file, ref.offset) in by_place}


def as_stored(article: Article) -> Article:
    """Return an article as the warehouse stores it: its texts cleaned and cut."""
    row = {name: get(article) for name, (_, get) in ARTICLE.items()}
    return replace(_article(row), identity_key=article.identity_key, url_key=article.url_key)


def _item(row: dict[str, Any]) -> StoredItem:
    return StoredItem(
        url_key=row["item_key"],
        ref=ArchiveRef(row["file"], row["offset"], row["length"]),
        article_id=str(row["article_id"]) if row["article_id"] else None,
        article=_article(row) if row["article_id"] else None,
        reason=row["reason"],
    )


def _article(row: dict[str, Any]) -> Article:
    return Article(
        source=row["source"],
        url=row["url"],
        url_key=row["url_key"],
        title=row["title"],
        body=row["body"],
        published=_published(row),
        modified=_modified(row),
        dates_disagree=row["dates_disagree"],
        authors=tuple(row["authors"] or ()),
        author_kinds=tuple(map(AuthorKind, row["author_kinds"] or ())),
        is_partial=bool(row["is_partial"]),
        body_from=BodyFrom(row["body_from"] or BodyFrom.PAGE),
        section=row["section"],
        tags=tuple(row["tags"] or ()),
        image_url=row["image_url"],
        description=row["description"],
        certainty=_certainty(row),
        language=row["language"],
        site_name=row["site_name"],
        source_credit=row["source_credit"],
        dateline_place=row["dateline_place"],
        word_count=row["word_count"],
        direction=row["direction"],
        final_url=row["final_url"],
        canonical_url=row["canonical_url"],
        extractor=row["extractor"],
        content_sha256=row["content_sha256"],
        fetched_at=row["fetched_at"],
    )


def _published(row: dict[str, Any]) -> Moment | None:
    if row["published_on"] is None:
        return None
    return Moment(
        at=row["published_at"],
        on=row["published_on"],
        local=row["published_local"],
        utc_offset_minutes=row["utc_offset_minutes"],
        precision=Precision(row["published_precision"]),
        origin=row["published_from"],
        zone_from=row["zone_from"],
        raw=row["published_raw"],
    )


def _certainty(row: dict[str, Any]) -> FieldCertainty | None:
    values = [row[f"{name}_certainty"] for name in ("title", "published", "body", "authors")]
    return FieldCertainty(*map(Certainty, values)) if all(values) else None


def _modified(row: dict[str, Any]) -> Moment | None:
    at = row["modified_at"]
    if at is None:
        return None
    return Moment(at, at.date(), None, None, Precision.MINUTE, "", None, "")


def _parameters(choice: Choice) -> dict[str, Any]:
    return {
        "sources": list(choice.sources) if choice.sources is not None else None,
        "since": choice.since,
        "until": choice.until,
        "not_by": list(choice.not_by) if choice.not_by is not None else None,
    }


_CHOSEN = """
with chosen as (
    select url_key, archive_file
    from core.article
    where
        ($sources is null or source in (select unnest($sources::text[])))
        and ($since is null or coalesce(published_on, fetched_at::date) >= $since)
        and ($until is null or coalesce(published_on, fetched_at::date) <= $until)
        and ($not_by is null or extractor not in (select unnest($not_by::text[])))
    union all
    select r.url_key, r.archive_file
    from core.reject as r
    where
        r.step = 'extract'
        and r.resolved_at is null
        and r.url_key is not null
        and r.archive_file is not null
        and ($sources is null or r.source in (select unnest($sources::text[])))
        and ($since is null or r.last_at::date >= $since)
        and ($until is null or r.last_at::date <= $until)
        and r.url_key not in (select url_key from core.article)
        and r.url_key not in (select url_key from core.url_alias)
)
"""

_ITEM_KEYS = f"""
{_CHOSEN}
select distinct url_key
from chosen
where archive_file is not null and url_key > $after
order by url_key
limit $limit
"""

_COUNT = f"""
{_CHOSEN}
select
    count(distinct url_key) filter (archive_file is not null),
    count(*) filter (archive_file is null)
from chosen
"""

_WHAT = ", ".join(f"a.{name}" for name in ARTICLE if name not in ("body", "page_key", "url"))

_ITEMS = f"""
select
    a.url_key as item_key, a.article_id, a.url, {_WHAT}, t.body,
    a.archive_file as file, a.archive_offset as "offset", a.archive_length as length, null::text as reason
from core.article as a
join core.article_text as t using (article_id, seen_on)
where a.url_key in (select unnest($keys::text[])) and a.archive_file is not null
union all by name
select
    url_key as item_key, archive_file as file, archive_offset as "offset", archive_length as length, reason
from core.reject
where
    step = 'extract'
    and resolved_at is null
    and archive_file is not null
    and url_key in (select unnest($keys::text[]))
    and url_key not in (select url_key from core.article)
order by item_key, article_id nulls last
"""

_IDS_OF_KEYS = """
select article_id from core.article where url_key in (select unnest($keys::text[]))
union
select article_id from core.url_alias where url_key in (select unnest($keys::text[]))
"""

_KEYS_OF_IDS = f"""
select url_key from core.article join {ID_SET} using (article_id)
union
select url_key from core.url_alias join {ID_SET} using (article_id)
"""

_PAGE_SOURCES = """
select archive_file, archive_offset, min(source) as source
from (
    select archive_file, archive_offset, source from {schema}.fetch
    union all
    select archive_file, archive_offset, source from {schema}.article
    union all
    select r.archive_file, r.archive_offset, a.source
    from {schema}.revision as r
    join {schema}.article as a using (article_id)
)
join some_page using (archive_file, archive_offset)
group by archive_file, archive_offset
"""

_N_BARE = f"""
select count(*)
from core.revision as r
join {ID_SET} using (article_id)
where r.archive_file is null
"""

_REFS = """
select archive_file, archive_offset, archive_length
from core.fetch
where url_key in (select unnest($keys::text[])) and archive_file is not null
union
select archive_file, archive_offset, archive_length
from core.article
where url_key in (select unnest($keys::text[])) and archive_file is not null
union
select archive_file, archive_offset, archive_length
from core.revision
where
    article_id in (select article_id from core.article where url_key in (select unnest($keys::text[])))
    and archive_file is not null
union
select archive_file, archive_offset, archive_length
from core.reject
where url_key in (select unnest($keys::text[])) and step = 'extract' and archive_file is not null
"""

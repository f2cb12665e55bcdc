"""Check the rows of the store against each other; each finding is a sentence.

No constraint guarantees these invariants (see invariants.py): they are checked for each batch as it is
loaded, and here for everything. Disk and snapshot: doctor_files.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import duckdb

from warehouse.feed_states import MAX_POLL_WAIT
from warehouse.pages.pages import MAX_RETRY_WAIT
from warehouse.records.page import ArchiveRef
from warehouse.store.days import DATED, day_of, settle_days


class Level(StrEnum):
    """Severity of a finding."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """Result of one check."""

    check: str
    level: Level
    sentence: str
    fix: str | None = None  # name of the fix, for `fix_findings`


def check_store(con: duckdb.DuckDBPyConnection, now: datetime) -> Iterator[Finding]:
    """Check the rows of the store against each other."""
    yield _versions(con)
    yield from _unique(con)
    yield from _orphans(con)
    yield _days(con)
    yield from _against_loads(con)
    yield from _clock(con, now)
    yield from _search(con)


def fix_findings(con: duckdb.DuckDBPyConnection, findings: list[Finding], now: datetime) -> None:
    """Fix what can be fixed in the store; call it inside a transaction. Nothing that has a page is lost."""
    values = {"now": now, "poll": MAX_POLL_WAIT, "retry": MAX_RETRY_WAIT}
    for fix in {finding.fix for finding in findings if finding.fix}:
        for statement in _FIXES.get(fix, ()):
            con.execute(statement, {name: v for name, v in values.items() if f"${name}" in statement} or None)
        if fix == "days":
            settle_days(con, "core.article")


def find_archive_refs(con: duckdb.DuckDBPyConnection) -> list[ArchiveRef]:
    """Return every place in the archive that a row refers to, in order."""
    rows = con.execute(_REFS).fetchall()
    return [ArchiveRef(*row) for row in rows]


def _versions(con: duckdb.DuckDBPyConnection) -> Finding:
    storage = con.execute(
        "select tags['storage_version'] from duckdb_databases() where database_name = current_database()"
    ).fetchall()[0][0]
    schema = _number(con, "select max(version) from core.schema_migration")
    engine = f"storage version {storage}" if storage else "DuckLake"
    return Finding("versions", Level.OK, f"Schema {schema}, DuckDB {duckdb.__version__}, {engine}.")


def _unique(con: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    for table, key in _KEYS.items():
        n = _number(
            con,
            f"select count(*) from (select 1 from core.{table} group by {key} having count(*) > 1)",
        )
        if n:
            yield Finding("uniqueness", Level.ERROR, f"core.{table}: duplicate keys ({key}): {n}.", "doubles")
    yield Finding("uniqueness", Level.OK, f"The keys of {len(_KEYS)} tables are unique.")


def _orphans(con: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    for table, (column, home_table, home_column) in _PARENTS.items():
        n = _number(
            con,
            f"select count(*) from core.{table} where {column} not in"
            f" (select {home_column} from core.{home_table})",
        )
        if n:
            sentence = f"core.{table}: rows without their row in core.{home_table}: {n}."
            yield Finding("links", Level.ERROR, sentence, "orphans")
    for what, sql in _WITHOUT.items():
        if n := _number(con, sql):
            yield Finding(
                "links", Level.ERROR, f"Articles without {what}: {n}. Rebuild the store from the archive."
            )
    yield Finding("links", Level.OK, f"{len(_PARENTS)} references between tables were checked.")


def _days(con: duckdb.DuckDBPyConnection) -> Finding:
    """Rows with a wrong day are not found by article and day: they count as not stored."""
    n = _number(con, _WRONG_DAY)
    if n:
        sentence = f"Rows whose day (seen_on) is not that of their article: {n}. --fix sets it."
        return Finding("days", Level.ERROR, sentence, "days")
    return Finding("days", Level.OK, "Every row has the day of its article.")


def _against_loads(con: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    rows = con.execute(_LAST_TOTALS).fetchall()
    for load_id, n_articles, n_revisions in rows:
        for table, expected in (("article", n_articles), ("revision", n_revisions)):
            n_rows = _number(con, f"select count(*) from core.{table}")
            if expected is not None and n_rows < expected:
                yield Finding(
                    "loads",
                    Level.ERROR,
                    f"core.{table} has {n_rows} rows, but had {expected} after load {load_id}: rows were "
                    "lost. Restore an export, or rebuild from the archive.",
                )
    yield Finding("loads", Level.OK, "The numbers of rows match the last load.")


def _clock(con: duckdb.DuckDBPyConnection, now: datetime) -> Iterator[Finding]:
    last = con.execute("select max(loaded_at) from core.load").fetchall()[0][0]
    if last and last > now + timedelta(minutes=5):
        yield Finding(
            "clock",
            Level.WARNING,
            f"The last load is dated {last:%Y-%m-%d %H:%M} UTC, but now it is {now:%Y-%m-%d %H:%M} UTC: the "
            "clock is or was wrong.",
            "clock",
        )
    elif n_late := _number(con, _LATE, {"now": now, "poll": MAX_POLL_WAIT, "retry": MAX_RETRY_WAIT}):
        sentence = f"Feeds or retries with a due time too far in the future: {n_late}. They count as due now."
        yield Finding("clock", Level.WARNING, sentence, "clock")
    else:
        yield Finding("clock", Level.OK, f"The clock is not behind the last load ({now:%Y-%m-%d %H:%M} UTC).")


def _search(con: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    orphaned = _number(
        con,
        "select count(*) from core.search_posting where segment_no not in"
        " (select segment_no from core.search_segment)",
    )
    behind = _number(con, _NOT_INDEXED)
    if orphaned or behind:
        yield Finding(
            "search",
            Level.WARNING,
            f"The full-text index is incomplete (articles missing: {behind}, orphaned rows: {orphaned}). "
            "--fix rebuilds it.",
            "search",
        )
    else:
        yield Finding("search", Level.OK, "The full-text index has all articles of the last snapshot.")


def _number(con: duckdb.DuckDBPyConnection, sql: str, parameters: object = None) -> int:
    return int(con.execute(sql, parameters).fetchall()[0][0])


_KEYS = {
    "article": "article_id",
    "article_text": "article_id",
    "revision": "article_id, content_sha256, title",
    "entry": "feed_url, url",
    "url_alias": "url_key",
    "reject": "reject_id",
    "source": "name",
    "feed": "feed_url",
    "feed_state": "feed_url",
    "run": "run_id",
    "load": "load_id",
    "story_member": "article_id",
    "search_document": "article_id",
    "fetch": "url, started_at",
}

_PARENTS = {
    "article_text": ("article_id", "article", "article_id"),
    "revision": ("article_id", "article", "article_id"),
    "field_origin": ("article_id", "article", "article_id"),
    "article_link": ("article_id", "article", "article_id"),
    "url_alias": ("article_id", "article", "article_id"),
    "story_member": ("article_id", "article", "article_id"),
    "fingerprint": ("article_id", "article", "article_id"),
    "duplicate_link": ("article_a", "article", "article_id"),
    "feed": ("source", "source", "name"),
    "article": ("source", "source", "name"),
}

_WRONG_DAY = " + ".join(
    (
        f"""
        select (
            select count(*)
            from core.article
            where seen_on is distinct from {day_of("first_seen_at")}
        )
        """,
        *(
            f"""
            (
                select count(*)
                from core.{table} as t
                join core.article as a using (article_id)
                where t.seen_on is distinct from a.seen_on
            )
            """
            for table in DATED
        ),
    )
)

_WITHOUT = {
    "text": """
        select count(*)
        from core.article
        where article_id not in (select article_id from core.article_text)
    """,
    "current revision": """
        select count(*)
        from core.article as a
        anti join core.revision as r using (article_id, content_sha256, title)
    """,
}

# Earlier versions did not count the rows after a change of keys or a `forget`.
_LAST_TOTALS = """
select l.load_id, l.n_articles_after, l.n_revisions_after
from core.load as l
where
    l.load_id = (select max(load_id) from core.load where n_articles_after is not null)
    and not exists (
        select 1
        from core.load as later
        where later.kind = 'data' and later.n_articles_after is null and later.load_id > l.load_id
    )
    and not exists (select 1 from core.forgotten where forgotten_at > l.loaded_at)
"""

_NOT_INDEXED = """
select count(*)
from core.article as a
anti join core.search_document as d using (article_id)
where a.load_id || ' ' || a.article_id <= (select value from core.setting where name = 'search_load_id')
"""

_REFS = """
select archive_file, archive_offset, max(archive_length) as archive_length
from (
    select archive_file, archive_offset, archive_length from core.article
    union all
    select archive_file, archive_offset, archive_length from core.revision
    union all
    select archive_file, archive_offset, archive_length from core.fetch
    union all
    select archive_file, archive_offset, archive_length from core.reject
)
where archive_file is not null
group by archive_file, archive_offset
order by archive_file, archive_offset
"""

_LATE = """
select
    (select count(*) from core.feed_state where next_due_at > $now + $poll)
    + (select count(*) from core.reject where resolved_at is null and next_try_at > $now + $retry)
"""

_FIXES: dict[str, tuple[str, ...]] = {
    # Removes rows that are equal in every column; a person has to choose between different ones.
    "doubles": tuple(
        f"""
        create or replace temp table single as select distinct * from core.{table}
        where ({key}) in (select ({key}) from core.{table} group by {key} having count(*) > 1);
        delete from core.{table} where ({key}) in (select ({key}) from single);
        insert into core.{table} select * from single
        """
        for table, key in _KEYS.items()
    ),
    "orphans": tuple(
        f"delete from core.{table} where {column} not in (select {home_column} from core.{home_table})"
        for table, (column, home_table, home_column) in _PARENTS.items()
        if home_table == "article"
    ),
    # Times that a wrong clock wrote.
    "clock": (
        "update core.load set loaded_at = $now where loaded_at > $now",
        "update core.feed_state set next_due_at = $now where next_due_at > $now + $poll",
        "update core.reject set next_try_at = $now where next_try_at > $now + $retry",
    ),
    "search": (
        "delete from core.search_document",
        "delete from core.search_segment",
        "delete from core.search_posting",
        "delete from core.setting where name = 'search_load_id'",
    ),
}

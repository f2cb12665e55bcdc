"""Recurring lines of a source: the lines that were seen, the learnt set, and the cleaned texts.

Learning reads a snapshot, so that no writer has to wait; the learnt set and the texts are written under the
writer's lock.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import duckdb
import pyarrow as pa

from warehouse.store.arrow import registered
from warehouse.store.days import DAY_SET, day_set, rows_by_day
from warehouse.store.engine import second_connection


@dataclass(frozen=True, slots=True)
class SourceBody:
    """One stored text, before recurring lines are removed."""

    article_id: str
    source: str
    published_on: date | None
    body: str


@dataclass(frozen=True, slots=True)
class SeenLine:
    """One line of one text."""

    source: str
    line_key: str
    line: str
    text_mark: str  # equal for copies of one text
    day: str


@dataclass(frozen=True, slots=True)
class RecurringLine:
    """A learnt line."""

    source: str
    line_key: str
    line: str
    n_articles: int
    n_days: int


@dataclass(frozen=True, slots=True)
class Learnt:
    """What was learnt from all texts of a snapshot, and which texts it may affect."""

    lines: list[RecurringLine]
    n_new: int
    n_gone: int
    article_ids: list[str]  # texts with a new line, or from which a line had been removed
    up_to_load: str | None  # the last load in the snapshot


def iter_bodies(con: duckdb.DuckDBPyConnection, size: int = 1_000) -> Iterator[list[SourceBody]]:
    """Yield all stored texts, `size` at a time; other statements may run on `con` meanwhile."""
    reader = second_connection(con)
    try:
        reader.execute(_BODIES)
        while rows := reader.fetchmany(size):
            yield [SourceBody(str(i), source, day, body) for i, source, day, body in rows]
    finally:
        reader.close()


def begin_learning(con: duckdb.DuckDBPyConnection) -> None:
    """Create the temporary table of lines that are seen."""
    con.execute(
        "create or replace temp table seen_line"
        " (source text, line_key text, line text, text_mark text, day text, article_id text)"
    )


def add_seen(con: duckdb.DuckDBPyConnection, article_ids: Sequence[str], seen: Sequence[SeenLine]) -> None:
    """Add lines that were seen; `article_ids` has the article of each."""
    names = ("source", "line_key", "line", "text_mark", "day")
    columns = {name: pa.array([getattr(line, name) for line in seen], pa.string()) for name in names}
    table = pa.table({**columns, "article_id": pa.array(article_ids, pa.string())})
    with registered(con, some_line=table):
        con.execute(
            "insert into seen_line select source, line_key, line, text_mark, day, article_id from some_line"
        )


def find_learnt(con: duckdb.DuckDBPyConnection, *, min_articles: int, min_days: int) -> Learnt:
    """Return the lines that were seen in enough different texts of a source, on enough days."""
    con.execute(_LEARNT, {"min_articles": min_articles, "min_days": min_days})
    rows = con.execute(
        "select source, line_key, line, n_articles, n_days from learnt_line order by source, line_key"
    ).fetchall()
    con.execute(_CHANGED)
    n_new, n_gone = con.execute(
        "select count(*) filter (is_new), count(*) filter (not is_new) from changed_line"
    ).fetchall()[0]
    touched = con.execute(_TOUCHED).fetchall() if n_new or n_gone else []
    last = con.execute("select max(load_id) from core.load").fetchall()[0][0]
    return Learnt([RecurringLine(*row) for row in rows], n_new, n_gone, [str(i) for (i,) in touched], last)


def load_learnt(con: duckdb.DuckDBPyConnection, learnt: Learnt, rule: str, now: datetime) -> list[str]:
    """Store the learnt set; return the articles whose texts must be cleaned again."""
    names = ("source", "line_key", "line", "n_articles", "n_days")
    kinds = (pa.string(), pa.string(), pa.string(), pa.int32(), pa.int32())
    columns = {
        name: pa.array([getattr(line, name) for line in learnt.lines], kind)
        for name, kind in zip(names, kinds, strict=True)
    }
    with registered(con, some_line=pa.table(columns)):
        con.execute(_MERGED, {"rule": rule, "now": now})
    con.execute("delete from core.recurring_line")
    con.execute(_INSERT)
    if not (learnt.n_new or learnt.n_gone):
        return []
    later = con.execute(
        "select article_id from core.article where $last is null or load_id > $last",
        {"last": learnt.up_to_load},
    ).fetchall()
    return sorted({*learnt.article_ids, *(str(i) for (i,) in later)})


def find_recurring(con: duckdb.DuckDBPyConnection) -> dict[str, frozenset[str]]:
    """Return the keys of each source's recurring lines, by source."""
    rows = con.execute("select source, list(line_key) from core.recurring_line group by source").fetchall()
    return {source: frozenset(keys) for source, keys in rows}


def find_bodies(con: duckdb.DuckDBPyConnection, days: Mapping[str, date]) -> list[SourceBody]:
    """Return the texts that may need cleaning: their source has or had recurring lines.

    `days` has seen_on by article.
    """
    with day_set(con, days):
        con.execute(_FIND_DIRTY)
    if not con.execute("select count(*) from dirty_text").fetchall()[0][0]:
        return []
    rows = con.execute(_DIRTY_BODIES).fetchall()
    return [SourceBody(str(i), source, day, body) for i, source, day, body in rows]


def load_cleaned(
    con: duckdb.DuckDBPyConnection, days: Mapping[str, date], cleaned: Sequence[str | None]
) -> int:
    """Store cleaned texts, None where nothing was removed; return how many changed.

    `days` has seen_on by article, in the order of `cleaned`.
    """
    table = pa.table(
        {
            "article_id": pa.array(days.keys(), pa.string()),
            "seen_on": pa.array(days.values(), pa.date32()),
            "cleaned_body": pa.array(cleaned, pa.string()),
        }
    )
    with registered(con, some_text=table):
        con.execute(_DROP_LEADS)
        return int(con.execute(_UPDATE).fetchall()[0][0])


_BODIES = """
select t.article_id, a.source, a.published_on, t.body
from core.article_text as t
join core.article as a using (article_id, seen_on)
"""

_LEARNT = """
create or replace temp table learnt_line as
with line as (
    select
        source,
        line_key,
        count(distinct text_mark) as n_articles,
        count(distinct day) as n_days
    from seen_line
    group by source, line_key
    having count(distinct text_mark) >= $min_articles and count(distinct day) >= $min_days
),
writing as (
    select source, line_key, line, count(*) as n
    from seen_line
    semi join line using (source, line_key)
    group by source, line_key, line
)
select
    l.source, l.line_key, w.line, l.n_articles::integer as n_articles, l.n_days::integer as n_days
from line as l
join writing as w using (source, line_key)
qualify row_number() over (partition by l.source, l.line_key order by w.n desc, w.line) = 1
"""

_CHANGED = """
create or replace temp table changed_line as
select n.source, n.line_key, true as is_new
from learnt_line as n
anti join core.recurring_line as o using (source, line_key)
union all
select o.source, o.line_key, false
from core.recurring_line as o
anti join learnt_line as n using (source, line_key)
"""

_TOUCHED = """
select distinct cast(s.article_id as uuid) as article_id
from seen_line as s
join changed_line as c using (source, line_key)
union
select t.article_id
from core.article_text as t
join core.article as a using (article_id, seen_on)
where t.cleaned_body is not null and a.source in (select source from changed_line where not is_new)
"""

_MERGED = """
create or replace temp table merged_line as
select
    n.source, n.line_key, n.line, n.n_articles, n.n_days,
    coalesce(o.rule, $rule) as rule,
    coalesce(o.learnt_at, $now) as learnt_at
from some_line as n
left join core.recurring_line as o
    on o.source = n.source and o.line_key = n.line_key and o.rule = $rule
"""

_INSERT = """
insert into core.recurring_line (source, line_key, line, n_articles, n_days, rule, learnt_at)
select source, line_key, line, n_articles, n_days, rule, learnt_at
from merged_line
order by source, line_key
"""

# Without the bodies: most batches have none that needs cleaning. By row number: otherwise the cleaned texts
# of all articles of these days are decompressed.
_FIND_DIRTY = f"""
create or replace temp table dirty_text as
with some_text as materialized (
    select article_id, cleaned_body is not null as is_cleaned
    from core.article_text
    where {rows_by_day("article_text", DAY_SET)}
)
select a.article_id, a.seen_on, a.source, a.published_on
from core.article as a
join {DAY_SET} using (article_id, seen_on)
join some_text as t using (article_id)
where t.is_cleaned or a.source in (select source from core.recurring_line)
"""

_DIRTY_BODIES = f"""
select d.article_id, d.source, d.published_on, t.body
from dirty_text as d
join (
    select article_id, body
    from core.article_text
    where {rows_by_day("article_text", "dirty_text")}
) as t using (article_id)
"""

# Taken from the text as it was; the next publishing takes them again.
_DROP_LEADS = """
delete from core.lead
where article_id in (
    select t.article_id
    from core.article_text as t
    join some_text as n on t.article_id = cast(n.article_id as uuid) and t.seen_on = n.seen_on
    where t.cleaned_body is distinct from n.cleaned_body
)
"""

_UPDATE = """
update core.article_text as t
set cleaned_body = n.cleaned_body
from some_text as n
where
    t.article_id = cast(n.article_id as uuid)
    and t.seen_on = n.seen_on
    and t.cleaned_body is distinct from n.cleaned_body
"""

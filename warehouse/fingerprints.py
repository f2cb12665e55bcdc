"""Texts and their hashes: what an article is found by; before links.

The table has no index: a scan inside the window's days is faster, and its size a sixth.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from warehouse.id_sets import id_set, registered


@dataclass(frozen=True, slots=True)
class StoredText:
    """One version of an article's text."""

    article_id: str
    published_on: date | None
    body: str


@dataclass(frozen=True, slots=True)
class Hashed:
    """An article's hashes, of all its versions together."""

    article_id: str
    published_on: date | None
    hashes: npt.NDArray[np.uint64]


def find_texts(con: duckdb.DuckDBPyConnection, article_ids: Sequence[str]) -> list[StoredText]:
    """Return all versions of the articles' texts."""
    with id_set(con, article_ids):
        rows = con.execute(_TEXTS).fetchall()
    rows.sort(key=lambda row: (row[0], row[2]))
    return [StoredText(article_id, day, body) for article_id, day, body in rows]


def find_linked_before(con: duckdb.DuckDBPyConnection, article_ids: Sequence[str], load_id: str) -> list[str]:
    """Return those of the articles that may have fingerprints and links already."""
    with id_set(con, article_ids):
        return [str(row[0]) for row in con.execute(_LINKED_BEFORE, [load_id]).fetchall()]


def load_fingerprints(
    con: duckdb.DuckDBPyConnection, batch: Sequence[Hashed], replaced: Sequence[str]
) -> None:
    """Store the articles' hashes; those of `replaced` articles take the place of older ones."""
    if replaced:
        with id_set(con, replaced):
            con.execute("delete from core.fingerprint where article_id in (select article_id from some_id)")
    with registered(con, some_fingerprint=_fingerprint_table(batch)):
        con.execute(_INSERT_FINGERPRINTS)


def find_candidates(
    con: duckdb.DuckDBPyConnection, batch: Sequence[Hashed], *, window_days: int, least_ratio: float
) -> set[tuple[str, str]]:
    """Return pairs of articles, one of them of the batch, that share enough hashes inside the window.

    Enough is a share of the smaller number of hashes. An article without a day is compared with all days.
    """
    with registered(con, some_fingerprint=_fingerprint_table(batch)):
        rows: list[tuple[Any, ...]] = []
        days = [hashed.published_on for hashed in batch if hashed.published_on]
        if days:
            bounds = {"window": window_days, "first": min(days), "last": max(days), "ratio": least_ratio}
            rows += con.execute(_CANDIDATES, bounds).fetchall()
            rows += con.execute(_UNDATED_CANDIDATES).fetchall()
        if len(days) < len(batch):
            rows += con.execute(_CANDIDATES_OF_UNDATED).fetchall()
    return {(a, b) if a < b else (b, a) for a, b in rows}


def _fingerprint_table(batch: Sequence[Hashed]) -> pa.Table:
    sizes = [len(hashed.hashes) for hashed in batch]
    at = pa.array(np.repeat(np.arange(len(batch), dtype=np.int32), sizes))
    hashes = np.concatenate([h.hashes for h in batch]) if batch else np.zeros(0, np.uint64)
    return pa.table(
        {
            "hash": pa.array(hashes, pa.uint64()),
            "article_id": pa.array([h.article_id for h in batch], pa.string()).take(at),
            "published_on": pa.array([h.published_on for h in batch], pa.date32()).take(at),
            "n_hashes": pa.array(sizes, pa.int16()).take(at),
        }
    )


# By row number: the ids are looked up in their own column, and texts are read only between the first and
# the last row that is wanted. A plain join reads every text of the table.
_TEXTS = """
with some_text as (
    select t.article_id, t.body
    from core.article_text as t
    where t.rowid in (select i.rowid from core.article_text as i join some_id using (article_id))
    union all
    select r.article_id, r.body
    from core.revision as r
    join some_id using (article_id)
    where r.body is not null
)
select cast(t.article_id as text) as article_id, a.published_on, t.body
from some_text as t
join core.article as a using (article_id)
"""

# An article that was there before has a revision of another load, or hashes on its own day.
_LINKED_BEFORE = """
select distinct r.article_id
from core.revision as r
join some_id using (article_id)
where r.load_id <> ?
union
select distinct f.article_id
from core.fingerprint as f
join some_id using (article_id)
where
    f.published_on between
        (select min(a.published_on) from core.article as a join some_id using (article_id))
        and (select max(a.published_on) from core.article as a join some_id using (article_id))
union
select distinct f.article_id
from core.fingerprint as f
join some_id using (article_id)
where f.published_on is null
order by article_id
"""

_INSERT_FINGERPRINTS = """
insert into core.fingerprint (hash, article_id, published_on, n_hashes)
select hash, cast(article_id as uuid), published_on, n_hashes
from some_fingerprint
order by published_on, article_id, hash
"""

# The bounds are constants, so that row groups of other days are not read.
_CANDIDATES = """
select b.article_id, cast(f.article_id as text) as other_id
from core.fingerprint as f
join some_fingerprint as b on b.hash = f.hash
where
    f.published_on between cast($first as date) - cast($window as integer)
        and cast($last as date) + cast($window as integer)
    and abs(f.published_on - b.published_on) <= $window
    and f.article_id <> cast(b.article_id as uuid)
group by b.article_id, f.article_id
having count(*) >= $ratio * least(any_value(b.n_hashes), any_value(f.n_hashes))
"""

_UNDATED_CANDIDATES = """
select distinct b.article_id, cast(f.article_id as text) as other_id
from core.fingerprint as f
join some_fingerprint as b on b.hash = f.hash
where f.published_on is null and f.article_id <> cast(b.article_id as uuid)
"""

_CANDIDATES_OF_UNDATED = """
select distinct b.article_id, cast(f.article_id as text) as other_id
from core.fingerprint as f
join some_fingerprint as b on b.hash = f.hash
where b.published_on is null and f.article_id <> cast(b.article_id as uuid)
"""

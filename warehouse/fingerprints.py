"""Fingerprints: sampled shingle hashes of texts, by which near-duplicates are found; before links.

The table has no index: a scan of the days in the window is faster, and the table a sixth of the size. Beside
a large store the hashes are in sorted files too (`warehouse/hash_runs`), which are searched instead.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from warehouse.hash_runs.build import find_rows_by_day, spans
from warehouse.hash_runs.cover import note_change, open_index
from warehouse.hash_runs.pairs import HashedBatch, find_shared
from warehouse.hash_runs.run_file import UNDATED, HashRun, pack_ids
from warehouse.store.arrow import ID_SET, id_set, registered
from warehouse.store.days import DAY_SET, day_set, find_days, rows_by_day
from warehouse.store.transaction import transaction

Places = npt.NDArray[np.int32]

_ROW_BYTES = 6.7  # of a row in full blocks
_LOOSE = 1.5  # times that: worth rewriting the table
_PACKED_BYTES = 16_000_000  # below this size rewriting gains nothing
_PART_ROWS = 1_000_000


@dataclass(frozen=True, slots=True)
class StoredText:
    """One version of an article's text."""

    article_id: str
    published_on: date | None
    body: str


@dataclass(frozen=True, slots=True)
class Hashed:
    """The hashes of all versions of an article."""

    article_id: str
    seen_on: date
    published_on: date | None
    hashes: npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs of different articles, `members[a[n]]` and `members[b[n]]`; one of each pair is of the batch.

    As numbers, because texts from one form may give millions of pairs. In the order of `b`.
    """

    members: list[str]
    days: dict[str, date]  # seen_on of the stored ones
    a: Places
    b: Places

    def parts(self, *, most_texts: int, most_pairs: int) -> Iterator["Candidates"]:
        """Yield the pairs in parts with few different `b`, so that few texts are in memory at a time."""
        ends = np.searchsorted(self.b, np.arange(1, len(self.members) + 1))
        first, begin = 0, 0
        while begin < len(self.b):
            last = int(np.searchsorted(ends, begin + most_pairs, side="right"))
            last = min(max(last, first + 1), first + most_texts, len(self.members))
            end = int(ends[last - 1])
            yield Candidates(self.members, self.days, self.a[begin:end], self.b[begin:end])
            first, begin = last, end

    def ids(self) -> list[str]:
        """Return the articles of the pairs."""
        return [self.members[place] for place in np.unique(np.concatenate([self.a, self.b])).tolist()]


def find_texts(con: duckdb.DuckDBPyConnection, days: Mapping[str, date]) -> list[StoredText]:
    """Return all versions of the articles' texts; `days` has seen_on by article."""
    with day_set(con, days):
        rows = con.execute(_TEXTS).fetchall()
    rows.sort(key=lambda row: (row[0], row[2]))
    return [StoredText(article_id, day, body) for article_id, day, body in rows]


def find_linked_before(con: duckdb.DuckDBPyConnection, days: Mapping[str, date], load_id: str) -> list[str]:
    """Return those of the articles that may already have fingerprints and links.

    `days` has seen_on by article.
    """
    if not days:
        return []
    with day_set(con, days):
        return [str(row[0]) for row in con.execute(_LINKED_BEFORE, [load_id]).fetchall()]


def load_fingerprints(
    con: duckdb.DuckDBPyConnection, batch: Sequence[Hashed], replaced: Mapping[str, date]
) -> None:
    """Store the articles' hashes; those of `replaced` articles, with seen_on, replace their older ones."""
    n_deleted = 0
    if replaced:
        with day_set(con, replaced):
            ((n_deleted,),) = con.execute(_DELETE_REPLACED).fetchall()
    with registered(con, some_fingerprint=_fingerprint_table(batch)):
        con.execute(_INSERT_FINGERPRINTS)
    note_change(con, _hashed_batch(batch), replaced, n_deleted)


def delete_fingerprints(con: duckdb.DuckDBPyConnection, article_ids: Sequence[str]) -> None:
    """Delete the hashes of articles, stored or not."""
    with id_set(con, article_ids):
        ((n_deleted,),) = con.execute(_DELETE).fetchall()
    note_change(con, _hashed_batch([]), article_ids, n_deleted)


def pack_fingerprints(con: duckdb.DuckDBPyConnection) -> bool:
    """Rewrite the table when its blocks are mostly half-empty; say whether it was done.

    Each load fills a block or two of its own, whatever its size: after some years of daily loads the table
    takes three times the space. Some days at a time, each part in a transaction of its own.
    """
    days = find_rows_by_day(con)
    n_rows = sum(n for _, n in days)
    blocks, block_bytes = con.execute(_BLOCKS).fetchall()[0]
    if blocks * block_bytes < max(_PACKED_BYTES, _LOOSE * _ROW_BYTES * n_rows):
        return False
    for first, last in spans(days, _PART_ROWS):
        with transaction(con):
            for statement in _PACK:
                con.execute(statement, {"first": first, "last": last} if "$first" in statement else None)
    return True


def find_candidates(
    con: duckdb.DuckDBPyConnection, batch: Sequence[Hashed], *, window_days: int, least_ratio: float
) -> Candidates:
    """Return pairs of articles, one of them of the batch, that share enough hashes within the window.

    Enough is `least_ratio` of the smaller number of hashes. An article without a day is compared with all
    days.
    """
    batch = sorted(batch, key=lambda hashed: hashed.article_id)
    if runs := open_index(con):
        return _candidates_in(con, runs, batch, window_days, least_ratio)
    days = [hashed.published_on for hashed in batch if hashed.published_on]
    with registered(con, some_fingerprint=_fingerprint_table(batch)):
        con.execute(_SOME_PAIR)
        if days:
            bounds = {"window": window_days, "first": min(days), "last": max(days), "ratio": least_ratio}
            con.execute(_CANDIDATES, bounds)
            con.execute(_UNDATED)
            if con.execute("select count(*) from undated_article").fetchall()[0][0]:
                con.execute(_UNDATED_CANDIDATES)
        if len(days) < len(batch):
            con.execute(_CANDIDATES_OF_UNDATED)
    seen_on = dict(con.execute(_OTHERS).fetchall())
    pairs = con.execute(_PAIRS).fetchnumpy()
    return _each_pair_once([hashed.article_id for hashed in batch], seen_on, pairs["no"], pairs["other"])


def _candidates_in(
    con: duckdb.DuckDBPyConnection,
    runs: Sequence[HashRun],
    batch: Sequence[Hashed],
    window_days: int,
    least_ratio: float,
) -> Candidates:
    """Return the same pairs from the runs; articles that are not stored any more are left out."""
    shared = find_shared(runs, _hashed_batch(batch), window_days=window_days, least_ratio=least_ratio)
    ids = [hashed.article_id for hashed in batch]
    own = {hashed.article_id: hashed.seen_on for hashed in batch}
    stored = own | find_days(con, [other for other in shared.others if other not in own])
    place_of = {article_id: place for place, article_id in enumerate(ids)}
    own_places = np.array([place_of.get(other, -1) for other in shared.others], dtype=np.int64)
    is_stored = np.array([other in stored for other in shared.others], dtype=np.bool_)
    kept = np.flatnonzero(is_stored[shared.other_at] & (own_places[shared.other_at] != shared.at))
    used = np.unique(shared.other_at[kept])
    others = sorted((shared.others[place], place) for place in used.tolist())
    places = np.zeros(len(shared.others), dtype=np.int32)
    places[[place for _, place in others]] = np.arange(len(others))
    pairs = np.unique((places[shared.other_at[kept]].astype(np.int64) << 32) + shared.at[kept])
    at, other_at = (pairs & 0xFFFFFFFF).astype(np.int32), (pairs >> 32).astype(np.int32)
    return _each_pair_once(ids, {other: stored[other] for other, _ in others}, at, other_at)


def _hashed_batch(batch: Sequence[Hashed]) -> HashedBatch:
    sizes = [len(hashed.hashes) for hashed in batch]
    return HashedBatch(
        ids=pack_ids(hashed.article_id for hashed in batch),
        days=np.array([_day_number(hashed.published_on) for hashed in batch], dtype=np.int32),
        n_hashes=np.array(sizes, dtype=np.int32),
        owners=np.repeat(np.arange(len(batch)), sizes),
        hashes=np.concatenate([np.zeros(0, np.uint64), *(hashed.hashes for hashed in batch)]),
    )


def _day_number(day: date | None) -> int:
    return UNDATED if day is None else (day - date(1970, 1, 1)).days


def _each_pair_once(ids: list[str], days: dict[str, date], at: Places, other_at: Places) -> Candidates:
    """Keep one of the two rows of a pair inside the batch; `ids` and `days` are sorted."""
    number = {article_id: n for n, article_id in enumerate(ids)}
    numbers = np.array([number.get(other, len(ids)) for other in days], dtype=np.int64)
    is_first = at < numbers[other_at]
    members = [*days, *(article_id for article_id in ids if article_id not in days)]
    place = {member: n for n, member in enumerate(members)}
    places = np.array([place[article_id] for article_id in ids], dtype=np.int32)
    return Candidates(members, days, places[at[is_first]], other_at[is_first])


def _fingerprint_table(batch: Sequence[Hashed]) -> pa.Table:
    sizes = [len(hashed.hashes) for hashed in batch]
    at = pa.array(np.repeat(np.arange(len(batch), dtype=np.int32), sizes), pa.int32())
    hashes = np.concatenate([h.hashes for h in batch]) if batch else np.zeros(0, np.uint64)
    return pa.table(
        {
            "no": at,
            "hash": pa.array(hashes, pa.uint64()),
            "article_id": pa.array([h.article_id for h in batch], pa.string()).take(at),
            "seen_on": pa.array([h.seen_on for h in batch], pa.date32()).take(at),
            "published_on": pa.array([h.published_on for h in batch], pa.date32()).take(at),
            "n_hashes": pa.array(sizes, pa.int16()).take(at),
        }
    )


_TEXTS = f"""
with some_text as (
    select t.article_id, t.body
    from core.article_text as t
    where {rows_by_day("article_text", DAY_SET)}
    union all
    select r.article_id, r.body
    from core.revision as r
    join {DAY_SET} using (article_id, seen_on)
    where r.body is not null
)
select cast(t.article_id as text) as article_id, a.published_on, t.body
from some_text as t
join (
    select article_id, published_on
    from core.article
    join {DAY_SET} using (article_id, seen_on)
) as a using (article_id)
"""

# An article that was stored before has a revision of another load, or hashes.
_LINKED_BEFORE = f"""
select distinct r.article_id
from core.revision as r
join {DAY_SET} using (article_id, seen_on)
where r.load_id <> ?
union
select distinct f.article_id
from core.fingerprint as f
join {DAY_SET} using (article_id, seen_on)
order by article_id
"""

_DELETE = f"""
delete from core.fingerprint
where article_id in (select article_id from {ID_SET})
"""

_DELETE_REPLACED = f"""
delete from core.fingerprint as f
using {DAY_SET} as d
where f.article_id = d.article_id and f.seen_on = d.seen_on
"""

_INSERT_FINGERPRINTS = """
insert into core.fingerprint (hash, article_id, published_on, n_hashes, seen_on)
select hash, cast(article_id as uuid), published_on, n_hashes, seen_on
from some_fingerprint
order by published_on, article_id, hash
"""

_SOME_PAIR = "create or replace temp table some_pair (no integer, other_id uuid, seen_on date)"

_BLOCKS = """
select
    (select count(distinct block_id) from pragma_storage_info('core.fingerprint') where persistent),
    (select block_size from pragma_database_size() where database_name = current_database())
"""

_PACK = (
    """
    create or replace temp table some_packed as
    select hash, article_id, published_on, n_hashes, seen_on
    from core.fingerprint
    where published_on between $first and $last
    """,
    "delete from core.fingerprint where published_on between $first and $last",
    """
    insert into core.fingerprint (hash, article_id, published_on, n_hashes, seen_on)
    select hash, article_id, published_on, n_hashes, seen_on
    from some_packed
    order by published_on, article_id, hash
    """,
    "drop table some_packed",
)

# The bounds are constants, so that row groups of other days are not read.
_CANDIDATES = """
insert into some_pair
select b.no, f.article_id, any_value(f.seen_on)
from core.fingerprint as f
join some_fingerprint as b on b.hash = f.hash
where
    f.published_on between cast($first as date) - cast($window as integer)
        and cast($last as date) + cast($window as integer)
    and abs(f.published_on - b.published_on) <= $window
    and f.article_id <> cast(b.article_id as uuid)
group by b.no, f.article_id
having count(*) >= $ratio * least(any_value(b.n_hashes), any_value(f.n_hashes))
"""

# Looked for among the articles, a twentieth of the rows: a lake reads all its files to find the nulls of a
# column.
_UNDATED = """
create or replace temp table undated_article as
select article_id, seen_on
from core.article
where published_on is null
"""

_UNDATED_CANDIDATES = """
insert into some_pair
select distinct b.no, f.article_id, f.seen_on
from core.fingerprint as f
join undated_article using (article_id, seen_on)
join some_fingerprint as b on b.hash = f.hash
where f.published_on is null and f.article_id <> cast(b.article_id as uuid)
"""

_CANDIDATES_OF_UNDATED = """
insert into some_pair
select distinct b.no, f.article_id, f.seen_on
from core.fingerprint as f
join some_fingerprint as b on b.hash = f.hash
where b.published_on is null and f.article_id <> cast(b.article_id as uuid)
"""

_OTHERS = """
select cast(p.other_id as text) as article_id, any_value(p.seen_on) as seen_on
from some_pair as p
group by p.other_id
order by article_id
"""

_PAIRS = """
with other as (
    select other_id, row_number() over (order by cast(other_id as text)) - 1 as number
    from (select distinct other_id from some_pair)
)
select distinct p.no, cast(o.number as integer) as other
from some_pair as p
join other as o using (other_id)
order by other, p.no
"""

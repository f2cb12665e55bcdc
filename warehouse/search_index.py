"""Keep the full-text index up to date: new and changed articles become a segment, segments are merged.

Called before a snapshot is published, under the writer's lock. An inverted index in plain
tables, because a search must work on any connection to the snapshot, without an extension
(docs/decisions/full_text.md). Terms come from the SQL macros that questions go through, too.
"""

from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from warehouse.staging import staged

BATCH_DOCUMENTS = 4_000  # indexed in one transaction: about 250 MB of work space
MERGE_WIDTH = 8  # so many segments of about one size become one
MAX_SEGMENT_DOCUMENTS = 40_000
BODY_SPOT = 1_000  # title terms stand before it
LAST_SPOT = 65_535
# BM25 (Robertson and Zaragoza 2009, 3.3) with the usual parameters. The mean length is a constant, so
# that a weight never changes once it is written; a title's term counts as three.
K1, B, MEAN_TERMS = 1.2, 0.75, 400
TITLE_WEIGHT = 3

Numbers = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Postings:
    """Postings in flat form, sorted by term and document: parallel arrays, lists by their offsets."""

    terms: pa.Array  # different, ascending
    term_starts: Numbers  # into docs and weights, one more than terms
    docs: Numbers
    weights: Numbers
    spot_starts: Numbers  # into spots, one more than docs
    spots: Numbers


def index_some(con: duckdb.DuckDBPyConnection) -> int:
    """Index at most BATCH_DOCUMENTS new or changed articles; call it inside a transaction.

    Returns how many they were; fewer than BATCH_DOCUMENTS means that all are indexed.
    """
    con.execute(_WAITING, {"limit": BATCH_DOCUMENTS})
    n = int(con.execute("select count(*) from waiting_document").fetchall()[0][0])
    if n:
        texts = arrow(con, _TERMS)
        con.execute(
            "delete from core.search_document where article_id in (select article_id from waiting_document)"
        )
        con.execute(_INSERT_DOCUMENTS)
        last_doc_no = con.execute("select max(doc_no) from waiting_document").fetchall()[0][0]
        add_segment(con, invert(texts), n, last_doc_no)
        merge_segments(con)
    if n < BATCH_DOCUMENTS:
        con.execute(_DROP_ORPHANS)
        _note_progress(con)
    return n


def drop_index(con: duckdb.DuckDBPyConnection) -> None:
    """Empty the index; the next publishing builds it anew."""
    for table in ("search_document", "search_segment", "search_posting"):
        con.execute(f"delete from core.{table}")
    con.execute("delete from core.setting where name = 'search_load_id'")


def invert(texts: pa.Table) -> Postings:
    """Return the postings of documents given as (doc_no, title_terms, body_terms)."""
    doc_no = _flat(texts["doc_no"])
    title, body = _one(texts["title_terms"]), _one(texts["body_terms"])
    n_title, n_body = _lengths(title), _lengths(body)
    words = pa.concat_arrays([title.flatten(), body.flatten()]).dictionary_encode()
    docs = np.concatenate([np.repeat(doc_no, n_title), np.repeat(doc_no, n_body)])
    spots = np.concatenate([_running(n_title).clip(0, BODY_SPOT - 1), _running(n_body) + BODY_SPOT])
    worth = np.concatenate(
        [np.full(n_title.sum(), TITLE_WEIGHT, np.float32), np.ones(n_body.sum(), np.float32)]
    )
    lengths = np.concatenate([np.repeat(n_title + n_body, n_title), np.repeat(n_title + n_body, n_body)])
    order = pc.sort_indices(words.dictionary)
    rank = np.empty(len(order), np.int64)
    rank[_flat(order)] = np.arange(len(order))
    codes = rank[_flat(words.indices)]
    by = np.lexsort((spots, docs, codes))
    codes, docs, spots = codes[by], docs[by], spots[by].clip(0, LAST_SPOT).astype(np.uint16)
    first = _firsts(codes, docs)
    starts = np.flatnonzero(first)
    counts = np.add.reduceat(worth[by], starts) if len(starts) else worth[:0]
    return Postings(
        terms=words.dictionary.take(order),
        term_starts=np.searchsorted(codes[starts], np.arange(len(order) + 1)),
        docs=docs[starts].astype(np.uint32),
        weights=_weights(counts, lengths[by][starts]),
        spot_starts=np.append(starts, len(docs)),
        spots=spots,
    )


def add_segment(
    con: duckdb.DuckDBPyConnection, postings: Postings, n_documents: int, last_doc_no: int
) -> None:
    """Write postings as a new segment."""
    segment_no = con.execute("select coalesce(max(segment_no), 0) + 1 from core.search_segment").fetchall()[
        0
    ][0]
    with staged(con, stage_posting=_table(postings)):
        con.execute(_INSERT_POSTINGS, [segment_no])
    con.execute(
        "insert into core.search_segment (segment_no, n_documents, n_terms, last_doc_no, made_at)"
        " values (?, ?, ?, ?, now())",
        [segment_no, n_documents, len(postings.terms), last_doc_no],
    )


def merge_segments(con: duckdb.DuckDBPyConnection) -> bool:
    """Merge segments of about one size when there are too many; True when it was done."""
    sizes = con.execute(
        "select segment_no, n_documents from core.search_segment order by segment_no"
    ).fetchall()
    chosen = segments_to_merge(sizes)
    if not chosen:
        return False
    rows = arrow(con, _READ_SEGMENTS, {"segments": chosen})
    alive = _flat(arrow(con, "select doc_no from core.search_document order by doc_no")["doc_no"])
    postings = merge(rows, alive)
    last_doc_no = con.execute(
        "select max(last_doc_no) from core.search_segment"
        " where segment_no in (select unnest($segments::integer[]))",
        {"segments": chosen},
    ).fetchall()[0][0]
    for table in ("search_posting", "search_segment"):
        con.execute(
            f"delete from core.{table} where segment_no in (select unnest($segments::integer[]))",
            {"segments": chosen},
        )
    add_segment(con, postings, len(np.unique(postings.docs)), last_doc_no)
    return True


def segments_to_merge(sizes: list[tuple[int, int]]) -> list[int]:
    """Choose segments to become one: MERGE_WIDTH of about one size, together not too large.

    `sizes` are (segment_no, n_documents). So each posting is written a few times in its life,
    and a million articles lie in some dozen segments.
    """
    tiers: dict[int, list[tuple[int, int]]] = {}
    for segment_no, n_documents in sizes:
        if n_documents < MAX_SEGMENT_DOCUMENTS // 2:
            tiers.setdefault(int(np.log(max(n_documents, 1)) / np.log(MERGE_WIDTH)), []).append(
                (segment_no, n_documents)
            )
    for tier in sorted(tiers):
        if len(tiers[tier]) >= MERGE_WIDTH:
            chosen: list[int] = []
            total = 0
            for segment_no, n_documents in tiers[tier]:
                if total + n_documents <= MAX_SEGMENT_DOCUMENTS or len(chosen) < 2:
                    chosen.append(segment_no)
                    total += n_documents
            return chosen
    return []


def merge(rows: pa.Table, alive: Numbers) -> Postings:
    """Return the postings of several segments as one, without documents that are not alive.

    Rows of one term follow each other by their first document, so nothing is sorted but the rows.
    """
    words = _one(rows["term"]).dictionary_encode()
    order = pc.sort_indices(words.dictionary)
    rank = np.empty(len(order), np.int64)
    rank[_flat(order)] = np.arange(len(order))
    codes = rank[_flat(words.indices)]
    first_docs = _flat(pc.list_element(_one(rows["docs"]), 0))
    by = np.lexsort((first_docs, codes))
    columns = [_one(rows[name]).take(pa.array(by)) for name in ("docs", "weights", "spots")]
    docs, weights, spots = (column.flatten() for column in columns)
    codes = np.repeat(codes[by], _lengths(columns[0]))
    lives = np.zeros(max(_flat(docs).max(initial=0), alive.max(initial=0)) + 1, bool)
    lives[alive] = True
    keep = lives[_flat(docs)]
    if not keep.all():
        mask = pa.array(keep)
        docs, weights, spots, codes = docs.filter(mask), weights.filter(mask), spots.filter(mask), codes[keep]
    kept = np.flatnonzero(np.bincount(codes, minlength=len(order)))
    starts = np.asarray(spots.offsets)
    return Postings(
        terms=words.dictionary.take(order).take(pa.array(kept)),
        term_starts=np.searchsorted(codes, np.append(kept, len(order))),
        docs=_flat(docs),
        weights=_flat(weights),
        spot_starts=starts - starts[0],
        spots=_flat(spots.flatten()),
    )


def arrow(con: duckdb.DuckDBPyConnection, sql: str, parameters: object = None) -> pa.Table:
    """Return an answer as an Arrow table."""
    return con.sql(sql, params=parameters).to_arrow_table()


def _weights(counts: Numbers, lengths: Numbers) -> Numbers:
    shares = counts / (counts + K1 * (1 - B + B * lengths / MEAN_TERMS))
    return (shares * 255).round().clip(1, 255).astype(np.uint8)


def _table(postings: Postings) -> pa.Table:
    starts = pa.array(postings.term_starts, pa.int32())
    spots = pa.ListArray.from_arrays(pa.array(postings.spot_starts, pa.int32()), pa.array(postings.spots))
    return pa.table(
        {
            "term": postings.terms,
            "docs": pa.ListArray.from_arrays(starts, pa.array(postings.docs)),
            "weights": pa.ListArray.from_arrays(starts, pa.array(postings.weights)),
            "spots": pa.ListArray.from_arrays(starts, spots),
        }
    )


def _firsts(*keys: Numbers) -> Numbers:
    """Mark where a sorted sequence of keys changes."""
    first = np.zeros(len(keys[0]), bool)
    first[:1] = True
    for key in keys:
        first[1:] |= key[1:] != key[:-1]
    return first


def _running(lengths: Numbers) -> Numbers:
    """Return 0, 1, 2, ... anew for each list of these lengths."""
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]]) if len(lengths) else lengths
    running: Numbers = np.arange(lengths.sum()) - np.repeat(starts, lengths)
    return running


def _one(column: pa.ChunkedArray) -> pa.Array:
    array = column.combine_chunks()
    return array.chunk(0) if isinstance(array, pa.ChunkedArray) else array


def _flat(column: pa.ChunkedArray | pa.Array) -> Numbers:
    values: Numbers = np.asarray(column)
    return values


def _lengths(lists: pa.Array) -> Numbers:
    lengths: Numbers = np.diff(np.asarray(lists.offsets))
    return lengths


def _note_progress(con: duckdb.DuckDBPyConnection) -> None:
    last = con.execute("select max(load_id) from core.load").fetchall()[0][0]
    noted = con.execute("select value from core.setting where name = 'search_load_id'").fetchall()
    if last is not None and noted != [(last,)]:
        con.execute("delete from core.setting where name = 'search_load_id'")
        con.execute(
            "insert into core.setting (name, value, changed_at) values ('search_load_id', ?, now())", [last]
        )


_TEXT_KEY = "('0x' || left(sha256(a.title || chr(10) || a.content_sha256), 16))::ubigint"

_WAITING = f"""
create or replace temp table waiting_document as
with changed as (
    select a.article_id, {_TEXT_KEY} as text_key, a.load_id
    from core.article as a
    where a.load_id > coalesce((select value from core.setting where name = 'search_load_id'), '')
)
select
    (n.last_doc_no + row_number() over (order by c.load_id, c.article_id))::uinteger as doc_no,
    c.article_id,
    c.text_key
from changed as c
cross join (select coalesce(max(last_doc_no), 0) as last_doc_no from core.search_segment) as n
left join core.search_document as d on d.article_id = c.article_id and d.text_key = c.text_key
where d.article_id is null
order by c.load_id, c.article_id
limit $limit
"""

_TERMS = """
select
    w.doc_no,
    core.search_terms(a.title) as title_terms,
    core.search_terms(t.body) as body_terms
from waiting_document as w
join core.article as a using (article_id)
join core.article_text as t using (article_id)
order by w.doc_no
"""

_INSERT_DOCUMENTS = """
insert into core.search_document (doc_no, article_id, text_key)
select doc_no, article_id, text_key
from waiting_document
order by doc_no
"""

_INSERT_POSTINGS = """
insert into core.search_posting (segment_no, term, docs, weights, spots)
select ?, term, docs, weights, spots
from stage_posting
"""

_READ_SEGMENTS = """
select term, docs, weights, spots
from core.search_posting
where segment_no in (select unnest($segments::integer[]))
"""

# Articles that were taken out since.
_DROP_ORPHANS = """
delete from core.search_document
where
    (select count(*) from core.search_document) > (select count(*) from core.article)
    and article_id not in (select article_id from core.article)
"""

"""Keep the full-text index up to date: new and changed articles become a segment, segments are merged.

Called before a snapshot is published, under the writer's lock. An inverted index in plain tables, because
search must work on any connection to the snapshot, without an extension (docs/decisions/full_text.md). Texts
and queries are split into terms by the same SQL macros.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import duckdb
import numpy as np
import pyarrow as pa

from warehouse.search.arrays import one_array
from warehouse.search.pairs import SLICE_DOCUMENTS, pair_postings
from warehouse.search.postings import FORMAT, Postings, invert, merge, postings_table, segments_to_merge
from warehouse.search.terms import split_texts
from warehouse.store.arrow import Value, relation
from warehouse.store.days import rows_by_day
from warehouse.store.memory import give_back_freed
from warehouse.store.migrate import find_views
from warehouse.store.settings import find_setting, set_setting

# Indexed in one transaction, whichever comes first: about 200 MB of memory.
BATCH_DOCUMENTS = 1_000
BATCH_WORDS = 300_000
MERGED_POSTINGS = 300_000  # merged at once


class Checked(NamedTuple):
    """The articles that a call of `index_some` looked at."""

    n: int
    is_all: bool  # the index is up to date


def index_some(con: duckdb.DuckDBPyConnection) -> Checked:
    """Index the next articles that may have changed; call it inside a transaction."""
    _drop_if_rules_changed(con)
    con.execute(_CHANGED, {"limit": BATCH_DOCUMENTS})
    ((n_found,),) = con.execute("select count(*) from changed_article").fetchall()
    con.execute("delete from changed_article where n_words_before >= ?", [BATCH_WORDS])
    n, last = con.execute(
        "select count(*), max(load_id || ' ' || article_id) from changed_article"
    ).fetchall()[0]
    if n:
        con.execute(_WAITING)
        _index_waiting(con)
        set_setting(con, "search_load_id", last)
    is_all = n == n_found < BATCH_DOCUMENTS
    if is_all:
        con.execute(_DROP_ORPHANS)
    return Checked(int(n), is_all)


def _index_waiting(con: duckdb.DuckDBPyConnection) -> None:
    n, last_doc_no = con.execute("select count(*), max(doc_no) from waiting_document").fetchall()[0]
    if n:
        texts = _with_terms(con, arrow(con, _TEXTS))
        con.execute(
            "delete from core.search_document where article_id in (select article_id from waiting_document)"
        )
        con.execute(_INSERT_DOCUMENTS)
        add_segment(con, invert(texts), n, last_doc_no)


def _with_terms(con: duckdb.DuckDBPyConnection, texts: pa.Table) -> pa.Table:
    """Return doc_no, title_terms and body_terms of texts given as (doc_no, title, body)."""
    titles, bodies = one_array(texts["title"]), one_array(texts["body"])
    terms = split_texts(con, pa.concat_arrays([titles, bodies]))
    n = len(titles)
    return pa.table({"doc_no": texts["doc_no"], "title_terms": terms[:n], "body_terms": terms[n:]})


def _drop_if_rules_changed(con: duckdb.DuckDBPyConnection) -> None:
    """Empty the index when the rules for terms differ from those that it was written with."""
    rules = term_rules()
    stored = find_setting(con, "search_rules")
    if stored != rules:
        drop_index(con)
        set_setting(con, "search_rules", rules)


def term_rules() -> str:
    """Return a hash of the statements that split texts into terms, and of the format of the index.

    Comments and the layout of the file do not count.
    """
    text = "".join(file.read_text(encoding="utf-8") for file in find_views() if "search_terms" in file.name)
    statements = [" ".join(line.split()) for line in text.splitlines() if not line.strip().startswith("--")]
    return hashlib.sha256(("\n".join(filter(None, statements)) + FORMAT).encode()).hexdigest()


def drop_index(con: duckdb.DuckDBPyConnection) -> None:
    """Empty the index; the next publication rebuilds it."""
    for table in ("search_document", "search_segment", "search_posting"):
        con.execute(f"delete from core.{table}")
    con.execute("delete from core.setting where name = 'search_load_id'")


def add_segment(
    con: duckdb.DuckDBPyConnection, postings: Postings, n_documents: int, last_doc_no: int
) -> None:
    """Write postings as a new segment."""
    segment_no = _next_segment_no(con)
    _insert_postings(con, segment_no, postings)
    _add_pairs(con, segment_no)
    con.execute(_INSERT_SEGMENT, [segment_no, n_documents, len(postings.terms), last_doc_no])


def _add_pairs(con: duckdb.DuckDBPyConnection, segment_no: int) -> None:
    """Write the postings of pairs of a segment's dense terms; some documents at a time bound the memory."""
    words = one_array(arrow(con, _DENSE_TERMS, {"segment": segment_no})["term"])
    sql = "select min(docs[1]), max(docs[1]) from core.search_posting where segment_no = ? and is_dense"
    ((first, last),) = con.execute(sql, [segment_no]).fetchall()
    if first is not None:
        slices = (
            arrow(con, _DENSE_ROWS, {"segment": segment_no, "from": start, "to": start + SLICE_DOCUMENTS})
            for start in range(first, last + 1, SLICE_DOCUMENTS)
        )
        _insert_postings(con, segment_no, pair_postings(words, slices))


def merge_segments(con: duckdb.DuckDBPyConnection) -> bool:
    """Merge segments of similar size when there are too many; say whether it was done.

    Call it inside a transaction of its own: it needs more memory than a batch, some 300 MB.
    """
    sizes = con.execute(
        "select segment_no, n_documents from core.search_segment order by segment_no"
    ).fetchall()
    chosen = segments_to_merge(sizes)
    if chosen:
        rewrite_segments(con, chosen)
    return bool(chosen)


def rewrite_segments(con: duckdb.DuckDBPyConnection, segments: Sequence[int]) -> None:
    """Merge segments into one, without removed documents; some terms at a time, to bound the memory."""
    alive = np.asarray(arrow(con, "select doc_no from core.search_document")["doc_no"])
    segment_no, n_terms, documents = _next_segment_no(con), 0, np.zeros(0, np.uint32)
    for first, last in _term_ranges(con, segments):
        rows = arrow(con, _READ_SEGMENTS, {"segments": list(segments), "first": first, "last": last})
        postings = merge(rows, alive)
        _insert_postings(con, segment_no, postings)
        n_terms += len(postings.terms)
        documents = np.union1d(documents, postings.docs)
        del rows, postings
        give_back_freed()
    _add_pairs(con, segment_no)
    chosen = {"segments": list(segments)}
    sql = f"select max(last_doc_no) from core.search_segment {_CHOSEN}"
    ((last_doc_no,),) = con.execute(sql, chosen).fetchall()
    for table in ("search_posting", "search_segment"):
        con.execute(f"delete from core.{table} {_CHOSEN}", chosen)
    con.execute(_INSERT_SEGMENT, [segment_no, len(documents), n_terms, last_doc_no])


def _term_ranges(
    con: duckdb.DuckDBPyConnection, segments: Sequence[int]
) -> list[tuple[str | None, str | None]]:
    """Return ranges of the segments' terms with about MERGED_POSTINGS postings each; None is an open end."""
    chosen = {"segments": list(segments)}
    sql = f"select coalesce(sum(n_docs), 0) from core.search_posting {_CHOSEN} and {_IS_WORD}"
    n = int(con.execute(sql, chosen).fetchall()[0][0]) // MERGED_POSTINGS + 1
    shares = [k / n for k in range(1, n)] or [0.5]
    sql = f"select quantile_disc(term, {shares}) from core.search_posting {_CHOSEN} and {_IS_WORD}"
    ((bounds,),) = con.execute(sql, chosen).fetchall()
    inner = sorted(set(bounds or [])) if n > 1 else []
    return list(zip([None, *inner], [*inner, None], strict=True))


def _next_segment_no(con: duckdb.DuckDBPyConnection) -> int:
    rows = con.execute("select coalesce(max(segment_no), 0) + 1 from core.search_segment").fetchall()
    return int(rows[0][0])


def _insert_postings(con: duckdb.DuckDBPyConnection, segment_no: int, postings: Postings) -> None:
    # Not as a registered view: the engine keeps its rows until the transaction ends.
    rows = con.from_arrow(postings_table(postings))
    rows.project(_POSTING.format(segment_no=segment_no)).insert_into("core.search_posting")


def arrow(con: duckdb.DuckDBPyConnection, sql: str, values: Mapping[str, Value] | None = None) -> pa.Table:
    """Return the result of a query as an Arrow table."""
    return relation(con, sql, values or {}).to_arrow_table()


_TEXT_KEY = "('0x' || left(sha256(a.title || chr(10) || a.content_sha256), 8))::uinteger"

# The articles after the last one that was checked, in the order of their latest load.
_CHANGED = """
create or replace temp table changed_article as
with last as (
    select coalesce(max(value), '') as seen
    from core.setting
    where name = 'search_load_id'
),
next_article as (
    select load_id, article_id, seen_on, word_count
    from core.article
    where
        load_id >= (select split_part(seen, ' ', 1) from last)
        and load_id || ' ' || article_id > (select seen from last)
    order by load_id, article_id
    limit $limit
)
select
    load_id,
    article_id,
    seen_on,
    sum(word_count) over (order by load_id, article_id) - word_count as n_words_before
from next_article
"""

_WAITING = f"""
create or replace temp table waiting_document as
with changed as (
    select c.load_id, a.article_id, a.seen_on, {_TEXT_KEY} as text_key
    from changed_article as c
    join core.article as a using (article_id, seen_on)
)
select
    (n.last_doc_no + row_number() over (order by c.load_id, c.article_id))::uinteger as doc_no,
    c.article_id,
    c.seen_on,
    c.text_key
from changed as c
cross join (select coalesce(max(last_doc_no), 0) as last_doc_no from core.search_segment) as n
anti join core.search_document as d on d.article_id = c.article_id and d.text_key = c.text_key
order by doc_no
"""

_TEXTS = f"""
with some_text as (
    select article_id, body
    from core.article_text
    where {rows_by_day("article_text", "waiting_document")}
)
select
    w.doc_no,
    a.title,
    t.body
from waiting_document as w
join core.article as a using (article_id, seen_on)
join some_text as t using (article_id)
order by w.doc_no
"""

_INSERT_DOCUMENTS = """
insert into core.search_document (doc_no, article_id, text_key)
select doc_no, article_id, text_key
from waiting_document
order by doc_no
"""

# The columns of core.search_posting, in their order.
_POSTING = """
{segment_no}::integer, core.search_term_key(term), term, is_dense, n_docs, docs, weights, spots
"""

_INSERT_SEGMENT = """
insert into core.search_segment (segment_no, n_documents, n_terms, last_doc_no, made_at)
values (?, ?, ?, ?, now())
"""

_CHOSEN = "where segment_no in (select unnest($segments::integer[]))"
_IS_WORD = "not starts_with(term, ' ')"  # and not a pair of words

_READ_SEGMENTS = f"""
select term, is_dense, docs, weights, spots
from core.search_posting
{_CHOSEN}
    and {_IS_WORD}
    and ($first::text is null or term >= $first)
    and ($last::text is null or term < $last)
"""

_DENSE_TERMS = """
select distinct term
from core.search_posting
where segment_no = $segment and is_dense
order by term
"""

_DENSE_ROWS = """
select term, docs, weights, spots
from core.search_posting
where segment_no = $segment and is_dense and docs[1] >= $from and docs[1] < $to
"""

# Articles that were deleted since.
_DROP_ORPHANS = """
delete from core.search_document
where
    (select count(*) from core.search_document) > (select count(*) from core.article)
    and article_id not in (select article_id from core.article)
"""

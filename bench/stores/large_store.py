"""A store of a million articles in minutes: some are loaded and indexed, their rows are then copied.

A copy has the rows of its article under another id and address, on the same day; the text and its terms are
the same. So sizes, segments of the index and the distribution of words are those of loaded articles, and
every article lies within thirteen days. Fingerprints are random numbers: no copy is a candidate of another.
They are stored in the order of a load: in another, the ids of articles are not compressed, and a load reads
them with the hashes.
"""

from collections.abc import Iterator

import duckdb

from bench.stores.warehouse_data import batches
from tasks.domain.duplicates.fingerprint import STORED_BITS
from warehouse.articles import load_batch
from warehouse.publish import publish_snapshot
from warehouse.search.index import rewrite_segments
from warehouse.store.connection import Home, open_store, transaction

N_COPIES = 25  # a segment of the index has 40,000 articles at most
_LOADED_AT_ONCE = 10_000
_HASHES_AN_ARTICLE = 19  # what real articles have on average

_ID = "cast(md5(concat({}, '-', $copy)) as uuid) as {}"
_ARTICLE_ID = _ID.format("article_id", "article_id")
_URLS = "concat(url, '-', $copy) as url, concat(url_key, '-', $copy) as url_key"
_DOC_NO = "(doc_no + $copy * $block)::uinteger as doc_no"
# What differs in a copy of a table's rows.
_COPIED = {
    "article": f"{_ARTICLE_ID}, {_URLS}",
    "article_text": _ARTICLE_ID,
    "fetch": _URLS,
    "field_origin": _ARTICLE_ID,
    "lead": _ARTICLE_ID,
    "listing": f"{_DOC_NO}, {_ARTICLE_ID}, {_ID.format('story_id', 'story_id')}",
    "revision": _ARTICLE_ID,
    "search_document": f"{_DOC_NO}, {_ARTICLE_ID}",
    "search_posting": (
        "segment_no + $copy as segment_no, [(d + $copy * $block)::uinteger for d in docs] as docs"
    ),
    "search_segment": "segment_no + $copy as segment_no, last_doc_no + $copy * $block as last_doc_no",
}

_FINGERPRINTS = f"""
insert into core.fingerprint (hash, article_id, published_on, n_hashes, seen_on)
select
    hash(concat(a.article_id, h.range)) >> {64 - STORED_BITS},
    a.article_id,
    a.published_on,
    {_HASHES_AN_ARTICLE},
    a.seen_on
from core.article as a, range({_HASHES_AN_ARTICLE}) as h
order by a.published_on, a.article_id
"""

_INDEXED_UP_TO = """
update core.setting
set value = (select max(load_id || ' ' || article_id) from core.article)
where name = 'search_load_id'
"""


def fill_large(home: Home, n: int) -> None:
    """Fill an empty store with `n` articles, indexed for search, and publish it; `n` is rounded down."""
    for one in batches("bench", 0, n // N_COPIES, _LOADED_AT_ONCE):
        with open_store(home, owner="bench") as con, transaction(con):
            load_batch(con, one)
    publish_snapshot(home)
    with open_store(home, owner="bench") as con:
        _to_one_segment(con)
        for statement, parameters in _copies(con):
            con.execute(statement, parameters)
        con.execute(_FINGERPRINTS)
        con.execute(_INDEXED_UP_TO)
    publish_snapshot(home)


def _to_one_segment(con: duckdb.DuckDBPyConnection) -> None:
    """Merge the segments of the index into one, the first."""
    numbers = con.execute("select segment_no from core.search_segment").fetchall()
    with transaction(con):
        rewrite_segments(con, [number for (number,) in numbers])
        for table in ("search_posting", "search_segment"):
            con.execute(f"update core.{table} set segment_no = 1")


def _copies(con: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, dict[str, int]]]:
    ((last_doc_no,),) = con.execute("select max(doc_no) from core.search_document").fetchall()
    block = -(-(last_doc_no + 1) // 128) * 128
    sizes = {table: con.execute(f"select count(*) from core.{table}").fetchall()[0][0] for table in _COPIED}
    for copy in range(1, N_COPIES):
        for table, replaced in _COPIED.items():
            statement = f"insert into core.{table} select * replace ({replaced}) from core.{table}"
            values = {"copy": copy} | ({"block": block} if "$block" in replaced else {})
            yield f"{statement} where rowid < {sizes[table]}", values

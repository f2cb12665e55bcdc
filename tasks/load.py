"""Store one batch: its articles, what was requested, what failed; then their duplicates.

After extract; the last step before the snapshot. Duplicates are linked inside the same transaction, under
the writer's lock, so that two runs can never miss each other's copies.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

import duckdb

from tasks.deduplicate import link_articles, unlink_articles
from tasks.domain.urls.key import article_id
from tasks.extract import Extracted
from tasks.fetch import FetchedPages
from tasks.recurring import clean_texts
from warehouse.articles import load_batch
from warehouse.records.article import Article
from warehouse.records.outcome import Batch, Counts
from warehouse.runs import note_duplicates
from warehouse.store.connection import Home, write


def load_pages(home: Home, run_id: str, fetched: FetchedPages, extracted: Extracted) -> Counts:
    """Write the outcome of a few hundred pages in one transaction; return what changed.

    Idempotent: the same batch again changes nothing, and an empty one writes nothing. Raises
    WarehouseError; the store is then as it was.
    """
    if fetched == FetchedPages() and extracted == Extracted((), ()):
        return Counts()
    batch = Batch(
        run_id=run_id,
        fetches=tuple(fetched.fetches),
        articles=tuple(extracted.articles),
        rejects=(*fetched.rejects, *extracted.rejects),
        gone=tuple(fetched.gone),
    )
    return store_batch(home, batch, owner=f"run {run_id}")


def store_batch(home: Home, batch: Batch, *, owner: str) -> Counts:
    """Store a batch in a transaction of its own; return what changed."""
    return write(home, lambda con: store_articles(con, batch), owner=owner)


def store_articles(con: duckdb.DuckDBPyConnection, batch: Batch) -> Counts:
    """Load a batch and settle its articles; return what changed. Call it inside a transaction."""
    loaded = load_batch(con, batch)
    changed = {article_id: loaded.days[article_id] for article_id in loaded.changed_ids}
    n_duplicates = settle_articles(
        con, loaded.load_id, changed=changed, stored=loaded.days, new_ids=loaded.new_ids
    )
    note_duplicates(con, loaded.load_id, n_duplicates)
    return replace(loaded.counts, n_duplicates=n_duplicates)


def settle_articles(
    con: duckdb.DuckDBPyConnection,
    load_id: str,
    *,
    changed: Mapping[str, date],
    stored: Mapping[str, date],
    unlinked_ids: Sequence[str] = (),
    new_ids: Collection[str] = (),
) -> int:
    """Bring all that is derived from rows of articles up to date; return how many are copies of another.

    `unlinked_ids` are gone or have another day: they leave all links. `changed` articles have another row or
    text: they are linked again; `new_ids` among them were not stored before. The texts of `stored` ones are
    cleaned of recurring lines. Both map ids to seen_on. Call it inside the transaction that wrote the rows.
    """
    if unlinked_ids:
        unlink_articles(con, unlinked_ids)
    n_duplicates = link_articles(con, changed, load_id, new_ids)
    clean_texts(con, stored)
    return n_duplicates


def article_ids(articles: Iterable[Article]) -> list[str]:
    """Return the ids under which articles are stored, sorted, each once."""
    return sorted({article_id(article.identity_key or article.url_key) for article in articles})

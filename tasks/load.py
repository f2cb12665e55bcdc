"""Load one batch: articles, what was requested, what failed; then its duplicates.

After extract; the last step before the snapshot. Links are found inside the same
transaction, under the writer's lock, so that two runs can never miss each other's copies.
"""

from collections.abc import Iterable
from dataclasses import replace

from tasks.deduplicate import link_articles
from tasks.domain.urls.key import article_id
from tasks.extract import Extracted
from tasks.fetch import FetchedPages
from tasks.recurring import clean_texts
from warehouse.articles import load_batch
from warehouse.records import Article, Batch, Counts
from warehouse.runs import note_duplicates
from warehouse.store.connection import Home, open_store, transaction


def load_pages(home: Home, run_id: str, fetched: FetchedPages, extracted: Extracted) -> Counts:
    """Write the outcome of some hundred pages in one transaction; return what changed.

    The same batch again changes nothing. Raises WarehouseError; the store is then as it was.
    """
    batch = Batch(
        run_id=run_id,
        fetches=tuple(fetched.fetches),
        articles=tuple(extracted.articles),
        rejects=(*fetched.rejects, *extracted.rejects),
        gone=tuple(fetched.gone),
    )
    return load_one(home, batch, owner=f"run {run_id}")


def load_one(home: Home, batch: Batch, *, owner: str) -> Counts:
    """Load a batch and link its duplicates in one transaction."""
    with open_store(home, owner=owner) as con, transaction(con):
        loaded = load_batch(con, batch)
        n_duplicates = link_articles(con, loaded.changed_ids, loaded.load_id)
        note_duplicates(con, loaded.load_id, n_duplicates)
        clean_texts(con, article_ids(batch.articles))
    return replace(loaded.counts, n_duplicates=n_duplicates)


def article_ids(articles: Iterable[Article]) -> list[str]:
    """Return the ids that some articles are stored under, each once."""
    return sorted({article_id(article.identity_key or article.url_key) for article in articles})

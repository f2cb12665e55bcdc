"""A store of generated articles, some of them copied or edited, as readers see it in browse.

For `bench.browse` and `bench.alerts`.
"""

from dataclasses import replace
from datetime import timedelta

from bench.stores.warehouse_data import batches
from tasks.domain.urls.key import article_id
from warehouse.articles import load_batch
from warehouse.publish import publish_snapshot
from warehouse.records.outcome import Batch
from warehouse.store.connection import Home, open_store
from warehouse.store.transaction import transaction
from warehouse.stories import load_stories


def fill_home(home: Home, n: int) -> None:
    """Load and publish generated articles: one in five has copies, one in a hundred was edited."""
    load_articles(home, 0, n)


def load_articles(home: Home, first: int, n: int) -> None:
    """Load `n` more articles, from number `first` on, and publish them."""
    for batch in batches("bench", first, n, 4_000):
        with open_store(home, owner="bench") as con, transaction(con):
            load_batch(con, batch)
            load_batch(con, _edited(batch))
            load_stories(con, _stories(batch), {}, set())
    publish_snapshot(home)


def _edited(batch: Batch) -> Batch:
    """Return every hundredth article of a batch an hour later, with another text."""
    articles = tuple(
        replace(
            article,
            body=f"{article.body}\nCorrected.",
            content_sha256=article.content_sha256[::-1],
            fetched_at=article.fetched_at + timedelta(hours=1),
        )
        for article in batch.articles[::100]
        if article.fetched_at
    )
    return Batch(batch.run_id, articles=articles)


def _stories(batch: Batch) -> dict[str, str]:
    """Return the first two articles of each ten of a batch as one story of two sources."""
    ids = [article_id(article.url_key) for article in batch.articles]
    pairs = zip(ids[::10], ids[1::10], strict=False)
    return {member: pair[0] for pair in pairs for member in pair}

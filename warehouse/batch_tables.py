"""The temporary tables of a load, named in one place: the modules that load a batch share them.

`warehouse/articles.py` and `warehouse/feeds.py` fill them inside the transaction of the batch; revisions,
origins, rejects, invariants and `warehouse/rewrite/history.py` read them.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BatchTables:
    """Name of each temporary table."""

    staged: str = "stage_article"  # Arrow: the articles of the batch with their bodies, by item_no
    incoming: str = "incoming_article"  # the same with article_id, without bodies and forgotten pages
    known: str = "known_article"  # article_id and seen_on of stored ones, also if only requested
    stored: str = "stored_article"  # rows of core.article as they were before the load
    final: str = "final_article"  # one row per article of the batch, as it is stored afterwards
    revisions: str = "numbered_revision"  # all revisions of these articles, old and new, numbered
    feed_states: str = "incoming_state"  # the latest state of each feed that was polled


BATCH = BatchTables()

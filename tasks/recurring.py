"""Recurring lines (boilerplate of a source): learnt from all stored articles, then removed from their texts.

Learnt by `maintain` and after a re-extraction, so that the set depends only on what is stored, not on the
order of arrival. Later loads apply the set that is known by then. Hashes, revisions and fingerprints are
computed from the texts before cleaning, so that learning never makes a revision.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import duckdb

from tasks.domain.articles.recurring import (
    MIN_ARTICLES,
    MIN_DAYS,
    RECURRING_VERSION,
    apply_recurring,
    keyed_lines,
)
from warehouse.publish import publish_snapshot
from warehouse.rewrite.recurring import (
    Learnt,
    SeenLine,
    SourceBody,
    add_seen,
    begin_learning,
    find_bodies,
    find_learnt,
    find_recurring,
    iter_bodies,
    load_cleaned,
    load_learnt,
)
from warehouse.store.connection import Home, connect, open_store, transaction
from warehouse.store.days import find_days

TEXTS_PER_BATCH = 10_000

log = logging.getLogger("wirehouse.learn")


@dataclass(frozen=True, slots=True)
class Learning:
    """What learning changed."""

    n_lines: int  # recurring lines of all sources
    n_new: int
    n_gone: int
    n_texts: int  # texts that changed


def learn_lines(home: Home, now: datetime) -> Learning:
    """Learn from all stored texts and clean those affected. Publishes a snapshot first, to read from."""
    publish_snapshot(home)
    con = connect(home)
    try:
        learnt = read_learnt(con)
    finally:
        con.close()
    with open_store(home, owner="learning recurring lines") as con, transaction(con):
        article_ids = load_learnt(con, learnt, RECURRING_VERSION, now)
    n_texts = 0
    for start in range(0, len(article_ids), TEXTS_PER_BATCH):
        with open_store(home, owner="learning recurring lines") as con, transaction(con):
            days = find_days(con, article_ids[start : start + TEXTS_PER_BATCH])
            n_texts += clean_texts(con, days)
    log.info("%d recurring lines, %d of them new; %d texts changed", len(learnt.lines), learnt.n_new, n_texts)
    return Learning(len(learnt.lines), learnt.n_new, learnt.n_gone, n_texts)


def read_learnt(con: duckdb.DuckDBPyConnection) -> Learnt:
    """Return the recurring lines of each source, by the rule in `tasks.domain.articles.recurring`."""
    begin_learning(con)
    for bodies in iter_bodies(con):
        seen = [(body.article_id, line) for body in bodies for line in _seen(body)]
        add_seen(con, [article_id for article_id, _ in seen], [line for _, line in seen])
    return find_learnt(con, min_articles=MIN_ARTICLES, min_days=MIN_DAYS)


def clean_texts(con: duckdb.DuckDBPyConnection, days: Mapping[str, date]) -> int:
    """Remove the recurring lines from the texts of these articles; return how many texts changed.

    `days` has the day of each (seen_on). Call it inside the transaction that stored them.
    """
    recurring = find_recurring(con) if days else {}
    bodies = find_bodies(con, days) if days else []
    if not bodies:
        return 0
    cleaned = [_cleaned(body, recurring.get(body.source, frozenset())) for body in bodies]
    return load_cleaned(con, {body.article_id: days[body.article_id] for body in bodies}, cleaned)


def _seen(body: SourceBody) -> list[SeenLine]:
    mark, lines = keyed_lines(body.body)
    day = body.published_on.isoformat() if body.published_on else body.article_id
    return [SeenLine(body.source, key, line, mark, day) for key, line in lines.items()]


def _cleaned(body: SourceBody, keys: frozenset[str]) -> str | None:
    text, removed = apply_recurring(body.body, keys)
    return text if removed else None

"""The listing follows articles, stories and the index; rows that are right are left alone."""

from datetime import timedelta

from tasks.deduplicate import link_articles
from tests.support.stories import story
from tests.support.warehouse_rows import NOW, a_home, article, ask, load, store
from tests.support.web_home import on
from warehouse.articles import load_batch
from warehouse.pages.stored_pages import find_family
from warehouse.publish import publish_snapshot
from warehouse.records.outcome import Batch
from warehouse.rewrite.forget import forget_rows
from warehouse.store.connection import transaction
from warehouse.store.days import find_days


def listed(home):
    """Return edits, copies and other sources by the number in the URL, and whether it is its own story."""
    rows = ask(
        home,
        """
        select a.url, l.n_edits, l.n_copies, l.n_other_sources, l.article_id = l.story_id, d.doc_no = l.doc_no
        from core.listing as l
        join core.article as a using (article_id)
        join core.search_document as d using (article_id)
        order by a.url
        """,
    )
    assert all(is_in_step for *_, is_in_step in rows)
    return {int(url.rsplit("/", 1)[1]): tuple(values) for url, *values, _ in rows}


def load_linked(home, *articles):
    with store(home) as con, transaction(con):
        loaded = load_batch(con, Batch("run", articles=articles))
        link_articles(con, find_days(con, loaded.changed_ids), loaded.load_id)


def test_the_listing_follows_edits_and_copies(tmp_path):
    home = a_home(tmp_path)
    load_linked(home, article(1, body=story(1), published=on(1)), article(2, body=story(2)))
    publish_snapshot(home)
    assert listed(home) == {1: (0, 0, 0, True), 2: (0, 0, 0, True)}
    load_linked(
        home,
        article(3, body=story(1), source="beta", published=on(2), at=NOW + timedelta(hours=1)),
        article(2, body=story(4), at=NOW + timedelta(hours=1)),
    )
    publish_snapshot(home)
    assert listed(home) == {1: (0, 1, 1, True), 2: (1, 0, 0, True), 3: (0, 1, 1, False)}


def test_a_forgotten_article_has_no_row(tmp_path):
    home = a_home(tmp_path)
    load(home, article(1), article(2, body="Another."))
    publish_snapshot(home)
    with store(home) as con, transaction(con):
        forget_rows(con, find_family(con, ["news.example/1"]), None, NOW)
    assert ask(home, "select count(*) from core.listing") == [(1,)]
    publish_snapshot(home)
    assert list(listed(home)) == [2]


def test_rows_that_are_right_stay(tmp_path):
    home = a_home(tmp_path)
    load(home, article(1), article(2, body="Another."))
    publish_snapshot(home)
    before = ask(home, "select rowid, article_id from core.listing order by all")
    load(home, article(3, body="A third."))
    publish_snapshot(home)
    assert ask(home, "select rowid, article_id from core.listing order by all")[:2] == before

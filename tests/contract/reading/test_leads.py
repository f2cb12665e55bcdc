"""Leads follow the texts: new, edited, forgotten."""

from datetime import timedelta

from tests.support.warehouse_rows import NOW, a_home, article, ask, load, store
from warehouse.pages.stored_pages import find_family
from warehouse.publish import publish_snapshot
from warehouse.rewrite.forget import forget_rows
from warehouse.store.connection import transaction


def leads(home):
    return dict(
        ask(home, "select a.url_key, l.lead from core.lead as l join core.article as a using (article_id)")
    )


def test_leads_follow_edits(tmp_path):
    home = a_home(tmp_path)
    load(
        home,
        article(1, body="Short.\nA first line that is longer than forty characters.\nMore."),
        article(2, body="Short."),
    )
    publish_snapshot(home)
    assert leads(home) == {
        "news.example/1": "A first line that is longer than forty characters.",
        "news.example/2": "Short.",
    }
    load(home, article(2, body="Changed.", at=NOW + timedelta(hours=1)))
    publish_snapshot(home)
    assert leads(home)["news.example/2"] == "Changed."


def test_many_leads_are_added_some_at_a_time(tmp_path, monkeypatch):
    monkeypatch.setattr("warehouse.search.leads.LEADS_AT_ONCE", 2)
    home = a_home(tmp_path)
    load(home, *(article(n, body=f"Text {n}.") for n in range(5)))
    publish_snapshot(home)
    assert leads(home) == {f"news.example/{n}": f"Text {n}." for n in range(5)}


def test_a_forgotten_article_has_none(tmp_path):
    home = a_home(tmp_path)
    load(home, article(1, body="A secret."), article(2, body="Another."))
    publish_snapshot(home)
    with store(home) as con, transaction(con):
        forget_rows(con, find_family(con, ["news.example/1"]), None, NOW)
    assert leads(home) == {"news.example/2": "Another."}
    assert ask(home, "select count(*) from core.lead") == [(1,)]

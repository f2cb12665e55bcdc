"""A renamed source and a new URL key: every article stays, and old ids lead to it."""

import pytest

from tests.support.warehouse_rows import (
    HOUR,
    NOW,
    a_home,
    article,
    ask,
    entry,
    fetch,
    key,
    load,
    poll,
    polled,
    reject,
    url,
)
from warehouse.records.source import Feed, Source
from warehouse.rewrite.identities import change_keys, rename_source
from warehouse.sources import load_sources
from warehouse.store.connection import open_store, transaction


@pytest.fixture
def home(tmp_path):
    home = a_home(tmp_path)
    poll(home, polled(entry(1), entry(2), entry(3), entry(4)))
    load(
        home,
        article(1, body="One.", title="T"),
        article(2, body="Two.", title="T", at=NOW + HOUR),
        article(3, body="Three."),
        fetches=(fetch(1), fetch(2), fetch(3)),
        rejects=(reject(4),),
    )
    return home


def test_a_renamed_source_keeps_all_it_has(home):
    with open_store(home, owner="test") as con, transaction(con):
        assert rename_source(con, "alpha", "gamma", "run") == 3
    for table in ("article", "entry", "fetch", "reject", "feed", "feed_state"):
        assert ask(home, f"select distinct source from core.{table}") == [("gamma",)], table
    assert ask(home, "select name, title from core.source") == [("gamma", "Alpha News")]
    with open_store(home, owner="test") as con:
        load_sources(con, [Source("gamma", "Gamma News", feeds=(Feed("https://news.example/feed"),))])
    assert ask(home, "select source, source_title from articles limit 1") == [("gamma", "Gamma News")]
    load(home, rejects=(reject(4, at=NOW + HOUR),))  # of the old name: another item
    assert ask(home, "select count(*) from rejects") == [(2,)]


def test_a_source_may_be_joined_to_another(home):
    load(home, article(9, source="beta"))
    with open_store(home, owner="test") as con, transaction(con):
        rename_source(con, "alpha", "beta", "run")
    assert ask(home, "select source, count(*) from articles group by 1") == [("beta", 4)]


def rekey(home, keys):
    with open_store(home, owner="test") as con, transaction(con):
        return change_keys(con, keys, "run")


def test_a_new_key_moves_the_article_and_leaves_an_alias(home):
    old_id = ask(home, "select article_id from core.article where url_key = ?", key(3))[0][0]
    assert len(rekey(home, {key(3): "news.example/three"})) == 1
    new_id = ask(home, "select article_id from core.article where url_key = 'news.example/three'")[0][0]
    assert new_id != old_id
    assert ask(home, "select article_id from core.url_alias where alias_id = ?", old_id) == [(new_id,)]
    for table in ("article_text", "revision", "field_origin", "article_link"):
        assert ask(home, f"select count(*) from core.{table} where article_id = ?", new_id) == [(1,)], table
        assert ask(home, f"select count(*) from core.{table} where article_id = ?", old_id) == [(0,)], table
    assert ask(home, "select url_key from core.entry where url = ?", url(3)) == [("news.example/three",)]
    again = load(home, article(3, body="Three.", url_key="news.example/three"))
    assert (again.counts.n_new, again.counts.n_unchanged) == (0, 1)


def test_articles_whose_keys_become_one_are_joined(home):
    rekey(home, {key(1): "news.example/x", key(2): "news.example/x"})
    rows = ask(
        home, "select url_key, url, title, n_revisions, first_seen_at from core.article order by url_key"
    )
    assert rows == [
        (key(3), url(3), "Title 3", 1, NOW),
        ("news.example/x", url(1), "T", 2, NOW),
    ]
    revisions = ask(
        home,
        "select r.revision_no, r.change, r.body from core.revision as r join core.article as a "
        "using (article_id)"
        " where a.url_key = 'news.example/x' order by revision_no",
    )
    assert revisions == [(1, "first", "One."), (2, "body", None)]
    assert ask(home, "select body from texts order by body") == [("Three.",), ("Two.",)]
    assert ask(home, "select count(*) from core.url_alias where reason = 'key_version'") == [(2,)]


def test_an_article_may_join_one_that_has_the_key_already(home):
    rekey(home, {key(1): key(2)})
    assert ask(home, "select url_key, n_revisions from core.article order by url_key") == [
        (key(2), 2),
        (key(3), 1),
    ]
    assert ask(home, "select body from texts order by body") == [("Three.",), ("Two.",)]
    loaded = load(home, article(2, body="Two.", title="T", at=NOW + 2 * HOUR))
    assert loaded.counts.n_unchanged == 1


def test_the_same_text_in_both_is_one_revision(home):
    load(home, article(5, body="Three.", title="Title 3", at=NOW + HOUR))
    rekey(home, {key(5): key(3)})
    rows = ask(
        home,
        "select r.seen_at, r.last_seen_at, r.body from core.revision as r join core.article using "
        "(article_id)"
        " where url_key = ?",
        key(3),
    )
    assert rows == [(NOW, NOW + HOUR, None)]


def test_a_reject_follows_its_key(home):
    rekey(home, {key(4): "news.example/four"})
    load(home, article(4, url_key="news.example/four", at=NOW + HOUR))
    assert ask(home, "select count(*) from rejects") == [(0,)]


def test_keys_that_stay_change_nothing(home):
    n_loads = ask(home, "select count(*) from core.load")
    assert rekey(home, {key(1): key(1)}) == []
    assert ask(home, "select count(*) from core.load") == n_loads

"""What changed in an article: sentences, headline, and whether the page says so."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tasks.domain.duplicates.fingerprint import content_sha256
from warehouse.articles import load_batch
from warehouse.records.article import Article, Moment, Precision
from warehouse.records.outcome import Batch
from warehouse.store.connection import Home, open_store

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
FIRST = "The bridge will close on Monday. Repairs take nine weeks.\nThe mayor thanked the council."


def modified(at):
    return Moment(
        at,
        date(at.year, at.month, at.day),
        at.replace(tzinfo=None),
        0,
        Precision.MINUTE,
        "json_ld",
        "page",
        "",
    )


def version(hours, body=FIRST, title="Bridge to close", modified_at=None):
    return Article(
        source="a",
        url="https://a.example/bridge",
        url_key="a.example/bridge",
        title=title,
        body=body,
        content_sha256=content_sha256(body),
        fetched_at=NOW + timedelta(hours=hours),
        modified=modified(modified_at) if modified_at else None,
        extractor="x",
    )


@pytest.fixture
def store(tmp_path):
    with open_store(Home(tmp_path), owner="test") as con:
        yield con


def load(con, *versions):
    for one in versions:
        load_batch(con, Batch("run", articles=(one,)))


def edits(con):
    return con.execute(
        "select change, title_before, title, changed, added, removed, is_stealth from edits order "
        "by revision_no"
    ).fetchall()


def test_sentences_are_told_as_reworded_added_and_removed(store):
    load(
        store,
        version(0),
        version(2, "The bridge will close on Monday. Repairs take ten weeks.\nBuses run every ten minutes."),
    )
    ((change, before, after, changed, added, removed, _),) = edits(store)
    assert (change, before, after) == ("body", "Bridge to close", "Bridge to close")
    assert changed == [{"before": "Repairs take nine weeks.", "after": "Repairs take ten weeks."}]
    assert added == ["Buses run every ten minutes."]
    assert removed == ["The mayor thanked the council."]


def test_a_headline_alone_is_told_apart(store):
    load(store, version(0), version(2, title="Bridge closes Monday"))
    ((change, before, after, changed, added, removed, _),) = edits(store)
    assert (change, before, after) == ("title", "Bridge to close", "Bridge closes Monday")
    assert (changed, added, removed) == ([], [], [])


@pytest.mark.parametrize(
    ("first", "second", "stealth"),
    [
        pytest.param(None, None, True, id="no update time at all"),
        pytest.param(NOW, NOW, True, id="the same update time"),
        pytest.param(NOW, NOW + timedelta(hours=1), False, id="a new update time"),
    ],
)
def test_a_change_without_a_new_update_time_is_a_stealth_edit(store, first, second, stealth):
    new = FIRST.replace("nine", "eleven")
    load(store, version(0, modified_at=first), version(2, new, modified_at=second))
    assert [row[-1] for row in edits(store)] == [stealth]
    assert store.execute("select count(*) from stealth_edits").fetchall() == [(int(stealth),)]
    assert store.execute("select n_edits, n_stealth_edits from edited_articles").fetchall() == [
        (1, int(stealth))
    ]


def test_an_unchanged_article_is_no_edit(store):
    load(store, version(0), replace(version(2), url="https://a.example/bridge?x"))
    assert edits(store) == []


def test_sentences_of_scripts_without_spaces(store):
    load(
        store,
        version(0, "橋は月曜日に閉鎖される。工事は九週間かかる。"),
        version(2, "橋は月曜日に閉鎖される。市長は感謝した。"),
    )
    ((_, _, _, changed, added, removed, _),) = edits(store)
    assert (changed, added, removed) == ([], ["市長は感謝した。"], ["工事は九週間かかる。"])

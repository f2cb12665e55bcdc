"""Checks after a run: each on a store with the fault, and on one without it."""

from datetime import UTC, datetime, timedelta

import pytest

from warehouse.inspection.checks import find_findings
from warehouse.records.outcome import Counts
from warehouse.runs import end_run, load_load, start_run
from warehouse.store.connection import Home, open_store

NOW = datetime.now(UTC).replace(microsecond=0)
FEED = "https://a.example/feed"


@pytest.fixture
def store(tmp_path):
    with open_store(Home(tmp_path), owner="test") as con:
        yield con


def run_with_load(con, at=NOW):
    run_id = start_run(con, "ingest")
    load_id = f"{run_id[:8]}-load"
    load_load(con, load_id, run_id, kind="articles", batch_sha256="x", counts=Counts())
    con.execute("update core.load set loaded_at = ? where load_id = ?", [at, load_id])
    end_run(con, run_id, "completed", Counts())
    return run_id, load_id


def feed_state(con, **columns):
    row = {
        "feed_url": FEED, "source": "a", "kind": "rss", "n_failures": 0, "n_moved_polls": 0,
        "overlap_lost": False,
    } | columns  # fmt: skip
    con.execute(
        f"insert into core.feed_state ({', '.join(row)}) values ({', '.join('?' * len(row))})",
        list(row.values()),
    )


def fetch(con, run_id, load_id, url_key=None, at=NOW):
    con.execute(
        "insert into core.fetch (load_id, run_id, source, url, url_key, feed_url, started_at, "
        "duration_ms, outcome, n_bytes) "
        "values (?, ?, 'a', ?, ?, ?, ?, 1, 'ok', 1)",
        [load_id, run_id, f"https://{url_key or 'a.example/feed'}", url_key, None if url_key else FEED, at],
    )


def articles(con, load_id, n, *, dated, words=200):
    con.execute(
        "insert into core.article (article_id, url, url_key, source, title, published_on, "
        "published_at, dates_disagree, direction, "
        "word_count, content_sha256, extractor, first_seen_at, fetched_at, checked_at, n_revisions, load_id) "
        "select uuid(), 'https://' || $load || i, $load || i, 'a', 't', case when $dated then "
        "date '2026-11-01' end, "
        "case when $dated then timestamptz '2026-11-01 12:00:00+00' end, false, 'ltr', $words, "
        "'x', 'e', $now, $now, $now, 1, $load "
        "from range($n) as r(i)",
        {"load": load_id, "n": n, "dated": dated, "words": words, "now": NOW},
    )


def checks(con, run_id):
    return [finding.check for finding in find_findings(con, run_id, NOW)]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        pytest.param({}, [], id="a healthy feed"),
        pytest.param({"overlap_lost": True}, ["overlap_lost"], id="overlap lost"),
        pytest.param(
            {"moved_to_url": "https://b.example/", "n_moved_polls": 3}, ["moved"], id="moved three times"
        ),
        pytest.param({"moved_to_url": "https://b.example/", "n_moved_polls": 2}, [], id="moved twice"),
        pytest.param({"stopped_at": NOW}, ["stopped"], id="stopped"),
        pytest.param({"n_failures": 5, "last_ok_at": NOW}, ["failing"], id="failed five times in a row"),
        pytest.param({"n_failures": 4, "last_ok_at": NOW}, [], id="an outage of four polls"),
        pytest.param({"n_failures": 2}, ["failing"], id="failed twice, never succeeded"),
        pytest.param({"n_failures": 1}, [], id="failed at the first poll"),
        pytest.param(
            {"n_failures": 2, "last_ok_at": NOW - timedelta(days=3)}, ["failing"], id="failed for three days"
        ),
        pytest.param(
            {"new_per_day": 20.0, "last_new_at": NOW - timedelta(days=4)}, ["dried_up"], id="dried up"
        ),
        pytest.param({"new_per_day": 20.0, "last_new_at": NOW - timedelta(days=2)}, [], id="a quiet weekend"),
        pytest.param({"new_per_day": 0.2, "last_new_at": NOW - timedelta(days=30)}, [], id="a slow feed"),
    ],
)
def test_feeds(store, state, expected):
    run_id, load_id = run_with_load(store)
    feed_state(store, **state)
    fetch(store, run_id, load_id)
    assert checks(store, run_id) == expected


def test_a_feed_that_this_run_did_not_ask_is_no_finding_of_it(store):
    run_id, _ = run_with_load(store)
    feed_state(store, overlap_lost=True)
    assert checks(store, run_id) == []


@pytest.mark.parametrize(
    ("n", "dated", "words", "expected"),
    [
        pytest.param(12, True, 200, [], id="unchanged"),
        pytest.param(12, False, 200, ["coverage", "coverage"], id="days and instants are gone"),
        pytest.param(12, True, 5, ["coverage"], id="bodies are gone"),
        pytest.param(9, False, 5, [], id="too few articles"),
    ],
)
def test_coverage_is_held_against_the_sources_past(store, n, dated, words, expected):
    _, before = run_with_load(store, NOW - timedelta(days=2))
    articles(store, before, 60, dated=True)
    run_id, load_id = run_with_load(store)
    articles(store, load_id, n, dated=dated, words=words)
    assert checks(store, run_id) == expected


def test_a_share_of_rejects_far_above_normal(store):
    before, before_load = run_with_load(store, NOW - timedelta(days=2))
    for n in range(20):
        fetch(store, before, before_load, f"a.example/old{n}", NOW - timedelta(days=2))
    run_id, load_id = run_with_load(store)
    for n in range(12):
        fetch(store, run_id, load_id, f"a.example/{n}")
    assert checks(store, run_id) == []
    store.execute(
        "insert into core.reject (reject_id, source, item, step, error_class, reason, url, "
        "url_key, attempts, first_at, last_at, load_id) "
        "select uuid(), 'a', url_key, 'extract', 'no_content', 'Nothing.', url, url_key, 1, "
        "started_at, started_at, load_id "
        "from core.fetch where run_id = $run limit 8",
        {"run": run_id},
    )
    (finding,) = find_findings(store, run_id, NOW)
    assert finding.check == "rejects"
    assert finding.sentence.startswith("67 % of 12 pages of a were rejected (usually 0 %)")

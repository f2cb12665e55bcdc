"""The past of the demo's sources: every way, the days inclusive, nothing twice, a plan without a page."""

import json
from datetime import date

import pytest

from demo.site import DemoSite
from tasks.errors import UsageError
from warehouse.connection import connect


@pytest.fixture(scope="module")
def site():
    with DemoSite() as site:
        yield site


@pytest.fixture
def place(site, tmp_path):
    config = tmp_path / "sources.toml"
    config.write_text(site.sources_toml(), encoding="utf-8")
    return {"home": str(tmp_path / "home"), "config": str(config)}


def days(site, source):
    return sorted({t.published_on for t in site.truth() if t.source == source and t.kind == "article"})


def urls_in(site, source, since, until):
    return {
        t.path
        for t in site.truth()
        if t.source == source and t.kind == "article" and since <= t.published_on <= until
    }


def stored_paths(place, site, source):
    with connect(place["home"]) as con:
        rows = con.execute("select url from articles where source = ?", [source]).fetchall()
    return {url.removeprefix(site.base(source)).partition("?")[0] for (url,) in rows}


@pytest.mark.parametrize(
    ("source", "via"),
    [
        pytest.param("oreanda", "paged", id="numbered listing pages"),
        pytest.param("talblick", None, id="listing pages, all ways"),
        pytest.param("kestrel-observer", "sitemap", id="sitemap index"),
        pytest.param("harbour-gazette", "dated", id="a page for each day"),
        pytest.param("nordkai-kurier", "rfc5005", id="archived feeds"),
    ],
)
def test_everything_of_the_range_is_stored_and_nothing_else(prefect_api, site, place, source, via):
    from flows.backfill import backfill

    known = days(site, source)
    since, until = known[1], known[-2]  # a day at each end is left out
    summary = backfill(source, since.isoformat(), until.isoformat(), via, **place)
    expected = urls_in(site, source, since, until)
    assert len(expected) >= 3
    assert stored_paths(place, site, source) == expected
    assert summary.new == len(expected)

    n_before = len(site.requests)
    again = backfill(source, since.isoformat(), until.isoformat(), via, **place)
    pages = [r for r in site.requests[n_before:] if r.path.partition("?")[0] in expected]
    assert (again.new, pages) == (0, [])


def test_what_lay_outside_an_earlier_range_comes_from_the_archive(prefect_api, site, place):
    from flows.backfill import backfill

    known = days(site, "kestrel-observer")
    backfill("kestrel-observer", known[-2].isoformat(), known[-1].isoformat(), **place)
    n_before = len(site.requests)
    summary = backfill("kestrel-observer", known[0].isoformat(), known[-1].isoformat(), **place)
    fetched = [r.path for r in site.requests[n_before:]]
    assert stored_paths(place, site, "kestrel-observer") == urls_in(
        site, "kestrel-observer", known[0], known[-1]
    )
    assert summary.new > 0
    assert len(fetched) == len(set(fetched))


def test_a_budget_leaves_the_rest_for_another_day(prefect_api, site, place):
    from flows.backfill import backfill

    summary = backfill("oreanda", "2022-01-01", "2026-12-31", "paged", 3, **place)
    assert summary.fetched == 3
    assert backfill("oreanda", "2022-01-01", "2026-12-31", "paged", 3, **place).fetched == 0


def test_a_dry_run_asks_for_no_article(site, place, capsys):
    from flows.cli import run

    n_before = len(site.requests)
    code = run([
        "backfill", "oreanda", "--since", "2022-01-01", "--until", "2026-12-31", "--dry-run", "--json",
        "--home", place["home"], "--config", place["config"],
    ])  # fmt: skip
    plan = json.loads(capsys.readouterr().out)
    articles = urls_in(site, "oreanda", date(2022, 1, 1), date(2026, 12, 31))
    assert code == 0
    assert plan["requests"] == len(articles)
    assert not articles & {r.path for r in site.requests[n_before:]}


def test_a_second_backfill_of_a_source_is_refused_while_one_runs(prefect_api, site, place, tmp_path):
    from filelock import FileLock

    from flows.backfill import backfill

    state = tmp_path / "home" / "state"
    state.mkdir(parents=True)
    with FileLock(state / "backfill-oreanda.lock"), pytest.raises(UsageError, match="is under way"):
        backfill("oreanda", "2022-01-01", "2022-01-31", **place)

"""Backfills of the demo's sources: every method, inclusive days, nothing twice, a dry run without
requests."""

import gzip
import json
import socket
import uuid
from datetime import date

import pytest

from demo.site import DemoSite
from tasks.errors import UsageError
from tests.support.small_site import SmallSite
from warehouse.store.connection import connect


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
    return {url.removeprefix(site.base(source)).partition("?utm_")[0] for (url,) in rows}


def warc_record(url, content_type, body):
    """Return a response record as Common Crawl writes them (WARC 1.0, one gzip member each)."""
    block = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\n\r\n".encode() + body
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2026-11-20T00:00:00Z\r\n"
        f"WARC-Record-ID: <urn:uuid:{uuid.uuid4()}>\r\nContent-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(block)}\r\n\r\n"
    )
    return gzip.compress(head.encode() + block + b"\r\n\r\n")


@pytest.mark.parametrize(
    ("source", "via"),
    [
        pytest.param("oreanda", "paged", id="numbered listing pages"),
        pytest.param("talblick", None, id="listing pages, all methods"),
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
    pages = [r for r in site.requests[n_before:] if r.path.partition("?utm_")[0] in expected]
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


def test_the_summary_says_how_complete_the_range_is(prefect_api, site, place):
    from flows.backfill import backfill

    known = days(site, "oreanda")
    since, until = known[1].isoformat(), known[-1].isoformat()
    n_inside = len(urls_in(site, "oreanda", known[1], known[-1]))
    part = backfill("oreanda", since, until, "paged", 3, **place).range
    assert (part.outcomes.stored, part.used_budget) == (3, 3)
    assert "The budget of 3 pages a day is used up" in part.sentences()[-1]
    whole = backfill("oreanda", since, until, "paged", **place).range
    outcomes = whole.outcomes
    assert (whole.since, whole.until, whole.used_budget, outcomes.left) == (since, until, None, 0)
    assert outcomes.stored == n_inside
    assert whole.named == n_inside + outcomes.outside + sum(outcomes.rejected.values())
    again = backfill("oreanda", since, until, "paged", **place).range
    assert (again.named, again.outcomes) == (whole.named, outcomes)
    day = backfill("oreanda", until, until, "paged", **place).range.outcomes
    assert day.stored == len(urls_in(site, "oreanda", known[-1], known[-1])) < n_inside


def test_a_file_of_urls_takes_the_place_of_indexes(prefect_api, site, place, tmp_path):
    from flows.backfill import backfill

    known = days(site, "oreanda")
    wanted = sorted(urls_in(site, "oreanda", known[-1], known[-1]))
    outside = sorted(urls_in(site, "oreanda", known[0], known[0]))
    file = tmp_path / "urls.txt"
    lines = "\r\n".join(site.base("oreanda") + path for path in wanted + outside)
    file.write_text(f"{lines}\r\n\r\n# a comment\r\n", encoding="utf-8-sig")  # as a Windows editor saves it
    backfill("oreanda", known[-1].isoformat(), known[-1].isoformat(), urls=str(file), **place)
    assert stored_paths(place, site, "oreanda") == set(wanted)


def test_a_bad_line_in_a_file_of_urls_is_named(prefect_api, place, tmp_path):
    from flows.backfill import backfill

    file = tmp_path / "urls.txt"
    file.write_text("https://a.example/1\nno url\n")
    with pytest.raises(UsageError, match="line 2"):
        backfill("oreanda", "2022-01-01", "2022-01-31", urls=str(file), **place)


def test_warc_files_take_the_place_of_the_network(prefect_api, site, place, tmp_path):
    import requests

    from flows.backfill import backfill

    paths = sorted(urls_in(site, "severny-vestnik", date(2022, 1, 1), date(2026, 12, 31)))[:5]
    file = tmp_path / "cc-news.warc.gz"
    with file.open("wb") as out:
        for host in (site.base("severny-vestnik"), "https://elsewhere.example"):
            for path in paths:
                page = requests.get(site.base("severny-vestnik") + path, timeout=10)
                out.write(warc_record(host + path, page.headers["Content-Type"], page.content))
    file.write_bytes(file.read_bytes()[:-40])  # cut, as a broken download is
    n_before = len(site.requests)
    summary = backfill("severny-vestnik", "2022-01-01", "2026-12-31", warc=[str(file)], **place)
    assert stored_paths(place, site, "severny-vestnik") == set(paths)
    assert summary.new == 5
    assert len(site.requests) == n_before
    [account] = summary.files
    assert account.outcomes == {"new": 5, "of other sites": 5}
    again = backfill("severny-vestnik", "2022-01-01", "2026-12-31", warc=[str(file)], **place)
    assert again.files[0].outcomes == {"stored before": 5, "of other sites": 5}
    assert (again.new, len(site.requests)) == (0, n_before)


def test_a_dry_run_of_warc_files_reads_the_files_only(site, place, tmp_path, capsys):
    from flows.cli import run

    base, page = site.base("oreanda"), b"<html><body><p>The council has voted.</p></body></html>"
    file = tmp_path / "a.warc.gz"
    records = [warc_record(f"{base}/{n}", "text/html", page) for n in range(3)]
    file.write_bytes(b"".join(records) + warc_record(f"{base}/a.pdf", "application/pdf", b"%PDF-1.7"))
    n_before = len(site.requests)
    arguments = [
        "backfill", "oreanda", "--since", "2022-01-01", "--until", "2026-12-31", "--dry-run",
        "--home", place["home"], "--config", place["config"], "--warc", str(file),
    ]  # fmt: skip
    assert run(arguments) == 0
    assert capsys.readouterr().out == "a.warc.gz: 4 records: 3 to load, 1 not HTML\n"
    file.write_bytes(file.read_bytes()[:-40])
    assert run([*arguments, str(file), "--json"]) == 1
    account, _ = json.loads(capsys.readouterr().out)["files"]
    assert account == {"name": "a.warc.gz", "records": 4, "outcomes": {"to load": 3, "rejected": 1}}
    assert len(site.requests) == n_before
    assert not (tmp_path / "home").exists()


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
    with FileLock(state / "backfill-oreanda.lock"), pytest.raises(UsageError, match="already running"):
        backfill("oreanda", "2022-01-01", "2022-01-31", **place)


@pytest.fixture
def unreachable(tmp_path):
    """A source whose site does not answer: its robots.txt and its feed cannot be fetched."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]  # free again when the block is left
    config = tmp_path / "sources.toml"
    config.write_text(
        f'[[source]]\nname = "gone"\ntitle = "Gone"\nhomepage = "http://127.0.0.1:{port}/"\n'
        f'[source.pace]\ndelay_s = 0\nallow = ["127.0.0.1:{port}"]\n'
        f'[[source.feed]]\nurl = "http://127.0.0.1:{port}/feed"\n',
        encoding="utf-8",
    )
    return {"home": str(tmp_path / "home"), "config": str(config)}


def test_an_index_that_cannot_be_read_is_a_reject(prefect_api, unreachable):
    from flows.backfill import backfill

    summary = backfill("gone", "2022-01-01", "2022-01-31", **unreachable)
    assert (summary.new, summary.rejects) == (0, 2)
    with connect(unreachable["home"]) as con:
        rows = con.execute("select url, error_class from rejects order by url").fetchall()
    assert [(url.rpartition("/")[2], error_class) for url, error_class in rows] == [
        ("feed", "connection"),
        ("robots.txt", "connection"),
    ]


def test_an_index_that_can_be_read_again_is_no_reject_any_more(prefect_api, tmp_path):
    from flows.backfill import backfill

    listing = b"<html><body><ul><li><a href='/story'>A story of the town council</a></li></ul></body></html>"
    with SmallSite({"/list": ("text/html", listing)}) as site:
        config = tmp_path / "sources.toml"
        config.write_text(
            f'[[source]]\nname = "daily"\ntitle = "Daily"\n[source.pace]\ndelay_s = 0\n'
            f'allow = ["127.0.0.1:{site.port}"]\n[[source.feed]]\nurl = "{site.base}/list"\n'
            'kind = "listing"\nitem = "li"\n',
            encoding="utf-8",
        )
        where = {"home": str(tmp_path / "home"), "config": str(config)}
        site.statuses["/list"] = 404
        assert backfill("daily", "2022-01-01", "2022-01-31", **where).range.failed_indexes == 1
        del site.statuses["/list"]
        assert backfill("daily", "2022-01-01", "2022-01-31", **where).range.failed_indexes == 0
    with connect(where["home"]) as con:
        rows = con.execute("select url from rejects where step = 'poll'").fetchall()
    assert rows == []


def test_a_dry_run_ends_with_1_when_an_index_cannot_be_read(unreachable, capsys):
    from flows.cli import run

    where = ["--home", unreachable["home"], "--config", unreachable["config"]]
    code = run(["backfill", "gone", "--since", "2022-01-01", "--until", "2022-01-31", "--dry-run", *where])
    assert code == 1
    assert "! http://127.0.0.1" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("option", "content", "words"),
    [
        pytest.param("--warc", b"%PDF-1.7", "is not a WARC file", id="another type"),
        pytest.param("--warc", gzip.compress(b"{}"), "is not a WARC file", id="gzip of something else"),
        pytest.param("--warc", None, "no such file", id="not a WARC file"),
        pytest.param("--urls", None, "no such file", id="not a list of URLs"),
        pytest.param("--urls", b"no url", "line 1", id="a line that is not a URL"),
    ],
)
def test_a_file_that_cannot_be_used_ends_the_command_before_anything_starts(
    unreachable, tmp_path, capsys, option, content, words
):
    from flows.cli import run

    file = tmp_path / "input"
    if content is not None:
        file.write_bytes(content)
    where = ["--home", unreachable["home"], "--config", unreachable["config"]]
    arguments = ["--since", "2022-01-01", "--until", "2022-01-31", option, str(file), *where]
    assert run(["backfill", "gone", *arguments]) == 2
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1
    assert not (tmp_path / "home").exists()

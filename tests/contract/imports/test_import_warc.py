"""WARC imports: every site, filters, captures as revisions; killed at any point, the same rows."""

import gzip
import json
import random
from datetime import UTC, date, datetime, timedelta

import pytest
import typer
from typer.testing import CliRunner
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from flows.commands import imports
from tasks.archive.reader import read_page
from tasks.archive.writer import ArchiveWriter
from tasks.captures import store as captures_store
from tasks.imports.import_warc import WarcFilter, import_warc, parse_filter, warc_files
from tasks.sources import read_sources
from tasks.upkeep.doctor import examine_home
from tests.support.archived_pages import html, paragraphs
from tests.support.kill_points import InlinePool, find_points, run_in_child, run_killed
from tests.support.warc_files import HEAD, HTML, record
from warehouse.archive.files import FileArchive
from warehouse.inspection.doctor import Level
from warehouse.records.article import Article, Moment, Precision
from warehouse.store.connection import Home, connect, open_store

AT = datetime(2026, 3, 10, 12, tzinfo=UTC)
SITES = ("https://www.herald.example", "https://courier.co.uk", "https://xn--e1afmkfd.xn--p1ai")
GERMAN = [
    "Der Stadtrat hat am Dienstag beschlossen, die alte Brücke über den Fluss im kommenden Jahr zu erneuern.",
    "Die Kosten werden auf drei Millionen Euro geschätzt, von denen das Land die Hälfte übernimmt.",
    "Anwohner hatten seit Jahren darüber geklagt, dass die Brücke für Lastwagen gesperrt bleiben musste.",
]  # fmt: skip


def capture(n, site=0, *, at=AT, text=None, published=AT, title=None):
    """Return a record with an article of a site."""
    page = html(title or f"Council report {n}", text or paragraphs(n), published)
    url, stamp = f"{SITES[site]}/2026/{n}", at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return record(url=url, date=stamp, block=HEAD + b"\r\n" + page)


def captured(tmp_path):
    """Return a file: three sites, two captures of one page far apart, old and German articles, damage."""
    later = AT + timedelta(days=2)
    records = [
        record(kind="warcinfo", url="", block=b"software: x\r\n"),
        *(capture(n, n % 3) for n in range(7)),
        capture(90, published=AT - timedelta(days=400)),
        capture(91, title="Der Stadtrat beschließt", text=GERMAN),
        record(url=f"{SITES[0]}/cut", block=HEAD[:-5]),
        capture(
            3, 0, at=later, text=[*paragraphs(3), "A correction was added on the second day by the editors."]
        ),
        capture(
            1, 1, at=later, text=[*paragraphs(1), "The council has since withdrawn its plan altogether."]
        ),
        capture(1, 1),
        record(url=f"{SITES[0]}/a.css", block=HEAD.replace(b"html", b"css") + b"\r\np {}"),
        record(url="dns:herald.example", block=b"1.2.3.4"),
    ]
    path = tmp_path / "cc.warc.gz"
    path.write_bytes(b"".join(map(gzip.compress, records)))
    return path


def load(home, path, wanted=WarcFilter(), sources=None):  # noqa: B008
    """Import a file; return its outcomes."""
    files = warc_files([path], sources.by_name() if sources else {}, wanted)
    import_warc(home, files, sources, wanted, pool=InlinePool())
    [account] = files.accounts
    assert account.records == sum(account.outcomes.values())
    return account.outcomes


def ask(home, sql):
    with connect(home) as con:
        return con.execute(sql).fetchall()


def revisions(home):
    """Return the times of the revisions of each article that has several, in their order."""
    rows = ask(
        home,
        "select list(r.seen_at order by r.revision_no) from core.revision as r"
        " join core.article as a using (article_id) where a.n_revisions > 1 group by a.url order by a.url",
    )
    return [tuple(times) for (times,) in rows]


def test_every_record_has_an_outcome_and_a_second_import_changes_nothing(tmp_path):
    home, path = Home(tmp_path / "home"), captured(tmp_path)
    first = load(home, path)
    assert first == {
        "of type warcinfo": 1, "new": 9, "rejected": 1, "revised": 2, "captured again": 1, "not HTML": 1,
        "without a web address": 1,
    }  # fmt: skip
    assert ask(home, "select name, title from core.source order by name") == [
        ("courier-co-uk", "courier.co.uk"),
        ("herald-example", "herald.example"),
        ("xn-e1afmkfd-xn-p1ai", "пример.рф"),
    ]
    assert revisions(home) == [(AT, AT + timedelta(days=2)), (AT, AT + timedelta(days=2))]
    n_pages = ask(home, "select count(*) from core.fetch")
    again = load(home, path)
    assert {name: n for name, n in again.items() if name not in first} == {"stored before": 11}
    assert ask(home, "select count(*) from core.fetch") == n_pages


@pytest.mark.parametrize(
    ("wanted", "outcomes"),
    [
        pytest.param(WarcFilter(), {"to load": 11, "rejected": 1}, id="all"),
        pytest.param(WarcFilter(hosts=("courier.co.uk",)), {"to load": 3, "of other hosts": 10}, id="a host"),
        pytest.param(
            WarcFilter(hosts=("herald.example", "xn--e1afmkfd.xn--p1ai")),
            {"to load": 8, "rejected": 1, "of other hosts": 4},
            id="two hosts",
        ),
        pytest.param(
            WarcFilter(since=date(2026, 3, 12)),
            {"to load": 2, "captured before the range": 12},
            id="a day of capture",
        ),
    ],
)
def test_what_the_records_say_is_filtered_before_anything_is_stored(tmp_path, wanted, outcomes):
    files = warc_files([captured(tmp_path)], {}, wanted)
    files.preview(Home(tmp_path / "home"))
    found = files.accounts[0].outcomes
    assert {name: found.get(name) for name in outcomes} == outcomes
    assert sum(found.values()) == files.accounts[0].records
    assert not (tmp_path / "home").exists()


def test_what_the_articles_say_is_filtered_and_a_wider_import_loads_the_rest(tmp_path):
    home, path = Home(tmp_path / "home"), captured(tmp_path)
    found = load(home, path, WarcFilter(since=date(2026, 3, 1), languages=frozenset({"de"})))
    assert {name: found[name] for name in ("new", "outside the range", "in other languages")} == {
        "new": 1, "outside the range": 1, "in other languages": 9,
    }  # fmt: skip
    assert load(home, path)["new"] == 8
    assert ask(home, "select count(*) from articles") == [(9,)]


def test_a_range_holds_both_its_days():
    wanted = WarcFilter(since=date(2026, 3, 1), until=date(2026, 3, 2))
    days = [date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3), None]
    assert [wanted.in_range(article_of(day)) for day in days] == [False, True, True, False, True]


def article_of(day):
    moment = Moment(None, day, None, None, Precision.DAY, "meta", None, "") if day else None
    return Article("s", "https://a.example/", "a.example/", "Title", "Body", published=moment)


def test_sites_of_the_source_list_keep_their_source(tmp_path):
    config = tmp_path / "sources.toml"
    config.write_text(
        '[[source]]\nname = "the-courier"\ntitle = "The Courier"\nhomepage = "https://news.courier.co.uk/"\n'
        '[[source.feed]]\nurl = "https://news.courier.co.uk/rss"\n'
    )
    home = Home(tmp_path / "home")
    load(home, captured(tmp_path), sources=read_sources(config))
    assert ask(home, "select name, title from core.source order by name limit 2") == [
        ("herald-example", "herald.example"),
        ("the-courier", "The Courier"),
    ]


def test_a_page_that_was_fetched_before_gets_its_captures_as_revisions(tmp_path):
    home, path = Home(tmp_path / "home"), tmp_path / "a.warc"
    path.write_bytes(capture(1, at=AT + timedelta(days=9), title="Latest"))
    load(home, path)
    older = [capture(1, at=AT + timedelta(days=n), title=f"Version {n}") for n in (2, 0, 1)]
    path.write_bytes(b"".join(older))
    assert load(home, path) == {"revised": 3}
    assert revisions(home) == [tuple(AT + timedelta(days=n) for n in (0, 1, 2, 9))]
    assert ask(home, "select title from articles") == [("Latest",)]


def test_many_captures_of_one_page_are_not_loaded_one_by_one(tmp_path):
    path = tmp_path / "a.warc"
    path.write_bytes(b"".join(capture(1, at=AT + timedelta(days=n)) for n in range(30)) + capture(2))
    with ArchiveWriter(tmp_path / "pages") as archive:
        files = warc_files([path], {}, WarcFilter())
        sizes = [len(batch.fetched.pages) for batch in files.batches(Home(tmp_path / "home"), archive)]
    assert sizes == [31]


@pytest.mark.parametrize(
    "content_type", [b"text/html", b"", "text/html; charset=\u2028ü\x0b".encode(), b"\xff"]
)
def test_our_archive_of_captures_passes_warcio_check(tmp_path, capsys, content_type):
    head = b"HTTP/1.1 200 OK\r\nContent-Type: " + content_type + b"\r\n\r\n"
    urls = [
        "https://пример.рф/1",
        "https://a.example/ a\tb",
        "https://a.example/?q=ü",
        "https://a.example/%zz",
    ]
    fields = ["WARC-Truncated: length"]
    path = tmp_path / "a.warc"
    path.write_bytes(b"".join(record(url=url, block=head + HTML, fields=fields) for url in urls))
    with ArchiveWriter(tmp_path / "pages") as archive:
        files = warc_files([path], {}, WarcFilter())
        [batch] = files.batches(Home(tmp_path / "home"), archive)
    [written] = (tmp_path / "pages").rglob("*.warc.gz")

    class Arguments:
        inputs = (str(written),)
        verbose = False

    assert not Checker(Arguments()).process_all(), capsys.readouterr().out
    with written.open("rb") as file:
        found = [item for item in ArchiveIterator(file) if item.rec_type == "response"]
    assert [item.rec_headers.get_header("WARC-Truncated") for item in found] == ["length"] * len(urls)
    assert all(
        read_page(FileArchive(tmp_path / "pages"), page.ref).is_truncated for page in batch.fetched.pages
    )


def test_a_page_that_a_crawler_cut_is_partial(tmp_path):
    home, path = Home(tmp_path / "home"), tmp_path / "a.warc"
    block = HEAD + b"\r\n" + html("Council report", paragraphs(1), AT)[:-60]
    path.write_bytes(record(url=f"{SITES[0]}/1", block=block, fields=["WARC-Truncated: length"]))
    assert load(home, path) == {"new": 1}
    assert ask(home, "select is_partial from articles") == [(True,)]


STATE = (
    "select article_id, url, source, title, published_on, n_revisions, first_seen_at, fetched_at"
    " from core.article order by all",
    "select article_id, revision_no, title, change, seen_at, last_seen_at, md5(coalesce(body, ''))"
    " from core.revision order by all",
    "select source, item, step, reason, resolved_at is null from core.reject order by all",
    "select source, url, started_at, body_sha256 from core.fetch order by all",
    "select name, title from core.source order by all",
)


def state(home):
    """Return the rows of a home, and what `doctor` finds wrong with it."""
    with open_store(home, owner="test") as con:
        rows = [con.execute(query).fetchall() for query in STATE]
    faults = [
        finding.sentence
        for finding in examine_home(home, AT + timedelta(days=300), every_page=True)
        if finding.level is not Level.OK and finding.check not in ("clock", "disk")
    ]
    return json.loads(json.dumps([rows, faults], default=str))


def test_killed_at_random_and_run_again_it_gives_the_same_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(captures_store, "BATCH_PAGES", 4)
    path = captured(tmp_path)
    wanted = WarcFilter(since=date(2026, 3, 1), languages=frozenset({"en"}))

    def work(name):
        return lambda: load(Home(tmp_path / name), path, wanted)

    points = find_points(work("calm"))
    after = run_in_child(lambda: state(Home(tmp_path / "calm")))
    assert after[1] == []
    commits = [number for number, name in enumerate(points, 1) if "commit" in name]
    for number in random.sample(commits, 2):
        name = f"killed-{number}"
        assert run_killed(work(name), number)
        run_in_child(work(name))
        assert run_in_child(lambda name=name: state(Home(tmp_path / name))) == after, points[number - 1]


# --- the command -----------------------------------------------------------------------------


def _app():
    app = typer.Typer()
    app.command("import")(imports.import_articles)
    app.command("other")(lambda: None)
    return app


def test_the_command_prints_outcomes_that_add_up(tmp_path):
    path, home = captured(tmp_path), tmp_path / "home"
    arguments = ["import", str(path), "--home", str(home), "--config", str(tmp_path / "none.toml")]
    missing = CliRunner().invoke(_app(), arguments)
    assert "none.toml" in str(missing.exception)
    arguments = [*arguments[:-2], "--host", "Courier.co.uk"]
    dry = CliRunner().invoke(_app(), [*arguments, "--dry-run"])
    assert dry.exit_code == 0
    assert dry.stdout == (
        "cc.warc.gz: 16 records: 1 captured again, 3 to load, 10 of other hosts, 1 without a web address, "
        "1 of type warcinfo\n"
    )
    assert not home.exists()
    done = CliRunner().invoke(_app(), [*arguments, "--json"])
    assert done.exit_code == 0
    printed = json.loads(done.stdout)
    [account] = printed["files"]
    assert (printed["new"], printed["rejects"]) == (2, 0)
    assert account["records"] == sum(account["outcomes"].values())


@pytest.mark.parametrize(
    ("name", "content", "options", "words"),
    [
        ("a.jsonl", b"{}", ["--host", "a.example"], "need one"),
        ("a.jsonl", b"{}", ["--dry-run"], "need one"),
        ("a.warc.gz", b"<html>", [], "is not a WARC file"),
        ("a.bin", b"abc", [], "unknown file type"),
        ("b.warc", None, [], "no such file"),
        ("a.warc", b"", ["--since", "2026-02-01", "--until", "2026-01-01"], "is after"),
        ("a.warc", b"", ["--host", "a b"], "--host:"),
    ],
)
def test_wrong_usage_is_reported_before_anything_starts(tmp_path, name, content, options, words):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    arguments = ["import", str(tmp_path / name), "--home", str(tmp_path / "home"), *options]
    done = CliRunner().invoke(_app(), arguments)
    assert words in str(done.exception)
    assert not (tmp_path / "home").exists()


def test_filters_are_read_from_options():
    wanted = parse_filter(["Bücher.example", "b.example"], None, None, ["EN-gb", "de"])
    assert wanted.hosts == ("xn--bcher-kva.example", "b.example")
    assert wanted.languages == {"en", "de"}

"""Feeds out: as files after a publication, and by `wirehouse feed-out`; other programs can read them."""

import json

import feedparser
import pytest

from flows.cli import run
from tasks.alerts.due import send_due_alerts
from tasks.alerts.feed_files import write_feed_files
from tests.support.warehouse_rows import NOW, article, load
from warehouse.publish import publish_snapshot
from warehouse.store.connection import Home

SEARCHES = """
browse_url = "https://desk.example/"
feeds_folder = "feeds"
feeds_url = "https://static.example/feeds"

[[search]]
name = "bridges"
query = "bridge"

[[feed]]
name = "by-hand"
title = "Chosen by hand"
sql = "by-hand.sql"

[[feed]]
name = "of-a-day"
question = "stories-of-a-day"
parameters = { day = 2026-11-01 }
"""
BY_HAND = """
select title, url, published_at, body
from articles
join texts using (article_id)
order by published_at desc, title
"""


def add(home: Home, *articles: object) -> None:
    load(home, *articles)
    publish_snapshot(home)


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "home")
    add(
        home,
        article(1, title="Bridge <b>opens</b> & closes", body="The bridge is open."),
        article(2, title="Rain", body="It rains."),
    )
    return home


@pytest.fixture
def file(tmp_path):
    """Return a searches.toml with a search, a SQL file and a question."""
    (tmp_path / "by-hand.sql").write_text(BY_HAND)
    file = tmp_path / "searches.toml"
    file.write_text(SEARCHES)
    return file


@pytest.fixture
def written(home, file):
    assert write_feed_files(home, file) == ()
    return file.parent / "feeds"


def entries(file):
    parsed = feedparser.parse(file.read_bytes())
    assert not parsed.bozo
    return parsed.entries


def titles(file):
    return [entry.title for entry in entries(file)]


def test_each_search_and_feed_is_written_in_both_forms(written):
    names = ("bridges", "by-hand", "of-a-day")
    assert sorted(file.name for file in written.iterdir()) == [
        f"{name}.{form}" for name in names for form in ("atom", "json")
    ]
    assert titles(written / "bridges.atom") == ["Bridge <b>opens</b> & closes"]
    assert titles(written / "by-hand.atom") == ["Bridge <b>opens</b> & closes", "Rain"]
    assert titles(written / "of-a-day.atom") == ["Bridge <b>opens</b> & closes", "Rain"]


def test_a_feed_names_itself_its_page_and_the_whole_text(written):
    feed = feedparser.parse((written / "by-hand.atom").read_bytes())
    assert feed.feed.title == "Chosen by hand"
    assert {link.rel: link.href for link in feed.feed.links} == {
        "self": "https://static.example/feeds/by-hand.atom",
        "alternate": "https://desk.example/feeds/by-hand",
    }
    assert feed.entries[0].content[0].value == "The bridge is open."
    document = json.loads((written / "bridges.json").read_bytes())
    assert document["feed_url"] == "https://static.example/feeds/bridges.json"
    assert document["home_page_url"] == "https://desk.example/searches/bridges"


@pytest.mark.parametrize("name", ["bridges.atom", "bridges.json", "by-hand.atom", "by-hand.json"])
def test_wirehouse_itself_reads_the_feed_without_a_complaint(written, capsys, name):
    capsys.readouterr()
    assert run(["feed", str(written / name), "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    read = json.loads(line)
    assert read["problems"] == []
    assert read["entries"][0]["title"] == "Bridge <b>opens</b> & closes"
    assert read["entries"][0]["link"] == "https://news.example/1"
    assert read["entries"][0]["published"] == "2026-11-01T12:00:00Z"


def test_only_what_changed_is_written_and_what_left_the_file_is_deleted(home, file, written):
    before = {path.name: path.stat().st_ino for path in written.iterdir()}
    add(home, article(3, title="Snow", body="It snows."))
    file.write_text(SEARCHES.partition('[[feed]]\nname = "of-a-day"')[0])
    write_feed_files(home, file)
    after = {path.name: path.stat().st_ino for path in written.iterdir()}
    assert set(before) - set(after) == {"of-a-day.atom", "of-a-day.json"}
    assert {name for name, inode in after.items() if before[name] != inode} == {
        "by-hand.atom",
        "by-hand.json",
    }
    file.write_text(SEARCHES.replace('feeds_folder = "feeds"\n', ""))
    write_feed_files(home, file)
    assert list(written.iterdir()) == []


def test_an_idle_run_writes_feeds_of_a_changed_file_once(home, file, written):
    (file.parent / "by-hand.sql").write_text(BY_HAND.replace("order by", "where title = 'Rain' order by"))
    assert send_due_alerts(home, file, NOW) == ()
    assert titles(written / "by-hand.atom") == ["Rain"]
    (written / "by-hand.atom").write_text("a change that nobody noted")
    assert send_due_alerts(home, file, NOW) == ()
    assert (written / "by-hand.atom").read_text() == "a change that nobody noted"
    (written / "by-hand.atom").unlink()
    send_due_alerts(home, file, NOW)
    assert titles(written / "by-hand.atom") == ["Rain"]


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        pytest.param("selct 1", "feed 'by-hand': Parser Error", id="a mistake in the statement"),
        pytest.param(
            "select title from articles", "feed 'by-hand': its SQL has no column 'url'", id="no column"
        ),
        pytest.param("select 1 as title, read_text('/etc/hostname') as url", "feed 'by-hand': ", id="files"),
        pytest.param(None, "by-hand.sql cannot be read: ", id="no file"),
    ],
)
def test_a_feed_that_fails_is_reported_each_time_and_stops_no_other(home, file, sql, reason):
    path = file.parent / "by-hand.sql"
    path.write_text(sql) if sql else path.unlink()
    for _ in range(2):
        (problem,) = write_feed_files(home, file)
        assert reason in problem
    assert titles(file.parent / "feeds" / "bridges.atom") == ["Bridge <b>opens</b> & closes"]
    assert titles(file.parent / "feeds" / "of-a-day.atom") == ["Bridge <b>opens</b> & closes", "Rain"]


def test_a_folder_that_cannot_be_written_is_reported(home, file):
    (file.parent / "feeds").write_text("a file")
    problems = write_feed_files(home, file)
    assert len(problems) == 3
    assert all("cannot be written" in problem for problem in problems)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param('[[feed]]\nname = "x"', "requires either 'sql' (a file) or 'question'", id="neither"),
        pytest.param('[[feed]]\nname = "x"\nquestion = "storys-of-a-day"',
            "Did you mean 'stories-of-a-day'?", id="an unknown question"),
        pytest.param('[[feed]]\nname = "x"\nquestion = "stories-of-a-day"\nparameters = { dya = 1 }',
            "unknown parameter 'dya'. Did you mean 'day'?", id="an unknown parameter"),
        pytest.param('[[search]]\nname = "x"\nquery = "y"\n[[feed]]\nname = "x"\nsql = "y.sql"',
            "two searches or feeds are named 'x'", id="a name twice"),
    ],
)  # fmt: skip
def test_mistakes_in_the_file_are_named(tmp_path, capsys, text, reason):
    file = tmp_path / "searches.toml"
    file.write_text(text)
    assert run(["searches", "check", "--config", str(tmp_path / "sources.toml")]) == 2
    assert reason in capsys.readouterr().err


def feed_out(home, file, *arguments):
    places = ["--home", str(home.root), "--config", str(file.with_name("sources.toml"))]
    return run(["feed-out", *arguments, *places])


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param(["bridges"], ["Bridge <b>opens</b> & closes"], id="a saved search"),
        pytest.param(["by-hand"], ["Bridge <b>opens</b> & closes", "Rain"], id="a feed of the file"),
        pytest.param(["--query", "rain*"], ["Rain"], id="words"),
        pytest.param(["--query", "rain*", "--source", "beta"], [], id="words and a source"),
        pytest.param(["--question", "stories-of-a-day"], ["Bridge <b>opens</b> & closes", "Rain"],
            id="a question"),
        pytest.param(["--sql", "by-hand.sql"], ["Bridge <b>opens</b> & closes", "Rain"], id="a SQL file"),
    ],
)  # fmt: skip
def test_feed_out(home, file, tmp_path, monkeypatch, capfdbinary, arguments, expected):
    monkeypatch.chdir(tmp_path)
    assert feed_out(home, file, *arguments) == 0
    parsed = feedparser.parse(capfdbinary.readouterr().out)
    assert not parsed.bozo
    assert [entry.title for entry in parsed.entries] == expected
    assert feed_out(home, file, *arguments, "--format", "json", "--to", "out/feed.json") == 0
    document = json.loads((tmp_path / "out" / "feed.json").read_bytes())
    assert [item["title"] for item in document["items"]] == expected


def test_feed_out_writes_all_feeds_of_the_file(home, file, capsys):
    assert feed_out(home, file, "--all") == 0
    assert "3 feeds up to date." in capsys.readouterr().out
    assert titles(file.parent / "feeds" / "bridges.atom") == ["Bridge <b>opens</b> & closes"]
    (file.parent / "by-hand.sql").write_text("selct")
    assert feed_out(home, file, "--all") == 1
    assert "! feed 'by-hand': Parser Error" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        pytest.param([], "Give one of: a name", id="nothing"),
        pytest.param(["bridges", "--query", "x"], "Give one of: a name", id="two things"),
        pytest.param(["bridge"], "'bridge' is not a search or feed of", id="an unknown name"),
        pytest.param(
            ["bridges", "--source", "alpha"], "--language and --source narrow --query", id="narrowed"
        ),
        pytest.param(["--query", '"'], "--query: '\"': the quotation mark is not closed", id="half a phrase"),
        pytest.param(["--question", "nothing"], "--question: unknown 'nothing'", id="an unknown question"),
        pytest.param(["--sql", "none.sql"], "--sql: 'none.sql' cannot be read", id="no file"),
    ],
)
def test_feed_out_says_what_is_wrong(home, file, capsys, arguments, reason):
    assert feed_out(home, file, *arguments) == 2
    assert reason in capsys.readouterr().err

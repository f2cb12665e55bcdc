"""`wirehouse sources import`, `export` and `remove`: files that they read and write."""

import time
import tomllib

import pytest

from flows.cli import run
from tasks.sources import read_sources

OPML = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0"><head><title>Feeds</title></head><body>
<outline text="World"><outline text="Harbour Gazette" type="rss"
 xmlUrl="https://gazette.example/rss?a=1&amp;b=2" htmlUrl="https://gazette.example/"/></outline>
<outline text="Nordkai-Kurier" xmlUrl="https://kurier.example/feed"/>
</body></opml>
"""


@pytest.fixture
def config(tmp_path):
    return tmp_path / "sources.toml"


def sources(command, *arguments, config):
    return run(["sources", command, *map(str, arguments), "--config", str(config)])


def test_an_import_makes_the_list_and_leaves_what_is_listed(tmp_path, config, capsys):
    file = tmp_path / "feeds.opml"
    file.write_text(OPML)
    assert sources("import", file, config=config) == 0
    assert [(s.name, s.title, s.feeds[0].url, s.tags) for s in read_sources(config).sources] == [
        ("gazette-example", "Harbour Gazette", "https://gazette.example/rss?a=1&b=2", ("World",)),
        ("kurier-example", "Nordkai-Kurier", "https://kurier.example/feed", ()),
    ]
    before = config.read_bytes()
    assert sources("import", file, config=config) == 0
    assert "0 sources added; 2 feeds listed already" in capsys.readouterr().err
    assert config.read_bytes() == before


def test_what_is_not_usable_is_said_and_costs_nothing_else(tmp_path, config, capsys):
    file = tmp_path / "feeds.opml"
    file.write_text(OPML.replace("https://kurier.example/feed", "ftp://kurier.example/feed"))
    assert sources("import", file, config=config) == 0
    assert "'ftp://kurier.example/feed' (Nordkai-Kurier) is not a valid" in capsys.readouterr().err
    assert len(read_sources(config).sources) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("<html><body>No</body></html>", "is not an OPML file", id="another document"),
        pytest.param("", "is not an OPML file", id="empty"),
        pytest.param("<opml><body/></opml>", "lists no feed", id="no feed"),
        pytest.param(None, "no such file", id="missing"),
    ],
)
def test_a_file_without_feeds_is_wrong_usage(tmp_path, config, text, message, capsys):
    file = tmp_path / "feeds.opml"
    if text is not None:
        file.write_text(text)
    assert sources("import", file, config=config) == 2
    assert message in capsys.readouterr().err
    assert not config.exists()


def test_three_hundred_feeds_cost_little_and_none_is_lost(tmp_path, config):
    outlines = "".join(
        f'<outline text="Paper {n}" xmlUrl="https://paper{n % 40}.example/{n}/rss"/>' for n in range(300)
    )
    (tmp_path / "feeds.opml").write_text(f"<opml><body>{outlines}</body></opml>")
    begun = time.process_time()
    assert sources("import", tmp_path / "feeds.opml", config=config) == 0
    assert time.process_time() - begun < 5
    listed = read_sources(config).sources
    assert {feed.url for source in listed for feed in source.feeds} == {
        f"https://paper{n % 40}.example/{n}/rss" for n in range(300)
    }


def test_an_export_comes_back_as_it_was(tmp_path, config, capsys):
    (tmp_path / "feeds.opml").write_text(OPML)
    sources("import", tmp_path / "feeds.opml", config=config)
    listing = '\n[[source.feed]]\nurl = "https://kurier.example/"\nkind = "listing"\nitem = "li"\n'
    config.write_text(config.read_text() + listing)
    capsys.readouterr()
    assert sources("export", "--opml", config=config) == 0
    output = capsys.readouterr()
    assert "1 listing is left out" in output.err
    (tmp_path / "again.opml").write_text(output.out)
    assert sources("import", tmp_path / "again.opml", config=tmp_path / "again.toml") == 0
    first, again = read_sources(config), read_sources(tmp_path / "again.toml")
    assert [(s.title, s.homepage, s.tags) for s in again.sources] == [
        (s.title, s.homepage, s.tags) for s in first.sources
    ]
    assert sources("export", config=config) == 2


def test_a_source_is_removed_with_its_comment_only(config, capsys):
    config.write_text(
        '# My list.\n[[source]]\nname = "a"\ntitle = "A"\n\n# Slow since May.\n[[source]]\nname = "b"\n'
        'title = "B"\n[source.pace]\ndelay_s = 5\n\n# Not before June.\n[[source]]\nname = "c"\ntitle = "C"\n'
    )
    assert sources("remove", "b", config=config) == 0
    assert config.read_text() == (
        '# My list.\n[[source]]\nname = "a"\ntitle = "A"\n\n# Not before June.\n[[source]]\nname = "c"\n'
        'title = "C"\n'
    )
    assert sources("remove", "x", config=config) == 2
    assert "unknown source 'x'" in capsys.readouterr().err
    assert sources("remove", "a", "c", config=config) == 0
    assert tomllib.loads(config.read_text()) == {}


@pytest.mark.parametrize("command", [["check"], ["list"], ["remove", "a"], ["export", "--opml"]])
def test_a_missing_list_names_the_command_that_makes_one(tmp_path, command, capsys):
    assert run(["sources", *command, "--config", str(tmp_path / "none.toml")]) == 2
    assert "`wirehouse sources add URL`" in capsys.readouterr().err

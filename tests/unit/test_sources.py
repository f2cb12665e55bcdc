"""Valid contents of sources.toml, and the messages for errors in it."""

import os
import tomllib
from pathlib import Path

import pytest

from tasks.errors import SourcesError
from tasks.inspection.source_file import remove_sources
from tasks.source_schema import SourceListModel
from tasks.sources import FetchSettings, parse_sources, read_sources, select_sources
from warehouse.records.source import FeedKind

ROOT = Path(__file__).parents[2]

MINIMAL = '[[source]]\nname = "a"\ntitle = "A"\n'
FEED = '[[source.feed]]\nurl = "https://x/"\n'


def parse(text):
    return parse_sources(tomllib.loads(text), "sources.toml")


@pytest.mark.parametrize(
    ("text", "place", "way_out"),
    [
        pytest.param('[[source]]\nname = "a"\n', "source[1] (a).title", "is required", id="missing key"),
        pytest.param(
            '[[source]]\nname = "A b"\ntitle = "x"\n', "source[1] (A b).name = 'A b'", "^[a-z0-9]", id="name"
        ),
        pytest.param(MINIMAL + 'colour = "red"\n', "colour = 'red'", "unknown key", id="unknown key"),
        pytest.param(
            MINIMAL + 'timezone = "Mars/One"\n', "timezone = 'Mars/One'", "Europe/Moscow", id="zone"
        ),
        pytest.param(
            MINIMAL + 'date_order = "ydm"\n', "date_order = 'ydm'", "'dmy', 'mdy' or 'ymd'", id="date order"
        ),
        pytest.param(
            MINIMAL + '[[source.feed]]\nurl = "ftp://x/"\n', "feed[1] (ftp://x/).url", "https://", id="scheme"
        ),
        pytest.param(
            MINIMAL + '[[source.feed]]\nurl = "https://x/"\nkind = "listing"\n',
            "feed[1]",
            "requires 'item'",
            id="listing",
        ),
        pytest.param(
            MINIMAL + '[[source.feed]]\nurl = "https://x/"\nitem = "li"\n',
            "feed[1]",
            "kind",
            id="stray listing key",
        ),
        pytest.param(
            MINIMAL + '[source.article]\nbody = "div["\n', "article.body", "CSS selector", id="selector"
        ),
        pytest.param(
            MINIMAL + '[source.article]\nstrip = ["("]\n', "strip[1]", "regular expression", id="pattern"
        ),
        pytest.param(
            MINIMAL + '[source.pace]\nallow = ["host"]\n', "allow[1] = 'host'", "host:port", id="allow"
        ),
        pytest.param(
            MINIMAL + "[source.pace]\ndelay_s = -1\n", "delay_s = -1", "greater", id="negative delay"
        ),
        pytest.param(
            MINIMAL + "[source.interval]\nmin_s = 900\nmax_s = 600\n",
            "interval",
            "'min_s' (900) is larger than 'max_s' (600)",
            id="bounds in disorder",
        ),
        pytest.param(
            MINIMAL + "[source.interval]\nmax_s = 86401\n", "max_s = 86401", "86400", id="interval too long"
        ),
        pytest.param(MINIMAL + 'tags = ["a\\nb"]\n', "tags[1]", "control character", id="tag of two lines"),
        pytest.param(
            MINIMAL + '[source.archive]\npage_url = "https://x/"\n', "archive", "{n}", id="page number"
        ),
        pytest.param(MINIMAL + MINIMAL, "the file", "two sources are named 'a'", id="same name twice"),
        pytest.param(
            MINIMAL + FEED + MINIMAL.replace('"a"', '"b"') + FEED,
            "the file",
            "the feed https://x/ is listed twice, by 'a' and 'b'",
            id="same feed in two sources",
        ),
        pytest.param(MINIMAL + FEED + FEED, "the file", "listed twice, by 'a';", id="same feed twice in one"),
        pytest.param(
            MINIMAL + '[[source.feed]]\nurl = "https://me:secret@x/"\n',
            "feed[1]",
            "user name or password",
            id="password in an address",
        ),
        pytest.param(
            MINIMAL + FEED + MINIMAL.replace('"a"', '"b"') + FEED.replace("https://x/", "https://X:443"),
            "the file",
            "the feed https://X:443 is listed twice, by 'a' and 'b'",
            id="same feed in two spellings",
        ),
        pytest.param(
            MINIMAL + FEED.replace("//x/", "//x:99999/"), "//x:99999/).url", "out of range", id="port"
        ),
        pytest.param(
            MINIMAL + FEED.replace("//x/", "//x/\\na"), "feed[1].url", "line break", id="address of two lines"
        ),
        pytest.param(
            MINIMAL.replace("[[source]]", "[source]"), "source:", "double brackets: [[source]]", id="table"
        ),
        pytest.param(
            MINIMAL + FEED.replace("[[source.feed]]", "[source.feed]"),
            "source[1] (a).feed:",
            "double brackets: [[source.feed]]",
            id="table in a table",
        ),
        pytest.param(MINIMAL + 'tags = "a"\n', "tags = 'a'", 'such as ["first", "second"]', id="list"),
        pytest.param(
            MINIMAL + '[source.article]\nbody_from = "rss"\n',
            "article.body_from = 'rss'",
            "should be 'page' or 'feed'",
            id="text of page or feed",
        ),
    ],
)
def test_a_mistake_names_file_place_and_way_out(text, place, way_out):
    with pytest.raises(SourcesError) as error:
        parse(text)
    message = str(error.value)
    assert message.startswith("sources.toml: ")
    assert place in message
    assert way_out in message


@pytest.mark.parametrize(
    ("content", "way_out"),
    [
        pytest.param(b"[[source]\n", "not valid TOML", id="broken TOML names the line"),
        pytest.param(b"\xff\xfe", "not UTF-8", id="another encoding"),
        pytest.param(b"x = " + 5_000 * b"[", "nested too deeply", id="nested too deeply"),
    ],
)
def test_an_unreadable_file_is_named(tmp_path, content, way_out):
    path = tmp_path / "sources.toml"
    path.write_bytes(content)
    with pytest.raises(SourcesError, match=way_out) as error:
        read_sources(path)
    assert str(path) in str(error.value)


def test_a_byte_order_mark_is_accepted_and_goes_with_the_first_edit(tmp_path):
    path = tmp_path / "sources.toml"
    path.write_bytes(b"\xef\xbb\xbf" + (MINIMAL + MINIMAL.replace('"a"', '"b"')).encode())
    assert [source.name for source in read_sources(path).sources] == ["a", "b"]
    remove_sources(path, ["a"])
    assert path.read_bytes() == MINIMAL.replace('"a"', '"b"').encode()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files to others")
def test_an_edited_list_stays_readable_for_its_group(tmp_path):
    path = tmp_path / "sources.toml"
    path.write_text(MINIMAL + MINIMAL.replace('"a"', '"b"'))
    os.chown(path, 0, 12345)
    path.chmod(0o640)
    remove_sources(path, ["a"])
    after = path.stat()
    assert (after.st_uid, after.st_gid, after.st_mode & 0o777) == (0, 12345, 0o640)


def test_two_listings_of_a_page_are_two_feeds():
    listing = FEED.replace("x/", "x/#{}") + 'kind = "listing"\nitem = "{}"\n'
    sources = parse(MINIMAL + listing.format("top", "h2") + listing.format("rest", "li"))
    assert [feed.url for feed in sources.sources[0].feeds] == ["https://x/#top", "https://x/#rest"]


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SourcesError, match="no such file"):
        read_sources(tmp_path / "absent.toml")


def test_every_mistake_is_told_at_once():
    with pytest.raises(SourcesError) as error:
        parse('[[source]]\nname = "a"\ncolour = "red"\n')
    assert len(str(error.value).splitlines()) == 2


def test_selecting_an_unknown_source_lists_the_known_ones():
    sources = parse(MINIMAL)
    with pytest.raises(SourcesError, match="unknown source 'b'. Known: a"):
        select_sources(sources, ["b"])


def test_selecting_nothing_takes_all():
    assert [s.name for s in select_sources(parse(MINIMAL), None)] == ["a"]


def test_defaults_fill_what_a_source_leaves_out():
    sources = parse(
        "[defaults.pace]\ndelay_s = 3\n" + MINIMAL + '[[source.feed]]\nurl = "https://x.example/"\n'
    )
    (source,) = sources.sources
    assert source.delay_s == 3
    assert source.feeds[0].kind is FeedKind.AUTO


def test_fetch_settings_have_defaults_and_bounds():
    assert parse(MINIMAL).fetch == FetchSettings(threads=64, connect_s=5.0, first_byte_s=10.0)
    assert parse("[fetch]\nthreads = 8\n" + MINIMAL).fetch.threads == 8
    with pytest.raises(SourcesError, match=r"fetch.threads = 0"):
        parse("[fetch]\nthreads = 0\n" + MINIMAL)


def test_the_starter_list_is_valid_and_holds_the_seed_agency():
    sources = read_sources(ROOT / "sources.toml")
    agency = sources.by_name()["oreanda"]
    assert agency.timezone == "Europe/Moscow"
    assert agency.feeds[0].listing is not None
    assert agency.feeds[0].listing.item == "div.itm"
    assert len({s.language for s in sources.sources}) >= 5


def test_every_key_is_documented():
    text = (ROOT / "docs" / "reference" / "sources.md").read_text(encoding="utf-8")
    schema = SourceListModel.model_json_schema()
    keys = {key for model in [schema, *schema["$defs"].values()] for key in model.get("properties", {})}
    missing = {
        key for key in keys if f"`{key}`" not in text and f".{key}`" not in text and f"{key}]" not in text
    }
    assert missing - {"source", "defaults"} == set()


def test_the_documented_example_is_valid():
    text = (ROOT / "docs" / "reference" / "sources.md").read_text(encoding="utf-8")
    example = text.rpartition("```toml\n")[2].partition("```")[0]
    assert parse(example).sources[0].article.strip == ("Комментарии", "Read also:.*")


def test_disabled_sources_are_read_only_when_named():
    sources = parse(MINIMAL + "enabled = false\n" + MINIMAL.replace('"a"', '"b"'))
    assert [s.name for s in select_sources(sources, None)] == ["b"]
    assert [s.name for s in select_sources(sources, ["a"])] == ["a"]


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        pytest.param("", (600, 86_400), id="absent"),
        pytest.param("min_s = 3600\n", (3600, 86_400), id="lower"),
        pytest.param("max_s = 300\n", (300, 300), id="an upper one below the usual lower one"),
        pytest.param("min_s = 60\nmax_s = 120\n", (60, 120), id="both"),
    ],
)
def test_bounds_of_the_interval(text, bounds):
    (source,) = parse(MINIMAL + 'tags = ["x", "x"]\n[source.interval]\n' + text).sources
    assert (source.interval.min_s, source.interval.max_s) == bounds
    assert source.tags == ("x",)

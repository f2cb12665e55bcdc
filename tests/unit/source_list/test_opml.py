"""OPML: what is read of the files that feed readers write, and what is written."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.domain.source_list.opml import OutlinedFeed, drafts_of, opml_text, parse_opml
from tasks.errors import FeedFormatError
from warehouse.records.source import Feed, FeedKind, ListingRules, Source


def read(body):
    text = f'<opml version="2.0"><head/><body>{body}</body></opml>'
    return parse_opml(text.encode(), "feeds.opml")


def feed(attributes):
    (only,) = read(f"<outline {attributes}/>").feeds
    return only


@pytest.mark.parametrize(
    ("attributes", "url"),
    [
        pytest.param('xmlUrl="https://a.example/rss"', "https://a.example/rss", id="xmlUrl"),
        pytest.param('XMLURL=" https://a.example/rss "', "https://a.example/rss", id="other case and spaces"),
        pytest.param(
            'xmlUrl="https://a.example/?a=1&b=2"', "https://a.example/?a=1&b=2", id="bare ampersand"
        ),
        pytest.param('xmlUrl="feed://a.example/rss"', "http://a.example/rss", id="feed scheme"),
        pytest.param('xmlUrl="feed:https://a.example/rss"', "https://a.example/rss", id="feed before https"),
        pytest.param('xmlUrl="www.a.example/rss"', "http://www.a.example/rss", id="no scheme"),
        pytest.param('type="rss" url="https://a.example/rss"', "https://a.example/rss", id="url of an rss"),
        pytest.param('xmlUrl="https://a.example/my feed"', "https://a.example/my%20feed", id="space inside"),
    ],
)
def test_the_address_of_a_feed(attributes, url):
    assert feed(attributes).url == url


@pytest.mark.parametrize(
    "attributes",
    [
        pytest.param('text="A folder"', id="folder"),
        pytest.param('type="link" url="https://a.example/"', id="bookmark"),
        pytest.param('xmlUrl=""', id="empty address"),
    ],
)
def test_what_is_not_a_feed(attributes):
    outlines = read(f"<outline {attributes}/>")
    assert (outlines.feeds, outlines.problems) == ((), ())


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        pytest.param('xmlUrl="file:///etc/passwd"', "'file:///etc/passwd'", id="scheme"),
        pytest.param('xmlUrl="https://me:secret@a.example/"', "not a valid", id="password"),
        pytest.param('xmlUrl="https://"', "without a title", id="no host"),
        pytest.param('type="include" url="https://a.example/b.opml"', "another OPML file", id="include"),
    ],
)
def test_what_cannot_be_imported_is_said(attributes, words):
    outlines = read(f'<outline {attributes}/><outline xmlUrl="https://b.example/"/>')
    assert [each.url for each in outlines.feeds] == ["https://b.example/"]
    assert words in outlines.problems[0]


@pytest.mark.parametrize(
    ("attributes", "title"),
    [
        pytest.param('text="Shown" title="Own"', "Shown", id="the text that readers show"),
        pytest.param(
            'text=" " title="Caf&eacute;  &#10; de Paris"', "Café de Paris", id="title, on one line"
        ),
        pytest.param("", "a.example", id="host"),
    ],
)
def test_titles(attributes, title):
    assert feed(f'{attributes} xmlUrl="https://a.example/rss"').title == title


def test_folders_and_categories_become_tags():
    outlines = read(
        '<outline text="News">'
        '<outline title="World"><outline text="A" xmlUrl="https://a.example/"/></outline>'
        '<outline text="B" category="/Boston/Weather,Harvard" xmlUrl="https://b.example/"/></outline>'
        '<outline text="Daily"><outline text="A" xmlUrl="https://a.example/"/></outline>'
    )
    assert [(each.title, each.tags) for each in outlines.feeds] == [
        ("A", ("News", "World", "Daily")),
        ("B", ("News", "Boston", "Weather", "Harvard")),
    ]


def test_what_is_commented_out_is_disabled():
    outlines = read(
        '<outline text="Old" isComment="true"><outline xmlUrl="https://a.example/"/></outline>'
        '<outline xmlUrl="https://b.example/"/>'
    )
    assert [each.enabled for each in outlines.feeds] == [False, True]


def test_home_pages_and_languages():
    read_feed = feed('xmlUrl="https://a.example/rss" htmlUrl="http://a.example/" language="en-us"')
    assert (read_feed.homepage, read_feed.language) == ("http://a.example/", "en")
    read_feed = feed('xmlUrl="https://a.example/rss" htmlUrl="" language="unknown"')
    assert (read_feed.homepage, read_feed.language) == (None, None)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1"])
def test_encodings(encoding):
    text = '<outline text="Süddeutsche" xmlUrl="https://a.example/"/>'
    declared = (
        "" if encoding == "utf-16" else f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>'
    )
    body = f"{declared}<opml><body>{text}</body></opml>".encode(encoding)
    assert parse_opml(body, "f").feeds[0].title == "Süddeutsche"


def test_a_truncated_file_keeps_its_complete_outlines():
    body = b'<opml><body><outline xmlUrl="https://a.example/"/><outline xmlUrl="https://b.exa'
    assert [each.url for each in parse_opml(body, "f").feeds] == ["https://a.example/"]


@pytest.mark.parametrize(
    "doctype",
    ['<!ENTITY a SYSTEM "file:///etc/passwd">', '<!ENTITY b "x"><!ENTITY a "&b;&b;">'],
    ids=["file", "expansion"],
)
def test_entities_are_not_expanded(doctype):
    outline = '<outline text="&a;" xmlUrl="https://a.example/"/>'
    body = f"<!DOCTYPE opml [{doctype}]><opml><body>{outline}</body></opml>"
    with pytest.raises(FeedFormatError, match="not accepted"):
        parse_opml(body.encode(), "f")


@given(st.binary(max_size=200))
def test_any_bytes_give_feeds_or_our_error(body):
    with suppress(FeedFormatError):
        parse_opml(b"<opml><body>" + body, "f")


def test_names_are_those_of_the_sites_and_unique():
    feeds = [
        OutlinedFeed("https://feeds.host.example/1", "One", homepage="https://www.one.com/"),
        OutlinedFeed("https://www.one.com/sport", "Two"),
    ]
    assert [draft.name for draft in drafts_of(feeds, {"one"})] == ["one-2", "one-3"]


def test_an_export_has_a_folder_for_each_tag():
    sources = [
        Source(
            "a",
            "A & B",
            "https://a.example/",
            language="de",
            tags=("X",),
            feeds=(Feed("https://a.example/f?a&b"),),
        ),
        Source(
            "c", "C", tags=("X", "Y"), enabled=False, feeds=(Feed("https://c.example/s", FeedKind.SITEMAP),)
        ),
        Source("d", "D", feeds=(Feed("https://d.example/", FeedKind.LISTING, ListingRules("li")),)),
    ]
    outlines = parse_opml(opml_text(sources).encode(), "f")
    assert outlines.feeds == (
        OutlinedFeed("https://a.example/f?a&b", "A & B", "https://a.example/", "de", ("X",)),
        OutlinedFeed("https://c.example/s", "C", tags=("X", "Y"), enabled=False),
    )

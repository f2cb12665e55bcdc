"""Faults of single feed items, and values that items take from the feed: links, authors, titles."""

from datetime import UTC, datetime

import pytest

from tasks.domain.dates.context import DateContext
from tasks.domain.feeds.document import read_each
from tasks.domain.feeds.parse import parse_feed, read_document
from warehouse.records.feed import FeedDocument, FeedEntry

CONTEXT = DateContext(datetime(2024, 6, 1, tzinfo=UTC))
URL = "https://gazette.example/feed.xml"


def parse(text: str, url: str = URL) -> FeedDocument[FeedEntry]:
    return parse_feed(text.encode(), CONTEXT, url=url)


def rss(*items: str, channel: str = "", attributes: str = "") -> str:
    body = "".join(f"<item>{item}</item>" for item in items)
    return f'<rss version="2.0" {attributes}><channel>{channel}{body}</channel></rss>'


def atom(*entries: str, feed: str = "") -> str:
    body = "".join(f"<entry>{entry}</entry>" for entry in entries)
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{feed}{body}</feed>'


def urlset(body: str) -> str:
    return (
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">{body}</urlset>'
    )


def link(n: int) -> str:
    return f"<link>https://gazette.example/{n}</link>"


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param("<pubDate>Mon, 06 May 2024 10:75:00 GMT</pubDate>", id="minute 75"),
        pytest.param("<pubDate>2024-05-06T31:00:00Z</pubDate>", id="hour 31"),
        pytest.param("<pubDate>9999-99-99T99:99:99+99:99</pubDate>", id="nothing but nines"),
        pytest.param("<media:title>B</media:title>", id="undeclared prefix of a title"),
        pytest.param("<title type=''><x:y>B</x:y></title>", id="undeclared prefix inside a title"),
        pytest.param("<author><x:name>N</x:name></author>", id="undeclared prefix inside an author"),
    ],
)
def test_one_bad_value_costs_itself(broken):
    good = "<pubDate>Mon, 06 May 2024 10:15:00 GMT</pubDate>"
    feed = parse(rss(link(1) + good, link(2) + broken, link(3) + good))
    assert [entry.url for entry in feed.entries] == [f"https://gazette.example/{n}" for n in (1, 2, 3)]
    assert [entry.published_at is not None for entry in feed.entries] == [True, False, True]


def test_an_item_that_breaks_its_reader_is_a_problem():
    def read(n: int) -> int:
        if n == 2:
            raise KeyError("gone")
        return n * 10

    results, problems = read_each([1, 2, 3], read)
    assert results == (10, 30)
    assert problems == ("Item 2 cannot be read (KeyError: 'gone'); it is skipped.",)


@pytest.mark.parametrize(
    ("body", "urls"),
    [
        pytest.param(
            "<url><loc>https://a.example/1</loc><loc>https://a.example/2</loc></url>", ["1", "2"], id="two"
        ),
        pytest.param(
            "<url><loc>https://a.example/1</loc><loc>https://a.example/1</loc></url>", ["1"], id="one twice"
        ),
        pytest.param(
            "<url><loc>https://a.example/1</loc><image:loc>https://a.example/x.jpg</image:loc></url>",
            ["1"],
            id="address of a picture",
        ),
        pytest.param("<url><loc><b>https://a.example/1</b></loc></url>", ["1"], id="element inside loc"),
        pytest.param(
            "<url><loc><url><![CDATA[https://a.example/1?a=1&b=2]]></url></loc></url>",
            ["1?a=1&b=2"],
            id="url inside loc",
        ),
    ],
)
def test_loc_of_a_sitemap(body, urls):
    assert [entry.url for entry in parse(urlset(body)).entries] == [
        f"https://a.example/{url}" for url in urls
    ]


def test_a_sitemap_of_an_index_without_loc_is_a_problem():
    index = (
        '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><lastmod>'
        "2024-05-06</lastmod>"
        "</sitemap><sitemap><loc>https://a.example/s.xml</loc></sitemap></sitemapindex>"
    )
    feed = parse(index)
    assert feed.feed_urls == ("https://a.example/s.xml",)
    assert feed.problems == ("Skipped without <loc>: 1 of the index's sitemaps.",)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("# made by hand\nhttps://a.example/1\nhttps://a.example/2\n", id="comment first"),
        pytest.param("\n\nhttps://a.example/1\n\nhttps://a.example/2", id="blank lines"),
        pytest.param("https://a.example/1\n# old\nhttps://a.example/2", id="comment between"),
    ],
)
def test_text_sitemap(text):
    assert [entry.url for entry in parse(text).entries] == ["https://a.example/1", "https://a.example/2"]


def test_relation_as_an_iana_url():
    rel = "http://www.iana.org/assignments/relation/alternate"
    entry = f'<link rel="self" href="/x.atom"/><link rel="{rel}" href="https://gazette.example/1"/>'
    assert parse(atom(entry)).entries[0].url == "https://gazette.example/1"


@pytest.mark.parametrize(
    ("url", "home", "expected"),
    [
        pytest.param("https://feeds.host.example/g", "https://gazette.example/",
            "https://gazette.example/a/1", id="other host"),
        pytest.param("https://gazette.example/rss/all.xml", "https://gazette.example/",
            "https://gazette.example/rss/a/1", id="own host"),
        pytest.param("https://www.gazette.example/rss/x", "https://gazette.example/",
            "https://www.gazette.example/rss/a/1", id="www"),
        pytest.param("https://feeds.host.example/g", "not a URL at all:", "https://feeds.host.example/a/1",
            id="no page named"),
    ],
)  # fmt: skip
def test_base_of_relative_links(url, home, expected):
    assert parse(rss("<link>a/1</link>", channel=f"<link>{home}</link>"), url).entries[0].url == expected


def test_xml_base_goes_before_the_feeds_page():
    document = (
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://cdn.example/b/">'
        '<link href="https://gazette.example/"/><entry><link href="1"/></entry></feed>'
    )
    assert parse(document, "https://feeds.host.example/g").entries[0].url == "https://cdn.example/b/1"


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        pytest.param("https://a.example/my story.html", "https://a.example/my%20story.html", id="path"),
        pytest.param("https://a.example/s#part two", "https://a.example/s#part%20two", id="fragment"),
        pytest.param("https://a.example/a\u00a0b", "https://a.example/a%C2%A0b", id="no-break space"),
        pytest.param("/a b/c d", "https://gazette.example/a%20b/c%20d", id="relative"),
    ],
)
def test_white_space_in_links_is_percent_encoded(link, expected):
    assert parse(rss(f"<link>{link}</link>")).entries[0].url == expected


def test_white_space_in_a_guid_that_stands_for_the_link():
    feed = parse(rss('<guid isPermaLink="false">https://a.example/my story</guid>'))
    assert feed.entries[0].url == "https://a.example/my%20story"


AUTHOR = "<author><name>Iris Vane</name></author>"
JSON = (
    '{"version": "https://jsonfeed.org/version/1.1", "title": "t", %s "items": [{"url": "https://'
    'a.example/1", %s "id": "1"}]}'
)


@pytest.mark.parametrize(
    ("document", "authors"),
    [
        pytest.param(atom('<link href="/1"/>', feed=AUTHOR), ("Iris Vane",), id="Atom: author of the feed"),
        pytest.param(
            atom('<link href="/1"/><author><name>Lee Moor</name></author>', feed=AUTHOR), ("Lee Moor",),
                id="own author first"
        ),
        pytest.param(atom(f'<link href="/1"/><source>{AUTHOR}</source>'), ("Iris Vane",),
            id="author of the source"),
        pytest.param(JSON % ('"authors": [{"name": "Iris Vane"}],', ""), ("Iris Vane",),
            id="JSON: author of the feed"),
        pytest.param(
            JSON % ("", '"authors": [{"name": "B"}, {"name": "A"}, {"name": "B"}],'), ("B", "A"),
                id="JSON: one twice"
        ),
        pytest.param(JSON % ("", '"authors": [], "author": {"name": "A"},'), ("A",),
            id="JSON: empty list, one author"),
        pytest.param(
            rss(link(1) + "<dc:creator><![CDATA[<a href='/v'>Iris Vane</a>]]></dc:creator>",
                attributes='xmlns:dc="http://purl.org/dc/elements/1.1/"'),
            ("Iris Vane",),
            id="RSS: markup in a name",
        ),
        pytest.param(rss(link(1), channel="<managingEditor>ed@a.example (E)</managingEditor>"), (),
            id="RSS: an editor is not an author"),
    ],
)  # fmt: skip
def test_authors(document, authors):
    assert parse(document).entries[0].authors == authors


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        pytest.param(
            "Remove &lt;b&gt; and &lt;font&gt; today", "Remove <b> and <font> today", id="tags as words"
        ),
        pytest.param("&lt;b&gt;Vote&lt;/b&gt; today", "Vote today", id="tags as markup"),
        pytest.param("&lt;a href='/x'&gt;Vote today", "Vote today", id="attribute: markup"),
        pytest.param("Vote&lt;br&gt;today", "Vote today", id="an element without an end tag"),
    ],
)
def test_title_that_speaks_of_tags(title, expected):
    assert parse(rss(f"<title>{title}</title>{link(1)}")).entries[0].title == expected


def test_base64_title_of_the_feed():
    feed = '<title mode="base64" type="text/plain">SGFyYm91ciBHYXpldHRl</title>'
    document = (
        f'<feed version="0.3" xmlns="http://purl.org/atom/ns#">{feed}<entry><link href="/1"/></entry></feed>'
    )
    assert read_document(document.encode(), CONTEXT, url=URL).title == "Harbour Gazette"

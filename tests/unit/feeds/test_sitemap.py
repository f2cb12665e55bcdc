"""Sitemaps, JSON Feed, HTML listings and home pages -> entries."""

import time
from datetime import UTC, datetime

import pytest

from tasks.domain.dates.context import DateContext
from tasks.domain.feeds.parse import parse_feed, read_document
from tasks.domain.feeds.sitemap import read_sitemap
from tasks.errors import ErrorClass, FeedFormatError
from warehouse.records.feed import FeedDocument, SitemapLink
from warehouse.records.source import FeedKind, ListingRules

NOW = datetime(2026, 1, 12, tzinfo=UTC)
URL = "https://news.example/section/"
SITEMAP = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
NEWS = f'{SITEMAP} xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'


def parse(document, **settings):
    dates = {name: settings.pop(name) for name in ("zone", "date_order", "language") if name in settings}
    return parse_feed(document.encode(), DateContext(NOW, **dates), url=URL, **settings)


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


# --- sitemaps --------------------------------------------------------------------------------


def test_a_plain_sitemap_says_when_pages_changed_never_when_they_were_published():
    feed = parse(
        f"<urlset {SITEMAP}><url><loc> https://news.example/1 </loc><lastmod>"
        f"2026-01-10T10:00:00+01:00</lastmod></url>"
        "<url><loc>/2</loc><lastmod>2026-01-10</lastmod><priority>0.5</priority></url></urlset>"
    )
    one, two = feed.entries
    assert (one.url, one.published_at, one.updated_at) == ("https://news.example/1", None, at(2026, 1, 10, 9))
    assert (two.url, two.published_at, two.updated_at) == ("https://news.example/2", None, None)


def test_a_news_sitemap_has_titles_and_publication_times():
    feed = parse(
        f"<urlset {NEWS}><url><loc>https://news.example/1</loc><news:news><news:publication>"
        "<news:name>Example</news:name><news:language>en</news:language></news:publication>"
        "<news:publication_date>2026-01-10T10:00:00Z</news:publication_date><news:title>A &amp; B"
        "</news:title>"
        "</news:news></url></urlset>"
    )
    entry = feed.entries[0]
    assert (entry.title, entry.language, entry.published_at) == ("A & B", "en", at(2026, 1, 10, 10))


def test_an_image_s_title_and_address_are_not_the_page_s():
    feed = parse(
        f'<urlset {SITEMAP} xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"><url>'
        "<image:image><image:loc>https://news.example/i.jpg</image:loc><image:title>Photo</"
        "image:title></image:image>"
        "<loc>https://news.example/1</loc></url></urlset>"
    )
    assert [(e.url, e.title) for e in feed.entries] == [("https://news.example/1", None)]


def test_an_index_names_its_sitemaps():
    feed = parse(
        f"<sitemapindex {SITEMAP}><sitemap><loc>https://news.example/s1.xml</loc><lastmod>"
        f"2026-01-10T10:00:00Z"
        "</lastmod></sitemap><sitemap><loc>/s2.xml.gz</loc></sitemap></sitemapindex>"
    )
    assert feed.entries == ()
    assert feed.feed_urls == ("https://news.example/s1.xml", "https://news.example/s2.xml.gz")
    assert feed.sitemaps == (
        SitemapLink("https://news.example/s1.xml", at(2026, 1, 10, 10), "2026-01-10T10:00:00Z"),
        SitemapLink("https://news.example/s2.xml.gz"),
    )


@pytest.mark.parametrize(
    "document",
    [
        pytest.param("<urlset><url><loc>/1</loc></url></urlset>", id="no namespace"),
        pytest.param(
            "<s:urlset xmlns:s='urn:x'><s:url><s:loc>/1</s:loc></s:url></s:urlset>", id="another namespace"
        ),
        pytest.param("<urlset><url><loc><![CDATA[/1]]></loc></url></urlset>", id="CDATA"),
        pytest.param(
            "<urlset><url><loc>/1</loc></url><url><lastmod>x</lastmod></url></urlset>", id="a url without loc"
        ),
        pytest.param("<urlset><url><!-- x --><loc>/1</loc></url></urlset>", id="a comment first"),
        pytest.param("<urlset><url><loc>/1</loc></url><br></urlset>", id="malformed"),
    ],
)
def test_odd_sitemaps(document):
    assert [entry.url for entry in parse(document).entries] == ["https://news.example/1"]


def test_fifty_thousand_pages_are_streamed():
    document = (
        f"<urlset {SITEMAP}>"
        + "".join(
            f"<url><loc>https://news.example/2026/{n}</loc><lastmod>2026-01-10T10:00:00Z</lastmod></url>"
            for n in range(50_000)
        )
        + "</urlset>"
    )
    start = time.process_time()
    raw = read_sitemap(document, URL)
    assert len(raw.entries) == 50_000
    assert time.process_time() - start < 8


# --- JSON Feed -------------------------------------------------------------------------------


def test_json_feed():
    feed = parse(
        '{"version": "https://jsonfeed.org/version/1.1", "title": "News", "language": "fr", '
        '"next_url": "/p2.json",'
        '"items": [{"id": 7, "url": "/1", "title": "A &amp; <b>", "date_published": '
        '"2026-01-10T10:00:00+01:00",'
        '"date_modified": "2026-01-11T10:00:00Z", "authors": [{"name": "Ann Lee"}, {"url": "x"}], '
        '"content_html": "x"},'
        '{"id": "2", "external_url": "https://b.example/2", "author": {"name": "Bo"}}, "junk", '
        '{"id": "3", "url": null}]}'
    )
    one, two = feed.entries
    assert (feed.title, feed.language, feed.next_url) == ("News", "fr", "https://news.example/p2.json")
    assert (one.url, one.guid, one.title) == ("https://news.example/1", "7", "A & <b>")
    assert (one.published_at, one.updated_at) == (at(2026, 1, 10, 9), at(2026, 1, 11, 10))
    assert (one.authors, two.authors, two.url) == (("Ann Lee",), ("Bo",), "https://b.example/2")
    assert any("no link" in problem for problem in feed.problems)


@pytest.mark.parametrize(
    "document",
    [
        pytest.param('{"version": "https://jsonfeed.org/version/1", "items": []}', id="no items yet"),
        pytest.param(
            '\ufeff{"items": [], "version": "https://jsonfeed.org/version/1"}', id="byte order mark"
        ),
    ],
)
def test_an_empty_json_feed_is_a_feed(document):
    assert parse(document) == FeedDocument(FeedKind.JSON, ())


# --- listings and home pages -----------------------------------------------------------------

LISTING = """<!doctype html><html lang="ru"><head><title>Новости</title>
<link rel="alternate" type="application/rss+xml" href="/rss"></head><body>
<div class="itm"><h3><a href="/v/1">Первая  новость</a></h3><span class="date">10.01.2026, 16:58</span></div>
<div class="itm"><h3><a href="2">Вторая</a></h3><time datetime="2026-01-09T10:00:00Z">вчера</time></div>
<div class="itm"><h3>Без ссылки</h3></div>
<a class="more" href="?page=2">Дальше</a></body></html>"""


def test_a_listing_by_selectors():
    rules = ListingRules("div.itm", link="h3 > a", date=".date, time", next="a.more")
    feed = parse(LISTING, listing=rules, zone="Europe/Moscow", date_order="dmy")
    one, two = feed.entries
    assert feed.kind is FeedKind.LISTING
    assert (one.url, one.title) == ("https://news.example/v/1", "Первая новость")
    assert one.published_at == at(2026, 1, 10, 13, 58)
    assert (two.url, two.published_at) == ("https://news.example/section/2", at(2026, 1, 9, 10))
    assert (feed.next_url, feed.language) == ("https://news.example/section/?page=2", "ru")
    assert any("Item 3" in problem for problem in feed.problems)


@pytest.mark.parametrize(
    ("html", "rules", "expected"),
    [
        pytest.param(
            '<a class="c" href="/1"><h2>T</h2></a>',
            ListingRules(".c", "a", "h2"),
            ("/1", "T"),
            id="item is the link",
        ),
        pytest.param(
            '<li><p class="t"><a href="/1">T</a></p></li>',
            ListingRules("li", ".t"),
            ("/1", "T"),
            id="link inside",
        ),
        pytest.param(
            '<li><a href="/1" title="T"><img src="x"></a></li>',
            ListingRules("li"),
            ("/1", "T"),
            id="picture link",
        ),
        pytest.param(
            '<base href="/b/"><li><a href="1">T</a></li>',
            ListingRules("li"),
            ("/b/1", "T"),
            id="base element",
        ),
    ],
)
def test_listing_markup(html, rules, expected):
    entry = parse(f"<html><body>{html}</body></html>", listing=rules).entries[0]
    assert (entry.url.removeprefix("https://news.example"), entry.title) == expected


@pytest.mark.parametrize(
    ("text", "published"),
    [
        pytest.param("Politics | 10 January 2026, 10:00 UTC", at(2026, 1, 10, 10), id="among other words"),
        pytest.param("3 hours ago", at(2026, 1, 11, 21), id="relative"),
    ],
)
def test_listing_dates_are_read_as_people_write_them(text, published):
    html = f"<html><li><a href='/1'>T</a><i>{text}</i></li></html>"
    feed = parse(html, listing=ListingRules("li", date="i"), zone="UTC", language="en")
    assert feed.entries[0].published_at == published


def test_selectors_that_find_nothing_say_so():
    with pytest.raises(FeedFormatError, match="markup may have changed") as caught:
        parse(LISTING, listing=ListingRules("article"))
    assert caught.value.error_class is ErrorClass.EMPTY


def test_a_malformed_selector_says_so():
    with pytest.raises(FeedFormatError, match="selector"):
        parse(LISTING, listing=ListingRules("div["))


def test_a_home_page_names_its_feeds():
    page = (
        '<html><head><base href="https://www.news.example/">'
        '<link rel="alternate" type="application/rss+xml" href="rss.xml">'
        '<link rel="ALTERNATE" type="application/atom+xml; charset=utf-8" href="/atom">'
        '<link rel="alternate" type="application/rss+xml" href="rss.xml">'
        '<link rel="alternate" hreflang="de" href="/de/"><link rel="stylesheet" type="text/css" '
        'href="/x.css">'
        "</head><body>News</body></html>"
    )
    feed = parse(page)
    assert (feed.kind, feed.entries) == (FeedKind.LISTING, ())
    assert feed.feed_urls == ("https://www.news.example/rss.xml", "https://www.news.example/atom")


def test_xhtml_is_a_page_too():
    page = (
        '<?xml version="1.0"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"><head>'
        '<link rel="alternate" type="application/atom+xml" href="/atom"/></head><body/></html>'
    )
    assert parse(page).feed_urls == ("https://news.example/atom",)


def test_items_without_links_are_kept_for_the_report():
    document = read_document(LISTING.encode(), DateContext(NOW), url=URL, listing=ListingRules("div.itm"))
    assert [item.link is None for item in document.entries] == [False, False, True]

"""A new source: its name, its home page, its entry in sources.toml."""

import tomllib

import pytest

from tasks.domain.feeds.home_page import FeedLink, parse_home_page
from tasks.domain.source_list.draft import FoundFeed, SourceDraft, draft_toml, source_name
from tasks.http_client.robots_groups import sitemap_lines
from tasks.sources import parse_sources
from warehouse.records.source import FeedKind


@pytest.mark.parametrize(
    ("url", "name"),
    [
        pytest.param("https://www.example.co.uk/news", "example", id="registered name"),
        pytest.param("https://news.the-times.example.org/", "example", id="not the subdomain"),
        pytest.param("http://127.0.0.1:8080/", "127-0-0-1", id="an address"),
        pytest.param("https://новости.рф/", "source", id="no Latin letter"),
        pytest.param("https://taken.com/", "taken-3", id="already there"),
        pytest.param(f"https://{'a' * 63}.com/", "a" * 56, id="room for a number"),
    ],
)
def test_source_name(url, name):
    assert source_name(url, {"taken", "taken-2"}) == name


def test_the_entry_is_valid_whatever_the_site_calls_itself():
    draft = SourceDraft(
        "example",
        'The "Daily"\\ \n[[source]] News\x7f\u2028',
        "https://example.org/",
        "de",
        (
            FoundFeed("https://example.org/rss?a=1&b=2", FeedKind.RSS, 3),
            FoundFeed("https://example.org/s", FeedKind.SITEMAP, 1),
        ),
        sitemap="https://example.org/sitemap.xml",
        allow=("127.0.0.1:80",),
    )
    document = tomllib.loads(draft_toml(draft))
    source = parse_sources(document, "sources.toml").sources[0]
    assert source.title == 'The "Daily"\\ [[source]] News'
    assert [(feed.url, feed.kind) for feed in source.feeds] == [
        ("https://example.org/rss?a=1&b=2", FeedKind.AUTO),
        ("https://example.org/s", FeedKind.SITEMAP),
    ]
    assert (source.language, source.archive.sitemap, source.allow) == ("de", draft.sitemap, draft.allow)


def test_a_draft_of_little_is_valid_too():
    document = tomllib.loads(draft_toml(SourceDraft("a", "A", "https://a.example/")))
    assert parse_sources(document, "sources.toml").sources[0].feeds == ()


def test_front_page():
    page = parse_home_page(
        b'<html lang="pt_BR"><head><title>T</title><meta property="og:site_name" content=" Folha  Nova ">'
        b'<link rel="alternate" type="application/rss+xml" title="Comments" href="/a">'
        b'<link rel="alternate" type="application/rss+xml" title="News" href="/b">'
        b'<link rel="alternate" type="application/feed+json" href="ftp://x/"></head></html>',
        "https://news.example/x/",
        None,
    )
    assert (page.title, page.language) == ("Folha Nova", "pt")
    assert page.feeds == (
        FeedLink("https://news.example/b", "News"),
        FeedLink("https://news.example/a", "Comments"),
    )


def test_sitemap_lines():
    robots = (
        b"User-agent: *\nDisallow: /x\nSitemap: /a.xml\nSITEMAP:https://b.example/b.xml # c\nsitemap: "
        b"ftp://x/\nSitemap: /a.xml"
    )
    assert sitemap_lines(robots, "https://a.example/robots.txt") == [
        "https://a.example/a.xml",
        "https://b.example/b.xml",
    ]

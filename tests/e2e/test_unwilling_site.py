"""A site that gives its pages reluctantly: text from the feed, pages that come back, a source off."""

import pytest

from flows.cli import run
from tests.support.small_site import SmallSite
from warehouse.store.connection import connect

SENTENCE = "The harbour board of quarter {n} met to discuss gate {n}, the ferry and the engineers' dispute. "
FEED = (
    '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>{}</channel></rss>'
)
ITEM = (
    "<item><title>Ferry number {n} returns to the harbour</title><link>/a/{n}</link>"
    "<pubDate>Tue, 24 Nov 2026 0{n}:00:00 GMT</pubDate><description>A teaser.</description>"
    "<content:encoded><![CDATA[{content}]]></content:encoded></item>"
)
SOURCE = """
[[source]]
name = "{name}"
title = "{name}"
enabled = {enabled}
[[source.feed]]
url = "{base}/{name}"
[source.pace]
delay_s = 0
allow = ["127.0.0.1:{port}"]
"""


def text(n, mark=""):
    return "".join(f"<p>{SENTENCE.format(n=10 * n + i)}{mark}</p>" for i in range(6))


def page(n, body):
    title = f"Ferry number {n} returns to the harbour"
    return (
        f"<html lang='en'><head><title>{title}</title></head><body><article><h1>{title}</h1>{body}</article>"
        "</body></html>"
    ).encode()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    home = tmp_path_factory.mktemp("unwilling")
    teaser = f"<p>{SENTENCE.format(n=3)}</p><p><a href='/a/3'>Continue reading</a></p>"
    contents = {1: text(1), 2: text(2), 3: teaser, 4: text(4)}
    documents = {
        "/robots.txt": ("text/plain", b"User-agent: *\nDisallow: /a/2"),
        "/gazette": (
            "application/rss+xml",
            FEED.format("".join(ITEM.format(n=n, content=c) for n, c in contents.items())).encode(),
        ),
    }
    for n in (1, 3):
        documents[f"/a/{n}"] = ("text/html", b"<html><p>Forbidden</p></html>")
    wall = f"<p>{SENTENCE.format(n=4)}</p><p>Subscribe to continue reading this article. Log in.</p>"
    documents["/a/4"] = ("text/html", page(4, wall))
    with SmallSite(documents) as site:
        site.statuses |= {"/a/1": 403, "/a/3": 403}
        config = home / "sources.toml"
        config.write_text(
            SOURCE.format(name="gazette", enabled="true", base=site.base, port=site.port)
            + SOURCE.format(name="switched-off", enabled="false", base=site.base, port=site.port)
        )
        site.home, site.options = home, ["--home", str(home), "--config", str(config)]
        assert run(["ingest", *site.options]) == 1
        # Read now: a later test changes them, and tests run in any order.
        site.first_articles = rows(
            site, "select right(url, 4), body_from, word_count > 80 from articles order by url"
        )
        yield site


def rows(site, query):
    with connect(site.home) as con:
        return con.execute(query).fetchall()


def test_the_feed_stands_in_for_pages_that_cannot_be_had(site):
    assert site.first_articles == [
        ("/a/1", "feed", True),  # 403
        ("/a/2", "feed", True),  # robots.txt
        ("/a/4", "feed", True),  # a paywall
    ]
    assert rows(site, "select right(url, 4), error_class from rejects") == [("/a/3", "forbidden")]
    assert "/a/2" not in site.requests


def test_a_disabled_source_is_not_asked(site):
    assert "/switched-off" not in site.requests
    assert rows(site, "select status from feed_health where source = 'switched-off'") == [("disabled",)]
    assert rows(site, "select enabled from sources order by source") == [(True,), (False,)]


def test_a_page_that_comes_back_replaces_the_feed_s_text(site):
    site.documents["/a/1"] = ("text/html", page(1, text(1, "The mayor agreed.")))
    site.statuses["/a/1"] = 200
    urls = [f"{site.base}/a/1", f"{site.base}/a/4"]
    assert run(["ingest", "--recheck", *urls, *site.options]) == 0
    assert rows(
        site,
        "select right(url, 4), body_from, n_revisions, contains(body, 'mayor') "
        "from articles join texts using (article_id) order by url",
    ) == [("/a/1", "page", 2, True), ("/a/2", "feed", 1, False), ("/a/4", "feed", 1, False)]
    assert site.requests.count("/gazette") == 1  # no feed is polled

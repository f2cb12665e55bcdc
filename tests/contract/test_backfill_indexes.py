"""Index pages of a backfill, from a server: which are requested, what they name, what is noted as missing."""

from datetime import date

import pytest

from tasks.backfill.indexes import find_ways, read_indexes
from tasks.backfill.walk import Days, Walk
from tasks.http_client.client import HttpClient, Limits
from tasks.workers.feed_parser import FeedParser
from tests.support.small_site import SmallSite
from warehouse.records.source import ArchiveRules, Feed, FeedKind, ListingRules, Source

SINCE, UNTIL = date(2022, 1, 1), date(2022, 1, 31)
LIMITS = Limits(connect_s=1, read_s=1, page_s=3, sitemap_s=3)
RULES = ListingRules("li")


@pytest.fixture(scope="module")
def parser():
    with FeedParser(1) as running:
        yield running


@pytest.fixture
def site():
    with SmallSite({}) as running:
        yield running


@pytest.fixture
def walk(site, parser, tmp_path):
    """Return a function that opens a walk through the site's past."""
    client = HttpClient(hosts_dir=tmp_path / "hosts", contact=None, limits=LIMITS, sleep=lambda s: None)

    def open_walk(*listings, feeds=(), until=UNTIL, **archive):
        named = [Feed(site.base + path, FeedKind.LISTING, RULES) for path in listings]
        named += [Feed(site.base + path) for path in feeds]
        rules = ArchiveRules(**{key: site.base + path for key, path in archive.items()})
        allow = (f"127.0.0.1:{site.port}",)
        source = Source("daily", "Daily", feeds=tuple(named), archive=rules, delay_s=0.0, allow=allow)
        return Walk(source, Days(SINCE, until), client, parser)

    with client:
        yield open_walk


def listing(*names: str, to: str = "") -> tuple[str, bytes]:
    items = "".join(f'<li><a href="/story/{name}">The report {name}</a></li>' for name in names)
    following = f'<a rel="next" href="{to}">older</a>' if to else ""
    return "text/html; charset=utf-8", f"<html><body><ul>{items}</ul>{following}</body></html>".encode()


def sitemap(site: SmallSite, *children: tuple[str, str]) -> tuple[str, bytes]:
    rows = "".join(
        f"<sitemap><loc>{site.base}/{name}</loc>{lastmod and f'<lastmod>{lastmod}</lastmod>'}</sitemap>"
        for name, lastmod in children
    )
    return "application/xml", (
        f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</sitemapindex>'
    ).encode()


def url_set(site: SmallSite, *rows: str) -> tuple[str, bytes]:
    names = "".join(f"<url><loc>{site.base}/story/{row}</url>" for row in rows)
    return "application/xml", (
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{names}</urlset>'
    ).encode()


def read(walk, via=None):
    """Return the names of the stories to fetch, and the paths of the indexes that could not be read."""
    indexes = list(read_indexes(walk, find_ways(walk.source, via)))
    stories = [request.url.rpartition("/")[2] for index in indexes for request in index.requests]
    return stories, [index.url.split("/", 3)[3] for index in indexes if index.reject]


def test_a_section_that_goes_past_the_range_ends_itself_and_no_other(site, walk):
    for section in "ab":
        for n in range(1, 4):
            to = f"/{section}?page={n + 1}" if n < 3 else ""
            path = f"/{section}?page={n}" if n > 1 else f"/{section}"
            site.documents[path] = listing(f"{section}{n}", to=to)
    opened = walk("/a", "/b")
    for index in read_indexes(opened, find_ways(opened.source, None)):
        if index.url != site.base + "/b?page=3":  # a batch that /a named is extracted only now, and is old
            opened.note_articles([site.base + "/a"] * 10, [date(2020, 1, 1)] * 10)
    assert site.requests[1:] == ["/a", "/b", "/b?page=2", "/b?page=3"]


@pytest.mark.parametrize("status", [500, 503])
def test_a_page_of_a_chain_that_fails_for_now_is_a_reject_and_noted(site, walk, status):
    site.documents["/list?page=1"] = listing("one")
    site.documents["/list?page=2"] = ("text/html", b"busy")
    site.documents["/list?page=3"] = listing("three")
    site.statuses["/list?page=2"] = status
    opened = walk("/list", page_url="/list?page={n}")
    assert read(opened) == (["one"], ["list?page=2"])
    assert len(opened.notes) == 1
    assert f"pages after {site.base}/list?page=2 were not read" in opened.notes[0]


def test_a_linked_page_that_does_not_exist_is_a_reject_and_the_end_of_numbered_pages_is_not(site, walk):
    site.documents["/linked"] = listing("one", to="/linked/2")
    site.documents["/list?page=1"] = listing("two")
    assert read(walk("/linked")) == (["one"], ["linked/2"])
    numbered = walk("/other", page_url="/list?page={n}")
    assert (read(numbered), numbered.notes) == ((["two"], []), [])


def test_sitemaps_that_name_the_range_are_read_whatever_their_last_change(site, walk):
    site.documents["/index.xml"] = sitemap(
        site,
        ("2022-01.xml", "2021-03-01T08:00:00Z"),  # wrong: its articles are younger
        ("a.xml", "1970-01-01T00:00:00Z"),  # not known
        ("b.xml", "2021-03-01T08:00:00Z"),
    )
    site.documents["/2022-01.xml"] = url_set(site, "one</loc>")
    site.documents["/a.xml"] = url_set(
        site,
        "two</loc><lastmod>1970-01-01T00:00:00Z</lastmod>",
        "three</loc><lastmod>2021-03-01T08:00:00Z</lastmod>",
    )
    opened = walk("/unused", sitemap="/index.xml")
    assert read(opened, "sitemap") == (["one", "two"], [])
    assert (opened.n_stale_sitemaps, opened.notes) == (1, [])


def test_a_sitemap_for_each_day_of_two_years(site, walk):
    names = [f"s-{year}-{month:02}-{day:02}.xml" for year in (2022, 2023) for month in range(1, 13)
             for day in range(1, 29)]  # fmt: skip
    site.documents["/index.xml"] = sitemap(site, *((name, "") for name in names))
    for name in names:
        site.documents[f"/{name}"] = url_set(site, f"{name}</loc>")
    opened = walk("/unused", sitemap="/index.xml", until=date(2023, 12, 31))
    stories, failed = read(opened, "sitemap")
    assert (len(stories), failed, opened.notes) == (672, [], [])


def test_pages_that_continue_a_day_are_read_and_days_without_articles_are_no_failure(site, walk):
    site.documents["/2022/01/31/"] = listing("one", to="/2022/01/31/page/2/")
    site.documents["/2022/01/31/page/2/"] = listing("two", to="/2022/01/30/")  # the day before
    site.documents["/2022/01/29/"] = listing("three", to="/2022/01/28/")
    opened = walk("/unused", day_url="/{YYYY}/{MM}/{DD}/")
    assert read(opened, "dated") == (["one", "two", "three"], [])
    assert len(site.requests) == len(set(site.requests)) == 33  # with robots.txt


def test_days_of_which_none_has_a_page_are_a_failure(site, walk):
    assert read(walk("/unused", day_url="/{YYYY}/{MM}/{DD}/"), "dated") == ([], ["2022/01/31/"])


def atom(site: SmallSite, *names: str, to: str = "") -> tuple[str, bytes]:
    older = f'<link rel="prev-archive" href="{site.base}{to}"/>' if to else ""
    entries = "".join(
        f'<entry><id>{name}</id><title>{name}</title><link href="{site.base}/story/{name}"/></entry>'
        for name in names
    )
    return "application/atom+xml", (
        f'<feed xmlns="http://www.w3.org/2005/Atom"><title>F</title>{older}{entries}</feed>'
    ).encode()


def test_archives_that_repeat_the_feed_or_are_empty_do_not_end_it(site, walk):
    site.documents["/feed"] = atom(site, "one", "two", to="/feed/3")
    site.documents["/feed/3"] = atom(site, "two", to="/feed/2")
    site.documents["/feed/2"] = atom(site, to="/feed/1")
    site.documents["/feed/1"] = atom(site, "three", to="/feed/1")  # a ring ends
    assert read(walk(feeds=("/feed",)), "rfc5005") == (["one", "two", "three"], [])


def test_archives_without_anything_new_end_after_a_few(site, walk):
    for n in range(20):
        site.documents[f"/feed{n or ''}"] = atom(site, "one", to=f"/feed{n + 1}")
    assert read(walk(feeds=("/feed",)), "rfc5005") == (["one"], [])
    assert len(site.requests) == 1 + 5  # with robots.txt


def test_an_archived_feed_is_not_read_again_as_numbered_pages(site, walk):
    site.documents["/feed"] = atom(site, "one", to="/feed/old")
    site.documents["/feed/old"] = atom(site, "two")
    site.documents["/plain"] = atom(site, "three")
    site.documents["/plain?paged=2"] = atom(site, "four")
    opened = walk(feeds=("/feed", "/plain"))
    assert (read(opened), opened.notes) == ((["one", "two", "three", "four"], []), [])
    assert site.requests[1:] == ["/feed", "/feed/old", "/plain", "/plain?paged=2", "/plain?paged=3"]

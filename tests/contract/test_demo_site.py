"""The demo sites as a fixture: they serve what their truth records, in the declared formats."""

import gzip
import itertools
import json
from urllib.parse import urlsplit
from xml.etree import ElementTree

import feedparser
import pytest
import requests
import trafilatura
from bs4 import BeautifulSoup

from demo.content import Kind, read_web
from demo.site import DemoSite
from tests.support.demo import by_source, containment, shingles

NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
SOURCES = [site.name for site in read_web().sites]


@pytest.fixture(scope="module")
def site():
    with DemoSite() as running:
        yield running


@pytest.fixture(scope="module")
def get():
    with requests.Session() as session:
        session.trust_env = False
        yield lambda url, **headers: session.get(
            url, headers={name.replace("_", "-"): value for name, value in headers.items()}, timeout=10
        )


def feed_url(site, source):
    return site.base(source) + site.web.site(source).feed_path


def articles(site, phase=0):
    return [record for record in site.truth(phase) if record.kind == Kind.ARTICLE]


# --- the whole ----------------------------------------------------------------------------------


def test_there_are_enough_sources_articles_and_copies(site):
    records = articles(site)
    assert len(site.sources) >= 8
    assert len(records) >= 120
    assert sum(record.copy_of is not None for record in records) >= 15
    assert {record.language for record in records} == {"en", "ru", "de", "ja", "ar"}


def test_every_article_has_its_own_url_and_several_paragraphs(site):
    records = articles(site)
    assert len({record.url for record in records}) == len(records)
    assert [r.url for r in records if len(r.body.splitlines()) < 3] == []
    lengths = [len(r.body) if r.language == "ja" else len(r.body.split()) for r in records]
    assert min(lengths) >= 70
    assert sum(n >= 150 for n in lengths) > len(lengths) * 2 / 3


def test_no_date_lies_after_the_fixed_day(site):
    assert max(record.published_on.isoformat() for record in site.truth(1)) < "2026-11-24"


def test_the_sites_are_the_same_each_time(get):
    def snapshot():
        with DemoSite() as fresh:
            base = fresh.base("harbour-gazette")
            pages = [get(t.url).text.replace(base, "") for t in by_source(fresh.truth())["harbour-gazette"]]
            return pages, [(t.source, t.path, t.title, t.body) for t in fresh.truth()]

    assert snapshot() == snapshot()


def test_the_source_list_names_each_site(site):
    import tomllib

    config = tomllib.loads(site.sources_toml())
    assert [source["name"] for source in config["source"]] == SOURCES
    for source in config["source"]:
        host = urlsplit(source["homepage"]).netloc
        assert source["pace"] == {"delay_s": 0, "allow": [host]}
        assert all(urlsplit(feed["url"]).netloc == host for feed in source["feed"])


def test_the_checked_in_truth_is_that_of_the_texts(site, tmp_path):
    from demo.truth import TRUTH_FILE, truth_lines

    assert TRUTH_FILE.read_text("utf-8") == truth_lines(site.web), "rewrite it: python -m demo.truth"


# --- pages --------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", SOURCES)
def test_pages_give_most_of_their_body_to_generic_extraction(site, get, source):
    records = [record for record in articles(site) if record.source == source]
    for record in records[::3]:
        text = trafilatura.extract(get(record.url).content, include_comments=False) or ""
        assert containment(record.body, text) > 0.9, record.url


@pytest.mark.parametrize("source", SOURCES)
def test_pages_have_a_realistic_weight_and_one_headline(site, get, source):
    record = next(record for record in articles(site) if record.source == source)
    page = get(record.url)
    assert page.status_code == 200
    assert 20_000 <= len(page.content) <= 80_000
    assert record.title in " ".join(BeautifulSoup(page.content, "lxml").get_text().split())


@pytest.mark.parametrize("source", SOURCES)
def test_links_between_front_page_sections_and_articles_lead_somewhere(site, get, source):
    base = site.base(source)
    paths = {record.path for record in site.truth(0) if record.source == source}
    front = BeautifulSoup(get(base + "/").content, "lxml")
    linked = {link["href"] for link in front.find_all("a", href=True)}
    assert len(linked & paths) >= 8
    for section in site.web.site(source).sections:
        assert get(base + site.web.site(source).section_path.format(slug=section.slug)).status_code == 200


def test_windows_1251_is_said_and_sent(site, get):
    record = next(r for r in articles(site) if r.source == "severny-vestnik")
    page = get(record.url)
    assert page.headers["Content-Type"] == "text/html; charset=windows-1251"
    assert record.title in page.content.decode("windows-1251")
    assert b"charset=windows-1251" in page.content
    with pytest.raises(UnicodeDecodeError):
        page.content.decode("utf-8")


@pytest.mark.parametrize(
    ("source", "path_part", "printed"),
    [
        pytest.param("oreanda", "tarvonia_names", "10.01.2022, 16:58", id="numeric, day first"),
        pytest.param("harbour-gazette", "swing-bridge", "10 November 2026, 16:58", id="words, day first"),
        pytest.param("meridian-times", "seed-companies", "Nov. 10, 2026, 6:05 p.m. ET", id="month first"),
        pytest.param("kestrel-observer", "desalination", "2022-01-10 07:20", id="ISO without a zone"),
        pytest.param("severny-vestnik", "20418", "10 января 2022, 16:58", id="Russian"),
        pytest.param("nordkai-kurier", "deichbau", "10. November 2026, 16:58 Uhr", id="German"),
        pytest.param("talblick", "gipfelkreuz", "11.11.2026", id="day only"),
        pytest.param("minato-shimpo", "61100", "2026年11月10日 16時58分", id="Japanese"),
        pytest.param("al-marsa", "port-of-ras", "١٠ يناير ٢٠٢٢ - ١٦:٥٨", id="Arabic"),
    ],
)
def test_dates_are_printed_in_the_manner_of_the_country(site, get, source, path_part, printed):
    record = next(r for r in articles(site) if r.source == source and path_part in r.path)
    page = get(record.url)
    assert printed in page.content.decode(page.encoding)


def test_the_agency_page_is_made_like_the_agencys(site, get):
    record = next(r for r in articles(site) if r.source == "oreanda")
    page = BeautifulSoup(get(record.url).content, "lxml")
    date = page.select_one("div.article-date")
    assert date.get_text() == record.published_local.strftime("%d.%m.%Y, %H:%M")
    headline = date.find_next_sibling()
    assert headline == page.select_one("h1.h-article")
    assert headline.get_text() == record.title
    assert headline.find_next_sibling().get_text() == "Source: OREANDA-NEWS"
    text = page.select_one("div.article-text")
    assert [p.get_text() for p in text.find_all("p")] == record.body.split("\n")
    assert text.get_text().lstrip().startswith("OREANDA-NEWS. ")
    assert text.find_next_sibling().get_text() == "Комментарии"
    assert page.find("script", type="application/ld+json") is None


# --- feeds --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "version"),
    [
        pytest.param("harbour-gazette", "rss20", id="RSS 2.0"),
        pytest.param("severny-vestnik", "rss20", id="RSS 2.0 in windows-1251"),
        pytest.param("al-marsa", "rss20", id="RSS 2.0 in Arabic"),
        pytest.param("nordkai-kurier", "atom10", id="Atom"),
        pytest.param("volgorod-online", "atom10", id="Atom with updated only"),
        pytest.param("minato-shimpo", "rss10", id="RDF"),
    ],
)
def test_xml_feeds_parse_and_hold_what_the_truth_says(site, get, source, version):
    parsed = feedparser.parse(get(feed_url(site, source)).content)
    assert (parsed.version, parsed.bozo) == (version, False)
    listed = [r for r in site.truth(0) if r.source == source and r.in_feed]
    shown = [(entry.link, " ".join(entry.title.split())) for entry in parsed.entries]
    assert shown == [(r.url, r.title) for r in listed]


def test_atom_names_older_entries_on_a_next_page(site, get):
    first = feedparser.parse(get(feed_url(site, "nordkai-kurier")).content)
    older = next(link.href for link in first.feed.links if link.rel == "next")
    second = feedparser.parse(get(older).content)
    links = [entry.link for entry in first.entries + second.entries]
    assert links == [r.url for r in site.truth(0) if r.source == "nordkai-kurier"]


def test_json_feed_holds_what_the_truth_says(site, get):
    answer = get(feed_url(site, "meridian-times"))
    feed = json.loads(answer.content)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert answer.headers["Content-Type"].startswith("application/feed+json")
    assert [item["url"] for item in feed["items"]] == [
        r.url for r in site.truth(0) if r.source == "meridian-times"
    ]


def test_news_sitemap_holds_the_newest_and_the_index_the_rest(site, get):
    source = "kestrel-observer"
    newest = ElementTree.fromstring(get(feed_url(site, source)).content)
    urls = [e.text for e in newest.iter(f"{MAP}loc")]
    assert urls == [r.url for r in site.truth(0) if r.source == source and r.in_feed]
    assert len(list(newest.iter(f"{NEWS}publication_date"))) == len(urls)
    index = ElementTree.fromstring(get(site.base(source) + "/sitemap.xml").content)
    months = [e.text for e in index.iter(f"{MAP}loc")]
    assert [m.rpartition("/")[2] for m in months] == ["sitemap-2022-01.xml", "sitemap-2021-12.xml"]
    by_month = [e.text for m in months for e in ElementTree.fromstring(get(m).content).iter(f"{MAP}loc")]
    assert by_month == [r.url for r in site.truth(0) if r.source == source]


@pytest.mark.parametrize(
    ("source", "link", "following"),
    [
        pytest.param("oreanda", "div.itm h3 a", "div.pager a.next", id="oreanda"),
        pytest.param("talblick", "ul.meldungen a.meldung", "a.aeltere", id="talblick"),
    ],
)
def test_listing_pages_lead_back_to_the_first_article(site, get, source, link, following):
    base, target, seen = site.base(source), site.web.site(source).feed_path, []
    while target:
        page = BeautifulSoup(get(base + target).content, "lxml")
        seen += [base + anchor["href"] for anchor in page.select(link)]
        onward = page.select_one(following)
        target = onward["href"] if onward else None
    assert seen == [r.url for r in articles(site) if r.source == source]
    assert get(f"{base}{site.web.site(source).feed_path}?page=99").status_code == 404


def test_the_blogs_day_archive_lists_that_days_articles(site, get):
    page = BeautifulSoup(get(site.base("harbour-gazette") + "/2026/11/08/").content, "lxml")
    shown = {a["href"] for a in page.select(".post-list h3 a")}
    assert shown == {
        r.path
        for r in articles(site)
        if r.source == "harbour-gazette" and r.published_on.isoformat() == "2026-11-08"
    }


# --- the wire -----------------------------------------------------------------------------------


def test_a_feed_answers_304_to_its_own_validators(site, get):
    url = feed_url(site, "harbour-gazette")
    first = get(url)
    n_before = len(site.requests)
    by_tag = get(url, If_None_Match=first.headers["ETag"])
    by_date = get(url, If_Modified_Since=first.headers["Last-Modified"])
    other = get(url, If_None_Match='"another"', If_Modified_Since=first.headers["Last-Modified"])
    assert (by_tag.status_code, by_date.status_code, other.status_code) == (304, 304, 200)
    assert by_tag.content == b""
    assert [(r.status, r.conditional) for r in site.requests[n_before:]] == [
        (304, True),
        (304, True),
        (200, True),
    ]


def test_gzip_is_sent_where_it_is_accepted(site):
    url = feed_url(site, "nordkai-kurier")
    plain = requests.get(url, headers={"Accept-Encoding": "identity"}, timeout=10)
    packed = requests.get(url, headers={"Accept-Encoding": "gzip"}, timeout=10, stream=True)
    with packed:
        raw = packed.raw.read(decode_content=False)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(raw) == plain.content


@pytest.mark.parametrize("kind", [Kind.GONE, Kind.NOT_AN_ARTICLE, Kind.ROBOTS])
def test_a_feed_lists_what_is_no_article(site, get, kind):
    records = [r for r in site.truth(0) if r.kind == kind]
    assert records
    for record in records:
        assert record.body is None
        assert record.in_feed
        assert get(record.url).status_code == (410 if kind == Kind.GONE else 200)


def test_robots_txt_forbids_the_members_page_that_the_feed_lists(site, get):
    record = next(r for r in site.truth(0) if r.kind == Kind.ROBOTS)
    assert record.path.startswith("/members/")
    assert "Disallow: /members/" in get(site.base(record.source) + "/robots.txt").text.splitlines()


# --- copies and corrections -----------------------------------------------------------------------


def test_copies_share_their_text_and_nothing_else_does(site):
    records = articles(site, phase=0)
    by_url = {r.url: r for r in records}
    for copy in (r for r in records if r.copy_of):
        original = by_url[copy.copy_of]
        assert copy.title != original.title
        assert containment(copy.body, original.body) > 0.7, copy.url
        assert abs((copy.published_on - original.published_on).days) <= 3
    cut = {r.url: shingles(r.body, 3) for r in records}
    related = {frozenset((r.url, r.copy_of)) for r in records if r.copy_of}
    for a, b in itertools.combinations(records, 2):
        if a.language == b.language and frozenset((a.url, b.url)) not in related:
            shared = len(cut[a.url] & cut[b.url]) / len(cut[a.url] | cut[b.url])
            assert shared < 0.05, (a.url, b.url)


def test_corrections_change_articles_and_what_announces_them(get):
    with DemoSite() as site:
        before = {t.url: t for t in site.truth()}
        feeds = {source: get(feed_url(site, source)).content for source in site.sources}
        site.advance()
        after = {t.url: t for t in site.truth()}
        changed = [url for url in before if before[url].body != after[url].body and after[url].body]
        assert len(changed) >= 6
        for url in changed:
            assert after[url].phase == 1
            assert after[url].published_at == before[url].published_at
            line = after[url].body.split("\n")[-1]
            page = get(url)
            assert line in BeautifulSoup(page.content.decode(page.encoding), "lxml").get_text()
        assert len(set(after) - set(before)) >= 4
        sources_changed = {after[url].source for url in changed}
        announcing = {"nordkai-kurier", "volgorod-online", "kestrel-observer", "meridian-times"}
        assert announcing <= sources_changed
        for source in announcing:
            assert get(feed_url(site, source)).content != feeds[source]
        gone = [url for url in before if before[url].kind == Kind.ARTICLE and after[url].kind == Kind.GONE]
        assert [get(url).status_code for url in gone] == [410]

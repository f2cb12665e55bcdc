"""Backfill planning: archive pages, sitemaps that can contain a range, ends of chains."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tasks.backfill.plan import (
    MAX_PAGES,
    Chain,
    DayRange,
    PageSeen,
    day_urls,
    days_of_url,
    is_older,
    next_paged_url,
    page_urls,
    sitemaps_for,
)
from warehouse.records.feed import FeedEntry, SitemapLink

SINCE, UNTIL = date(2022, 1, 10), date(2022, 2, 3)


@pytest.mark.parametrize(
    ("pattern", "first", "last", "n"),
    [
        pytest.param(
            "/{YYYY}/{MM}/{DD}/", "/2022/02/03/", "/2022/01/10/", 25, id="a page a day, newest first"
        ),
        pytest.param("/{D}.{M}.{YY}", "/3.2.22", "/10.1.22", 25, id="without leading zeros"),
        pytest.param("/{YYYY}-{MM}", "/2022-02", "/2022-01", 2, id="a page a month"),
        pytest.param("/{YYYY}", "/2022", "/2022", 1, id="a page a year"),
    ],
)
def test_day_urls(pattern, first, last, n):
    urls = list(day_urls(pattern, SINCE, UNTIL))
    assert (urls[0], urls[-1], len(urls)) == (first, last, n)


def test_leap_days_and_one_day():
    assert list(day_urls("{YYYY}{MM}{DD}", date(2024, 2, 29), date(2024, 2, 29))) == ["20240229"]


def test_page_urls():
    urls = list(page_urls("/p?page={n}"))
    assert (urls[0], len(urls)) == ("/p?page=1", MAX_PAGES)


@pytest.mark.parametrize(
    ("name", "since", "until"),
    [
        pytest.param("sitemap-2022-01.xml", (2022, 1, 1), (2022, 1, 31), id="month"),
        pytest.param("sitemap202202.xml.gz", (2022, 2, 1), (2022, 2, 28), id="month without separator"),
        pytest.param("sitemap/2022/1/", (2022, 1, 1), (2022, 1, 31), id="month without zero"),
        pytest.param("sitemap-2022-01-15.xml", (2022, 1, 15), (2022, 1, 15), id="day"),
        pytest.param("sitemap_20220115.xml", (2022, 1, 15), (2022, 1, 15), id="day without separator"),
        pytest.param("sitemap-2022.xml", (2022, 1, 1), (2022, 12, 31), id="year"),
        pytest.param("archive-January-2022.xml", (2022, 1, 1), (2022, 1, 31), id="month's name"),
        pytest.param("2022/feb.xml", (2022, 2, 1), (2022, 2, 28), id="short name"),
        pytest.param("sitemap.xml?yyyy=2022&mm=01&dd=15", (2022, 1, 15), (2022, 1, 15), id="query"),
        pytest.param("sitemap.xml?year=2022&month=3", (2022, 3, 1), (2022, 3, 31), id="query, month"),
    ],
)
def test_days_of_url(name, since, until):
    assert days_of_url(f"https://a.example/{name}") == DayRange(date(*since), date(*until))


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("https://a.example/sitemap-7.xml", id="a number"),
        pytest.param("https://a2022.example/sitemap.xml", id="a year in the host"),
        pytest.param("https://a.example/sitemap-202213.xml", id="no month"),
        pytest.param("https://a.example/post-sitemap12022.xml", id="digits around"),
        pytest.param("https://a.example/s.xml?yyyy=2022&mm=13", id="no month in the query"),
        pytest.param("https://a.example/sitemap-1850.xml", id="before the web"),
    ],
)
def test_urls_that_name_no_days(url):
    assert days_of_url(url) is None


def test_sitemaps_for_a_range():
    def link(name: str, updated: datetime | None = None) -> SitemapLink:
        return SitemapLink(f"https://a.example/{name}", updated)

    children = [
        link("posts-1.xml", datetime(2020, 5, 1, tzinfo=UTC)),  # unchanged since before the range
        link("posts-2.xml", datetime(2026, 5, 1, tzinfo=UTC)),
        link("posts-3.xml"),
        link("s-2021-12.xml"),
        link("s-2022-01.xml", datetime(2024, 1, 1, tzinfo=UTC)),
        link("s-2022-02.xml"),
        link("s-2022-03.xml"),
        link("s-2022.xml"),
        link("s-2022-01-09.xml"),  # a day of grace for zones
        link("s-2022-01-08.xml"),
    ]
    names = [child.url.rpartition("/")[2] for child in sitemaps_for(children, SINCE, UNTIL)]
    assert names == [
        "s-2022-01.xml", "s-2022-02.xml", "s-2022.xml", "s-2022-01-09.xml", "posts-2.xml", "posts-3.xml"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        pytest.param(["2021-1", "2021-2", "2022-1", "2022-2", "2022-3"], ["2022-1", "2022-2", "2022-3"],
            id="parts of a year: any of them may have the range"),
        pytest.param(["2021-12", "2022-1", "2022-2", "2022-3"], ["2022-1", "2022-2"], id="months"),
        pytest.param(["2021-12", "2022-1", "2022-13"], ["2022-1", "2022-13"], id="no year has 13 months"),
        pytest.param(["2022-1", "2022-2", "2022-3"], ["2022-1", "2022-2", "2022-3"],
            id="one year does not tell"),
        pytest.param(["2022-01", "2022-02", "2022-03"], ["2022-01", "2022-02"], id="leading zeros"),
    ],
)  # fmt: skip
def test_a_number_behind_the_year_is_a_month_or_a_part(numbers, expected):
    children = [SitemapLink(f"https://a.example/news-{number}.xml.gz") for number in numbers]
    chosen = [child.url for child in sitemaps_for(children, SINCE, UNTIL)]
    assert chosen == [f"https://a.example/news-{number}.xml.gz" for number in expected]


@pytest.mark.parametrize(
    ("url", "linked", "following"),
    [
        pytest.param("https://a.example/feed", None, "https://a.example/feed?paged=2", id="the second page"),
        pytest.param(
            "https://a.example/feed?paged=2", None, "https://a.example/feed?paged=3", id="the third"
        ),
        pytest.param(
            "https://a.example/f?x=1&x=2", None, "https://a.example/f?x=1&x=2&paged=2", id="other keys stay"
        ),
        pytest.param(
            "https://a.example/feed?paged=x", None, "https://a.example/feed?paged=2", id="no number"
        ),
        pytest.param(
            "https://a.example/feed", "https://a.example/old", "https://a.example/old", id="the linked one"
        ),
    ],
)
def test_next_paged_url(url, linked, following):
    assert next_paged_url(url, linked) == following


def page(n: int, *keys: str, to: int | None = None, days_ago: int | None = None) -> PageSeen:
    at = datetime(2022, 2, 3, tzinfo=UTC) - timedelta(days=days_ago or 0)
    entries = tuple(FeedEntry(f"https://a.example/{k}", published_at=at if days_ago else None) for k in keys)
    return PageSeen(f"/p{n}", frozenset(keys), entries, f"/p{to}" if to else None)


@pytest.mark.parametrize(
    ("pages", "word"),
    [
        pytest.param([page(1, "a", to=2)], None, id="goes on"),
        pytest.param([page(1, "a", to=2), page(2, "a", "b", to=3)], None, id="one new article is enough"),
        pytest.param([page(1, "a", to=2), page(2, to=3)], "no article", id="an empty page"),
        pytest.param([page(1, "a", "b", to=2), page(2, "b", to=3)], "nothing", id="nothing new"),
        pytest.param([page(1, "a")], "no next page", id="no link"),
        pytest.param([page(1, "a", to=2), page(2, "b", to=1)], "already been read", id="a ring"),
        pytest.param([page(1, "a", to=9)], "already been read", id="another chain was there"),
        pytest.param([page(1, "a", "b", to=2, days_ago=40)], "older", id="past the range"),
        pytest.param([page(1, "a", "b", to=2, days_ago=25)], None, id="a day of grace"),
    ],
)
def test_where_a_chain_ends(pages, word):
    chain = Chain(SINCE, visited={"/p9"})
    reason = [chain.add(page) for page in pages][-1]
    assert reason is None if word is None else word in (reason or "")


def test_a_chain_has_an_end_in_any_case():
    chain = Chain(SINCE)
    reasons = [chain.add(page(n, str(n), to=n + 1)) for n in range(MAX_PAGES)]
    assert set(reasons[:-1]) == {None}
    assert "limit" in reasons[-1]


def test_several_pages_may_repeat_before_the_chain_ends():
    chain = Chain(SINCE, patience=3)
    names = ["a", "a", "b", "b", "a", "a"]
    reasons = [chain.add(page(n, name, to=n + 1)) for n, name in enumerate(names)]
    assert [reason is None for reason in reasons] == [True, True, True, True, True, False]


def test_the_work_of_a_page_does_not_grow_with_the_chain():
    n_read = 0

    class CountedPage(PageSeen):
        def __getattribute__(self, name):
            nonlocal n_read
            n_read += 1
            return super().__getattribute__(name)

    chain = Chain(SINCE)
    for n in range(100):
        chain.add(CountedPage(f"/p{n}", frozenset({str(n)}), (), f"/p{n + 1}"))
    assert n_read <= 1_000


def test_few_dates_prove_nothing():
    old = FeedEntry("https://a.example/1", published_at=datetime(2001, 1, 1, tzinfo=UTC))
    undated = FeedEntry("https://a.example/2")
    assert is_older([old], SINCE)
    assert not is_older([old, undated], SINCE)
    assert is_older([old] * 5 + [undated] * 9, SINCE)
    assert not is_older([], SINCE)

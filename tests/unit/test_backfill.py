"""The ways into the past: which indexes can hold a range, which days lie in it, where a chain goes on."""

from datetime import UTC, date, datetime

import pytest

from tasks.backfill import find_ways, following_page, may_hold
from tasks.backfill_walk import Days, Way
from tasks.errors import UsageError
from tasks.past import parse_days
from warehouse.records import ArchiveRules, Feed, FeedKind, ListingRules, ParsedFeed, Source


@pytest.mark.parametrize(
    ("url", "holds"),
    [
        pytest.param("https://a.example/sitemap-2022-01.xml", True, id="month in the range"),
        pytest.param("https://a.example/sitemap-2021-12.xml", True, id="first month of the range"),
        pytest.param("https://a.example/sitemap-2021-11.xml", False, id="month before"),
        pytest.param("https://a.example/sitemap/2022/03/", False, id="month after, in the path"),
        pytest.param("https://a.example/sitemap202201.xml", True, id="month without separator"),
        pytest.param("https://a.example/sitemap-2021.xml", True, id="year in the range"),
        pytest.param("https://a.example/sitemap-2020.xml", False, id="year before"),
        pytest.param("https://a.example/sitemap?year=2023", False, id="year in the query"),
        pytest.param("https://a.example/sitemap-7.xml", True, id="nothing is said"),
        pytest.param("https://a2020.example/sitemap.xml", True, id="a year in the host says nothing"),
    ],
)
def test_may_hold(url, holds):
    assert may_hold(url, date(2021, 12, 15), date(2022, 2, 3)) is holds


def test_days_are_inclusive_and_in_the_sources_zone():
    days = Days(date(2022, 1, 10), date(2022, 1, 11), "Europe/Moscow")
    assert days.day_of(datetime(2022, 1, 9, 21, 30, tzinfo=UTC)) == date(2022, 1, 10)  # 00:30 in Moscow
    assert days.holds(date(2022, 1, 10))
    assert days.holds(date(2022, 1, 11))
    assert not days.holds(date(2022, 1, 12))
    assert days.holds(None)
    assert list(days.each()) == [date(2022, 1, 11), date(2022, 1, 10)]


@pytest.mark.parametrize(
    ("since", "until", "words"),
    [
        pytest.param("2022-02-30", "2022-03-01", "--since 2022-02-30: is no day", id="no such day"),
        pytest.param("2022-01-01", "tomorrow", "--until tomorrow: is no day", id="a word"),
        pytest.param("2022-01-02", "2022-01-01", "is after --until", id="wrong way round"),
    ],
)
def test_a_bad_range_is_told(since, until, words):
    with pytest.raises(UsageError, match=words):
        parse_days(since, until, Source("a", "A"))


@pytest.mark.parametrize(
    ("url", "linked", "following"),
    [
        pytest.param("https://a.example/feed", None, "https://a.example/feed?paged=2", id="the second page"),
        pytest.param(
            "https://a.example/feed?paged=2", None, "https://a.example/feed?paged=3", id="the third"
        ),
        pytest.param(
            "https://a.example/feed?x=1", None, "https://a.example/feed?x=1&paged=2", id="query is kept"
        ),
        pytest.param(
            "https://a.example/feed", "https://a.example/old", "https://a.example/old", id="a link wins"
        ),
    ],
)
def test_following_page(url, linked, following):
    assert following_page(url, ParsedFeed(FeedKind.RSS, (), next_url=linked)) == following


def test_ways_are_those_that_a_source_has():
    bare = Source("a", "A", feeds=(Feed("https://a.example/list", FeedKind.LISTING, ListingRules("li")),))
    assert find_ways(bare, None) == (Way.ARCHIVE, Way.PAGED)
    full = Source(
        "a",
        "A",
        homepage="https://a.example/",
        feeds=(Feed("https://a.example/feed"),),
        archive=ArchiveRules(day_url="https://a.example/{YYYY}/{MM}/{DD}/"),
    )
    assert find_ways(full, None) == (Way.ARCHIVE, Way.SITEMAP, Way.RFC5005, Way.DATED, Way.PAGED)
    assert find_ways(full, "dated") == (Way.DATED,)


def test_a_way_that_a_source_lacks_is_told_with_the_way_out():
    with pytest.raises(UsageError, match=r"set archive.day_url in sources.toml. It has: archive, paged"):
        find_ways(
            Source("a", "A", feeds=(Feed("https://a.example/l", FeedKind.LISTING, ListingRules("li")),)),
            "dated",
        )
    with pytest.raises(UsageError, match="no such way"):
        find_ways(Source("a", "A"), "telepathy")

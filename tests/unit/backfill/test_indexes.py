"""Backfill methods: which ones a source supports, which days are in a range."""

from datetime import UTC, date, datetime

import pytest

from tasks.backfill.indexes import find_ways
from tasks.backfill.run import Progress, parse_days
from tasks.backfill.walk import Days, Way
from tasks.errors import UsageError
from warehouse.records.source import ArchiveRules, Feed, FeedKind, ListingRules, Source


def test_days_are_inclusive_and_in_the_sources_zone():
    days = Days(date(2022, 1, 10), date(2022, 1, 11), "Europe/Moscow")
    assert days.day_of(datetime(2022, 1, 9, 21, 30, tzinfo=UTC)) == date(2022, 1, 10)  # 00:30 in Moscow
    assert days.holds(date(2022, 1, 10))
    assert days.holds(date(2022, 1, 11))
    assert not days.holds(date(2022, 1, 12))
    assert days.holds(None)


@pytest.mark.parametrize(
    ("since", "until", "words"),
    [
        pytest.param(
            "2022-02-30", "2022-03-01", "--since: '2022-02-30' is not a date", id="a date that does not exist"
        ),
        pytest.param("2022-01-01", "tomorrow", "--until: 'tomorrow' is not a date", id="a word"),
        pytest.param("2022-01-02", "2022-01-01", "is after --until", id="range reversed"),
    ],
)
def test_a_bad_range_is_told(since, until, words):
    with pytest.raises(UsageError, match=words):
        parse_days(since, until, Source("a", "A"))


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
    with pytest.raises(UsageError, match=r"set archive.day_url in sources.toml\). It has: archive, paged"):
        find_ways(
            Source("a", "A", feeds=(Feed("https://a.example/l", FeedKind.LISTING, ListingRules("li")),)),
            "dated",
        )
    with pytest.raises(UsageError, match="unknown way"):
        find_ways(Source("a", "A"), "telepathy")


def test_progress_counts_what_is_named_so_far_and_how_long_the_rest_takes():
    progress = Progress(n_named=400, n_done=100, started_at=datetime(2026, 11, 24, 12, tzinfo=UTC))
    said = progress.sentence(datetime(2026, 11, 24, 12, 5, tzinfo=UTC))  # 3 s a page
    assert said == "100 of 400 pages named so far are done, about 15 min left"

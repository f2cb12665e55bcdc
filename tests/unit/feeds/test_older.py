"""Older pages of a feed: where they are, and which of their entries count."""

from datetime import UTC, datetime, timedelta

import pytest

from tasks.domain.feeds.older import (
    OlderPage,
    dated_since,
    first_older_page,
    has_lost_overlap,
    missed_entries,
    next_older_page,
    paged_url,
    reaches_back,
)
from tasks.domain.feeds.polling import FeedPoll
from warehouse.records.feed import FeedDocument, FeedEntry, FeedState
from warehouse.records.source import ArchiveRules, Feed, FeedKind, Source

URL = "https://a.example/feed"
SINCE = datetime(2026, 11, 24, 12, tzinfo=UTC)
WORDPRESS = "https://wordpress.org/?v=6.7"


def poll(archive=None, state=None):
    return FeedPoll(Source("a", "A", archive=archive or ArchiveRules()), Feed(URL), state)


def document(*entries, kind=FeedKind.RSS, **fields):
    return FeedDocument(kind, tuple(entries), **fields)


def entry(name, hours=None):
    """Return an entry that was published so many hours after the last poll."""
    return FeedEntry(f"https://a.example/{name}", published_at=hours and SINCE + timedelta(hours=hours))


READ_BEFORE = FeedState(URL, "a", FeedKind.RSS, items_sha256="x")


@pytest.mark.parametrize(
    ("state", "parsed", "counts", "is_lost"),
    [
        pytest.param(READ_BEFORE, document(entry("x")), (0, 1), True, id="nothing known"),
        pytest.param(READ_BEFORE, document(entry("x")), (1, 9), False, id="one known"),
        pytest.param(READ_BEFORE, document(), (0, 0), False, id="no entries"),
        pytest.param(READ_BEFORE, None, (0, 0), False, id="unchanged or failed"),
        pytest.param(None, document(entry("x")), (0, 1), False, id="first poll"),
        pytest.param(
            FeedState(URL, "a", FeedKind.RSS), document(entry("x")), (0, 1), False, id="failed until now"
        ),
        pytest.param(READ_BEFORE, document(entry("x"), kind=FeedKind.SITEMAP), (0, 1), False, id="sitemap"),
    ],
)
def test_when_the_overlap_is_lost(state, parsed, counts, is_lost):
    assert has_lost_overlap(poll(state=state), parsed, *counts) is is_lost


@pytest.mark.parametrize(
    ("archive", "fields", "page"),
    [
        pytest.param(
            None, {"next_url": "https://a.example/2"}, OlderPage("https://a.example/2"), id="linked"
        ),
        pytest.param(
            ArchiveRules(page_url="https://a.example/p/{n}"),
            {},
            OlderPage("https://a.example/p/1", number=1),
            id="key archive",
        ),
        pytest.param(None, {"generator": WORDPRESS}, OlderPage(f"{URL}?paged=2"), id="WordPress"),
        pytest.param(
            ArchiveRules(sitemap="https://a.example/s"),
            {},
            OlderPage("https://a.example/s", True),
            id="sitemap",
        ),
        pytest.param(None, {"generator": "Hugo"}, None, id="none"),
    ],
)
def test_where_the_older_entries_are(archive, fields, page):
    assert first_older_page(poll(archive), document(**fields), URL) == page


@pytest.mark.parametrize(
    ("archive", "page", "fields", "following"),
    [
        pytest.param(None, OlderPage("/2"), {"next_url": "/3"}, OlderPage("/3"), id="linked"),
        pytest.param(None, OlderPage("/2"), {}, None, id="the last one"),
        pytest.param(
            ArchiveRules(page_url="/{n}"),
            OlderPage("/2", number=2),
            {},
            OlderPage("/3", number=3),
            id="numbered",
        ),
        pytest.param(
            None, OlderPage("/?paged=9"), {"generator": WORDPRESS}, OlderPage("/?paged=10"), id="WordPress"
        ),
        pytest.param(None, OlderPage("/s", True), {"next_url": "/x"}, None, id="a sitemap is one page"),
    ],
)
def test_the_page_after(archive, page, fields, following):
    assert next_older_page(poll(archive), page, document(**fields)) == following


def test_paged_url():
    assert paged_url("https://a.example/feed/?cat=1") == "https://a.example/feed/?cat=1&paged=2"


@pytest.mark.parametrize(
    ("hours", "known", "missed"),
    [
        pytest.param((3, 2, 1), "", "abc", id="all of them"),
        pytest.param((3, 2, -20), "b", "ab", id="until the last known one"),
        pytest.param((3, -20, -21), "", "a", id="not those of before the last poll"),
        pytest.param((None, None, None), "b", "ab", id="without dates"),
    ],
)
def test_what_the_last_poll_cannot_have_seen(hours, known, missed):
    entries = [entry(name, h) for name, h in zip("abc", hours, strict=True)]
    assert missed_entries(entries, list("abc"), set(known), SINCE) == [
        e for e, name in zip(entries, "abc", strict=True) if name in missed
    ]


def test_times():
    changed = FeedEntry("https://a.example/c", updated_at=SINCE + timedelta(hours=5))
    assert dated_since([entry("a", 1), entry("b", -5), changed, entry("d")], SINCE) == [
        entry("a", 1),
        changed,
    ]


@pytest.mark.parametrize(
    ("hours", "is_sitemap", "is_back"),
    [
        pytest.param((1, -5), False, True, id="its last entry is older"),
        pytest.param((1, -5, None), False, True, id="its last dated entry"),
        pytest.param((-500, 2, 1), False, False, id="an old one is pinned to the top"),
        pytest.param((1, -0.5), False, False, id="within an hour"),
        pytest.param((None,), False, False, id="no dates"),
        pytest.param((-500, 2, 1), True, True, id="a sitemap has no order"),
    ],
)
def test_a_page_that_reaches_back_to_the_last_poll(hours, is_sitemap, is_back):
    entries = [entry(f"e{n}", h) for n, h in enumerate(hours)]
    assert reaches_back(OlderPage("/2", is_sitemap), entries, SINCE) is is_back
    assert not reaches_back(OlderPage("/2", is_sitemap), entries, None)

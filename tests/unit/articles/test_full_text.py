"""The article of an entry in place of a page that cannot be used."""

from datetime import UTC, datetime

import pytest

from tasks.domain.articles.article import PageContext
from tasks.domain.articles.entry_text import feed_page, prefers_feed, stands_in
from tasks.domain.articles.full_text import parse_feed_page, parse_page_or_entry
from tasks.errors import ErrorClass, ExtractionError
from warehouse.records.feed import FeedEntry
from warehouse.records.source import ArticleRules, BodyFrom, Source

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
URL = "https://gazette.example/ferry"
PARAGRAPH = (
    "The harbour board met on Tuesday to discuss the northern gate and the dispute with its engineers. "
)
CONTENT = "".join(f"<p>{PARAGRAPH}Quarter {n} has waited since spring.</p>" for n in range(5))
ENTRY = FeedEntry(
    URL,
    "Ferry <returns> to harbour",
    published_at=AT,
    published_raw="Tue, 24 Nov 2026 09:00:00 GMT",
    authors=("Ann Lee",),
    content=CONTENT,
)
SOURCE = Source("gazette", "Gazette", article=ArticleRules(body="div.story"))


def context(entry=ENTRY):
    return PageContext(URL, URL, "gazette.example/ferry", fetched_at=AT, entry=entry)


def page(body):
    return (
        "<html lang='en'><head><title>Ferry</title></head><body><article><h1>Ferry returns to harbour</h1>"
        f"{body}</article></body></html>"
    ).encode()


def test_an_entry_reads_as_an_article():
    article = parse_feed_page(feed_page(ENTRY), context(), SOURCE)
    assert article.body.splitlines() == [f"{PARAGRAPH}Quarter {n} has waited since spring." for n in range(5)]
    assert (article.title, article.authors, article.language) == (
        "Ferry <returns> to harbour",
        ("Ann Lee",),
        "en",
    )
    assert (article.body_from, article.published.at) == (BodyFrom.FEED, AT)


WALL = f"<p>{PARAGRAPH}</p><p>Subscribe to continue reading this article. Already a subscriber? Log in.</p>"


@pytest.mark.parametrize(
    ("body", "source", "expected"),
    [
        pytest.param(page(CONTENT), SOURCE, BodyFrom.PAGE, id="the page is whole"),
        pytest.param(page(WALL), SOURCE, BodyFrom.FEED, id="a paywall's beginning"),
        pytest.param(page(""), SOURCE, BodyFrom.FEED, id="a page without text"),
        pytest.param(
            page(CONTENT),
            Source("g", "G", article=ArticleRules(body_from=BodyFrom.FEED)),
            BodyFrom.FEED,
            id="preferred",
        ),
    ],
)
def test_the_page_or_its_entry(body, source, expected):
    article = parse_page_or_entry(body, context(), source)
    assert article.body_from is expected
    assert article.word_count > 80


def test_without_a_whole_entry_a_page_that_is_refused_stays_refused():
    with pytest.raises(ExtractionError):
        parse_page_or_entry(page(""), context(FeedEntry(URL, "Ferry", summary=CONTENT)), SOURCE)


@pytest.mark.parametrize(
    ("error_class", "is_used"),
    [
        pytest.param(ErrorClass.FORBIDDEN, True, id="403"),
        pytest.param(ErrorClass.ROBOTS, True, id="robots.txt"),
        pytest.param(ErrorClass.PAYWALL, True, id="paywall"),
        pytest.param(ErrorClass.CONSENT, True, id="consent wall"),
        pytest.param(ErrorClass.NOT_FOUND, False, id="404: taken away"),
        pytest.param(ErrorClass.GONE, False, id="410: taken away"),
        pytest.param(ErrorClass.SOFT_404, False, id="redirected to the home page: taken away"),
        pytest.param(ErrorClass.SERVER_ERROR, False, id="500: tried again"),
        pytest.param(ErrorClass.TIMEOUT, False, id="time-out: tried again"),
        pytest.param(ErrorClass.OK, False, id="no failure"),
    ],
)
def test_when_an_entry_stands_in(error_class, is_used):
    assert stands_in(ENTRY, error_class) is is_used
    assert not stands_in(FeedEntry(URL), error_class)


def test_a_preference_needs_a_whole_entry():
    source = Source("g", "G", article=ArticleRules(body_from=BodyFrom.FEED))
    assert prefers_feed(ENTRY, source)
    assert not prefers_feed(FeedEntry(URL), source)
    assert not prefers_feed(ENTRY, SOURCE)

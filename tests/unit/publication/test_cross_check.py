"""Dates that another part of the page corrects: zone, order of day and month, time of rendering."""

from datetime import UTC, datetime

import pytest

from tasks.domain.dates.context import DateContext
from tasks.domain.pages.metadata import read_page_head
from tasks.domain.pages.near_headline import find_headline
from tasks.domain.pages.tree import parse_html
from tasks.domain.publication.choice import choose_published
from tasks.domain.publication.signals import collect_dated

NOW = datetime(2024, 5, 14, 18, 0, tzinfo=UTC)
TITLE = "Ferry company orders two electric ships"
TEXT = 2 * (
    "<p>The company ordered two ships that run on batteries, its owner said on the quay. Both are to be "
    "delivered in two years, and the older ones will then be sold to an island further north.</p>"
)


def published(
    *, head: str = "", above: str = "", below: str = "", language: str = "en", url: str = "/ferry"
) -> str | None:
    body = f"<article><h1>{TITLE}</h1>{above}{TEXT}</article>{below}"
    root = parse_html(
        f"<html lang={language}><head><title>{TITLE}</title>{head}</head><body>{body}</body></html>"
    )
    assert root is not None
    page = read_page_head(root, f"https://gazette.example{url}")
    dated = collect_dated(page, DateContext(NOW, language=language), headline=find_headline(root, [TITLE]))
    moment = choose_published(dated).moment
    if moment is None:
        return None
    offset = "" if moment.utc_offset_minutes is None else f" {moment.utc_offset_minutes:+d}"
    return f"{moment.local or moment.on}{offset if moment.local else ''}"


def meta(name: str, content: str) -> str:
    return f'<meta property="{name}" content="{content}">'


def comments(*times: str) -> str:
    entries = "".join(f'<li><time datetime="{time}">a reader</time> Well said.</li>' for time in times)
    return f"<div class=comments><ol>{entries}</ol></div>"


UTC_META = meta("article:published_time", "2024-05-10T02:41:00+00:00")


@pytest.mark.parametrize(
    ("above", "below", "expected"),
    [
        pytest.param(
            "<p>9 May 2024</p>", comments("2024-05-09T22:50:00-04:00"),
            "2024-05-09 22:41:00 -240", id="the printed day is that of the comments' zone",
        ),
        pytest.param(
            "<p>9 May 2024</p>", comments("2024-05-10T09:00:00-04:00", "2024-11-20T09:00:00-05:00"),
            "2024-05-09 22:41:00 -240", id="the nearest of summer and winter time",
        ),
        pytest.param("<p>9 May 2024</p>", "", "2024-05-10 02:41:00 +0", id="no other time, no zone"),
        pytest.param(
            "<p>10 May 2024</p>", comments("2024-05-09T22:50:00-04:00"),
            "2024-05-10 02:41:00 +0", id="the printed day is that of UTC",
        ),
        pytest.param(
            "<p>9 May 2024</p>", comments("2024-05-10T04:50:00+02:00"),
            "2024-05-10 02:41:00 +0", id="the zone gives another day than the printed one",
        ),
        pytest.param(
            "<p>9 May 2024</p>", comments("yesterday", "2024-05-10T04:50:00Z"),
            "2024-05-10 02:41:00 +0", id="times without an offset",
        ),
    ],
)  # fmt: skip
def test_zone_of_the_pages_other_times(above, below, expected):
    assert published(head=UTC_META, above=above, below=below) == expected


PICTURE = meta("og:image", "https://gazette.example/files/2024/01/ferry.jpg")


@pytest.mark.parametrize(
    ("printed", "language", "head", "url", "expected"),
    [
        pytest.param("Posted: 01-04-2024", "en", PICTURE, "/ferry", "2024-01-04", id="the picture's month"),
        pytest.param(
            "Posted: 04/01/2024", "en", PICTURE, "/ferry", "2024-01-04", id="day first all the same"
        ),
        pytest.param("Posted: 01/04/2024", "en", "", "/2024/01/ferry", "2024-01-04", id="the page's month"),
        pytest.param("Posted: 01-04-2024", "en", "", "/ferry", "2024-04-01", id="no month is known"),
        pytest.param("Posted: 02/03/2024", "en", PICTURE, "/ferry", "2024-03-02", id="neither order has it"),
        pytest.param(
            "Posted: 01/04/2024", "en-GB", PICTURE, "/ferry", "2024-04-01", id="the country tells the order"
        ),
        pytest.param(
            "Publicado: 01/04/2024", "es", PICTURE, "/ferry", "2024-04-01", id="the language tells the order"
        ),
    ],
)
def test_order_of_day_and_month_by_an_address(printed, language, head, url, expected):
    assert published(head=head, above=f"<p>{printed}</p>", language=language, url=url) == expected


def linked(published_at: str, modified_at: str) -> str:
    return (
        '<script type="application/ld+json">{"@type": "NewsArticle", '
        f'"datePublished": "{published_at}", "dateModified": "{modified_at}"}}</script>'
    )


@pytest.mark.parametrize(
    ("published_at", "above", "head", "expected"),
    [
        pytest.param("2024-05-14T17:59:30Z", "<p>3 May 2024</p>", "", "2024-05-03", id="an older day"),
        pytest.param(
            "2024-05-14T17:59:30Z", "<p>3 May 2024</p>",
            meta("article:published_time", "2024-05-14T17:59:30Z"), "2024-05-14 17:59:30 +0",
            id="another place has the day",
        ),
        pytest.param(
            "2024-05-14T17:59:30Z", "<p>14 May 2024</p>", "", "2024-05-14 17:59:30 +0", id="printed: today"
        ),
        pytest.param("2024-05-14T17:59:30Z", "", "", "2024-05-14 17:59:30 +0", id="nothing is printed"),
        pytest.param(
            "2024-05-14T17:30:00Z", "<p>3 May 2024</p>", "", "2024-05-14 17:30:00 +0", id="before the fetch"
        ),
    ],
)  # fmt: skip
def test_time_of_rendering_in_json_ld(published_at, above, head, expected):
    assert published(head=linked(published_at, published_at) + head, above=above) == expected

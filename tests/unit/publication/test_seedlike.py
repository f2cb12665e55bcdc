"""The date line of plain pages among page clocks, lists of other news and named zones."""

from datetime import UTC, datetime

import pytest

from tasks.domain.articles.article import PageContext, read_article
from tasks.domain.articles.fields import moment_text
from warehouse.records.source import Source

TITLE = "Bridge over the Velda Closed to Lorries"
TEXT = (
    "<p>The old bridge over the Velda was closed to lorries heavier than 3.5 tonnes, the road "
    "administration said.</p>" * 2
)
OTHERS = """<p>17.08.2009<br><a href='/x1'>Two Detained at the Border with Amber</a></p>
<p><a href='/x2'>Football: Cup Draw Held in the Capital</a> 17.08.2009 01:17</p>"""


def published(body: str, fetched: datetime, zone: str | None = None) -> str | None:
    html = f"<html><head><title>{TITLE} - Orbis</title></head><body><a href='/'>Home</a>{body}</body></html>"
    url = "https://www.some-agency.com/n/1.html"
    page = PageContext(url, url, "k", fetched_at=fetched)
    moment = read_article(html.encode(), page, Source(name="s", title="", timezone=zone)).article.published
    return moment_text(moment) if moment else None


def test_a_clock_above_the_headline_is_not_its_date() -> None:
    body = (
        f"<p>16.09.2022, 00:05 MSK</p><h1>{TITLE}</h1><p>Source: City</p><small>12.09.2022 at 16:05</"
        f"small>{TEXT}"
    )
    assert published(body, datetime(2022, 9, 15, 21, 5, tzinfo=UTC)) == "2022-09-12T16:05:00"


def test_a_date_above_the_headline_is_not_taken_for_a_clock_on_its_own_day() -> None:
    body = f"<i>August 17, 2009, 09:58</i><p>Source: City</p><h1>{TITLE}</h1>{TEXT}<p>Read also:</p>{OTHERS}"
    assert published(body, datetime(2009, 8, 18, 14, 58, tzinfo=UTC)) == "2009-08-17T09:58:00"


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("Thursday 21.07.2022 00:35 Source: OREANDA-NEWS", "2022-07-21T00:35:00"),
        ("Fri, Jan 14, 2022 12:35 AM", "2022-01-14T00:35:00"),
        ("12:58, 4 октября 2021 г. Источник: Деловой вестник", "2021-10-04T12:58:00"),
    ],
)
def test_weekday_and_source_beside_the_date(line: str, text: str) -> None:
    rates = "<p>Exchange rates on 30.08.2022</p>"
    assert (
        published(f"<h1>{TITLE}</h1><p>{line}</p>{TEXT}{rates}", datetime(2022, 8, 30, 5, tzinfo=UTC)) == text
    )


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("07.09.2013, 12:00 MSK", "2013-09-07T12:00:00+04:00"),
        ("23 July 2009, 12:57 (Moscow time)", "2009-07-23T12:57:00+04:00"),
        ("00:05 мск, 25 января 2022", "2022-01-25T00:05:00+03:00"),
    ],
)
def test_moscow_time_is_that_of_its_year(line: str, text: str) -> None:
    assert published(f"<h1>{TITLE}</h1><p>{line}</p>{TEXT}", datetime(2022, 8, 30, tzinfo=UTC)) == text


def test_half_past_midnight_in_moscow_is_the_day_before_in_utc() -> None:
    url = "https://www.some-agency.com/n/1.html"
    html = f"<title>{TITLE}</title><h1>{TITLE}</h1><p>10.01.2022, 00:35</p>{TEXT}"
    source = Source(name="s", title="", timezone="Europe/Moscow")
    page = PageContext(url, url, "k", fetched_at=datetime(2022, 1, 11, tzinfo=UTC))
    moment = read_article(html.encode(), page, source).article.published
    assert moment is not None
    assert moment.at == datetime(2022, 1, 9, 21, 35, tzinfo=UTC)
    assert moment.on.isoformat() == "2022-01-10"


def test_a_date_behind_a_closing_quote_in_the_heading() -> None:
    html = f"<h1>{TITLE} «Velda» <small>2018-06-12 00:46</small></h1><p>Source: City</p>{TEXT}"
    assert published(html, datetime(2018, 6, 12, 5, 46, tzinfo=UTC)) == "2018-06-12T00:46:00"


def test_a_clock_above_the_headline_and_the_day_below() -> None:
    body = (
        f"<div>12:35 <a href='/pol'>Politics</a></div><h2>{TITLE}</h2><div>18.02.2022</div><p>Source: "
        f"City</p>{TEXT}"
    )
    assert published(body, datetime(2022, 3, 1, tzinfo=UTC)) == "2022-02-18T12:35:00"


@pytest.mark.parametrize(
    ("row", "text"),
    [
        pytest.param(
            "<table><tr><td>12.09.2022</td><td><a href='/n'>Economy</a></td><td>16:05</td></tr></table>",
            "2022-09-12T16:05:00",
            id="section between",
        ),
        pytest.param(
            "<div><b>16:05</b></div><div><a href='/n'>Economy</a></div><div>12.09.2022</div>",
            "2022-09-12T16:05:00",
            id="clock first, cells without a row of their own",
        ),
        pytest.param(
            "<ul><li>12.09.2022</li><li>Views: 40</li><li>16.05</li></ul>",
            "2022-09-12T16:05:00",
            id="list, clock with a dot",
        ),
        pytest.param(
            "<table><tr><td>12.09.2022</td><td>Opens 09:00</td><td>Closes 16:05</td></tr></table>",
            "2022-09-12",
            id="clocks with words beside them",
        ),
        pytest.param(
            "<div><p>12.09.2022</p><p>Economy</p></div><div><p>Kick-off</p><p>16:05</p></div>" + TEXT,
            "2022-09-12",
            id="clock of another block",
        ),
    ],
)
def test_a_clock_in_another_cell_of_the_row_belongs_to_its_date(row: str, text: str) -> None:
    body = f"<div><div>{row}</div></div><h1>{TITLE}</h1>{TEXT}"
    assert published(body, datetime(2022, 9, 15, 21, 5, tzinfo=UTC)) == text

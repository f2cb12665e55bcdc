"""Dates of something else: lists, masthead, labels of change, URLs, events; offsets and zones."""

from datetime import UTC, datetime

import pytest

from tasks.domain.dates.context import DateContext
from tasks.domain.pages.metadata import read_page_head
from tasks.domain.pages.near_headline import find_headline
from tasks.domain.pages.tree import parse_html
from tasks.domain.publication.choice import choose_published
from tasks.domain.publication.signals import collect_dated

NOW = datetime(2024, 5, 14, 18, 0, tzinfo=UTC)
URL = "https://gazette.example/town/harbour-bridge"
TITLE = "Harbour bridge closes for the summer"
TEXT = (
    "<p>The harbour bridge closes in June for the whole summer, the town's engineers said after a meeting "
    "with the shipowners that lasted until late at night.</p><p>The ferry will run every ten "
    "minutes instead, "
    "and bicycles travel free of charge as long as the works go on.</p>"
)
LONG = "".join(f"<p>Paragraph {n}: the works go on until the bridge is safe again.</p>" for n in range(60))
LIST = (
    '<div><h3>More</h3><ul><li><a href="/a">Fire at the old sawmill</a> <time '
    'datetime="2024-05-13T12:00:00Z">'
    '13.05.2024</time></li><li><a href="/b">Market moves to the square</a> <time '
    'datetime="2024-05-12T12:00:00Z">'
    "12.05.2024</time></li></ul></div>"
)
FEED = "Fri, 10 May 2024 08:00:00 GMT"


def published(body: str, *, head: str = "", feed: str | None = None, zone: str | None = None) -> str | None:
    root = parse_html(f"<html><head><title>{TITLE}</title>{head}</head><body>{body}</body></html>")
    assert root is not None
    context = DateContext(NOW, zone=zone)
    candidates = collect_dated(
        read_page_head(root, URL), context, headline=find_headline(root, [TITLE]), feed_raw=feed
    )
    moment = choose_published(candidates, zone=zone).moment
    if moment is None:
        return None
    offset = "" if moment.utc_offset_minutes is None else f" {moment.utc_offset_minutes:+d}"
    return f"{moment.local or moment.on}{offset if moment.local else ''}"


def article(above: str = "", below: str = "") -> str:
    return f"<article><h1>{TITLE}</h1>{above}{TEXT}{below}</article>"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(article() + LIST, id="list after the text"),
        pytest.param(article(below=LIST), id="list inside the article"),
        pytest.param(
            f"<main><h1>{TITLE}</h1>{TEXT}<div class=card><a href=/x><h3>Fire at the old sawmill</h3>"
            '<time datetime="2024-05-13T12:00:00Z">13.05.2024</time></a></div></main>',
            id="card after the text",
        ),
        pytest.param(f"<div class=today>Tuesday, 14 May 2024</div>{article()}", id="masthead"),
        pytest.param(f"<div>14 May 2024</div>{article()}", id="masthead without a weekday or class"),
        pytest.param(f"<header><span id=date>14.05.2024</span></header>{article()}", id="in a header"),
    ],
)
def test_dates_elsewhere_never_beat_the_feed(body):
    assert published(body, feed=FEED) == "2024-05-10 08:00:00 +0"


@pytest.mark.parametrize(
    ("body", "head"),
    [
        pytest.param(article() + LIST, "", id="list of other articles"),
        pytest.param(f"<div class=today>Tuesday, 14 May 2024</div>{article()}", "", id="masthead"),
        pytest.param(article() + "<footer>Page built on 03.05.2024</footer>", "", id="page built"),
        pytest.param(article() + "<ul><li>03.05.2024 Concert in the hall</li></ul>", "", id="event"),
        pytest.param(
            article() + "<h3>Events</h3><div><b>03.05.2024</b> Concert in the hall</div>", "", id="next part"
        ),
        pytest.param(
            f"<div>Tuesday, 14 May 2024 17:59:12</div>{article()}", "", id="masthead with a running clock"
        ),
        pytest.param(
            article() + "<h3>Comments (1)</h3><div><b>Ivan</b> 12.05.2024 10:12</div>", "", id="comment"
        ),
        pytest.param(
            article() + "<div class=comments><p>Ivan, 12.05.2024 10:12</p></div>", "", id="class of comments"
        ),
        pytest.param(article() + "<p>Issue 03/2024</p>", "", id="month"),
        pytest.param(
            article() + "<script>/* generated on 2024-05-03T15:30:36Z */ var date = 1;</script>",
            "",
            id="the making of a script",
        ),
        pytest.param(
            article() + '<script>var page = {"lastModifiedDate": "2024-05-03"};</script>',
            "",
            id="a change in a script",
        ),
        pytest.param(
            article(below='<p><a href="/2021/04/17/flood">The flood</a></p>'), "", id="address of a link"
        ),
        pytest.param(article(below='<img src="/img/2021-04-17/bridge.jpg">'), "", id="address of a picture"),
        pytest.param(article(), '<meta name="revised" content="2024-05-03T17:59:00Z">', id="revised"),
    ],
)
def test_page_without_a_date_gets_none(body, head):
    assert published(body, head=head) is None


def entry(day: str, title: str) -> str:
    return f"<li><a href=/x><div>{day}</div><h3>{title}</h3><p>Read more about it.</p></a></li>"


@pytest.mark.parametrize(
    ("below", "expected"),
    [
        pytest.param(
            "<ul>" + entry("03.05.2024", "Fire at the old sawmill") + entry("02.05.2024", TITLE) + "</ul>",
            "2024-05-02", id="the article's own entry in a list",
        ),
        pytest.param(
            "<ul>" + entry("03.05.2024", "Fire at the old sawmill") + "</ul>", None, id="another's entry",
        ),
        pytest.param("<p>The next meeting is on 3 May 2024 in the <a href=/hall>town hall</a>.</p>", None,
            id="in a sentence"),
        pytest.param("<ul><li>This page was last edited on 3 May 2024, at 10:15.</li></ul>",
            "2024-05-03 10:15:00", id="en, a wiki's last change, with nothing else"),
        pytest.param("<ul><li>Diese Seite wurde zuletzt am 3. Mai 2024 um 10:15 Uhr geändert.</li></ul>",
            "2024-05-03 10:15:00", id="de"),
        pytest.param("<ul><li>Esta página se editó por última vez el 3 may 2024 a las 10:15</li></ul>",
            "2024-05-03 10:15:00", id="es"),
        pytest.param("<ul><li>Эта страница последний раз была изменена 3 мая 2024 в 10:15</li></ul>",
            "2024-05-03 10:15:00", id="ru"),
        pytest.param("<ul><li>La dernière modification de cette page date du 3 mai 2024 à 10:15.</li></ul>",
            "2024-05-03 10:15:00", id="fr"),
        pytest.param("<ul><li>Tę stronę ostatnio edytowano 3 maj 2024, 10:15.</li></ul>",
            "2024-05-03 10:15:00", id="pl"),
        pytest.param("<ul><li>3 May 2024: meeting</li></ul>", None, id="an entry without a label"),
    ],
)  # fmt: skip
def test_last_resort(below, expected):
    assert published(article() + f"<section>{LONG}</section>" + below) == expected


@pytest.mark.parametrize(
    ("created", "below", "expected"),
    [
        pytest.param("01/01/2004", "<p>Updated 3 May 2024</p>", "2024-05-03", id="a filler beside a change"),
        pytest.param("01/01/2004", "", "2004-01-01", id="nothing else is known"),
        pytest.param("02/01/2004", "<p>Updated 3 May 2024</p>", "2004-01-02", id="any other day"),
    ],
)
def test_filler_of_metadata(created, below, expected):
    head = f'<meta name="created" content="{created}">'
    assert published(article(below) + f"<section>{LONG}</section>", head=head) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(
            "<time itemprop=dateModified datetime='2024-05-11T19:20:00+02:00'>11/05/2024 01:57 | "
                "Updated 11/05/2024 "
            "19:20</time>",
            "2024-05-11 01:57:00",
            id="two dates in an element of change",
        ),
        pytest.param(
            "<time datetime='2024-05-11T19:20:00+02:00'>11/05/2024 01:57 | Updated 11/05/2024 19:20</time>",
            "2024-05-11 01:57:00",
            id="the attribute repeats the change",
        ),
        pytest.param(
            "<span>입력 2024.05.11. 오후 1:18</span> <span>수정 2024.05.11. 오후 3:02</span>",
            "2024-05-11 13:18:00",
            id="Korean: the label precedes its date",
        ),
        pytest.param("<p>2024年5月11日 9時00分 更新</p><p>2024年5月10日 8時00分 公開</p>", "2024-05-10 08:00:00",
            id="Japanese"),
        pytest.param("<p>11 May 2024</p>", "2024-05-11", id="a plain date line"),
        pytest.param("<table><tr><td>11 | 05 | 2024</td></tr></table>", "2024-05-11", id="bars"),
    ],
)  # fmt: skip
def test_printed_date(line, expected):
    assert published(article(line)) == expected


def meta(name: str, content: str) -> str:
    return f'<meta property="{name}" content="{content}">'


@pytest.mark.parametrize(
    ("head", "line", "zone", "expected"),
    [
        pytest.param(
            meta("article:published_time", "2024-05-10T22:15:31Z"), "<p>11 May 2024, 00:15</p>", None,
            "2024-05-11 00:15:31 +120", id="UTC beside a printed local time",
        ),
        pytest.param(
            meta("article:published_time", "2024-05-10T22:15:00Z"), "<p>11 May 2024, 04:00</p>", None,
            "2024-05-11 04:00:00 +345", id="offset of quarter hours",
        ),
        pytest.param(
            meta("article:published_time", "2024-05-10T22:15:00Z"), "<p>11 May 2024, 04:07</p>", None,
            "2024-05-10 22:15:00 +0", id="no offset: 5 h 52 min",
        ),
        pytest.param(
            meta("article:published_time", "2024-05-10T19:11:05-04:00")
            + meta("datepublished", "2024-05-10T15:11:05-04:00"), "", None,
            "2024-05-10 15:11:05 -240", id="UTC digits beside a local offset",
        ),
    ],
)  # fmt: skip
def test_zones(head, line, zone, expected):
    assert published(article(line), head=head, zone=zone) == expected


@pytest.mark.parametrize(
    ("line", "day"),
    [
        pytest.param(
            "<p><span>3 days ago</span><span>Tom Ashby</span></p>", "2024-05-11", id="of an element"
        ),
        pytest.param("<p>Tom Ashby · 3 days ago · Town</p>", "2024-05-11", id="between marks"),
        pytest.param("<p>Vor 2 Tagen | Von Tom Ashby</p>", "2024-05-12", id="before a mark"),
        pytest.param("<p>He came back 3 days ago - and stayed.</p>", None, id="not of a sentence"),
    ],
)
def test_a_relative_time_that_stands_apart_in_its_line(line: str, day: str | None) -> None:
    assert published(article(above=line)) == day


@pytest.mark.parametrize(
    ("lead", "day"),
    [
        pytest.param("Varberg, October 21, 2023 – ", "2023-10-21", id="place, day, dash"),
        pytest.param("Münster, 21. Oktober 2023 – ", "2023-10-21", id="de"),
        pytest.param("LYON, le 21 octobre 2023 - ", "2023-10-21", id="fr"),
    ],
)
def test_dateline_of_a_press_release_with_short_paragraphs(lead: str, day: str | None) -> None:
    text = f"<p>{lead}the yard opened its second dock, the company said in the town of Varberg.</p>"
    others = (
        "<ul><li><span>3 Sept 2022</span> <a href=/1>Interim report of the yard for the half-year</a></ul>"
    )
    assert published(f"<h1>{TITLE}</h1>{text}{TEXT}<h2>More press releases</h2>{others}") == day


@pytest.mark.parametrize(
    "others",
    [
        "<p>12.05.2024 12:00 <a href=/1>Fire at the old sawmill of the town</a></p>"
        "<p>11.05.2024 11:00 <a href=/2>Market moves to the square again</a></p>",
        "<a href=/1>Fire at the old sawmill of the town</a><br>12.05.2024<br>"
        "<a href=/2>Market moves to the square again</a><br>11.05.2024",
    ],
)
@pytest.mark.parametrize("is_below", [False, True])
def test_dates_of_a_list_before_the_headline_are_those_of_others(others: str, is_below: bool) -> None:
    date = "<p align=right><i>10.05.2024, 16:58</i></p>"
    own = f"<b>{TITLE}</b>{TEXT}{TEXT}{date}" if is_below else f"<b>{TITLE}</b>{date}{TEXT}"
    page = f"<table><tr><td width=20%>{others}</td><td>{own}</td></tr></table>"
    assert published(page) == "2024-05-10 16:58:00"

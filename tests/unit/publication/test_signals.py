"""Dates of a page: metadata, and the lines near the headline in many layouts."""

from datetime import UTC, date, datetime

import pytest

from tasks.domain.dates.context import DateContext
from tasks.domain.dates.url import find_url_day
from tasks.domain.pages.metadata import read_page_head
from tasks.domain.pages.near_headline import find_headline
from tasks.domain.pages.tree import parse_html
from tasks.domain.publication.candidate import DatedCandidate, Trust
from tasks.domain.publication.choice import DateChoice, choose_modified, choose_published
from tasks.domain.publication.signals import collect_dated
from warehouse.records.article import Precision

NOW = datetime(2022, 1, 12, 18, 31, tzinfo=UTC)
URL = "https://news.example/politics/ministers-agree-on-a-long-plan"
TITLE = "Ministers agree on a long plan for the northern border"
TEXT = (
    "<p>MOSCOW. The ministers agreed on 5 January 2022 and on 03.02.2021 that the plan should be longer than "
    "anything that had been agreed before it.</p><p>Much of it rests on a paper of 11.11.2011 "
    "that nobody read.</p>"
)


def collect(
    body: str, *, head: str = f"<title>{TITLE}</title>", url: str = URL, **settings
) -> list[DatedCandidate]:
    root = parse_html(f"<html><head>{head}</head><body>{body}</body></html>")
    assert root is not None
    page, headline = read_page_head(root, url), find_headline(root, [TITLE])
    return collect_dated(page, DateContext(NOW, **settings), headline=headline)


def publication(body: str, **settings) -> DateChoice:
    return choose_published(collect(body, **settings))


def local(body: str, **settings) -> str | None:
    found = publication(body, **settings).moment
    return None if found is None else (found.local or found.on).isoformat()


def trusts(candidates: list[DatedCandidate]) -> list[Trust]:
    return [candidate.trust for candidate in candidates]


# --- machine signals -------------------------------------------------------------------------


def test_evidence_lists_the_names_of_an_element_in_one_order():
    (candidate,) = collect('<span property="dc:date dc:created" content="2022-01-10T16:58:00+03:00"></span>')
    assert candidate.evidence.startswith("<span dc:created dc:date>")


@pytest.mark.parametrize(
    ("markup", "trust"),
    [
        pytest.param(
            '<script type="application/ld+json">{"@type": "NewsArticle", "datePublished": '
            '"2022-01-10T16:58:00+03:00"}'
            "</script>",
            Trust.JSON_LD_ARTICLE,
            id="JSON-LD article",
        ),
        pytest.param(
            '<script type="application/ld+json">{"@type": "WebPage", "datePublished": '
            '"2022-01-10T16:58:00+03:00"}'
            "</script>",
            Trust.JSON_LD_OTHER,
            id="JSON-LD page",
        ),
        pytest.param(
            '<meta property="article:published_time" content="2022-01-10T16:58:00+03:00">',
            Trust.META,
            id="meta",
        ),
        pytest.param(
            '<meta name="created" content="2022-01-10T16:58:00+03:00">', Trust.META_WEAK, id="weak meta"
        ),
    ],
)
def test_signal_of_the_head(markup, trust):
    found = [one for one in collect("<p>x</p>", head=markup) if one.trust is not Trust.HTMLDATE]
    assert trusts(found) == [trust]
    assert found[0].moment.at == datetime(2022, 1, 10, 13, 58, tzinfo=UTC)


@pytest.mark.parametrize(
    ("markup", "trust"),
    [
        pytest.param(
            '<span itemprop="datePublished" content="2022-01-10">x</span>', Trust.ITEMPROP, id="microdata"
        ),
        pytest.param(
            '<time class="entry-date published" datetime="2022-01-10">x</time>',
            Trust.TIME_PUBLISHED,
            id="class",
        ),
        pytest.param('<time pubdate datetime="2022-01-10">x</time>', Trust.TIME_PUBLISHED, id="pubdate"),
        pytest.param('<time datetime="2022-01-10">x</time>', Trust.TIME_IN_ARTICLE, id="any time element"),
    ],
)
def test_signal_of_an_element(markup, trust):
    found = collect(f"<div><p>{'word ' * 80}</p>{markup}</div>")
    assert trust in trusts(found)
    assert {one.moment.on for one in found} == {date(2022, 1, 10)}


@pytest.mark.parametrize(
    "box",
    [
        "div class='comments'",
        "aside",
        "div class='related-articles'",
        "div id='sidebar'",
        "nav",
        "div class='widget'",
    ],
)
def test_dates_of_comments_and_side_columns_are_not_seen(box):
    other = f"<{box}><time class='published' datetime='2022-01-11'>11.01.2022</time></{box.split()[0]}>"
    body = f"<h1>{TITLE}</h1>{other}<p>10.01.2022, 16:58</p>{TEXT}{other}"
    assert local(body) == "2022-01-10T16:58:00"
    assert {one.moment.on for one in collect(body)} == {date(2022, 1, 10)}


def test_article_of_this_address_goes_before_others_in_json_ld():
    nodes = (
        '[{"@type": "NewsArticle", "url": "https://news.example/other", "datePublished": "2022-01-02"},'
        f'{{"@type": "NewsArticle", "url": "{URL}", "datePublished": "2022-01-10"}}]'
    )
    assert local("<p>x</p>", head=f'<script type="application/ld+json">{nodes}</script>') == "2022-01-10"


def test_videos_date_is_not_the_articles():
    nodes = (
        '[{"@type": "VideoObject", "datePublished": "2022-01-02"}, {"@type": "Article", '
        '"datePublished": "2022-01-10"}]'
    )
    assert local("<p>x</p>", head=f'<script type="application/ld+json">{nodes}</script>') == "2022-01-10"


def test_changes_are_collected_apart():
    head = (
        '<meta property="article:published_time" content="2022-01-10T16:58:00Z">'
        '<meta property="article:modified_time" content="2022-01-11T09:00:00Z">'
    )
    found = collect("<p>x</p>", head=head)
    published = choose_published(found).moment
    changed = choose_modified(found, published).moment
    assert published is not None and changed is not None
    assert (published.on, changed.on) == (date(2022, 1, 10), date(2022, 1, 11))


def test_feed_date_is_one_more_candidate():
    root = parse_html(f"<html><body><h1>{TITLE}</h1>{TEXT}</body></html>")
    assert root is not None
    page = read_page_head(root, URL)
    found = collect_dated(page, DateContext(NOW), feed_raw="Mon, 10 Jan 2022 16:58:00 +0300")
    choice = choose_published(found)
    assert choice.moment is not None and choice.chosen is not None
    assert (choice.chosen.trust, choice.moment.zone_from) == (Trust.FEED, "feed")


@pytest.mark.parametrize(
    "lead",
    [
        "BERLIN, 10 January 2022 (dpa) - ",
        "MOSCOW, January 10, 2022 /X/. ",
        "Pressemitteilung vom 10. Januar 2022 | ",
    ],
)
def test_dateline_is_read_where_no_date_line_is_found(lead):
    body = f"<h1>{TITLE}</h1><p>{lead}{'The ministers agreed on many things. ' * 8}</p>"
    assert local(body) == "2022-01-10"
    assert local(f"<p>09.01.2022</p>{body}") == "2022-01-09"


def test_date_in_an_attribute_is_read():
    body = f"<h1>{TITLE}</h1><span class=date data-timestamp='1641826680'></span>{TEXT}"
    assert local(body, zone="Europe/Moscow") == "2022-01-10T17:58:00"


# --- visible text ----------------------------------------------------------------------------

LAYOUTS = {
    "line above the headline": f"<div class=date>10.01.2022, 16:58</div><h1>{TITLE}</h1><p>Source: X</p>"
    f"{TEXT}",
    "line below the headline": f"<h1>{TITLE}</h1><p>10.01.2022, 16:58 | Politics | X</p>{TEXT}",
    "day and clock in spans": f"<h1>{TITLE}</h1><div><span>X</span> <span>10.01.2022</span> <span>16:58</"
    f"span></div>{TEXT}",
    "day and clock in blocks": f"<h1>{TITLE}</h1><div><div>10.01.2022</div><div>16:58</div></div>{TEXT}",
    "clock before the day": f"<div><div>16:58</div><div>10.01.2022</div></div><h1>{TITLE}</h1>{TEXT}",
    "terms and values": f"<h1>{TITLE}</h1><dl><dt>Date</dt><dd>10.01.2022</dd><dt>Time</dt><dd>16:58</dd>"
    f"</dl>{TEXT}",
    "list of facts": f"<h1>{TITLE}</h1><ul><li>By A. Smith<li>10 January 2022 16:58<li>Politics</ul>{TEXT}",
    "inside the headline": f"<h1><small>10.01.2022, 16:58</small> {TITLE}</h1>{TEXT}",
    "end of the text": f"<h1>{TITLE}</h1>{TEXT}<p>10.01.2022, 16:58</p><div>© 2022</div>",
    "change named beside it": f"<h1>{TITLE}</h1><p>Updated 11.01.2022, 10:00</p><p>Published 10.01.2022, "
    f"16:58</p>{TEXT}",
    "label in a block of its own": f"<h1>{TITLE}</h1><div>Updated</div><div>11.01.2022, 10:00</div><div>"
    f"Published</div>"
    f"<div>10.01.2022, 16:58</div>{TEXT}",
    "masthead of today": f"<div>Wednesday, January 12, 2022</div><div>18:31</div><h1>{TITLE}</h1><p>"
    f"10.01.2022, 16:58</"
    f"p>{TEXT}",
    "list of other articles after": f"<p>10.01.2022, 16:58</p><h1>{TITLE}</h1>{TEXT}<h3>More</h3><ul>"
    "<li><span>12.01.2022, 10:00</span> <a href=x>Another</a><li><span>12.01.2022, 11:00</span> "
    "<a href=x>Third</a></ul>",
    "list of other articles before": "<div><div>12.01.2022 09:00</div><div><a href=x>Some other headline</"
    "a></div>"
    "<div>11.01.2022 09:00</div><div><a href=x>Some third headline</a></div></div>"
    f"<div><h1>{TITLE}</h1><p>Source: X</p><p>Moscow</p><p>10.01.2022, 16:58</p>{TEXT}</div>",
    "layout table": "<table><tr><td><table><tr><td>09.01.2022 15:00<br><a href=x>Other headline</a></td></"
    "tr></"
    "table></td>"
    f"<td><table><tr><td>10.01.2022, 16:58</td></tr><tr><td><h1>{TITLE}</h1></td></tr><tr><td>"
    f"Source: X</td></tr>"
    f"<tr><td>{TEXT}</td></tr></table></td><td>11.01.2022 Other</td></tr></table>Copyright 2009",
    "headline in a font element": "<table><tr><td><b>News</b><br>09.01.2022 15:00 <a href=x>Other "
    "headline of a page</a></td>"
    f"<td><font size=1>10.01.2022, 16:58</font><br><font size=5><b>{TITLE}</b></font><br>Source: X"
    f"<br>{TEXT}</td></table>",
    "unclosed elements": f"<center><div><p>10.01.2022, 16:58<h1>{TITLE}<p>Source: X<p>{TEXT}<table><td>"
    f"09.01.2022 Other",
    "caption between": f"<h1>{TITLE}</h1><figure><figcaption>Archive, 3 May 2020</figcaption></figure><p>"
    f"10.01.2022 "
    f"16:58</p>{TEXT}",
    "German": f"<h1>{TITLE}</h1><p>Von A. Schmidt, Moskau | Stand: 10. Januar 2022, 16:58 Uhr</p>{TEXT}",
    "Russian": f"<h1>{TITLE}</h1><p>Опубликовано: 10 января 2022 г., 16:58 (МСК)</p>{TEXT}",
    "Japanese": f"<h1>{TITLE}</h1><p>公開日：2022年1月10日 16時58分</p><p>2022年1月11日 10時00分 更新</p>{TEXT}",
}


@pytest.mark.parametrize("body", [pytest.param(body, id=name) for name, body in LAYOUTS.items()])
def test_date_line_in_any_layout(body):
    choice = publication(body, zone="Europe/Moscow")
    assert choice.moment is not None
    assert choice.moment.local == datetime(2022, 1, 10, 16, 58)
    assert choice.moment.at == datetime(2022, 1, 10, 13, 58, tzinfo=UTC)
    assert choice.disagree is False


def test_date_line_without_any_zone_keeps_its_local_time():
    found = publication(LAYOUTS["line above the headline"]).moment
    assert found is not None
    assert (found.at, found.local, found.zone_from) == (None, datetime(2022, 1, 10, 16, 58), None)


def test_midnight_in_moscow_is_the_day_before_in_utc():
    found = publication(f"<p>10.01.2022, 00:35</p><h1>{TITLE}</h1>{TEXT}", zone="Europe/Moscow").moment
    assert found is not None
    assert (found.on, found.at) == (date(2022, 1, 10), datetime(2022, 1, 9, 21, 35, tzinfo=UTC))


def test_relative_time_counts_from_the_fetch():
    body = f"<h1>{TITLE}</h1><p>2 hours ago</p>{TEXT}"
    assert local(body) == "2022-01-12T16:31:00"


def test_relative_time_is_not_read_when_the_fetch_time_is_unknown():
    found = collect(f"<h1>{TITLE}</h1><p>2 hours ago</p>{TEXT}", is_fetch_time=False)
    assert Trust.VISIBLE_TEXT not in trusts(found)


def test_class_updated_alone_is_no_change():
    body = f"<h1>{TITLE}</h1><time class='updated'>10.01.2022 16:58</time>{TEXT}"
    assert local(body) == "2022-01-10T16:58:00"


def test_dates_in_sentences_are_no_date_lines():
    found = collect(f"<h1>{TITLE}</h1>{TEXT}")
    assert [one for one in found if one.trust < Trust.HTMLDATE] == []


def test_the_tree_is_left_as_it_was():
    from lxml.html import tostring

    root = parse_html(
        f"<html><head><title>{TITLE}</title></head><body>{LAYOUTS['layout table']}</body></html>"
    )
    assert root is not None
    before = tostring(root)
    collect_dated(read_page_head(root, URL), DateContext(NOW))
    assert tostring(root) == before


def test_a_deep_and_wide_page_is_read_only_near_its_headline():
    deep = "<div>" * 1000 + "x" + "</div>" * 1000
    wide = "<p>11.01.2022</p>" * 5000
    assert local(f"{deep}<h1>{TITLE}</h1><p>10.01.2022, 16:58</p>{deep}{wide}") == "2022-01-10T16:58:00"


# --- address ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "day"),
    [
        pytest.param("https://a.example/2022/01/10/title", date(2022, 1, 10), id="folders"),
        pytest.param("https://a.example/2022/1/9/title", date(2022, 1, 9), id="folders of one digit"),
        pytest.param("https://a.example/news/2022-01-10-title", date(2022, 1, 10), id="hyphens"),
        pytest.param("https://a.example/20220110/title", date(2022, 1, 10), id="eight digits"),
        pytest.param(
            "https://a.example/local/20220110/11588570/x", date(2022, 1, 10), id="eight digits, then a number"
        ),
        pytest.param("https://a.example/news/2022/jan/10/title", date(2022, 1, 10), id="month name"),
        pytest.param("https://a.example/10012022-title", date(2022, 1, 10), id="day first"),
        pytest.param("https://a.example/2022/01/title", None, id="month only"),
        pytest.param("https://a.example/article1412345678", None, id="a number"),
        pytest.param("https://a.example/2022/13/45/title", None, id="no such day"),
        pytest.param("https://a.example/2032/01/10/title", None, id="future"),
        pytest.param("https://a.example/title?date=2022-01-10", None, id="query"),
        pytest.param("https://a.example/120220110120908039", None, id="inside a longer number"),
    ],
)
def test_day_of_the_address(url, day):
    assert find_url_day(url, NOW) == day


def test_day_of_the_address_has_the_precision_of_a_day():
    found = publication("<p>x</p>", url="https://a.example/2022/01/10/title").moment
    assert found is not None
    assert (found.on, found.precision, found.origin) == (date(2022, 1, 10), Precision.DAY, "url")

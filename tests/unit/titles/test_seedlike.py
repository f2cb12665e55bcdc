"""Titles of plain agency pages: a table cell or a bold line, with a title tag that contains the site's
name."""

import pytest

from tasks.domain.articles.article import PageContext, read_article
from warehouse.records.source import Source

TITLE = "Fishermen of the Northern Islands Refuse to Go to Sea"
TEXT = """<p>About two hundred fishermen did not go to sea on Monday in protest
against the new quotas for cod.</p>
<p>The quotas were cut by 22 percent in the new year, and the union is not ready to accept that.</p>"""
MENU = "<div><a href='/news'>News</a> | <a href='/sport'>Sport</a> | <a href='/contacts'>Contacts</a></div>"


def title_of(body: str, tag: str = "Orbis Daily - News") -> str:
    html = f"<html><head><title>{tag}</title></head><body>{body}</body></html>"
    page = PageContext("https://www.some-agency.com/n/1.html", "https://www.some-agency.com/n/1.html", "k")
    return read_article(html.encode(), page, Source(name="s", title="")).article.title


@pytest.mark.parametrize(
    "headline",
    [
        "<font size=5><b>{}</b></font><br>",
        "<div class='newsname'>{}</div>",
        "<h2>{}</h2>",
        "<h3><a href='/n/1.html'>{}</a></h3>",
        "<p><strong>{}</strong></p>",
        "<table><tr><td class=head>{}</td></tr></table>",
    ],
)
@pytest.mark.parametrize("date", ["<div>10.01.2022, 16:58</div>{}", "{}<p>16:58, 10 January 2022</p>"])
def test_the_line_above_the_text_is_the_headline(headline: str, date: str) -> None:
    assert title_of(MENU + date.format(headline.format(TITLE)) + TEXT) == TITLE


def test_a_masthead_in_h1_is_no_headline() -> None:
    body = f"<h1>Orbis Daily</h1>{MENU}<i>10.01.2022, 16:58</i><h2>{TITLE}</h2>{TEXT}"
    assert title_of(body, "Orbis Daily") == TITLE


def test_a_short_h1_with_its_standfirst_stays() -> None:
    body = f"{MENU}<h1>Cod quotas</h1><h2>{TITLE}</h2><p>10.01.2022, 16:58</p>{TEXT}"
    assert title_of(body, "Cod quotas") == "Cod quotas"


@pytest.mark.parametrize(
    "heading", ["{} <small>Monday, 10 January 2022 - 16:58</small>", "10.01.2022, 16:58<br>{}"]
)
def test_a_date_in_the_heading_is_not_the_headline(heading: str) -> None:
    assert title_of(f"{MENU}<h1>{heading.format(TITLE)}</h1>{TEXT}") == TITLE


def test_a_title_tag_with_two_colons_is_cut_where_the_page_shows_it() -> None:
    headline = "Volleyball: Lomza Beat Sanok 3-1"
    assert (
        title_of(f"{MENU}<div>{headline}</div><p>10.01.2022</p>{TEXT}", f"Region 24: {headline}") == headline
    )


def test_a_shown_title_tag_needs_no_other_headline() -> None:
    body = f"{MENU}<div>Children and work</div><p>10.01.2022</p><h3>{TITLE}</h3>{TEXT}"
    assert title_of(body, "Children and work") == "Children and work"


def test_an_h1_that_nothing_repeats_goes_before_the_name_of_the_site() -> None:
    assert (
        title_of(f"<header>Orbis Daily</header><h1>{TITLE}</h1><p>10.01.2022</p>{TEXT}", "Orbis Daily")
        == TITLE
    )

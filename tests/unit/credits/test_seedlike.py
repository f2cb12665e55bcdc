"""`Source: X` in the forms of agency pages, and its possible places on a page."""

import pytest

from tasks.domain.articles.article import PageContext, read_article
from tasks.domain.credits.credit import source_line
from warehouse.records.source import Source


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Source - Tien Shan Info", "Tien Shan Info"),
        ("(Source: Portnews)", "Portnews"),
        ("Quelle: dpa (Berlin)", "dpa (Berlin)"),
        ("Source: Kazagro | 10.01.2022 16:58", "Kazagro"),
        ("Source: Kazagro, 10 January 2022", "Kazagro"),
        ("World | 10 January 2022, 16:58 | Source: Kazagro", "Kazagro"),
        ("Stand: 10. Januar 2022, 16:58 Uhr | Quelle: npa", "npa"),
        ("09:12 • 21 Dec 2018 • World Source: Portnews", "Portnews"),
        ("On 10 January he met the source: a member of the board", None),
        ("Source: Agency 24-7", "Agency 24-7"),
        ("Quelle: 20 Minuten", "20 Minuten"),
        ("Источник: «Север-Информ»", "Север-Информ"),
        ("Source: Portnews / Reuters", "Portnews / Reuters"),
        ("The source - a member of the board - did not say more", None),
    ],
)
def test_the_name_in_a_source_line(line: str, name: str | None) -> None:
    assert source_line(line) == name


@pytest.mark.parametrize(
    "head",
    [
        "<h4>{t}</h4><p>10.01.2022, 16:58</p><p>Source: Kazagro</p>",
        "<h2>10.01.2022, 16:58<br>{t}</h2><p>Source: Kazagro</p>",
        "<div><i>Source: Kazagro</i></div><p>10.01.2022, 16:58</p><h5>{t}</h5>",
        "<h1>{t}</h1><dl><dt>Source</dt><dd>Kazagro</dd><dt>Date</dt><dd>10.01.2022 16:58</dd></dl>",
        "<h1>{t}</h1><table><tr><td>Quelle</td><td>Kazagro</td></tr><tr><td>10.01.2022</td></tr></table>",
    ],
)
def test_the_source_is_found_beside_any_headline(head: str) -> None:
    title = "Wheat Exports of the Republic Grew by a Third"
    text = (
        "<p>Exports of wheat grew by 34 percent over four months of the year, the grain union reported.</p>"
        * 3
    )
    html = f"<title>{title} - Orbis</title><a href='/'>Home</a>{head.format(t=title)}{text}"
    page = PageContext("https://www.some-agency.com/n/1.html", "https://www.some-agency.com/n/1.html", "k")
    assert read_article(html.encode(), page, Source(name="s", title="")).article.source_credit == "Kazagro"


def test_the_source_below_a_masthead_is_found() -> None:
    title = "Wheat Exports of the Republic Grew by a Third"
    text = (
        "<p>Exports of wheat grew by 34 percent over four months of the year, the grain union reported.</p>"
        * 3
    )
    head = (
        f"<h1>Info-Panorama</h1><p>18.02.2022</p><a href='/'>Home</a><h2>{title}</h2><p><i>Source: "
        f"Kazagro</i></p>"
    )
    html = f"<title>{title}</title>{head}{text}"
    page = PageContext("https://www.some-agency.com/n/1.html", "https://www.some-agency.com/n/1.html", "k")
    assert read_article(html.encode(), page, Source(name="s", title="")).article.source_credit == "Kazagro"


def test_a_label_of_its_own_and_the_name_in_the_next_cell() -> None:
    title = "Wheat Exports of the Republic Grew by a Third"
    text = (
        "<p>Exports of wheat grew by 34 percent over four months of the year, the grain union reported.</p>"
        * 3
    )
    table = (
        "<table><tr><td>Date:</td><td>10.01.2022</td></tr><tr><td>Source:</td><td>Kazagro</td></tr></table>"
    )
    page = PageContext("https://www.some-agency.com/n/1.html", "https://www.some-agency.com/n/1.html", "k")
    html = f"<title>{title} - Orbis</title><a href='/'>Home</a><h2>{title}</h2>{table}{text}"
    assert read_article(html.encode(), page, Source(name="s", title="")).article.source_credit == "Kazagro"

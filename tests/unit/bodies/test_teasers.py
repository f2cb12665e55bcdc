"""Rows of teasers are recognised; an article's own list of linked headings is kept."""

import pytest

from tasks.domain.bodies.teasers import find_teasers, without_teasers
from tasks.domain.pages.lines import read_lines
from tasks.domain.pages.tree import parse_html

URL = "https://www.valley-courier.example/2025/bridge"
TEXT = "The bridge over the river was closed on Monday after a lorry had hit one of its pillars, they said."
TEASERS = (
    ("School bus gets new stops", "Parents had asked for a safer way since the spring."),
    ("Mayor will not stand again", "The party wants to name a candidate before the summer."),
    ("Orchard festival draws crowds", "The weather was better than in the three years before."),
)


def teasers(body: str) -> frozenset[str]:
    root = parse_html(f"<html><body>{body}</body></html>")
    assert root is not None
    return find_teasers(list(read_lines(root)), URL)


def row(address: str = "/n/%s", inside: str = "<h3>%s</h3><p>%s</p>", entries: int = 3) -> str:
    linked = [
        (f"<a href='{address.replace('%s', str(i))}'>{title}</a>", text)
        for i, (title, text) in enumerate(TEASERS[:entries])
    ]
    return "".join(f"<div class=card>{inside % entry}</div>" for entry in linked)


ARTICLE = f"<h1>Bridge closed after accident</h1><p>{TEXT}</p><p>{TEXT[:-1]} again.</p>"


@pytest.mark.parametrize(
    "markup",
    [
        pytest.param(row(), id="headings"),
        pytest.param(row(inside="%s<p>%s</p>"), id="links without a heading"),
        pytest.param(row(inside="<h2>%s</h2><span>3 May</span><p>%s</p>"), id="with a date"),
        pytest.param(row("https://www.valley-courier.example/n/%s"), id="whole addresses"),
        pytest.param(row("https://sport.valley-courier.example/n/%s"), id="a part of the site"),
    ],
)
def test_a_row_behind_the_text(markup: str) -> None:
    found = teasers(ARTICLE + markup)
    assert {text for entry in TEASERS for text in entry} <= found
    assert TEXT not in found


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(ARTICLE + row(entries=2), id="two are no row"),
        pytest.param(ARTICLE + row("https://shop.example/%s"), id="links to another site"),
        pytest.param(ARTICLE + row("#part-%s"), id="links to places on the page"),
        pytest.param(f"<h1>Ten bridges</h1>{row()}", id="the page's own list"),
        pytest.param(
            f"<h1>Ten bridges</h1>{row()}<p>{TEXT}</p><p>{TEXT[:-1]} too.</p>", id="in front of the text"
        ),
        pytest.param(
            ARTICLE + row().replace("<p>", "<p hidden>").split("<p hidden>")[0] * 3, id="links alone"
        ),
    ],
)
def test_no_row(body: str) -> None:
    assert teasers(body) == frozenset()


def test_a_label_makes_a_long_row_one_of_others() -> None:
    found = teasers(f"<h1>Bridge closed</h1><p>{TEXT}</p><h3>Most read</h3>{row()}{row('/m/%s')}")
    assert TEASERS[0][1] in found


def test_a_reading_keeps_what_else_it_holds() -> None:
    lines = frozenset(text for entry in TEASERS for text in entry)
    assert without_teasers(f"{TEXT}\n{TEASERS[0][0]}\n- {TEASERS[1][0]}", lines) == TEXT
    assert without_teasers(TEASERS[0][0], lines) == TEASERS[0][0]

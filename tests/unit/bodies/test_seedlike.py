"""Bodies of plain pages: short reports, tables of other news around them, pointers between paragraphs."""

import pytest

from tasks.domain.articles.article import PageContext, read_article
from warehouse.records.source import Source

TITLE = "Bridge over the Velda Closed to Lorries"
TEXT = (
    "The old bridge over the Velda was closed to lorries heavier than 3.5 tonnes from Monday morning.",
    "Sensors have registered a sag of eleven millimetres in the middle span of the bridge.",
    "A detour through the northern ring takes forty minutes, the administration said.",
)
CALENDAR = (
    "<table><caption>May 2022</caption><tr><th>Mo</th><th>Tu</th></tr><tr><td><a href=/1>1</a></td>"
    "<td><a href=/2>2</a></td></tr></table>"
)
RATES = (
    "<table><tr><td colspan=2>Exchange rates on 13.09.2023</td></tr><tr><td>USD</td><td>75.1315</td></"
    "tr></table>"
)
OTHERS = """<table><tr><td colspan=2><b>Other news</b></td></tr>
<tr><td>12.05.2022</td><td><a href=/n1>President Receives Credentials of Seven Ambassadors</a></td></tr>
<tr><td>11.05.2022</td><td><a href=/n2>Parliament to Consider Budget Amendments</a></td></tr></table>"""
HEAD = f"<div>10.05.2022, 16:58</div><h1>{TITLE}</h1><div>Source: City Desk</div>"


def body_of(body: str, tag: str = "Orbis Daily - News") -> str:
    html = f"<html><head><title>{tag}</title></head><body>{body}</body></html>"
    page = PageContext("https://www.some-agency.com/n/1.html", "https://www.some-agency.com/n/1.html", "k")
    return read_article(html.encode(), page, Source(name="s", title="")).article.body


def paragraphs(texts: tuple[str, ...] = TEXT) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


@pytest.mark.parametrize("texts", [TEXT, TEXT[:1], (TEXT[1],)])
@pytest.mark.parametrize("markup", ["<p>{}</p>", "<div>{}</div>", "{}<br>", "{}</p>", "<b>{}</b><br><br>"])
def test_tables_of_other_things_are_no_text(texts: tuple[str, ...], markup: str) -> None:
    text = "".join(markup.format(one) for one in texts)
    page = f"<div>{OTHERS}{CALENDAR}</div><div>{HEAD}{text}<p>Комментарии (0)</p></div><div>{RATES}</div>"
    assert body_of(page) == "\n".join(texts)


def test_a_pointer_between_paragraphs_does_not_end_the_text() -> None:
    pointer = (
        "<div><a href='/n/1'>Scientists Count Snow Leopards on the Border</a><br>07.05.2022, 12:30</div>"
    )
    text = f"<p>{TEXT[0]}</p>{pointer}<p>{TEXT[1]}</p><p>{TEXT[2]}</p>"
    assert body_of(f"<div>{HEAD}{text}</div><p>Comments: 0</p>") == "\n".join(TEXT)


def test_a_text_behind_the_comments_is_not_the_article() -> None:
    other = (
        "<p>Fishermen of the Northern Islands did not go to sea on Monday in protest against the quotas.</p>"
    )
    assert body_of(f"<div>{HEAD}{paragraphs()}<p>Comments (2)</p>{other}</div>") == "\n".join(TEXT)


def test_a_standfirst_before_a_label_is_not_the_whole_text() -> None:
    chapters = "".join(f"<h2>Chapter {i}</h2>{paragraphs()}" for i in range(1, 4))
    lead = "<p>We have looked at what the closing of the bridge means for the town and its people.</p>"
    body = body_of(f"<div>{HEAD}{lead}<div>10.05.2022</div>{chapters}</div>")
    assert body.count(TEXT[1]) == 3


def test_a_label_in_the_first_cell_does_not_take_the_row_with_it() -> None:
    side = "<p><b>Related news</b></p>" + "".join(
        f"<p>20.11.2022<br><a href='/x{i}'>President Receives Credentials of {i} Ambassadors</a></p>"
        for i in range(2, 6)
    )
    text = "<br><br>".join((*TEXT, *(one.replace(" the ", " that ") for one in TEXT)))
    page = f"<table><tr><td width=150>{side}</td><td>{HEAD}{text}</td></tr></table>"
    assert body_of(page, f"{TITLE} - Orbis").split("\n")[:3] == list(TEXT)


@pytest.mark.parametrize(
    "names", ["class='field field--name-comment comment-wrapper'", "id=comments", "class=comments-area"]
)
def test_what_readers_wrote_is_no_text_even_where_it_is_more(names: str) -> None:
    remarks = "".join(
        f"<article class=c><p>Number {i}: I do not believe a word of what they say.</p></article>"
        for i in range(9)
    )
    page = (
        f"<article>{HEAD}{paragraphs(TEXT[:2])}</article><section {names}><h2>Readers</h2>{remarks}</section>"
    )
    assert body_of(page, TITLE) == "\n".join(TEXT[:2])

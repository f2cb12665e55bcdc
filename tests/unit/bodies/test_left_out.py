"""Lines of the article that a reading left out are put back; headings and links at the end are dropped."""

import pytest

from tasks.domain.bodies.left_out import add_left_out
from tasks.domain.bodies.loose_lines import drop_loose_lines
from tasks.domain.pages.lines import read_lines
from tasks.domain.pages.tree import parse_html

ONE = "The council of the town has decided on Monday to build the bridge over the river anew."
TWO = "Nobody can say at this time what the work will cost, the mayor told reporters in the hall."
LEAD = "After thirty years of talks the town council has voted for a bridge that few had hoped for."
TITLE = "Council decides on a bridge"


def filled(body: str, reading: list[str], authors: tuple[str, ...] = ()) -> list[str]:
    root = parse_html(f"<html><body>{body}</body></html>")
    assert root is not None
    lines = list(read_lines(root))
    return add_left_out("\n".join(reading), lines, root, [TITLE], authors).split("\n")


@pytest.mark.parametrize(
    ("between", "expected"),
    [
        pytest.param("<h2>The costs</h2>", ["The costs"], id="sub-heading"),
        pytest.param(
            "<ul><li>Two lanes</li><li>A path for walkers</li></ul>",
            ["- Two lanes", "- A path for walkers"],
            id="list",
        ),
        pytest.param("<p>And that is that.</p>", ["And that is that."], id="short paragraph"),
        pytest.param("<p><a href='/2'>Another bridge elsewhere</a></p>", [], id="link"),
        pytest.param("<div><p>A box beside the text.</p></div>", [], id="another element"),
        pytest.param("<aside><p>A side column.</p></aside>", [], id="side column"),
        pytest.param("<p>Advertisement</p>", [], id="notice"),
        pytest.param("<p>The council of the  town has</p>", [], id="words that the reading holds"),
    ],
)
def test_between_the_lines_of_a_reading(between: str, expected: list[str]) -> None:
    body = f"<h1>{TITLE}</h1><div><p>{ONE}</p>{between}<p>{TWO}</p></div>"
    assert filled(body, [ONE, TWO]) == [ONE, *expected, TWO]


def test_a_pruned_line_is_not_put_back() -> None:
    root = parse_html(f"<html><body><div><p>{ONE}</p><p id='x'>Hidden.</p><p>{TWO}</p></div></body></html>")
    assert root is not None
    lines = list(read_lines(root))
    (hidden,) = root.xpath("//*[@id='x']")
    hidden.getparent().remove(hidden)
    assert add_left_out(f"{ONE}\n{TWO}", lines, root, [TITLE], ()) == f"{ONE}\n{TWO}"


@pytest.mark.parametrize(
    ("behind", "expected"),
    [
        pytest.param("<p>The work begins in May.</p>", ["The work begins in May."], id="last paragraph"),
        pytest.param("<h3>More on this</h3>", [], id="heading"),
        pytest.param("<p>Comments (3)</p><p>I never liked it.</p>", [], id="comments"),
    ],
)
def test_behind_a_reading(behind: str, expected: list[str]) -> None:
    body = f"<h1>{TITLE}</h1><div><p>{ONE}</p><p>{TWO}</p>{behind}</div>"
    assert filled(body, [ONE, TWO]) == [ONE, TWO, *expected]


@pytest.mark.parametrize(
    ("above", "expected"),
    [
        pytest.param(f"<h1>{TITLE}</h1><div class='intro'>{LEAD}</div>", [LEAD], id="own element"),
        pytest.param(
            f"<h1>{TITLE}</h1><p>12 May 2021</p><h2>{LEAD}</h2>", [LEAD], id="heading below the date"
        ),
        pytest.param(f"<div>{LEAD}</div><h1>{TITLE}</h1>", [], id="above the headline"),
        pytest.param(f"<h1>{TITLE}</h1><a href='/2'>{LEAD}</a>", [], id="link"),
        pytest.param(f"<h1>{TITLE}</h1><figure>{LEAD}</figure>", [], id="caption"),
        pytest.param(f"<h1>{TITLE}</h1><p>Jane Roe is a reporter. {LEAD}</p>", [], id="about the author"),
        pytest.param(f"<h1>{TITLE}</h1><p>{LEAD.rstrip('.')}</p>", [], id="no sentence"),
        pytest.param(f"<h1>{TITLE}</h1>{'<p>Menu</p>' * 20}<p>{LEAD}</p>", [], id="far from the headline"),
    ],
)
def test_a_lead_beside_the_headline(above: str, expected: list[str]) -> None:
    body = f"{above}<div><p>{ONE}</p><p>{TWO}</p></div>"
    assert filled(body, [ONE, TWO], ("Jane Roe",)) == [*expected, ONE, TWO]


TOPICS = "<li><a href='/1'>Bridges</a></li><li><a href='/2'>Harbours</a></li>"


@pytest.mark.parametrize(
    ("end", "is_kept"),
    [
        pytest.param("<h3>More on this</h3>", False, id="heading"),
        pytest.param("<p><a href='/2'>To the new bridge</a></p>", False, id="link"),
        pytest.param("<ul><li><a href='/2'>To the new bridge</a></li></ul>", False, id="link in a list"),
        pytest.param("<p><a href='/2'>The bridge is closed.</a></p>", True, id="linked sentence"),
        pytest.param("<p>See <a href='/2'>the new bridge</a></p>", True, id="words beside a link"),
        pytest.param("<p>Good night, and good luck</p>", True, id="paragraph"),
        pytest.param(f"<p>Topics</p><ul>{TOPICS}</ul>", False, id="label of a list of links"),
        pytest.param(f"<p>Topics are many.</p><ul>{TOPICS}</ul>", True, id="sentence above a list of links"),
        pytest.param("<p>Good night</p><p><a href='/2'>Jane Roe</a></p>", True, id="a link, but no list"),
    ],
)
def test_a_text_ends_with_a_paragraph(end: str, is_kept: bool) -> None:
    root = parse_html(f"<html><body><p>{ONE}</p>{end}</body></html>")
    assert root is not None
    lines = list(read_lines(root))
    text = "\n".join(line.text for line in lines if line.text not in ("Bridges", "Harbours", "Jane Roe"))
    assert drop_loose_lines(text, lines) == (text if is_kept else ONE)


@pytest.mark.parametrize(
    ("line", "is_kept"),
    [
        pytest.param("<p><a href='/2'>Buy this issue</a></p>", False, id="button"),
        pytest.param(
            "<p><a href='/2'>Bridge House</a><br>2 minutes from the station</p>", True, id="text below"
        ),
        pytest.param("<ul><li><a href='/2'>Bridge House</a></li></ul>", True, id="list of links"),
        pytest.param("<h3><a href='/2'>Bridge House</a></h3>", True, id="heading"),
        pytest.param("<p><a href='/2'>https://bridge.example</a></p>", True, id="address"),
        pytest.param("".join(f"<p><a href='/{n}'>Bridge {n}</a></p>" for n in range(4)), True, id="many"),
    ],
)
def test_a_short_link_alone_within_the_text(line: str, is_kept: bool) -> None:
    root = parse_html(f"<html><body><p>{ONE}</p>{line}<p>{TWO}</p></body></html>")
    assert root is not None
    lines = list(read_lines(root))
    text = "\n".join(line.text for line in lines)
    assert drop_loose_lines(text, lines) == (text if is_kept else f"{ONE}\n{TWO}")


def test_a_button_goes_also_from_a_block_with_other_text() -> None:
    button = "<a class='btn btn-big' href='/2'>Buy this issue</a>"
    root = parse_html(f"<html><body><p>{ONE}</p><div>{button}<br>{TWO}</div></body></html>")
    assert root is not None
    lines = list(read_lines(root))
    assert drop_loose_lines(f"{ONE}\nBuy this issue\n{TWO}", lines) == f"{ONE}\n{TWO}"


def test_a_text_of_one_heading_stays() -> None:
    root = parse_html(f"<html><body><h2>{ONE}</h2></body></html>")
    assert root is not None
    assert drop_loose_lines(ONE, list(read_lines(root))) == ONE


@pytest.mark.parametrize(
    "markup",
    [
        pytest.param(
            "<div class=b><p>{}</p></div><div class=b><h2>The costs</h2></div><div class=b><p>{}</p></div>",
            id="each block in a box of its own",
        ),
        pytest.param(
            "<section class=e><p>{}</p></section><section class=e><h2>The costs</h2><p>{}</p></section>",
            id="entries of a live blog",
        ),
    ],
)
def test_a_heading_between_boxes_of_the_text(markup: str) -> None:
    body = f"<h1>{TITLE}</h1><div>{markup.format(ONE, TWO)}</div>"
    assert filled(body, [ONE, TWO]) == [ONE, "The costs", TWO]


def test_a_heading_whose_words_begin_a_sentence_is_put_back() -> None:
    two = "Nobody can say at this time what the work will cost."
    body = f"<h1>{TITLE}</h1><div><p>{ONE}</p><h2>Nobody can say</h2><p>{two} {TWO}</p></div>"
    assert filled(body, [ONE, f"{two} {TWO}"]) == [ONE, "Nobody can say", f"{two} {TWO}"]


def test_paragraphs_stand_in_the_order_of_the_page() -> None:
    body = f"<h1>{TITLE}</h1><p>{LEAD}</p><div><p>{ONE}</p><h2>The costs</h2><p>{TWO}</p></div>"
    assert filled(body, [ONE, "The costs", TWO, LEAD]) == [LEAD, ONE, "The costs", TWO]


def test_a_lead_below_a_headline_that_links_to_its_own_page() -> None:
    body = f"<h1><a href='/n/12'>{TITLE}</a></h1><p class=x>{LEAD}</p><div><p>{ONE}</p><p>{TWO}</p></div>"
    assert filled(body, [ONE, TWO]) == [LEAD, ONE, TWO]


def test_a_lead_between_the_date_and_the_text() -> None:
    body = f"<h1>{TITLE}</h1><p>20.11.2025, 08:00</p><b>{LEAD}</b><div><p>{ONE}</p><p>{TWO}</p></div>"
    assert filled(body, ["20.11.2025, 08:00", ONE, TWO]) == [LEAD, "20.11.2025, 08:00", ONE, TWO]


def test_a_heading_with_the_words_of_a_linked_tag_stays() -> None:
    tag = "<div><a href='/t'>The costs</a></div>"
    root = parse_html(f"<html><body><p>{ONE}</p><h2>The costs</h2><p>{TWO}</p>{tag}</body></html>")
    assert root is not None
    text = f"{ONE}\nThe costs\n{TWO}"
    assert drop_loose_lines(text, list(read_lines(root))) == text

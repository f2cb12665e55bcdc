"""Which of several readings is taken: the one that agrees with the others, weighed by the page's
paragraphs."""

import pytest

from tasks.domain.bodies.consensus import choose_reading, is_settled, read_shown_prose
from tasks.domain.pages.lines import read_lines
from tasks.domain.pages.tree import parse_html

PARAGRAPHS = [
    f"Paragraph {n} tells in plain words what the council of the harbour town decided." for n in range(12)
]
EXCERPT = "This page is an excerpt of the talk that the mayor of the harbour town gave in May."


def lines_of(*blocks):
    root = parse_html(f"<html><body>{''.join(blocks)}</body></html>")
    assert root is not None
    return tuple(read_lines(root))


def paragraphs(*texts):
    return [f"<p>{text}</p>" for text in texts]


PAGE = lines_of("<h1>Council decides</h1>", *paragraphs(EXCERPT, *PARAGRAPHS))
WHOLE = "\n".join(PARAGRAPHS)
BEGINNING = "\n".join(PARAGRAPHS[:3])


@pytest.mark.parametrize(
    ("usual", "others", "expected"),
    [
        pytest.param(BEGINNING, [WHOLE, WHOLE, WHOLE], WHOLE, id="three readings agree on more"),
        pytest.param(BEGINNING, [BEGINNING, WHOLE, BEGINNING], BEGINNING, id="most agree with the usual one"),
        pytest.param(EXCERPT, [EXCERPT, WHOLE, WHOLE], WHOLE, id="two against two: the longer"),
        pytest.param(WHOLE, [BEGINNING, WHOLE, BEGINNING], WHOLE, id="two against two: not the shorter"),
        pytest.param(WHOLE, ["", "", ""], WHOLE, id="others found nothing"),
        pytest.param("", ["", WHOLE, ""], WHOLE, id="the usual one found nothing"),
    ],
)
def test_the_reading_that_agrees_most_is_taken(usual, others, expected):
    prose = read_shown_prose(PAGE, ["Council decides"], usual)
    assert choose_reading(usual, others, prose) == expected


SETTLED = [
    pytest.param(WHOLE, [WHOLE, WHOLE], True, id="three agree"),
    pytest.param(WHOLE, [PARAGRAPHS[0], WHOLE], True, id="two agree, the third found a label"),
    pytest.param(WHOLE, [WHOLE, EXCERPT], True, id="two agree, the third found another paragraph"),
    pytest.param(WHOLE, ["", WHOLE], True, id="two agree, the third found nothing"),
    pytest.param(WHOLE, [BEGINNING, WHOLE], False, id="the third holds a quarter"),
    pytest.param(BEGINNING, [WHOLE, WHOLE], False, id="two agree against the usual one"),
    pytest.param("", ["", ""], False, id="nothing found"),
]


@pytest.mark.parametrize(("usual", "others", "expected"), SETTLED)
def test_a_choice_is_settled_where_no_further_reading_can_change_it(usual, others, expected):
    prose = read_shown_prose(PAGE, ["Council decides"], usual)
    assert is_settled(usual, others, prose) is expected


@pytest.mark.parametrize(("usual", "others", "expected"), [case for case in SETTLED if case.values[2]])
def test_no_further_reading_changes_a_settled_choice(usual, others, expected):
    prose = read_shown_prose(PAGE, ["Council decides"], usual)
    for chosen in range(1 << 8):
        further = [text for n, text in enumerate([EXCERPT, *PARAGRAPHS[:7]]) if chosen >> n & 1]
        for rest in ([], PARAGRAPHS[7:]):
            readings = [others[0], "\n".join([*further, *rest]), others[1]]
            assert choose_reading(usual, readings, prose) == usual


def test_paragraphs_of_a_next_article_do_not_count():
    page = lines_of(
        "<h1>Council decides</h1>",
        *paragraphs(*PARAGRAPHS[:4]),
        "<h1>Storm</h1>",
        *paragraphs(*PARAGRAPHS[4:]),
    )
    prose = read_shown_prose(page, ["Council decides"], "\n".join(PARAGRAPHS[:4]))
    assert prose.length == sum(map(len, PARAGRAPHS[:4]))


def test_h1_inside_an_article_ends_nothing():
    page = lines_of(
        "<h1>Council decides</h1>",
        *paragraphs(*PARAGRAPHS[:4]),
        "<h1>Costs</h1>",
        *paragraphs(*PARAGRAPHS[4:]),
    )
    assert read_shown_prose(page, ["Council decides"], WHOLE).length == sum(map(len, PARAGRAPHS))


def test_sentences_of_a_consent_wall_are_no_evidence():
    wall = "We and our 812 partners store and/or access information on a device to show personalised ads."
    lines = lines_of(*paragraphs(wall, PARAGRAPHS[0]))
    assert read_shown_prose(lines, [], "").without_walls(lines).length == len(PARAGRAPHS[0])


@pytest.mark.parametrize(
    ("longer", "is_continued"),
    [
        pytest.param(WHOLE, True, id="the same and more"),
        pytest.param("\n".join(PARAGRAPHS[:4]), False, id="hardly more"),
        pytest.param("\n".join(PARAGRAPHS[3:]), False, id="other paragraphs"),
    ],
)
def test_a_reading_that_continues_another(longer, is_continued):
    prose = read_shown_prose(PAGE, ["Council decides"], BEGINNING)
    assert prose.continues(longer, BEGINNING) is is_continued

"""The run of prose behind a headline: where it ends."""

import pytest

from tasks.domain.bodies.line_kinds import has_weight
from tasks.domain.bodies.prose_run import read_run
from tasks.domain.pages.lines import read_lines
from tasks.domain.pages.tree import parse_html

TITLE = "Council decides on a bridge"
TEXT = tuple(
    f"On {day} the council heard experts, who could not say what a new bridge over the river costs."
    for day in ("Monday", "Tuesday", "Wednesday", "Thursday")
)
ADS = tuple(
    f"Used furniture, as good as new: we buy and sell {things}, transport within the town is free."
    for things in ("beds", "sofas")
)


def paragraphs(texts: tuple[str, ...]) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def run_of(body: str) -> tuple[str, ...]:
    root = parse_html(f"<html><body>{body}</body></html>")
    assert root is not None
    return read_run(list(read_lines(root)), [TITLE]).lines


def test_small_ads_behind_a_label_are_not_in_the_run() -> None:
    text = f"<h1>{TITLE}</h1>{paragraphs(TEXT[:2])}<p>Advertisement</p>{paragraphs(TEXT[2:])}"
    side = f"<div><div><h3>Advertisement</h3>{paragraphs(ADS)}</div></div>"
    assert run_of(f"<div><div>{text}</div></div>{side}") == TEXT


def test_a_text_in_several_boxes_goes_on_behind_a_label() -> None:
    rest = f"<section><div>{paragraphs(TEXT[1:])}</div></section>"
    boxes = f"<div>{paragraphs(TEXT[:1])}</div><div>Advertisement</div>{rest}"
    assert run_of(f"<div><h1>{TITLE}</h1>{boxes}</div>") == TEXT


@pytest.mark.parametrize(
    "shown",
    [
        TITLE,
        TITLE.upper(),
        f"“{TITLE}”",
        f"{TITLE} 12 March 2021",
        f"12 March 2021 {TITLE}",
        f"{TITLE}.",
    ],
    ids=["as it is", "capitals", "quotation marks", "date behind", "date in front", "full stop"],
)
def test_the_run_begins_behind_the_headline(shown: str) -> None:
    before = paragraphs(ADS)
    assert run_of(f"{before}<h1>{shown}</h1>{paragraphs(TEXT)}") == TEXT


def test_a_line_with_the_headline_in_a_sentence_is_no_headline() -> None:
    assert run_of(f"<p>Yesterday: {TITLE} here</p>{paragraphs(TEXT)}") == ()


@pytest.mark.parametrize(
    ("text", "is_enough"),
    [("Twelve chars", True), ("Eleven char", False), ("橋の建設", True), ("橋建設", False), ("Äpfel", False)],
)
def test_a_chinese_character_has_the_weight_of_three(text: str, is_enough: bool) -> None:
    assert has_weight(text, 12) == is_enough

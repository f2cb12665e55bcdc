"""The run of prose behind a headline: where it ends."""

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

"""Wrapped paragraphs in `pre` elements, and what keeps its line breaks there."""

import pytest

from tasks.domain.pages.tree import parse_html

WIRE = (
    "12.01.2022, 10:00\n\nRefinery halts for forty days\n\n"
    "PREWIRE. The refinery will stop all three units for forty days, the\n"
    "press service of the operator reports. The last such stop was in May\n"
    "2018 and cost the region about two billion.\n\n"
    "The plant processes eleven million tonnes of crude a year, and the\n"
    "coast gets its fuel by rail."
)


def lines_of(text: str) -> list[str]:
    root = parse_html(f"<html><body><pre>{text}</pre></body></html>")
    assert root is not None
    return root.text_content().split("\n")


def test_a_paragraph_of_a_fixed_width_is_one_line() -> None:
    assert [line for line in lines_of(WIRE) if line] == [
        "12.01.2022, 10:00",
        "Refinery halts for forty days",
        "PREWIRE. The refinery will stop all three units for forty days, the press service of the operator "
        "reports. The last such stop was in May 2018 and cost the region about two billion.",
        "The plant processes eleven million tonnes of crude a year, and the coast gets its fuel by rail.",
    ]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "The boats lie still beneath the hill\nAnd no one calls them in the rain at night anymore\n"
            "The wind is cold\nThe nets are old",
            id="a poem",
        ),
        pytest.param("Team            Points   Goals  Matches played\nKarsby  12\nLindholm  9", id="a table"),
        pytest.param(
            f"{'A long paragraph that ends somewhere. ' * 5}\n{'Another one. ' * 12}", id="long lines"
        ),
        pytest.param(
            "- the first entry of the list that fills the whole width\n"
            "- the second entry of the list that fills the whole line\n"
            "- the third entry of the list that fills the whole width\n"
            "- the fourth entry of the list, which fills the whole one",
            id="a list",
        ),
    ],
)
def test_other_breaks_stay(text: str) -> None:
    assert lines_of(text) == text.split("\n")

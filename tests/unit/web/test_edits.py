"""Diffs on the page of edits: unchanged passages are cut to what is next to a change."""

import pytest

from warehouse.text.diffs import DiffKind, DiffPart
from web.pages.edits import shortened

LONG = " the order " + "of the evacuation " * 20 + "was given at "


@pytest.mark.parametrize(
    ("kinds", "starts", "ends"),
    [
        pytest.param("SA", "… ", "was given at ", id="before the first change"),
        pytest.param("AS", " the order ", " …", id="after the last change"),
        pytest.param("ASA", " the order ", "was given at ", id="between two changes"),
        pytest.param("S", "…", "…", id="without a change"),
    ],
)
def test_a_long_passage_keeps_the_spaces_beside_a_change(kinds, starts, ends):
    changed = DiffPart(DiffKind.ADDED, "nine")
    parts = [DiffPart(DiffKind.SAME, LONG) if kind == "S" else changed for kind in kinds]
    short = shortened(parts)[kinds.index("S")].text
    assert short.startswith(starts)
    assert short.endswith(ends)
    assert len(short) < 200


def test_a_short_passage_is_whole():
    part = DiffPart(DiffKind.SAME, " minutes before ")
    assert shortened([part]) == [part]

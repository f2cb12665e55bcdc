"""Edits as shown to readers."""

import time

import pytest

from warehouse.text.diffs import DiffKind, word_diff


def shown(before, after):
    signs = {DiffKind.SAME: "{}", DiffKind.REMOVED: "[-{}-]", DiffKind.ADDED: "{{+{}+}}"}
    return "".join(signs[part.kind].format(part.text) for part in word_diff(before, after))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param("same", "same", "same", id="nothing changed"),
        pytest.param("Ten died.", "Twelve died.", "[-Ten-]{+Twelve+} died.", id="a word"),
        pytest.param("It rose 3.5%.", "It rose 3.7%.", "It rose [-3.5-]{+3.7+}%.", id="a figure is a word"),
        pytest.param("a big red dog", "a small blue dog", "a [-big red-]{+small blue+} dog",
            id="neighbours are one change"),
        pytest.param("One.\nTwo.\n", "One.\nTwo.\nThree.\n", "One.\nTwo.\n{+Three.\n+}",
            id="a paragraph more"),
        pytest.param("", "new", "{+new+}", id="from nothing"),
        pytest.param("old", "", "[-old-]", id="to nothing"),
        pytest.param("", "", "", id="both empty"),
        pytest.param("知事選が告示", "知事選が延期", "知事選が[-告示-]{+延期+}", id="Japanese by character"),
    ],
)  # fmt: skip
def test_word_diff(before, after, expected):
    assert shown(before, after) == expected


def test_both_texts_can_be_read_from_it():
    before, after = "A b c.\n\nD e f g.\nH.", "A x c.\nD e g!\n\nH. I."
    parts = word_diff(before, after)
    assert "".join(p.text for p in parts if p.kind is not DiffKind.ADDED) == before
    assert "".join(p.text for p in parts if p.kind is not DiffKind.REMOVED) == after


def test_two_long_texts_without_a_word_in_common_are_compared_quickly():
    before = " ".join(f"a{n}" for n in range(50_000))
    after = " ".join(f"b{n}" for n in range(50_000))
    start = time.process_time()
    assert [part.kind for part in word_diff(before, after)] == [DiffKind.REMOVED, DiffKind.ADDED]
    assert time.process_time() - start < 2

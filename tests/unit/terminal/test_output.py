"""What commands print: counts with their nouns, suggestions, and no control characters from the web."""

import pytest

from flows.terminal.values import visible
from warehouse.wording import plural, suggest


@pytest.mark.parametrize(
    ("n", "noun", "expected"),
    [
        (0, "reject", "0 rejects"),
        (1, "reject", "1 reject"),
        (2, "entry", "2 entries"),
        (1, "archived page", "1 archived page"),
        (1200, "archived page", "1,200 archived pages"),
        (2, "resolved copy", "2 resolved copies"),
    ],
)
def test_plural(n, noun, expected):
    assert plural(n, noun) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("bcc", "Did you mean 'bbc'?"), ("zzz", "Known: bbc, guardian.")],
    ids=["similar", "nothing similar"],
)
def test_suggest(name, expected):
    assert suggest(name, {"guardian", "bbc"}) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Überschrift 港", "Überschrift 港"),
        ("a\x1b]0;owned\x07b", "a ]0;owned b"),
        ("gnp\u202eexe.", "gnp exe."),
        ("one\ntwo", "one two"),
    ],
    ids=["any script", "escape sequence", "bidirectional override", "line break"],
)
def test_visible(text, expected):
    assert visible(text) == expected

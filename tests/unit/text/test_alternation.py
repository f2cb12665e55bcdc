"""Phrases in one expression that shares their beginnings: the same matches, the same preferences."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.domain.text.alternation import alternation


@pytest.mark.parametrize(
    ("phrases", "expression"),
    [
        pytest.param(["read also"], "read also", id="a single phrase stays as it is"),
        pytest.param(["abc", "abd", "x"], "ab(?:c|d)|x", id="common beginnings stand once"),
        pytest.param(["ab", "x", "ab"], "ab|x", id="a phrase stands once"),
        pytest.param(["abc", "ab", "abcd"], "ab(?:c||cd)", id="the end of a phrase keeps its place"),
        pytest.param(["(?:a|b)c", "bd"], "ac|b(?:c|d)", id="a group at the start is taken apart"),
        pytest.param(["[ab]c", "bd"], "ac|b(?:c|d)", id="a class at the start is taken apart"),
        pytest.param(["a?bc", "bd"], "abc|b(?:c|d)", id="an optional start comes with it and without"),
        pytest.param([r"a\s+b", r"a\s+c"], r"a\s+(?:b|c)", id="white space is one step"),
        pytest.param(["ab", r"\d+ c", "ad"], r"ab|\d+ c|ad", id="what is not understood keeps its place"),
        pytest.param(["ab", "Ac", "ad"], "ab|Ac|ad", id="upper case keeps its place"),
        pytest.param(["a+b", "ac"], "a+b|ac", id="a repeated start keeps its place"),
        pytest.param(
            ["(?:a|b|c|d) long end of a phrase", "(?:e|f|g|h) other end of a phrase"],
            "(?:a|b|c|d) long end of a phrase|(?:e|f|g|h) other end of a phrase",
            id="an expression that gets twice as long stays as it is",
        ),
        pytest.param(["(a)b", "ac"], "(a)b|ac", id="a numbered group keeps its place"),
        pytest.param(["and|b", "andy"], "and(?:|y)|b", id="alternatives outside of groups are phrases"),
    ],
)
def test_expressions(phrases: list[str], expression: str) -> None:
    assert alternation(phrases) == expression


_PIECES = st.sampled_from(
    [
        "a",
        "b",
        "c",
        "A",
        r"\s+",
        r"\s+?",
        "(?:a|b)",
        "(?:ab|c )?",
        "[ab]",
        "[^a]",
        "b?",
        "c*",
        ".",
        r"\d",
        "(?!a)",
    ]
)
_PHRASES = st.lists(st.lists(_PIECES, min_size=1, max_size=5).map("".join), min_size=1, max_size=6)


@given(phrases=_PHRASES, text=st.text("abcA 1", max_size=12), flags=st.sampled_from([0, re.IGNORECASE]))
def test_matches_what_the_phrases_match(phrases: list[str], text: str, flags: int) -> None:
    plain = re.compile(rf"(?:{'|'.join(phrases)})(?!\w)", flags)
    shared = re.compile(rf"(?:{alternation(phrases)})(?!\w)", flags)
    assert [m.span() for m in shared.finditer(text)] == [m.span() for m in plain.finditer(text)]
    open_plain, open_shared = re.compile("|".join(phrases), flags), re.compile(alternation(phrases), flags)
    assert [m.span() for m in open_shared.finditer(text)] == [m.span() for m in open_plain.finditer(text)]

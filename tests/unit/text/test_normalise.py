"""White space, invisible marks and comparison keys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.domain.text.normalise import comparison_key, has_key, has_long_key, has_short_key, squeeze

PERSIAN = "می\u200cتوانند"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(" two\n  words ", "two words", id="white space"),
        pytest.param("soft\u00adhyphen", "softhyphen", id="soft hyphen"),
        pytest.param("\u200eleft", "left", id="direction mark"),
        pytest.param(PERSIAN, PERSIAN, id="non-joiner inside a Persian word"),
        pytest.param(f"{PERSIAN}\u200c next", f"{PERSIAN} next", id="non-joiner at the end of a word"),
        pytest.param("क्\u200dष", "क्\u200dष", id="joiner of an Indic cluster"),
        pytest.param("zero\u200dwidth", "zerowidth", id="joiner between Latin letters"),
        pytest.param("a \u2066 b", "a b", id="isolate between spaces"),
        pytest.param("caf\ufeffé\u00a0noir", "café noir", id="byte order mark and no-break space"),
        pytest.param("東京\u3000駅", "東京 駅", id="ideographic space"),
    ],
)
def test_squeeze(text, expected):
    assert squeeze(text) == expected


@pytest.mark.parametrize(
    ("text", "key"),
    [
        pytest.param(None, "", id="nothing"),
        pytest.param("  It's 5_000 -- NOW! ", "it s 5 000 now", id="ASCII"),
        pytest.param("Straße – ＡＢＣ", "strasse abc", id="case folding and full width"),
        pytest.param("naï\u00adve\ttest", "naïve test", id="soft hyphen and tab"),
        pytest.param("…«»", "", id="signs only"),
    ],
)
def test_comparison_key(text, key):
    assert comparison_key(text) == key


def test_comparison_keys_ignore_joiners():
    assert comparison_key(PERSIAN) == comparison_key(PERSIAN.replace("\u200c", ""))


@given(
    start=st.text("aA é.-1\u0301가각ᆨ\u200d", max_size=30),
    n=st.integers(0, 40),
    keys=st.lists(st.text("aé1 가", max_size=12).map(comparison_key), max_size=3),
)
def test_has_key_as_the_whole_key(start, n, keys):
    text = start * n
    assert has_key(text, keys) == (comparison_key(text) in keys)
    assert has_key(text, [comparison_key(text)])


def test_a_long_text_is_told_by_its_start():
    assert not has_key("word " * 1_000, {"word word"})


@given(
    start=st.text(st.one_of(st.sampled_from("aß .ﬃﷺǰΐ\u0301\u200c"), st.characters()), max_size=8),
    n=st.integers(1, 40),
    length=st.integers(0, 40),
)
def test_a_long_key_is_longer(start, n, length):
    text = start * n
    assert not has_long_key(text, length) or len(comparison_key(text)) > length


@pytest.mark.parametrize(
    ("text", "is_long"),
    [("word " * 40, True), ("word " * 4, False), ("." * 200 + "word", False)],
    ids=["long", "short", "signs do not count"],
)
def test_long_keys(text, is_long):
    assert has_long_key(text, 40) == is_long


@given(
    text=st.text(st.one_of(st.sampled_from("aß ﬃﷺǰΐ\u0301"), st.characters()), max_size=8),
    length=st.integers(0, 20),
)
def test_a_short_key_is_shorter(text, length):
    assert not has_short_key(text, length) or len(comparison_key(text)) < length


@pytest.mark.parametrize(
    ("text", "is_short"),
    [("Menu", True), ("Меню", True), ("ﬃ", False), ("A headline", False)],
    ids=["ascii", "composed letters", "a ligature may be longer", "as long"],
)
def test_short_keys(text, is_short):
    assert has_short_key(text, 8) == is_short

"""White space, invisible marks and comparison keys."""

import pytest

from tasks.domain.text.normalise import comparison_key, squeeze

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
    ],
)
def test_squeeze(text, expected):
    assert squeeze(text) == expected


def test_comparison_keys_ignore_joiners():
    assert comparison_key(PERSIAN) == comparison_key(PERSIAN.replace("\u200c", ""))

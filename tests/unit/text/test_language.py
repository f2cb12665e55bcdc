"""Language, reading direction, word count."""

import pytest

from tasks.domain.text.language import (
    are_neighbours,
    count_words,
    identify_language,
    normal_code,
    reading_direction,
)

GERMAN = "Der Minister sagte am Montag, dass die Regierung neue Maßnahmen plant. " * 3
SWAHILI = (
    "Waziri alisema siku ya Jumatatu kwamba serikali inapanga hatua mpya za kuwasaidia wananchi wote. " * 2
)


@pytest.mark.parametrize(
    ("text", "declared", "language"),
    [
        pytest.param(GERMAN, None, "de", id="by the text"),
        pytest.param(GERMAN, "en-US", "de", id="a declaration that the text contradicts is ignored"),
        pytest.param(SWAHILI, None, "sw", id="Swahili"),
        pytest.param("Regjeringen sa mandag at den vil hjelpe alle kommuner i landet. " * 3, "nb-NO", "no",
            id="Bokmål is Norwegian"),
        pytest.param("東港の新しい埠頭が十日に使われ始めました。", None, "ja", id="Japanese"),
        pytest.param("OK", "fr", "fr", id="too short to tell"),
        pytest.param("", None, None, id="nothing at all"),
    ],
)  # fmt: skip
def test_identify_language(text, declared, language):
    assert identify_language(text, declared) == language


@pytest.mark.parametrize(
    ("tag", "code"),
    [("de-AT", "de"), ("nb_NO", "no"), ("iw", "he"), ("x-klingon", None), ("", None), (None, None)],
)
def test_normal_code(tag, code):
    assert normal_code(tag) == code


def test_neighbours():
    assert are_neighbours("hr", "sr")
    assert not are_neighbours("de", "en")


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        ("Plain text", "ltr"),
        ("افتتحت بلدية الميناء مكتبة", "rtl"),
        ("העירייה פתחה ספרייה", "rtl"),
        ("123", "ltr"),
        ("", "ltr"),
    ],
)
def test_reading_direction(text, direction):
    assert reading_direction(text) == direction


@pytest.mark.parametrize(
    ("text", "n"),
    [
        ("The bridge isn't open.", 4),
        ("新码头正式投入使用", 9),
        ("新码头 opened in 2022", 6),
        ("สวัสดีครับ", 3),
        ("", 0),
    ],
)
def test_count_words(text, n):
    assert count_words(text) == n

"""The language model: the same answers as the library's own walk."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from tasks.domain.text.language_model import LanguageModel, ModelTables

CODES = ["de", "en", "el", "fa", "ja", "sr", "zh"]
ENGLISH = "The minister said on Monday that the government plans new measures. "


@pytest.fixture(scope="module")
def library():
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(CODES)
    return identifier


@pytest.fixture(scope="module")
def model():
    return LanguageModel(ModelTables.unpack(CODES))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param(ENGLISH, "en", id="a sentence"),
        pytest.param(ENGLISH.upper() * 20, "en", id="capitals, and longer than any state looks back"),
        pytest.param("Der Minister sagte am Montag, dass die Regierung plant.", "de", id="German"),
        pytest.param("Ο υπουργός είπε τη Δευτέρα ότι η κυβέρνηση σχεδιάζει μέτρα.", "el", id="Greek"),
        pytest.param("وزیر روز دوشنبه گفت که دولت برنامه‌های تازه دارد.", "fa", id="Persian"),
        pytest.param("東港の新しい埠頭が十日に使われ始めました。", "ja", id="Japanese"),
        pytest.param("Министар је у понедељак рекао да влада планира мере.", "sr", id="Serbian"),
    ],
)
def test_language(model, library, text, code):
    assert model.classify(text) == library.classify(text)[0] == code


@given(st.text(st.characters(), max_size=300))
def test_any_text_as_the_library(model, library, text):
    assert model.classify(text) == library.classify(text)[0]

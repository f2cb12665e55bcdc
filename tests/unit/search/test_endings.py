"""Which forms a word may have, by the endings of its language."""

import pytest

from warehouse.search.endings import endings_by_language, possible_forms


@pytest.mark.parametrize(
    ("word", "language", "expected"),
    [
        pytest.param("election", "en", {"elections"}, id="English plural"),
        pytest.param("voting", "en", {"vote", "votes", "voted"}, id="English verb"),
        pytest.param("cities", "en", {"city"}, id="English y"),
        pytest.param("stopped", "en", {"stop", "stops", "stopping"}, id="English doubled consonant"),
        pytest.param("Wahlen", "de", {"wahl"}, id="German plural"),
        pytest.param("Haus", "de", {"hauser", "hauses"}, id="German plural with umlaut, folded"),
        pytest.param("journaux", "fr", {"journal"}, id="French plural"),
        pytest.param("elecciones", "es", {"eleccion"}, id="Spanish plural, accent folded"),
        pytest.param("banchi", "it", {"banco"}, id="Italian plural"),
        pytest.param("eleições", "pt", {"eleicao"}, id="Portuguese plural"),
        pytest.param("straten", "nl", {"straat"}, id="Dutch open syllable"),
        pytest.param("valen", "sv", {"val", "valet"}, id="Swedish article"),
        pytest.param("выборах", "ru", {"выборы", "выборов"}, id="Russian cases"),
        pytest.param("Москва", "ru", {"москве", "москву", "москвы"}, id="Russian cases of a name"),
        pytest.param("вибори", "uk", {"виборів", "виборах"}, id="Ukrainian cases"),
        pytest.param("wyborów", "pl", {"wybory", "wyborach"}, id="Polish cases"),
        pytest.param("volby", "cs", {"volba", "volbam"}, id="Czech cases"),
        pytest.param("εκλογές", "el", {"εκλογων", "εκλογη"}, id="Greek cases"),
        pytest.param("seçimler", "tr", {"secim", "secimlerin"}, id="Turkish plural"),
        pytest.param("انتخابات", "ar", {"الانتخابات", "والانتخابات"}, id="Arabic article"),
        pytest.param("الحكومة", "ar", {"حكومه", "للحكومه"}, id="Arabic article left out"),
        pytest.param("선거", "ko", {"선거가", "선거를"}, id="Korean particles"),
    ],
)  # fmt: skip
def test_forms(word, language, expected):
    assert expected <= set(possible_forms(word, [language]))


@pytest.mark.parametrize(
    ("word", "language", "wrong"),
    [
        pytest.param("Paris", "en", "pari", id="a name keeps its s"),
        pytest.param("Jobs", "en", "job", id="a name that is a plural"),
        pytest.param("organisation", "en", "organ", id="no derivation"),
        pytest.param("university", "en", "universe", id="no common stem of two words"),
        pytest.param("news", "de", "ne", id="short stems"),
    ],
)
def test_what_is_no_form(word, language, wrong):
    assert wrong not in possible_forms(word, [language])


def test_the_word_itself_is_first_and_an_unknown_language_has_no_forms():
    assert possible_forms("Élections", ["xx"]) == ("elections",)
    assert possible_forms("votes", ["en"])[0] == "votes"


def test_every_set_of_endings_has_several():
    for endings in endings_by_language().values():
        assert all(len(others) > 1 for others in endings.endings)

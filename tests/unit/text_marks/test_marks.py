"""Which words of a text a query highlights."""

import pytest

from warehouse.text.folding import fold
from warehouse.text.marks import mark


def marked(text, question):
    return "".join(f"[{part.text}]" if part.is_marked else part.text for part in mark(text, question))


@pytest.mark.parametrize(
    ("text", "question", "expected"),
    [
        pytest.param("The deal is off", "deal", "The [deal] is off", id="a word"),
        pytest.param("The Deal is off", "DEAL", "The [Deal] is off", id="case"),
        pytest.param("Dealers deal", "deal", "Dealers [deal]", id="whole words only"),
        pytest.param("Dealers deal", "deal*", "[Dealers] [deal]", id="prefix"),
        pytest.param("Deals and a deal", "~deal|deals", "[Deals] and a [deal]", id="forms of a word"),
        pytest.param("A green deal, a green tea", '"green deal"', "A [green deal], a green tea", id="phrase"),
        pytest.param("green-deal", '"green deal"', "[green-deal]", id="phrase over a hyphen"),
        pytest.param("Deal on tea", "deal -tea", "[Deal] on tea", id="excluded words are not marked"),
        pytest.param("Müller und Mu\u0308ller", "muller", "[Müller] und [Mu\u0308ller]",
            id="both writings of an accent"),
        pytest.param("Ёлка на площади", "елка", "[Ёлка] на площади", id="Russian, ё as е"),
        pytest.param("أعلنت الحكومة", "اعلنت", "[أعلنت] الحكومة", id="Arabic, alef without hamza"),
        pytest.param("مُحَمَّد يعود", "محمد", "[مُحَمَّد] يعود", id="Arabic, vowel signs"),
        pytest.param("東京都の知事選挙", "知事選", "東京都の[知事選]挙", id="Japanese, inside a run"),
        pytest.param("ＦＩＦＡ World", "fifa", "[ＦＩＦＡ] World", id="full-width letters"),
        pytest.param("Der Fußball und das Œuvre", "fussball oeuvre", "Der [Fußball] und das [Œuvre]",
            id="two letters for one"),
        pytest.param("İstanbul", "istanbul", "[İstanbul]", id="dotted capital I"),
        pytest.param("a\u0301\u0301 b", "b", "a\u0301\u0301 [b]", id="marks piled up"),
        pytest.param("\u0301start x", "x", "\u0301start [x]", id="a mark without a letter"),
        pytest.param("one two", "", "one two", id="no query"),
        pytest.param("one two", '"', "one two", id="a lone quote"),
        pytest.param("", "one", "", id="no text"),
        pytest.param("<b>one</b>", "b", "<[b]>one</[b]>", id="markup is text"),
    ],
)  # fmt: skip
def test_mark(text, question, expected):
    assert marked(text, question) == expected


def test_the_pieces_are_the_text():
    text = "A\u0301 straße\u200b, 東京 — “x” \n"
    assert "".join(part.text for part in mark(text, "strasse a 東*")) == text


def test_positions_lead_back_to_the_text():
    folded = fold("Łódź\u00ad!")
    assert folded.text == "lodz!"
    assert list(folded.positions) == [0, 1, 2, 3, 5, 6]

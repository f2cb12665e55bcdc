"""Whether the text before an edit answered a question."""

import pytest

from warehouse.alerts.first_match import matched_before
from warehouse.search.grammar import parse_question, with_forms
from warehouse.search.parts import Inflection


@pytest.mark.parametrize(
    ("question", "is_met"),
    [
        pytest.param("flood", True, id="a word of the text"),
        pytest.param("rain", True, id="a word of the title"),
        pytest.param("dam", False, id="no such word"),
        pytest.param("flood dam", False, id="one of two words"),
        pytest.param("dam OR flood", True, id="one of two alternatives"),
        pytest.param('"flood warning"', True, id="a phrase"),
        pytest.param('"warning flood"', False, id="a phrase the other way round"),
        pytest.param("warn*", True, id="a prefix"),
        pytest.param("flood -warning", False, id="an excluded word that was there"),
        pytest.param("flood -dam", True, id="an excluded word that was not"),
        pytest.param("title:flood", False, id="in the text, not in the title"),
        pytest.param("title:rain -title:flood", True, id="in the title, another one not"),
        pytest.param("flood NEAR/2 warning", True, id="near"),
        pytest.param("flood NEAR/2 dam", False, id="one of two words near each other"),
        pytest.param("flood lang:de source:alpha after:2026-01-01", True, id="fields do not change"),
        pytest.param("~floods", True, id="another form of the word"),
        pytest.param("洪水", True, id="a script without spaces"),
    ],
)
def test_matched_before(question, is_met):
    forms = [Inflection("floods", ("en",), ("floods", "flood"))]
    alternatives = with_forms(parse_question(question), forms if "~" in question else [])
    assert matched_before(alternatives, "Rain", "A flood warning for the coast. 大洪水。") is is_met

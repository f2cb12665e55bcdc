"""The meaning of a query, and the error position of an invalid one."""

import pytest

from warehouse.search.grammar import QuestionError, marked_words, parse_question


def meaning(text):
    """Return the alternatives as lists of parts, in query syntax."""
    return [
        [
            ("-" if p.is_excluded else "") + (f"{p.field}:" if p.field else "") + p.text
            for p in alternative.parts
        ]
        for alternative in parse_question(text)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("oil", [["oil"]], id="a word"),
        pytest.param("oil gas", [["oil", "gas"]], id="both required"),
        pytest.param("oil AND gas", [["oil", "gas"]], id="AND is implied"),
        pytest.param("oil OR gas", [["oil"], ["gas"]], id="either"),
        pytest.param("oil or gas", [["oil", "or", "gas"]], id="operators are upper case"),
        pytest.param("oil gas OR coal", [["oil", "gas"], ["coal"]], id="OR binds weakest"),
        pytest.param("(oil OR gas) price", [["oil", "price"], ["gas", "price"]], id="parentheses"),
        pytest.param("price(oil OR gas)", [["price", "oil"], ["price", "gas"]],
            id="parentheses without a space"),
        pytest.param("oil -price", [["oil", "-price"]], id="minus"),
        pytest.param("oil NOT price", [["oil", "-price"]], id="NOT"),
        pytest.param("oil -(price OR cost)", [["oil", "-price", "-cost"]], id="none of several"),
        pytest.param("oil NOT (price cost)", [["oil", "-price"], ["oil", "-cost"]], id="not both"),
        pytest.param("oil NOT NOT price", [["oil", "price"]], id="twice not"),
        pytest.param('"green deal"', [['"green deal"']], id="phrase"),
        pytest.param('"oil OR gas"', [['"oil OR gas"']], id="an operator in a phrase is a word"),
        pytest.param('"(oil)"', [['"(oil)"']], id="parentheses in a phrase"),
        pytest.param("elect*", [["elect*"]], id="prefix"),
        pytest.param('"green de*"', [['"green de*"']], id="prefix at a phrase's end"),
        pytest.param("covid-19", [["covid-19"]], id="a hyphen inside a word"),
        pytest.param("title:oil gas", [["title:oil", "gas"]], id="title"),
        pytest.param('TITLE:"green deal"', [['title:"green deal"']],
            id="a field in upper case, with a phrase"),
        pytest.param("oil -source:alpha", [["oil", "-source:alpha"]], id="not from a source"),
        pytest.param("source:a OR lang:de", [["source:a"], ["lang:de"]], id="fields alone"),
        pytest.param("oil before:2022-01-10 after:2022-01-01",
            [["oil", "before:2022-01-10", "after:2022-01-01"]], id="days"),
        pytest.param("12:30", [["12:30"]], id="a time is not a field"),
        pytest.param("東京 OR 京都", [["東京"], ["京都"]], id="Japanese"),
        pytest.param("النفط OR الغاز", [["النفط"], ["الغاز"]], id="Arabic"),
        pytest.param("oil\u3000gas", [["oil", "gas"]], id="an ideographic space"),
    ],
)  # fmt: skip
def test_meaning(text, expected):
    assert meaning(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("", "the question is empty (position 1)", id="nothing"),
        pytest.param("oil OR", "a word is missing at the end (position 7)", id="OR at the end"),
        pytest.param("OR oil", "a word is missing before 'OR' (position 1)", id="OR at the start"),
        pytest.param("oil OR OR gas", "a word is missing before 'OR' (position 8)", id="OR twice"),
        pytest.param("oil AND", "a word is missing at the end (position 8)", id="AND at the end"),
        pytest.param("oil NOT", "a word is missing at the end (position 8)", id="NOT at the end"),
        pytest.param("(oil", "'(' is not closed (position 1)", id="an open parenthesis"),
        pytest.param("oil)", "')' without '(' (position 4)", id="a parenthesis too many"),
        pytest.param("oil ()", "a word is missing before ')' (position 6)", id="empty parentheses"),
        pytest.param('oil "gas', "the quotation mark is not closed (position 5)", id="an open phrase"),
        pytest.param("-oil", "every word is excluded: add one that must occur (position 1)",
            id="only excluded"),
        pytest.param("source:a -oil", "every word is excluded: add one that must occur (position 1)",
            id="only excluded, with a source"),
        pytest.param("oil NEAR gas", "NEAR is not supported; use a phrase in quotation marks (position 5)",
            id="NEAR"),
        pytest.param("oil NEAR/5 gas", "NEAR is not supported; use a phrase in quotation marks (position 5)",
            id="NEAR with a distance"),
        pytest.param("~election",
            "~ (inflections) is not supported; use a prefix such as elect* (position 1)", id="inflections"),
        pytest.param("oil | gas", "'|' has no letter or digit (position 5)", id="another language's OR"),
        pytest.param("e*ct", "* is supported at the end of a word only (position 2)", id="a star inside"),
        pytest.param("*ct", "* is supported at the end of a word only (position 1)", id="a star in front"),
        pytest.param("oil -", "'-' has no letter or digit (position 5)", id="a lone minus"),
        pytest.param("before:2022", "'2022' is not a date (expected YYYY-MM-DD) (position 8)",
            id="not a date"),
        pytest.param("title:", "a value is missing after the colon (position 7)",
            id="a field without a value"),
        pytest.param("title: oil", "a value is missing after the colon (position 7)",
            id="a space after the colon"),
        pytest.param("site:x",
            "'site' is not a field (expected title, author, source, lang, before, after); for the "
            "words themselves put them in quotation marks (position 1)", id="an unknown field"),
        pytest.param(" OR ".join("abcdefghi"), "the question has more than 8 alternatives (position 38)",
            id="too many alternatives"),
        pytest.param("(a OR b) (c OR d) (e OR f) (g OR h)",
            "the question has more than 8 alternatives (position 28)", id="alternatives that multiply"),
        pytest.param("(" * 30 + "a" + ")" * 30, "more than 20 parentheses inside each other (position 21)",
            id="deep"),
        pytest.param("a " * 200, "the question has more than 40 parts (position 1)", id="long"),
    ],
)  # fmt: skip
def test_errors_have_positions(text, message):
    with pytest.raises(QuestionError) as error:
        parse_question(text)
    assert str(error.value) == message


def test_what_the_index_is_asked():
    (alternative,) = parse_question('title:"green deal" oil -gas source:alpha -title:tea')
    assert alternative.index_question == '"green deal" oil -gas'
    assert [part.field for part in alternative.fields] == ["title", "source", "title"]


def test_words_to_mark():
    assert (
        marked_words(parse_question('oil OR (title:deal -tea "green deal") OR oil source:alpha'))
        == 'oil deal "green deal"'
    )

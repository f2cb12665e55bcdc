"""The meaning of a query, and the error position of an invalid one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.search.grammar import inflected_words, marked_words, parse_question, with_forms
from warehouse.search.parts import Inflection, QuestionError


def meaning(text):
    """Return the alternatives as lists of parts, in query syntax."""
    return [
        [
            ("-" if p.is_excluded else "")
            + (f"{p.field}:" if p.field else "")
            + p.text
            + (f" NEAR/{p.near.distance} {p.near.text}" if p.near else "")
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
        pytest.param("oil NEAR gas", [["oil NEAR/10 gas"]], id="near, ten words at most"),
        pytest.param("oil NEAR/3 gas price", [["oil NEAR/3 gas", "price"]], id="near binds closest"),
        pytest.param('"crude oil" NEAR/3 pric*', [['"crude oil" NEAR/3 pric*']], id="a phrase near a prefix"),
        pytest.param("(oil OR gas) NEAR/5 price", [["oil NEAR/5 price"], ["gas NEAR/5 price"]],
            id="alternatives near a word"),
        pytest.param("tax NOT oil NEAR gas", [["tax", "-oil NEAR/10 gas"]], id="not near each other"),
        pytest.param("tax -(oil NEAR/2 gas)", [["tax", "-oil NEAR/2 gas"]], id="minus before a pair"),
        pytest.param("near oil", [["near", "oil"]], id="near in lower case is a word"),
        pytest.param("~election", [["~election"]], id="inflections"),
        pytest.param("tax -~vote title:~law", [["tax", "-~vote", "title:~law"]],
            id="inflections excluded, in a title"),
        pytest.param("“green deal” „grüner Plan“", [['"green deal"', '"grüner Plan"']],
            id="printed quotation marks"),
        pytest.param('"the “green” deal"', [['"the “green” deal"']], id="quotation marks inside a phrase"),
        pytest.param("AT&T $5 #metoo what?", [["AT&T", "$5", "#metoo", "what?"]], id="signs in words"),
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
        pytest.param("oil NEAR", "a word is missing at the end (position 9)", id="NEAR at the end"),
        pytest.param("NEAR/3 oil", "a word is missing before 'NEAR/3' (position 1)", id="NEAR at the start"),
        pytest.param("oil NEAR/0 gas", "'NEAR/0' has no distance (expected NEAR/1 to NEAR/100) (position 5)",
            id="NEAR without distance"),
        pytest.param("oil NEAR/x gas", "'NEAR/x' has no distance (expected NEAR/1 to NEAR/100) (position 5)",
            id="NEAR with a word for a distance"),
        pytest.param("a NEAR b NEAR c",
            "NEAR stands between two words or phrases; write a third one as another NEAR (position 10)",
            id="NEAR of three"),
        pytest.param("title:oil NEAR gas",
            "NEAR stands between two words or phrases, or alternatives of them (position 11)",
            id="NEAR with a field"),
        pytest.param("-oil NEAR gas",
            "NEAR stands between two words or phrases, or alternatives of them (position 6)",
            id="NEAR with an excluded word"),
        pytest.param("(oil gas) NEAR price",
            "NEAR stands between two words or phrases, or alternatives of them (position 11)",
            id="NEAR with two words that are both required"),
        pytest.param("-(oil NEAR gas)", "every word is excluded: add one that must occur (position 1)",
            id="only a pair excluded"),
        pytest.param("~covid-19", "~ is supported before a single word only (position 1)",
            id="inflections of two words"),
        pytest.param('~"green deal"',
            "'~' has no letter or digit; ~ is supported before a single word only (position 1)",
            id="inflections of a phrase"),
        pytest.param("author:~petersen",
            "'~' is not supported; put the words in quotation marks (position 8)",
            id="inflections of an author"),
        pytest.param("oil~2", "'~' is not supported; put the words in quotation marks (position 4)",
            id="another language's fuzzy word"),
        pytest.param("oil|gas", "'|' is not supported; write OR (position 4)",
            id="another language's OR, closed up"),
        pytest.param("wom?n", "'?' is not supported; put the words in quotation marks (position 4)",
            id="another language's wildcard"),
        pytest.param("oil !gas", "'!' excludes nothing; write -word or NOT word (position 5)",
            id="another language's NOT"),
        pytest.param("oil –gas", "'–' excludes nothing; write -word or NOT word (position 5)",
            id="a dash for a minus sign"),
        pytest.param("“oil", "the quotation mark is not closed (position 1)", id="a printed mark left open"),
        pytest.param("oil | gas", "'|' has no letter or digit; write OR (position 5)",
            id="another language's OR"),
        pytest.param("oil && gas", "'&&' has no letter or digit; write AND, or nothing (position 5)",
            id="another language's AND"),
        pytest.param("Oil – the last well",
            "'–' has no letter or digit; leave it out, or put it with its neighbours in quotation marks "
            "(position 5)", id="a dash of a headline"),
        pytest.param("title:(oil OR gas)",
            "a field takes one word or phrase; write (title:a OR title:b) (position 7)",
            id="a field before parentheses"),
        pytest.param("e*ct", "* is supported at the end of a word only (position 2)", id="a star inside"),
        pytest.param("*ct", "* is supported at the end of a word only (position 1)", id="a star in front"),
        pytest.param("oil -",
            "'-' has no letter or digit; to exclude a word write -word or NOT word; else leave it out "
            "(position 5)", id="a lone minus"),
        pytest.param("before:2022", "'2022' is not a date (expected YYYY-MM-DD) (position 8)",
            id="not a date"),
        pytest.param("title:", "a value is missing after the colon (position 7)",
            id="a field without a value"),
        pytest.param("title: oil", "a value is missing after the colon (position 7)",
            id="a space after the colon"),
        pytest.param("site:x",
            "'site' is not a field (expected title, author, source, lang, before, after); for the "
            "words themselves put them in quotation marks (position 1)", id="an unknown field"),
        pytest.param("oil https://news.example/a",
            "to find the article of a URL search for the whole URL and nothing else; for its words put it in "
            "quotation marks (position 5)", id="a URL among words"),
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
    assert [part.field for part in alternative.conditions] == ["title", "source", "title"]


def test_both_words_of_a_pair_are_asked_for():
    (alternative,) = parse_question('tax oil NEAR/3 "gas price" -(a NEAR b)')
    assert alternative.index_question == 'tax oil "gas price"'
    assert [part.near is not None for part in alternative.conditions] == [True, True]


def test_words_to_mark():
    assert (
        marked_words(parse_question('oil OR (title:deal -tea "green deal") OR oil source:alpha'))
        == 'oil deal "green deal"'
    )


def test_words_become_their_forms():
    alternatives = parse_question("~Vote NEAR tax OR title:~law -~fee")
    assert inflected_words(alternatives) == ("Vote", "law", "fee")
    found = (
        Inflection("Vote", ("en",), ("vote", "voted")),
        Inflection("law", ("en",), ("law", "laws")),
        Inflection("fee", ("en",), ("fee",)),
    )
    first, second = with_forms(alternatives, found)
    assert first.index_question == "~vote|voted tax"
    assert second.index_question == "~law|laws -fee"
    assert marked_words((first, second)) == "~vote|voted tax ~law|laws"


QUESTIONS = st.lists(
    st.sampled_from([*"()-~*|", "OR", "NOT", "AND", "NEAR", "NEAR/2", '"', "“", "title:", "lang:", "before:",
                     "oil", "gas",
                     "2022-01-01", "東京", " "])
    | st.text(max_size=3)
).map(" ".join) | st.text(max_size=40)  # fmt: skip


@given(QUESTIONS)
def test_any_text_is_a_question_or_an_error_in_it(text):
    try:
        alternatives = parse_question(text)
    except QuestionError as error:
        assert 1 <= error.position <= len(text) + 1
    else:
        assert alternatives
        assert all(alternative.parts for alternative in alternatives)

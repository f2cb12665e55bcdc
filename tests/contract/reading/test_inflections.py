"""Forms of a ~word: those that the index has, by the languages of the articles that have the word."""

import pytest

from tests.support.warehouse_rows import a_home, article, load
from warehouse.publish import publish_snapshot
from warehouse.reading.filters import Selection
from warehouse.reading.find import ResultQuery, find_articles_page
from warehouse.reading.inflections import with_inflections
from warehouse.store.connection import connect

TEXTS = {
    1: ("en", "The election was held. Paris voted."),
    2: ("en", "Elections follow, and votes are counted."),
    3: ("it", "Voti e pari opportunità. Il voto a Roma."),
    4: ("de", "Die Wahl in Berlin. Merkels Partei verlor."),
    5: ("de", "Wahlen und Merkel."),
    6: ("ru", "Выборы в Москве."),
}


@pytest.fixture(scope="module")
def con(tmp_path_factory):
    home = a_home(tmp_path_factory.mktemp("inflections"))
    load(
        home,
        *(article(n, title=f"Title {n}", body=body, language=lang) for n, (lang, body) in TEXTS.items()),
    )
    publish_snapshot(home)
    con = connect(home)
    yield con
    con.close()


@pytest.mark.parametrize(
    ("question", "languages", "forms"),
    [
        pytest.param("~election", (), [(("en",), ("election", "elections"))], id="a plural"),
        pytest.param("~vote", (), [(("de", "en", "it", "ru"), ())], id="a word that no article has"),
        pytest.param("~votes", (), [(("en",), ("votes", "voted"))],
            id="not the Italian plural of another word"),
        pytest.param("~voto", (), [(("it",), ("voto", "voti"))], id="Italian"),
        pytest.param("~Paris", (), [(("en",), ("paris",))], id="a name stays itself"),
        pytest.param("~Merkel", (), [(("de",), ("merkel", "merkels"))], id="a name that is inflected"),
        pytest.param("~Wahl", ("de",), [(("de",), ("wahl", "wahlen"))], id="the language of the filter"),
        pytest.param("~votes lang:it", (), [(("it",), ("votes",))], id="the language that is asked for"),
        pytest.param("~Москва", (), [((), ("москва", "москве"))], id="a case of a name, in any language"),
        pytest.param("~election OR -~Wahl Paris", (), [(("en",), ("election", "elections")),
            (("de",), ("wahl", "wahlen"))], id="several words"),
        pytest.param("election", (), [], id="no request"),
    ],
)  # fmt: skip
def test_forms(con, question, languages, forms):
    found = with_inflections(con, Selection(question, languages=languages)).inflections
    assert len(found) == len(forms)
    for inflection, (expected_languages, expected_forms) in zip(found, forms, strict=True):
        if expected_forms:
            assert set(inflection.forms) == set(expected_forms)
            assert inflection.forms[0] == expected_forms[0]
        if expected_languages and expected_forms:
            assert inflection.languages == expected_languages


def test_a_page_says_which_forms_were_searched_for(con):
    page = find_articles_page(con, ResultQuery(Selection("~election")))
    assert page.n_articles == 2
    assert [found.forms for found in page.inflections] == [("election", "elections")]

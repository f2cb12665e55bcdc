"""Full text: any script, phrases, prefixes, exclusions; always in step with the published snapshot."""

import random

import pytest

from tests.support.warehouse_rows import HOUR, NOW, a_home, article, ask, load
from warehouse.publish import publish_snapshot
from warehouse.search import index as search_index
from warehouse.search.documents import documents_sql
from warehouse.search.index import index_some
from warehouse.search.postings import segments_to_merge
from warehouse.store.connection import connect, open_store, transaction
from warehouse.store.settings import set_setting

TEXTS = {
    1: ("Climate talks end", "The green deal was signed in Berlin. Elections follow, covid-19 or not."),
    2: ("Deal of the day", "A deal on green tea. Nothing on the weather."),
    3: ("Выборы в Москве", "Ёлка на площади. Новый закон принят."),
    4: ("東京都知事選", "東京都の知事選挙が告示された。京都の話ではない。電車。"),
    5: ("京都と東西", "京都と東西の話。"),
    6: ("انتخابات مصر", "أعلنت الحكومة نتائج الانتخابات اليوم."),
    7: ("ข่าวการเมือง", "รัฐบาลประกาศผลการเลือกตั้ง"),
    8: ("Müller kommt", "Der Trainer Müller unterschreibt in Łódź bei FC Bayern."),
    9: ("Ελλάδα", "Η κυβέρνηση της Ελλάδας ανακοίνωσε."),
    10: ("Fußball auf der Straße", "Un cœur, une œuvre; Encyclopædia."),
}


@pytest.fixture(scope="module")
def analyst(tmp_path_factory):
    home = a_home(tmp_path_factory.mktemp("search"))
    load(home, *(article(n, title=title, body=body) for n, (title, body) in TEXTS.items()))
    publish_snapshot(home)
    con = connect(home)
    yield con
    con.close()


def found(con, question):
    rows = con.execute("select url from search($q) order by score desc, url", {"q": question}).fetchall()
    return [int(url.rsplit("/", 1)[1]) for (url,) in rows]


@pytest.mark.parametrize(
    ("question", "numbers"),
    [
        pytest.param("climate", [1], id="a word of the title"),
        pytest.param("CLIMATE", [1], id="case"),
        pytest.param("deal", [1, 2], id="title and text"),
        pytest.param("green deal", [1, 2], id="all words"),
        pytest.param('"green deal"', [1], id="phrase"),
        pytest.param('"climate talks"', [1], id="phrase at the start of a title"),
        pytest.param('"climate ta*"', [1], id="prefix at the end of a phrase at the start of a title"),
        pytest.param('"deal or no deal" -tea', [], id="an operator in lower case is a word"),
        pytest.param('"signed OR (in)"', [], id="operators in a phrase are words"),
        pytest.param("elect*", [1], id="prefix"),
        pytest.param('"green de*"', [1], id="prefix at a phrase's end"),
        pytest.param("deal -tea", [1], id="excluded word"),
        pytest.param('deal -"green tea"', [1], id="excluded phrase"),
        pytest.param("covid-19", [1], id="a word with a hyphen"),
        pytest.param("nowhere", [], id="no such word"),
        pytest.param("climate nowhere", [], id="one word is missing"),
        pytest.param("елка", [3], id="Russian, ё as е"),
        pytest.param("МОСКВЕ", [3], id="Russian, case"),
        pytest.param("東京都", [4], id="Japanese: not Kyoto and east"),
        pytest.param("京都", [4, 5], id="Japanese: two characters"),
        pytest.param("車", [4], id="Japanese: one character, the last of its run"),
        pytest.param("東", [4, 5], id="Japanese: one character, a first one"),
        pytest.param("知事選挙", [4], id="Japanese: inside a run"),
        pytest.param("انتخابات", [6], id="Arabic"),
        pytest.param("اعلنت", [6], id="Arabic: alef without hamza"),
        pytest.param("เลือกตั้ง", [7], id="Thai: inside a run"),
        pytest.param("muller", [8], id="umlaut left out"),
        pytest.param("Lodz", [8], id="Polish letters left out"),
        pytest.param("ελλαδας", [9], id="Greek accents left out"),
        pytest.param('"FUSSBALL auf der STRASSE"', [10], id="German ß as ss"),
        pytest.param("fußball straße", [10], id="German ß as it is"),
        pytest.param("coeur oeuvre encyclopaedia", [10], id="œ and æ as two letters"),
        pytest.param("' or 1=1 --", [], id="SQL is words"),
        pytest.param('"', [], id="a lone quote"),
        pytest.param("*", [], id="a lone star"),
        pytest.param("-", [], id="a lone minus"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_search(analyst, question, numbers):
    assert sorted(found(analyst, question)) == numbers


def test_one_of_several_forms_beside_a_phrase(analyst):
    documents = analyst.execute(
        "select url from core.search_documents($q) join core.search_document using (doc_no)"
        " join core.article using (article_id) order by url",
        {"q": '~weather|elections "deal"'},
    )
    assert [url[-1] for (url,) in documents.fetchall()] == ["1", "2"]


def test_the_title_counts_more(analyst):
    assert found(analyst, "deal") == [2, 1]


def test_search_takes_a_plain_literal(analyst):
    assert analyst.execute("select title from search('climate')").fetchall() == [("Climate talks end",)]


def test_the_index_follows_changes(tmp_path):
    home = a_home(tmp_path)
    load(home, article(1, body="The old wording."), article(2, body="Something else."))
    publish_snapshot(home)
    load(home, article(1, body="The new wording.", at=NOW + HOUR))
    publish_snapshot(home)
    with connect(home) as con:
        assert found(con, "old") == []
        assert found(con, "new") == [1]
        assert found(con, "wording") == [1]
        assert found(con, "something") == [2]


@pytest.mark.parametrize(
    "merged_at_once",
    [pytest.param(2_000_000, id="all terms at once"), pytest.param(20, id="some terms at a time")],
)
def test_merged_segments_answer_as_before(tmp_path, monkeypatch, merged_at_once):
    monkeypatch.setattr(search_index, "MERGED_POSTINGS", merged_at_once)
    home = a_home(tmp_path)
    for n in range(20):
        load(home, article(n, body=f"Common words and number{n}. Red apple here.", title=f"Title {n}"))
        with open_store(home, owner="test") as con, transaction(con):
            assert index_some(con).n == 1
    load(home, article(3, body="Replaced by another. Red pear.", at=NOW + HOUR))
    publish_snapshot(home)
    n_segments = ask(home, "select count(*) from core.search_segment")[0][0]
    assert n_segments < 10
    with connect(home) as con:
        assert sorted(found(con, '"red apple"')) == [n for n in range(20) if n != 3]
        assert found(con, "number7") == [7]
        assert found(con, "number3") == []
        assert found(con, "pear") == [3]


@pytest.mark.parametrize(
    ("sizes", "chosen"),
    [
        pytest.param([(n, 100) for n in range(7)], [], id="too few"),
        pytest.param([(n, 100) for n in range(8)], list(range(8)), id="eight of one size"),
        pytest.param([(n, 10 ** (n % 4)) for n in range(8)], [], id="of several sizes"),
        pytest.param([(n, 100) for n in range(30)], list(range(8)), id="the first eight of many"),
        pytest.param([(n, 8_000) for n in range(8)], list(range(5)), id="not too large together"),
        pytest.param([(n, 39_000) for n in range(20)], [], id="large ones stay"),
    ],
)
def test_segments_to_merge(sizes, chosen):
    assert segments_to_merge(sizes) == chosen


def test_nothing_new_writes_nothing(tmp_path):
    home = a_home(tmp_path)
    load(home, article(1))
    publish_snapshot(home)
    before = home.state_file.stat().st_mtime_ns
    with open_store(home, owner="test") as con, transaction(con):
        assert index_some(con).n == 0
    assert home.state_file.stat().st_mtime_ns == before


def test_long_texts_are_indexed_a_few_at_a_time(tmp_path, monkeypatch):
    monkeypatch.setattr(search_index, "BATCH_WORDS", 50)
    home = a_home(tmp_path)
    load(home, *(article(n, body=f"Text number{n} " + "word " * (200 if n == 2 else 18)) for n in range(5)))
    batches = []
    while not batches or not batches[-1].is_all:
        with open_store(home, owner="test") as con, transaction(con):
            batches.append(index_some(con))
    assert sum(batch.n for batch in batches) == 5
    assert len(batches) > 1
    publish_snapshot(home)
    with connect(home) as con:
        assert [found(con, f"number{n}") for n in range(5)] == [[n] for n in range(5)]


WORDS = [f"{letter}{n}" for letter in "kmpst" for n in range(40)]


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """500 texts of frequent and rare words, in several segments; some were replaced."""
    rng = random.Random(5)
    weights = [1 / (n + 1) for n in range(len(WORDS))]
    texts = {n: rng.choices(WORDS, weights, k=rng.randint(5, 60)) for n in range(500)}
    home = a_home(tmp_path_factory.mktemp("library"))
    for start in range(0, 500, 100):
        load(
            home,
            *(article(n, title="Headline", body=" ".join(texts[n])) for n in range(start, start + 100)),
        )
        publish_snapshot(home)
    for n in range(0, 500, 9):
        texts[n] = rng.choices(WORDS, weights, k=30)
    load(
        home,
        *(article(n, title="Headline", body=" ".join(texts[n]), at=NOW + HOUR) for n in range(0, 500, 9)),
    )
    publish_snapshot(home)
    con = connect(home)
    yield con, texts
    con.close()


def has_phrase(text, words):
    return any(text[n : n + len(words)] == words for n in range(len(text)))


def fits(text, question):
    """Say whether a text matches, by reading it: the same query without an index."""
    for part in question:
        wanted, words = not part.startswith("-"), part.strip('-"').split()
        if words[0].endswith("*"):
            has = any(word.startswith(words[0][:-1]) for word in text)
        else:
            has = has_phrase(text, words)
        if has is not wanted:
            return False
    return True


QUESTIONS = [
    ["k0"],
    ["t39"],
    ["k0", "k1"],
    ["k0", "k1", "k2", "k3"],
    ["k0", "k1", "k2", "k3", "k4", "k5"],
    ["k0", "s20"],
    ["p7", "s20"],
    ["p7", "k0", "m3", "k1"],
    ["s2*"],
    ["s2*", "k0"],
    ["k*", "m*"],
    ["k0", "p*", "k1"],
    ['"k0 k1"'],
    ['"k1 k0 k2"'],
    ['"k2 k0 k1 k3"'],
    ['"k2 k3 p16 k0"'],
    ['"k0 s25"'],
    ['"k1 k0"', '-"k0 s25"'],
    ['"k0 k0"'],
    ['"m3 k0"', "k4"],
    ['"k0 k1"', '"k2 k0"'],
    ["k0", "-k1"],
    ["k5", "-p*"],
    ["k1", '-"k0 k1"'],
    ['"k0 k1"', '-"k1 k0"', "-k9"],
    ["k0", "-k9", '-"k1 k0"', '-"k3 k0"'],
]


@pytest.mark.parametrize("question", [pytest.param(parts, id=" ".join(parts)) for parts in QUESTIONS])
def test_the_index_finds_what_reading_finds(library, question):
    con, texts = library
    expected = sorted(n for n, text in texts.items() if fits(text, question))
    assert 0 < len(expected) < 500
    assert sorted(found(con, " ".join(question))) == expected


def scores(con, sql, parameters):
    rows = con.execute(f"select doc_no, round(score::double, 3) from ({sql})", parameters).fetchall()
    assert len(rows) == len(dict(rows))
    return dict(rows)


@pytest.mark.parametrize("question", [pytest.param(parts, id=" ".join(parts)) for parts in QUESTIONS])
def test_the_short_statement_answers_as_the_macro(library, question):
    con, _ = library
    parameters = {}
    sql = documents_sql(" ".join(question), parameters)
    has_term_twice = question in (['"k0 k0"'], ['"k0 k1"', '"k2 k0"'])
    assert ("search_documents" in sql) is has_term_twice
    macro = scores(con, "from core.search_documents($question)", {"question": " ".join(question)})
    assert scores(con, sql, parameters) == macro


@pytest.mark.parametrize(
    "question",
    ["nowhere", "climate nowhere", "елка", "МОСКВЕ", "ЁЛКА", "اعلنت", "muller", "Lodz", "ελλαδας",
        "deal deal", "deal deal*", "京都", "covid-19", "เลือกตั้ง", "ـ",
        '"green deal"', '"Gréen deal" -tea', '-"green deal" tea', '"deal green"', 'tea"green deal"',
        'deal "green deal"', '"café cafe"', '"green  deal"', '"green deal', '"green deal*"',
        '"covid-19 deal"', "deal -deal", "*", "-", "-deal", "' or 1=1 --",
        "~deal|elections", "~deal|nowhere climate", "deal -~tea|weather", "~deal|tea -~tea|weather elect*"],
)  # fmt: skip
def test_the_short_statement_folds_as_the_macro(analyst, question):
    parameters = {}
    sql = documents_sql(question, parameters)
    macro = scores(analyst, "from core.search_documents($question)", {"question": question})
    assert scores(analyst, sql, parameters) == macro


def test_a_word_of_the_short_statement_is_one_term(analyst):
    letters = [chr(code) for code in range(0x900) if "search_documents" not in documents_sql(chr(code), {})]
    assert len(letters) > 1_000
    divided = analyst.execute(
        "select letter from (select unnest($letters) as letter) where len(core.search_terms(letter)) <> 1",
        {"letters": letters},
    )
    assert divided.fetchall() == []


def test_a_question_of_many_words(library):
    con, texts = library
    everything = " ".join(dict.fromkeys(texts[1]))
    assert 1 in found(con, everything)
    assert found(con, " ".join(WORDS)) == []
    assert found(con, f'"{" ".join(texts[1])}"') == [1]


def test_an_index_of_other_rules_is_rebuilt(tmp_path):
    home = a_home(tmp_path)
    load(home, article(1))
    publish_snapshot(home)
    with open_store(home, owner="test") as con:
        before = con.execute("select made_at from core.search_segment").fetchall()
        set_setting(con, "search_rules", "other rules")
    publish_snapshot(home)
    with open_store(home, owner="test") as con:
        assert con.execute("select made_at from core.search_segment").fetchall() != before


@pytest.mark.parametrize(
    ("question", "message"),
    [
        pytest.param("green OR deal", "search(): OR is not supported in SQL (position 7)", id="OR"),
        pytest.param("OR deal", "search(): OR is not supported in SQL (position 1)", id="OR at the start"),
        pytest.param("green NOT deal", "search(): NOT is not supported in SQL (position 7)", id="NOT"),
        pytest.param("(green deal)", "search(): ( is not supported in SQL (position 1)", id="parentheses"),
        pytest.param(
            '"a (b)" green)', "search(): ) is not supported in SQL (position 14)", id="behind a phrase"
        ),
        pytest.param(
            "green title:deal", "search(): title: is not supported in SQL (position 7)", id="a field"
        ),
        pytest.param("green NEAR/3 deal", "search(): NEAR/3 is not supported in SQL (position 7)", id="NEAR"),
        pytest.param("~election", "search(): ~ is not supported in SQL (position 1)", id="inflections"),
        pytest.param("green|deal", "search(): | is not supported in SQL (position 6)", id="a bar"),
    ],
)
def test_sql_refuses_what_it_cannot_answer(analyst, question, message):
    import duckdb

    with pytest.raises(duckdb.Error) as error:
        found(analyst, question)
    assert message in str(error.value)

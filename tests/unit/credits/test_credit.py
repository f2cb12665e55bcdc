"""Credits and datelines: the credited source, and the place of writing."""

import pytest

from tasks.domain.credits.credit import (
    Dateline,
    collect_credits,
    is_source_label,
    read_dateline,
    signed_line,
    source_line,
)
from tasks.domain.pages.json_ld import LinkedData


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Source: OREANDA-NEWS", "OREANDA-NEWS"),
        ("Quelle: dpa", "dpa"),
        ("Источник: ТАСС", "ТАСС"),
        ("来源：新华社", "新华社"),
        ("المصدر: وكالة المرفأ", "وكالة المرفأ"),
        ("Bron: BELGA", "BELGA"),
        ("Font: ACN", "ACN"),
        ("По материалам: СТЕПЬ-ИНФОРМ", "СТЕПЬ-ИНФОРМ"),
        ("Сарчашма: ПАМИР", "ПАМИР"),
        ("แหล่งที่มา: ทะเลนิวส์", "ทะเลนิวส์"),
        ("消息来源：海信社", "海信社"),
        ("配信元：港湾通信", "港湾通信"),
        ("Theo: VIFO", "VIFO"),
        ("Çavkanî: AGIR", "AGIR"),
        ("Iturria: KOSTA", "KOSTA"),
        ("Heimild: KOSTA", "KOSTA"),
        ("Աղբյուր: ԱՐՄԵՆ", "ԱՐՄԵՆ"),
        ("წყარო: ნავსადგური", "ნავსადგური"),
        ("ماخذ: ساحل", "ساحل"),
        ("Булак: ЖЭЭК", "ЖЭЭК"),
        ("Published: 22.08.2018 09:41. Source: VALLEY-VOICE", "VALLEY-VOICE"),
        ("2022年01月10日 16:58 来源：新华社", "新华社"),
        ("Source: https://www.wire.example/x/y", "wire.example"),
        ("The source of the fire is not known", None),
        (
            "Sources said: nobody was hurt in the accident on the mountain road that leads down "
            "to the valley",
            None,
        ),
        ("", None),
    ],
)
def test_source_line(line, name):
    assert source_line(line) == name


@pytest.mark.parametrize(
    ("first", "place", "agency"),
    [
        ("OREANDA-NEWS. Tajik President said", None, "OREANDA-NEWS"),
        ("PARIS, Jan 10 (AFP) - The minister", "PARIS", "AFP"),
        ("Hamburg (dpa/lno) – Trotz eines Gespräches", "Hamburg", "dpa/lno"),
        ("INDIANAPOLIS (AP) — A messy state budget", "INDIANAPOLIS", "AP"),
        ("МОСКВА, 10 янв - РИА Новости. Президент", "МОСКВА", "РИА Новости"),
        ("МОСКВА, 10 января. /ТАСС/. Президент", "МОСКВА", "ТАСС"),
        ("BAKU, Azerbaijan, January 10. /Trend/. The", "BAKU, Azerbaijan", "Trend"),
        ("新华社东港1月10日电 东港新码头", "东港", "新华社"),
        ("WASHINGTON — The president", "WASHINGTON", None),
        ("(Reuters) - The bank", None, "Reuters"),
    ],
)
def test_dateline(first, place, agency):
    found = read_dateline(first)
    assert found is not None
    assert (found.place, found.agency) == (place, agency)


@pytest.mark.parametrize(
    "first", ["In 2019, the man (who was) - said", "Berlin - Die Regierung", "It was late. The man", ""]
)
def test_no_dateline(first):
    assert read_dateline(first) is None


def test_a_known_name_counts_as_agency():
    found = read_dateline("Lighthouse Wire. The port opened", ["Lighthouse Wire"])
    assert found is not None
    assert found.agency == "Lighthouse Wire"


def credits(**given):
    fields = {
        "lines": (),
        "body": "",
        "dateline": None,
        "bylines": (),
        "linked": LinkedData((), {}),
        "articles": (),
    }
    return [(credit.value, credit.origin) for credit in collect_credits(**{**fields, **given})]


def test_a_source_line_comes_first():
    found = credits(
        lines=["Source: ANSA"], dateline=Dateline("ROMA", "AGI", "ROMA (AGI) -"), bylines=["Von dpa"]
    )
    assert found == [("ANSA", "source_line"), ("AGI", "dateline"), ("dpa", "byline")]


def test_a_picture_s_source_is_none_of_the_text():
    assert credits(lines=["Quelle: Getty Images"]) == []


@pytest.mark.parametrize(
    ("line", "agency"),
    [
        pytest.param("(dpa)", "dpa", id="brackets"),
        pytest.param("dpa", "dpa", id="bare"),
        pytest.param("© AFP", "AFP", id="copyright sign"),
        pytest.param("Reuters Ltd.", "Reuters", id="with its legal form"),
        pytest.param("(Mit Material von dpa)", "dpa", id="with material from"),
        pytest.param("(With inputs from PTI)", "PTI", id="with inputs from"),
        pytest.param("По материалам ТАСС", "ТАСС", id="ru, after material of"),
        pytest.param("© dpa 2022", "dpa", id="with a year"),
        pytest.param("© dpa-infocom, dpa:230314-99-955123/2", "dpa", id="number of the report"),
        pytest.param("The match was shown by Reuters and others", None, id="a sentence"),
        pytest.param("(CDU)", None, id="not an agency"),
    ],
)
def test_a_line_that_signs(line, agency):
    assert signed_line(line) == agency


@pytest.mark.parametrize(
    "line", ["来源：新华社 评论(0)", "来源：新华社评论(3)", "Source: 新华社 Comments (2)"]
)
def test_a_source_ends_before_a_counter(line):
    assert source_line(line) == "新华社"


@pytest.mark.parametrize("last", ["Der Prozess wird fortgesetzt. (dpa)", "mit AFP", "(Reuters)"])
def test_sign_off(last):
    assert credits(body=f"Erster Absatz.\n{last}")[0][1] == "sign_off"


@pytest.mark.parametrize(
    ("line", "is_label"), [("Source", True), ("Источник:", True), ("Source code", False)]
)
def test_label_of_a_source_alone(line: str, is_label: bool) -> None:
    assert is_source_label(line) == is_label

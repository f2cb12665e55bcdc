"""Lines that are boilerplate, distinguished from lines of the article's text."""

import re

import pytest

from tasks.domain.bodies.clean import LineContext, clean_lines
from tasks.domain.bodies.line_kinds import is_boilerplate_line, is_date_line
from tasks.domain.bodies.prose_run import added_length, read_run
from tasks.domain.pages.lines import read_lines
from tasks.domain.pages.tree import parse_html

FIRST = "The bridge over the river was closed on Monday after a lorry had hit one of its pillars."
SECOND = "Engineers want to look at the damage this week, the town hall said in a statement."
CONTEXT = LineContext(titles=("Bridge closed after accident",), authors=("Ann Lee",))


@pytest.mark.parametrize(
    "line",
    [
        "Comments", "Комментарии", "Kommentare (12)", "Leave a comment", "التعليقات", "コメント",
        "Dodaj komentarz",
        "Share", "Share this article", "Поделиться", "Compartir", "Teilen",
        "© 2021 The Daily. All rights reserved.", "Advertisement", "Anzeige", "Article continues below",
        "Sign up for our newsletter", "この記事は会員限定です。",
        "If you enjoyed reading this post, consider a donation.", "We want to hear from you.",
        "Zum Newsletter anmelden", "Melde dich bei unserem Newsletter an!", "Unterstützen Sie uns!",
        "Schrijf je in voor onze nieuwsbrief", "Teile diesen Beitrag!", "Auf meine Merkliste",
        "Photo: Getty Images", "Foto: dpa", "Фото: пресс-служба",
        "The whale on Saturday. Photo: Town council",
        "Read more: Ten bridges that fell", "Lesen Sie auch: Zehn Brücken", "Читайте также: Десять мостов",
        "Les også: Ti broer", "Related articles", ">> Alle Brücken im Überblick",
        "» Alle Brücken im Überblick",
        "Table of Contents", "In this article:", "Inhaltsverzeichnis", "Tabla de contenido", "Содержание:",
        "目次", "İçindekiler",
        "Das neue Signet der Brücke und des Hafens | © Hafenamt",
    ],
)  # fmt: skip
def test_boilerplate_line(line):
    assert is_boilerplate_line(line)
    assert clean_lines(f"{FIRST}\n{line}\n{SECOND}", CONTEXT) == f"{FIRST}\n{SECOND}"


@pytest.mark.parametrize(
    "line",
    [
        FIRST,
        "Share prices fell by a tenth when the news came out.",
        "Comments by the minister were not to be had on Tuesday.",
        "Read in a hurry, the report looks harmless.",
        "Video of the crash shows how the lorry left its lane.",
        "Photographers waited in front of the house for hours.",
        "Follow the money, the old reporter used to say.",
        "\"No comment,\" he said.",
        "Source of the river is a small lake in the north.",
        "If you enjoy long walks, the river is the place to be.",
        "Newsletter writers met in the town hall on Monday.",
        "Unterstützung kam auch vom Nachbarort.",
        "Sources close to the mayor spoke of a delay.",
        "»Wie bringen wir die Brücke wieder auf?«",
        "»Vi lukker broen,« sagde borgmesteren.",
    ],
)  # fmt: skip
def test_text(line):
    assert not is_boilerplate_line(line)


@pytest.mark.parametrize(
    ("before", "why"),
    [
        ("Bridge closed after accident", "headline"),
        ("Traffic: Bridge closed after accident", "headline"),
        ("By Ann Lee", "byline"),
        ("Ann Lee", "byline"),
        ("12.03.2021, 18:40", "date"),
        ("Stand: 12.03.2021, 18:40 Uhr", "date"),
        ("2025年1月14日 01時28分", "date"),
        ("Ann Lee · 9 March 2026 at 11:08 · Updated: 9 March 2026 at 14:30 · Local news", "date"),
        ("Bársony Edit · 2026. március 9., hétfő 11:08 · frissítve: 2026. március 9. 14:30", "date"),
        ("Propos recueillis par Ann Lee — Publié le 04/03/2026 à 18h30 - Temps de lecture : 4 min", "date"),
        ("By Ann Lee, Staff Writer @annlee · Mar 10, 2026, 9:14 a.m.", "date"),
        ("Geplaatst op 14 maart 2026 | Datum evenement: 6 juni 2026 | Reacties: 2", "date"),
        ("Source: WIRE", "source"),
    ],
)
def test_a_headline_s_company_goes(before, why):
    assert clean_lines(f"{before}\n{FIRST}\n{SECOND}", CONTEXT) == f"{FIRST}\n{SECOND}", why


def test_text_behind_the_heading_of_sources_stays():
    text = f"{FIRST}\nSources\n{'Most of the river comes from a lake in the north. ' * 6}".strip()
    assert clean_lines(text, CONTEXT) == text


@pytest.mark.parametrize(
    "after",
    [
        "Source: WIRE",
        "Ann Lee is a reporter in the north.",
        "ANN LEE (harbour desk) covers the north.",
        "(dmk)",
        "Comments\nTom: I knew it.",
        "Sources:\nTown hall, 3 May 2021",
        "Quellenangaben\nRathaus (2021): Brücken",
        "Literatur\nRoe, J.: Bridges",
        "Fuentes:\nAyuntamiento",
        "Références\nRoe (2021)",
        "Źródła\nRatusz",
        "Список литературы\n1. Roe, J. Bridges",
        "参考文献\n橋の歴史",
    ],
)
def test_a_text_s_tail_goes(after):
    assert clean_lines(f"{FIRST}\n{SECOND}\n{after}", CONTEXT) == f"{FIRST}\n{SECOND}"


def test_the_dateline_stays():
    text = f"WIRE NEWS. {FIRST}\n{SECOND}"
    assert clean_lines(text, CONTEXT) == text


def test_a_source_s_own_pattern_strips_whole_lines_only():
    context = LineContext(strip=(re.compile("Our hotline: .*"),))
    assert clean_lines(f"{FIRST}\nOur hotline: 0800\nCall Our hotline: 0800", context).split("\n") == [
        FIRST,
        "Call Our hotline: 0800",
    ]


def test_text_behind_a_pointer_in_the_middle_stays():
    assert clean_lines(f"{FIRST}\nCzytaj więcej\n{SECOND}\n{FIRST} Again.", CONTEXT).split("\n")[1] == SECOND


@pytest.mark.parametrize(
    "line", ["12.03.2021", "Published 18 November 2019", "10 января 2022, 16:58", "Updated: 2022-01-10 16:58"]
)
def test_date_line(line):
    assert is_date_line(line)


@pytest.mark.parametrize(
    "line", ["The contract of 12.03.2021 obliges the buyers to keep all jobs.", "In 2019, sales rose", "7"]
)
def test_no_date_line(line):
    assert not is_date_line(line)


def run_of(html: str) -> tuple[list[str], bool]:
    root = parse_html(f"<html><body>{html}</body></html>")
    assert root is not None
    run = read_run(list(read_lines(root)), ["Bridge closed"])
    return list(run.lines), run.is_closed


def test_a_run_begins_behind_the_headline_and_ends_at_the_comments():
    html = (
        f"<td>12.03.2021 <a href='/1'>Other news of the day with a long title of its own</a></td>"
        f"<td>Bridge closed<br>"
        f"12.03.2021<br>{FIRST}<br>{SECOND}</td><p>Комментарии</p><p>{FIRST} I saw it.</p>"
    )
    assert run_of(html) == ([FIRST, SECOND], True)


def test_a_short_last_sentence_belongs_to_the_run():
    assert run_of(f"<h1>Bridge closed</h1><p>{FIRST}</p><p>Nobody was hurt so far.</p><p>Home</p>")[0][
        -1
    ] == ("Nobody was hurt so far.")


def test_a_run_goes_on_behind_a_sentence_that_is_mostly_a_link():
    linked = "See our new <a href='/1'>map of all bridges of the country and their ages</a>."
    run, _ = run_of(f"<h1>Bridge closed</h1><p>{FIRST}</p><p>{linked}</p><p>{SECOND}</p>")
    assert run == [FIRST, "See our new map of all bridges of the country and their ages.", SECOND]


def test_what_stands_above_the_headline_adds_nothing():
    root = parse_html(f"<html><body><p>{SECOND}</p><h1>Bridge closed</h1><p>{FIRST}</p></body></html>")
    assert root is not None
    lines = list(read_lines(root))
    run = read_run(lines, ["Bridge closed"])
    assert added_length([SECOND, FIRST], run, lines) == 0
    assert added_length([FIRST, "Another paragraph that the run has not seen."], run, lines) == 44


def test_a_lead_that_holds_the_headline_stays_in_chinese():
    title = "港口城市议会通过新的年度预算草案并批准修建大桥工程"
    lead = f"{title},市长周二晚间表示,工程将在春季开工,预计两年内完成。"
    text = f"{lead}\n居民代表在会议上发言,要求就北部道路问题举行听证会。"
    assert clean_lines(text, LineContext((title,))) == text

"""Bylines: people only, whatever surrounds them."""

import pytest

from tasks.domain.articles.article import PageContext, read_article
from tasks.domain.credits.author import clean_names, organisation_name
from tasks.domain.credits.byline import collect_bylines
from tasks.domain.pages.json_ld import ARTICLE_TYPES
from tasks.domain.pages.metadata import read_page_head
from tasks.domain.pages.near_headline import NearLines
from tasks.domain.pages.tree import parse_html
from tasks.domain.text.agencies import has_agency, is_agency
from warehouse.records.feed import FeedEntry
from warehouse.records.source import Source


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        pytest.param("By Ann Lee", ["Ann Lee"], id="prefix"),
        pytest.param("Von Jutta Meinhard und Karl Otto", ["Jutta Meinhard", "Karl Otto"],
            id="two joined by a word"),
        pytest.param("Mamokete Modiba, Claire Gaffou, Sarah Cole and Tanya Zack",
                     ["Mamokete Modiba", "Claire Gaffou", "Sarah Cole", "Tanya Zack"], id="list"),
        pytest.param("Brazil, Rachel", ["Rachel Brazil"], id="catalogue order"),
        pytest.param("Mathias Hagen – Journalist", ["Mathias Hagen"], id="role after a dash"),
        pytest.param("Martí Abad (Enviado especial)", ["Martí Abad"], id="role in brackets"),
        pytest.param("Tomas Spahn Fr, 18. Oktober 2019", ["Tomas Spahn"], id="date after the name"),
        pytest.param("ann.lee@daily.example", [], id="address"),
        pytest.param("Redaktion", [], id="desk"),
        pytest.param("MND Staff", [], id="staff"),
        pytest.param("AFP", [], id="agency"),
        pytest.param("Le Figaro et AFP", [], id="site and agency"),
        pytest.param("The Daily", [], id="the site itself"),
        pytest.param("dmk", [], id="initials"),
        pytest.param("大渡 美咲", ["大渡 美咲"], id="Japanese name"),
        pytest.param("Автор: Мария Орлова", ["Мария Орлова"], id="Russian label"),
        pytest.param("Monday August 27, 2018 10:05 am PDT by Juli Clay", ["Juli Clay"],
            id="date before, a first name that is a month"),
        pytest.param("Andrew Gerrand 4 August 2010", ["Andrew Gerrand"], id="day-first date after the name"),
        pytest.param("Kathy Wise Published in FrontBurner December 14, 2016 2:24 pm", ["Kathy Wise"],
            id="label after the name"),
        pytest.param("Sam Stein Senior Politics Editor, The Wire", ["Sam Stein"],
            id="role after the name, not separated"),
        pytest.param("Zeige alle Beiträge von Petra Ruland", ["Petra Ruland"],
            id="link to the author's page"),
        pytest.param("Text und Interview: Harald Wille", ["Harald Wille"], id="two tasks"),
        pytest.param("Matthieu Hy le 07 mai 2020", ["Matthieu Hy"], id="article before the date"),
        pytest.param("Monday", [], id="weekday"),
        pytest.param("August 27", [], id="day"),
        pytest.param("Personal finance January 27, 2025", [], id="topic and date"),
        pytest.param("10 mins read", [], id="reading time"),
        pytest.param("Bund der Ruderer e.V.", [], id="association"),
        pytest.param("Landesanstalt für Wald und Forst", [], id="institution with two subjects"),
    ],
)  # fmt: skip
def test_clean_names(raw, names):
    assert clean_names(raw, {"thedaily", "lefigaro"}) == names


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        pytest.param("Von Redaktion -", "Redaktion", id="desk"),
        pytest.param("By MND Staff", "MND Staff", id="staff"),
        pytest.param("Le Figaro et AFP", "Le Figaro et AFP", id="site and agency stay one"),
        pytest.param("AFP", "AFP", id="agency"),
        pytest.param("The Daily", "The Daily", id="the site itself"),
        pytest.param("24horas.cl", "24horas.cl", id="a name with a number"),
        pytest.param("News", None, id="a section's name"),
        pytest.param("Twitter Facebook", None, id="labels"),
        pytest.param("desk@daily.example", None, id="address"),
        pytest.param("Ann Lee", None, id="a person"),
    ],
)
def test_organisation_name(raw, name):
    assert organisation_name(raw, {"thedaily", "24horascl"}) == name


@pytest.mark.parametrize(
    "name", ["dpa", "Reuters", "AP", "dpa/AFP", "Agencia EFE", "ТАСС", "新华社", "The Associated Press"]
)
def test_is_agency(name):
    assert is_agency(name)


@pytest.mark.parametrize("name", ["Ana", "Beta Jones", "Sana", "Ap Smith", "Mehr Licht"])
def test_is_no_agency(name):
    assert not is_agency(name)


def test_has_agency_beside_a_person():
    assert has_agency("Ann Lee, AFP")


def bylines(html: str, near: tuple[str, ...] = ()) -> list[tuple[str, tuple[str, ...]]]:
    root = parse_html(f"<html><body>{html}</body></html>")
    assert root is not None
    head = read_page_head(root, "https://daily.example/a")
    found = collect_bylines(
        head, head.linked.of_type(ARTICLE_TYPES), {"daily"}, root.find(".//h1"), NearLines(after=near)
    )
    return [(byline.origin, byline.names) for byline in found if byline.names]


def test_json_ld_comes_before_meta():
    html = (
        '<script type="application/ld+json">{"@type":"NewsArticle","author":[{"@type":"Person",'
        '"name":"Ann Lee"},'
        '{"@type":"Organization","name":"Daily"}]}</script><meta name="author" content="Web Desk">'
    )
    assert bylines(html) == [("json_ld", ("Ann Lee",))]


def test_a_bare_reference_is_followed():
    html = (
        '<script type="application/ld+json">{"@graph":[{"@type":"NewsArticle","author":{"@id":"#p1"}},'
        '{"@type":"Person","@id":"#p1","name":"Ann Lee"}]}</script>'
    )
    assert bylines(html) == [("json_ld", ("Ann Lee",))]


def test_comments_and_photographers_write_no_article():
    html = (
        "<p class='comment-author'>Tom R.</p><span class='photo-author'>Kim Fox</span><a rel='author'>"
        "Ann Lee</a>"
    )
    assert bylines(html) == [("byline", ("Ann Lee",))]


@pytest.mark.parametrize("line", ["By Ann Lee", "12 March 2021, by Ann Lee", "Posted by Ann Lee"])
def test_a_line_near_the_headline(line):
    assert bylines("", (line,)) == [("visible_text", ("Ann Lee",))]


@pytest.mark.parametrize(
    ("html", "near", "names"),
    [
        pytest.param(
            "<h1>Rain</h1><a class=byline>Ann Lee</a><p>Text.</p>" + "<p>More text.</p>" * 150
            + "<div class=author>Tim Roe</div><div class=author>Zac Coe</div>",
            (), ("Ann Lee",), id="the mark at the headline, not those of other articles",
        ),
        pytest.param(
            "<h1>Rain</h1>" + "<p>More text.</p>" * 150
                + "<div class=author>Tim Roe</div><div class=author>Zac Coe</div>",
            (), (), id="marks far from the headline that differ",
        ),
        pytest.param(
            "<h1>Rain</h1>" + "<p>More text.</p>" * 150
                + "<p>Autorin: Uta Stamm, Projektleiterin in Tunis.</p>",
            (), ("Uta Stamm",), id="a label after the text",
        ),
        pytest.param("<h1>Rain</h1><a href='/autoren/ann-lee'>Ann Lee</a><p>Text.</p>", (), ("Ann Lee",),
            id="a link to the author's page"),
        pytest.param("<h1>Rain</h1>", ("11.12.2019 - Amelie Loew",), ("Amelie Loew",),
            id="the name beside the date"),
        pytest.param("<h1>Rain</h1>", ("1 Winter Sports",), (), id="a number is not a date"),
        pytest.param(
            "<h1>Rain</h1><div id=comments><span class=author>Tom Fan</span></div>", (), (), id="a commenter",
        ),
        pytest.param(
            '<script type="application/ld+json">{"@type":"NewsArticle","author":{"name":"annlee"}}</script>'
            "<h1>Rain</h1><p class=author>By Ann Lee</p>",
            (), ("Ann Lee",), id="the printed name of a user",
        ),
        pytest.param(
            "<h1>Rain</h1><div class=author>Solar; Wind; Water</div>", (), (), id="topics",
        ),
    ],
)  # fmt: skip
def test_printed_authors(html, near, names):
    assert next((found for _, found in bylines(html, near)), ()) == names


def test_a_house_signs_where_no_person_does():
    html = (
        '<script type="application/ld+json">{"@type":"NewsArticle",'
        '"author":{"@type":"Organization","name":"Ada Books"}}'
        "</script><h1>Rain</h1>"
    )
    root = parse_html(f"<html><body>{html}</body></html>")
    assert root is not None
    head = read_page_head(root, "https://daily.example/a")
    found = collect_bylines(head, head.linked.of_type(ARTICLE_TYPES), set(), None, NearLines())
    assert [(byline.names, byline.organisations) for byline in found] == [((), ("Ada Books",))]


def test_a_sentence_is_no_byline():
    assert bylines("", ("The bridge was built by Roman soldiers in the first century",)) == []


def test_the_feed_names_whom_the_page_does_not():
    entry = FeedEntry("https://daily.example/a", authors=("Ann Lee", "desk@daily.example"))
    page = PageContext(entry.url, entry.url, "k", entry=entry)
    text = (
        "<p>The council of the town has voted on the budget of the coming year, after a debate of "
        "six hours.</p>" * 2
    )
    html = f"<html><body><h1>Council decides</h1>{text}</body></html>".encode()
    assert read_article(html, page, Source("s", "Daily")).article.authors == ("Ann Lee",)

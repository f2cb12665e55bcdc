"""Who signs an article, from the markup and the lines of its page."""

import pytest

from tasks.domain.articles.fields import read_fields
from tasks.domain.pages.metadata import read_page_head
from tasks.domain.pages.tree import parse_html
from warehouse.records.source import Source

TITLE = "Harbour council votes for a second ferry line"
PROSE = (
    "The council met late and decided that the ferry should run all winter, against the wishes of two owners."
)
TEXT = f"<p>{PROSE}</p><p>{PROSE} It will meet again.</p>"
HOUSE = '<script type="application/ld+json">{"@type":"NewsArticle","author":{"@type":"Organization",'
HOUSE += '"name":"Coast News"}}</script>'


def authors(body: str, *, head: str = "", title: str = TITLE) -> list[str]:
    site = '<meta property="og:site_name" content="Coast News">'
    root = parse_html(f"<head><title>{title}</title>{site}{head}</head><body><h1>{title}</h1>{body}</body>")
    assert root is not None
    page = read_page_head(root, "https://coast.example/news/a")
    return list(read_fields(page, Source("page", ""), None, None).authors)


@pytest.mark.parametrize(
    ("printed", "names"),
    [
        pytest.param("<p>News | By Ann Lee | 3 May 2022</p>", ["Ann Lee"], id="between bars"),
        pytest.param("<p><b>By</b></p><p>Ann Lee</p>", ["Ann Lee"], id="label in a line of its own"),
        pytest.param('<div id="author_header">Ann Lee</div>', ["Ann Lee"], id="marked by id"),
        pytest.param(
            "<nav><span itemprop=author><span itemprop=name>Ann Lee</span></span></nav>",
            ["Ann Lee"],
            id="nav of author and date",
        ),
        pytest.param(
            "<p class=byline><span>Ann Lee</span><span>Tom Okafor</span></p>",
            ["Ann Lee", "Tom Okafor"],
            id="names that nothing but markup sets apart",
        ),
        pytest.param(
            "<div class=byline><div>Ann Lee</div><div>Political writer</div></div>",
            ["Ann Lee"],
            id="role in a block of its own",
        ),
        pytest.param(
            '<p>Reviewed by <a href="/author/bo">Bo Chan</a></p>'
            '<p>Written by <a href="/author/ann">Ann Lee</a></p>',
            ["Ann Lee"],
            id="the reviewer is no author",
        ),
        pytest.param(
            "<div class=author-box><img src=a.jpg><div>Ann Lee</div><div>Writer and former mate</div></div>",
            ["Ann Lee"],
            id="role below the picture and the name",
        ),
        pytest.param(
            "<div class=bylines><div class=byline><a href=mailto:a@x.example>Ann Lee</a><span>Reporter</span>"
            "</div><div class=byline><a href=mailto:t@x.example>Tom Okafor</a><span>Reporter and pilot</span>"
            "</div></div>",
            ["Ann Lee", "Tom Okafor"],
            id="two names, each with its role",
        ),
        pytest.param(
            "<div><span>By <a href=/a>Ann Lee</a></span><span>March 5, 2022 at 5:40 p.m.</span></div>",
            ["Ann Lee"],
            id="date that nothing but markup sets apart",
        ),
        pytest.param("<p>By Ann Lee March 5, 2022</p>", ["Ann Lee"], id="month behind the name"),
        pytest.param(
            "<p>كتب: ليلى منصور الخميس 05 مايو 2022</p>", ["ليلى منصور"], id="ar, weekday behind the name"
        ),
        pytest.param(
            "<p><a href='/szerzo/barsony-ilona'>Bársony Ilona</a> · 2022. május 3. · Belföld</p>",
            ["Bársony Ilona"],
            id="hu, link to the author's page",
        ),
        pytest.param("<p>记者 王小明</p>", ["王小明"], id="zh, reporter"),
        pytest.param("<p>记者从会上获悉</p>", [], id="zh, a sentence"),
        pytest.param("<p>김철수 기자 kim@coast.example</p>", ["김철수"], id="ko, reporter"),
        pytest.param("<p>文・山田太郎</p>", ["山田太郎"], id="ja, text by"),
        pytest.param("<p>সর্বশেষ সংস্করণ সম্পাদিত তারিখে ১৬ ফেব্রুয়ারি ২০২০</p>", [], id="bn, a sentence"),
    ],
)
def test_printed_byline(printed, names):
    assert authors(printed + TEXT) == names


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(f"{TEXT}<p><strong>Ann Lee</strong></p>", id="bold, behind the text"),
        pytest.param(f'{TEXT}<p style="text-align:right">Ann Lee</p>', id="to the right"),
        pytest.param(f"<p><b>Ann Lee</b></p>{TEXT}", id="bold, before the text"),
        pytest.param(f"{TEXT}<p><strong>Text:</strong> Ann Lee<br>Photos: Jan Beck</p>", id="label in bold"),
        pytest.param(f'{TEXT}<p><b>Author:</b> <a href="/p/7">Ann Lee</a></p>', id="link behind a label"),
    ],
)
def test_signature_goes_before_the_house(page):
    assert authors(page, head=HOUSE) == ["Ann Lee"]


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(f"<p>{PROSE}</p><p><b>Winter Plans</b></p><p>{PROSE} Again.</p>", id="sub-heading"),
        pytest.param(f"{TEXT}<p><b>Related Articles</b></p>", id="label"),
        pytest.param(f"<p><b>Late Wishes</b></p>{TEXT}", id="words that the text has in small letters"),
        pytest.param(f"{TEXT}<p><i>Rick Moss</i><br><i>Lake Bay</i></p>", id="letter with its writer's town"),
        pytest.param(f"{TEXT}<ol class=references><li class=author>Rick Moss</li></ol>", id="references"),
    ],
)
def test_line_that_is_no_signature(page):
    assert authors(page, head=HOUSE) == ["Coast News"]


def test_word_of_the_headline_is_no_author():
    title = "Hyundai builds a ferry for the northern harbour"
    assert authors(f"<div class=author>Hyundai</div>{TEXT}", title=title) == []


@pytest.mark.parametrize(
    ("line", "names"),
    [
        pytest.param("Text & Fotos: Ute Brandner", ["Ute Brandner"], id="de, two kinds of work"),
        pytest.param("Verfasst von Ute Brandner", ["Ute Brandner"], id="de, another verb"),
        pytest.param("Reporting by Ida Malm", ["Ida Malm"], id="en, an agency's words"),
        pytest.param("Rédigé par Claire Dubois", ["Claire Dubois"], id="fr"),
        pytest.param("Scritto da Paola Ricci", ["Paola Ricci"], id="it, with da"),
        pytest.param("Opracowanie: Anna Zielińska", ["Anna Zielińska"], id="pl"),
        pytest.param("Autor: Anna Zielińska i Piotr Nowak", ["Anna Zielińska", "Piotr Nowak"], id="pl, and"),
        pytest.param("Píše Jana Dvořáková", ["Jana Dvořáková"], id="cs, without a colon"),
        pytest.param("Napísal: Peter Malý", ["Peter Malý"], id="sk"),
        pytest.param("Piše Maja Novak", ["Maja Novak"], id="sl"),
        pytest.param("Autorica: Ivana Horvat", ["Ivana Horvat"], id="hr, a woman"),
        pytest.param("Аутор: Милица Петровић", ["Милица Петровић"], id="sr, Cyrillic"),
        pytest.param("Автор статьи: Анна Кузнецова", ["Анна Кузнецова"], id="ru, two words"),
        pytest.param("Подготовила Анна Кузнецова", ["Анна Кузнецова"], id="ru, a verb"),
        pytest.param("Авторка: Олена Коваль", ["Олена Коваль"], id="uk, a woman"),
        pytest.param("Írta: Kovács Anna és Nagy Péter", ["Kovács Anna", "Nagy Péter"], id="hu, and"),
        pytest.param("Scris de Ioana Popescu", ["Ioana Popescu"], id="ro"),
        pytest.param("Skribent: Anna Lindgren", ["Anna Lindgren"], id="sv"),
        pytest.param("Kirjoittanut Anna Mäkinen", ["Anna Mäkinen"], id="fi"),
        pytest.param("Kirjutas Anna Tamm", ["Anna Tamm"], id="et"),
        pytest.param("Parengė Rasa Petraitė", ["Rasa Petraitė"], id="lt"),
        pytest.param("Autors: Jānis Ozols", ["Jānis Ozols"], id="lv"),
        pytest.param("Muhabir: Ayşe Yılmaz", ["Ayşe Yılmaz"], id="tr"),
        pytest.param("Γράφει ο Νίκος Γεωργίου", ["Νίκος Γεωργίου"], id="el"),
        pytest.param("Penulis: Siti Rahma", ["Siti Rahma"], id="id"),
        pytest.param("Deur Annelie Botha", ["Annelie Botha"], id="af"),
        pytest.param("Höfundur: Anna Jónsdóttir", ["Anna Jónsdóttir"], id="is"),
        pytest.param("Shkruan: Arben Leka", ["Arben Leka"], id="sq"),
        pytest.param("نویسنده: رضا کریمی", ["رضا کریمی"], id="fa"),
        pytest.param("מאת: דנה לוי", ["דנה לוי"], id="he"),
        pytest.param("लेखक: राम शर्मा", ["राम शर्मा"], id="hi, vowel signs"),
        pytest.param("লেখক: রহিম আহমেদ", ["রহিম আহমেদ"], id="bn, vowel signs"),
        pytest.param("ავტორი: ნინო ბერიძე", ["ნინო ბერიძე"], id="ka, no capitals"),
        pytest.param("Հեղինակ՝ Աննա Սարգսյան", ["Աննա Սարգսյան"], id="hy, its own colon"),
        pytest.param("文＝山田太郎", ["山田太郎"], id="ja, equals sign"),
        pytest.param("山田太郎記者", ["山田太郎"], id="ja, title behind"),
        pytest.param("記者王小明／台北報導", ["王小明"], id="zh, place behind a stroke"),
        pytest.param("글=김철수", ["김철수"], id="ko, text by"),
    ],
)
def test_labels_of_the_languages(line, names):
    assert authors(f"<p>{line}</p>{TEXT}") == names


def test_credit_of_a_picture_marked_as_byline_names_nobody():
    assert authors(f'<div class="byline">Photo: Ann Lee</div>{TEXT}') == []

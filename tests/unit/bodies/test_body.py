"""Bodies: boilerplate removed, split bodies complete, drop caps joined, JSON-LD as last resort, source
rules."""

import pytest

from tasks.domain.articles.article import PageContext, read_article
from tasks.domain.articles.links import read_links
from tasks.domain.bodies.body import BodyHints, read_body
from tasks.domain.bodies.layout_tables import unfold_layout_tables
from tasks.domain.bodies.prune import prune_boilerplate
from tasks.domain.pages.lines import read_lines
from tasks.domain.pages.tree import parse_html
from warehouse.records.article import Link
from warehouse.records.source import ArticleRules, Source

PARAGRAPHS = [
    f"Paragraph {n} of the report says in plain words what the council of the town has decided on that day."
    for n in range(9)
]
TEXT = [f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS]
URL = "https://daily.example/news/1"


def body_of(html: str, **hints) -> list[str]:
    page = f"<html><body>{html}</body></html>"
    root = parse_html(page)
    assert root is not None
    lines = tuple(read_lines(root))
    hints = BodyHints(titles=("Council decides",), **hints)
    return read_body(root, lines, hints, lambda: parse_html(page)).text.split("\n")


def article(*blocks: str) -> str:
    return f"<article><h1>Council decides</h1>{''.join(blocks)}</article>"


@pytest.mark.parametrize(
    "junk",
    [
        "<div class='related-articles'><p>Another story that has nothing to do with this one, "
        "told in a sentence.</p></div>",
        "<div class='newsletter-signup'><p>Get the news of the day in your inbox every morning, "
        "free of any charge.</p></div>",
        "<blockquote class='twitter-tweet'><p>What a council! I never saw such a thing in all my "
        "life, really.</p></blockquote>",
        "<div style='display: none'><p>This text is hidden from readers and was never meant to be "
        "seen by them.</p></div>",
        "<figcaption>The council at its meeting on Monday, seen from the gallery above the hall.</"
        "figcaption>",
        "<p>Read also: <a href='/2'>Ten councils that decided something else altogether</a></p>",
        "<ul><li><a href='/2'>Ten councils that decided something else altogether</a></li><li><a "
        "href='/3'>Mayor of the next town resigns over a bridge</a></li></ul>",
        "<h3>More from the Daily</h3><ul><li><a href='/2'>Ten councils that decided otherwise</a></li></ul>",
        "<div class='factbox'><p>Facts about the council: it has forty members, and has met since "
        "1848.</p></div>",
        "<aside><p>An aside that stands beside the text and not in it, whatever it may say to its "
        "readers.</p></aside>",
    ],
)
def test_boilerplate_inside_an_article_is_removed(junk):
    assert body_of(article(*TEXT[:3], junk, *TEXT[3:6])) == PARAGRAPHS[:6]


def test_a_block_that_holds_the_article_stays_whatever_it_is_called():
    assert body_of(f"<div class='comments related'>{article(*TEXT[:6])}</div>") == PARAGRAPHS[:6]


def test_a_body_in_several_containers_is_read_whole():
    parts = [
        f"<div class='body-part'>{''.join(TEXT[n : n + 3])}</div><div class='ad-slot'>ad</div>"
        for n in (0, 3, 6)
    ]
    assert body_of(article(*parts)) == PARAGRAPHS


def test_an_article_below_the_article_is_not_read():
    other = (
        "<article><h1>Mayor resigns</h1><p>Another article altogether, loaded below this one as one "
        "scrolls on and on.</p></article>"
    )
    assert body_of(article(*TEXT[:6]) + other) == PARAGRAPHS[:6]


def test_an_initial_is_joined_to_its_word():
    first = f"<p><span class='dropcap'>P</span> {PARAGRAPHS[0][1:]}</p>"
    assert body_of(article(first, *TEXT[1:6])) == PARAGRAPHS[:6]


def test_json_ld_is_taken_where_the_page_shows_little():
    assert body_of(article(TEXT[0]), linked="\n".join(PARAGRAPHS)) == PARAGRAPHS
    assert body_of(article(*TEXT), linked="\n".join(PARAGRAPHS[:8])) == PARAGRAPHS


def test_a_page_that_scripts_render_is_read_from_its_data():
    steps = ",".join(f'{{"@type": "HowToStep", "text": "{paragraph}"}}' for paragraph in PARAGRAPHS)
    data = f'<script type="application/ld+json">{{"@type": "HowTo", "step": [{steps}]}}</script>'
    assert body_of(f"<div>Please update your browser.</div>{data}") == PARAGRAPHS


def test_tables_of_data_stay_and_tables_of_layout_go():
    data = "<table><tr><td>2020</td><td>13</td></tr><tr><td>2021</td><td>17</td></tr></table>"
    root = parse_html(
        f"<html><body><table><tr><td>{''.join(TEXT)}</td><td>side</td></tr></table>{data}</body></html>"
    )
    assert root is not None
    unfold_layout_tables(root)
    assert len(list(root.iter("table"))) == 1


def test_a_cell_with_two_paragraphs_is_layout():
    rows = "<tr><td>Date:</td><td>10.01.2022</td></tr>"
    html = f"<table>{rows}<tr><td colspan=2>{''.join(TEXT[:2])}</td></tr></table>"
    root = parse_html(f"<html><body>{html}</body></html>")
    unfold_layout_tables(root)
    assert root.find(".//table") is None


def test_pruning_that_would_leave_nothing_is_not_done():
    root = parse_html(f"<html><body>{''.join(f'<div class=related>{p}</div>' for p in TEXT)}</body></html>")
    assert root is not None
    prune_boilerplate(root)
    assert len(list(root.iter("p"))) == 9


def test_images_and_links_of_the_body_are_absolute():
    html = article(
        TEXT[0], "<p><img src='/i/1.jpg' alt='The hall'></p>",
        f"<p>{PARAGRAPHS[1]} <a href='../law'>the law</a> <a href='#top'>up</a> <a "
            f"href='javascript:x()'>x</a></p>", TEXT[2],
    )  # fmt: skip
    root = parse_html(f"<html><body><nav><a href='/menu'>Menu</a></nav>{html}</body></html>")
    assert root is not None
    body = "\n".join([PARAGRAPHS[0], PARAGRAPHS[1], PARAGRAPHS[2]])
    assert read_links(root, body, URL) == (
        Link("image", "https://daily.example/i/1.jpg", "The hall"),
        Link("link", "https://daily.example/law", "the law"),
    )


RULES = ArticleRules(
    title=".kopf", published=".wann", body=".text", author=".wer", strip=("Hotline: .*",)
)  # fmt: skip
PAGE = f"""<html><head><title>Portal</title></head><body><h1>Portal of the region</h1>
<div class=kopf>The real headline</div>
<div class=wann>10.01.2022, 16:58</div><div class=wer>Ann Lee, Tom Fox</div>
<div class=other>{"".join(TEXT[5:9])}</div><div class=text>{"".join(TEXT[:3])}<p>Hotline: 0800 123</p></div>
</body></html>"""


def test_a_source_s_own_selectors_win():
    source = Source("s", "Portal", timezone="Europe/Moscow", date_order="dmy", article=RULES)
    found = read_article(PAGE.encode(), PageContext(URL, URL, "k"), source).article
    assert found.title == "The real headline"
    assert found.body.split("\n") == PARAGRAPHS[:3]
    assert found.authors == ("Ann Lee", "Tom Fox")
    assert found.published is not None
    assert found.published.at is not None
    assert found.published.at.isoformat() == "2022-01-10T13:58:00+00:00"
    assert {origin.field: origin.origin for origin in found.origins if origin.chosen}["title"] == "selector"


def test_selectors_that_find_nothing_leave_it_to_generic_reading():
    rules = ArticleRules(title=".no", published=".no", body=".no", author="[[", strip=())
    html = f"<html><body>{article(*TEXT[:6])}</body></html>"
    found = read_article(
        html.encode(), PageContext(URL, URL, "k"), Source("s", "Portal", article=rules)
    ).article
    assert found.title == "Council decides"
    assert found.body.split("\n") == PARAGRAPHS[:6]


def test_an_article_that_names_no_headline_is_called_by_its_first_words():
    html = f"<html><body><p>{PARAGRAPHS[0]} {PARAGRAPHS[1]}</p>{''.join(TEXT[2:])}</body></html>"
    found = read_article(html.encode(), PageContext(URL, URL, "k"), Source("s", "Portal")).article
    assert found.title.startswith("Paragraph 0 of the report")
    assert found.title.endswith(" …")
    assert len(found.title) <= 102


@pytest.mark.parametrize(
    "opening",
    [
        pytest.param("<nav class='top'>", id="nav"),
        pytest.param("<button>", id="button"),
        pytest.param("<figure><figcaption>", id="figcaption"),
    ],
)
def test_a_tag_left_open_around_the_article_does_not_take_it(opening):
    assert body_of(f"{opening}<h1>Council decides</h1>{''.join(TEXT)}") == PARAGRAPHS


def test_headings_inside_a_summary_s_button_stay():
    html = f"<details><summary><button>What it costs</button></summary>{TEXT[3]}{TEXT[4]}</details>"
    assert "What it costs" in body_of(article(*TEXT[:3], html, *TEXT[5:]))


@pytest.mark.parametrize(
    "paragraph",
    [
        pytest.param(f"<p><a>{PARAGRAPHS[1]}</a></p>", id="anchor without href"),
        pytest.param(f"<p><a name=p2>{PARAGRAPHS[1]}</p>", id="unclosed named anchor"),
        pytest.param(
            f"<p><a href='/act.pdf'>{PARAGRAPHS[1]} The full text of it is here.</a></p>",
            id="linked paragraph",
        ),
    ],
)
def test_a_paragraph_in_an_anchor_is_text(paragraph):
    body = body_of(article(TEXT[0], paragraph, *TEXT[2:]))
    assert len(body) == len(PARAGRAPHS)
    assert body[1].startswith(PARAGRAPHS[1])


def test_a_heading_whose_id_repeats_its_words_is_no_boilerplate():
    heading = "<h2 id='collections-card'>Collections: card</h2>"
    assert "Collections: card" in body_of(article(*TEXT[:3], heading, *TEXT[3:]))


@pytest.mark.parametrize("name", ["key-takeaways", "key-points", "article-summary"])
def test_a_summary_of_the_article_is_text(name):
    assert PARAGRAPHS[0] in body_of(article(f"<div class='{name}'>{TEXT[0]}</div>", *TEXT[1:]))


def test_zero_width_non_joiners_stay_in_words():
    sentence = (
        "رانندگان می\u200cگویند صف خودروها در روزهای نخست سال به نه کیلومتر رسیده بود و در انتظار "
        "می\u200cماندند."
    )
    assert body_of(article(*(f"<p>{sentence} {n}</p>" for n in range(4))))[0] == f"{sentence} 0"


@pytest.mark.parametrize("name", ["ad-container", "ads", "story-ad-slot", "adsbygoogle"])
def test_an_advertisement_s_place_that_was_not_closed_keeps_the_article(name):
    html = f"{''.join(TEXT[:4])}<div class='{name}'>{''.join(TEXT[4:7])}</div>{''.join(TEXT[7:])}"
    assert body_of(article(html)) == PARAGRAPHS


@pytest.mark.parametrize("name", ["ad-container", "sponsored", "advertorial"])
def test_words_of_an_advertisement_are_removed(name):
    html = f"{''.join(TEXT)}<div class='{name}'><p>Buy the best bridges of the country, now!</p></div>"
    assert body_of(article(html)) == PARAGRAPHS


def test_a_run_that_a_box_of_links_ends_is_continued_by_its_paragraphs():
    links = (
        "<ul>" + "".join(f"<li><a href='#{n}'>Chapter {n} of this guide</a></li>" for n in range(5)) + "</ul>"
    )
    html = f"<h1>Council decides</h1><div>{''.join(TEXT[:2])}{links}{''.join(TEXT[2:])}</div>"
    assert body_of(html, is_marked=False) == PARAGRAPHS


@pytest.mark.parametrize(
    "above",
    ["<a href='/news'>Zpět</a>", "<p>Press release</p>", "<div class='tag'>Kronik</div><div>Town</div>"],
)
def test_labels_above_the_headline_are_no_text(above):
    html = f"<article>{above}<h2>Council decides</h2>{''.join(TEXT)}</article>"
    assert body_of(html) == PARAGRAPHS


def test_a_heading_between_headline_and_text_stays():
    html = f"<article><p>News</p><h1>Council decides</h1><h2>What it means</h2>{''.join(TEXT)}</article>"
    assert body_of(html) == ["What it means", *PARAGRAPHS]


@pytest.mark.parametrize(
    "form",
    [
        "<aside class='encart'><p>La matinale</p><p>Chaque matin, l'essentiel de votre commune</p><form>"
        "<input type='email'><button>Je m'inscris</button></form></aside>",
        "<div><h4>Get the Valley Brief</h4><p>The stories that matter, every weekday at seven in the morning."
        "</p><div><input name='EMAIL'></div></div>",
    ],
)
def test_the_words_around_a_field_for_an_address_are_no_text(form):
    assert body_of(article(*TEXT[:4], form, *TEXT[4:])) == PARAGRAPHS


def test_a_form_for_an_address_beside_the_text_does_not_take_it():
    form = "<form><input type='email'><button>Send</button></form>"
    assert body_of(f"<div><h1>Council decides</h1>{TEXT[0]}{TEXT[1]}{form}</div>") == PARAGRAPHS[:2]


def test_menus_beside_a_text_without_paragraphs_are_not_read_with_it():
    text = "<br><br>".join(PARAGRAPHS[:3])
    menu = "<b>Menu</b><br><a href='/'>Main page</a><br><b>Poll</b><br>How is the new bridge?<br>Good (41)"
    html = f"<table><tr><td>{menu}</td><td><b>Council decides</b><br>{text}<br></td></tr></table>"
    assert body_of(html, is_marked=False) == PARAGRAPHS[:3]


@pytest.mark.parametrize(
    "box",
    [
        "<aside class='rich'><a href='/2'><h3>Peter Varley resigns</h3><span>Read on</span></a></aside>",
        "<x-island><div><a href='/2'><h3>Peter Varley resigns</h3></a></div></x-island>",
        "<article class='card'><h4><a href='/2'>Drumul spre sat este închis</a></h4><p>Traficul este deviat "
        "prin comuna vecină până la sfârșitul lunii.</p></article>",
        "<div class='box'><span>Kapcsolódó</span><a href='/2'><b>Hídra gyűjtenek a falu lakói</b></a><p>A "
        "falu harminc éve vár arra, hogy állandó átkelője legyen.</p></div>",
        "<div class='podcast'><p>Our reporters talk about the town every Friday.</p></div>",
    ],
)
def test_a_box_that_points_elsewhere_between_paragraphs_is_removed(box):
    assert body_of(article(*TEXT[:4], box, *TEXT[4:])) == PARAGRAPHS


def test_the_entries_of_a_list_between_two_paragraphs_are_the_text():
    entries = [f"<div><h3><a href='/{n}'>Place number {n}</a></h3>{TEXT[n]}</div>" for n in range(6)]
    body = body_of(article(TEXT[8], *entries, TEXT[7]))
    assert [line for line in body if line in PARAGRAPHS] == [PARAGRAPHS[n] for n in (8, 0, 1, 2, 3, 4, 5, 7)]

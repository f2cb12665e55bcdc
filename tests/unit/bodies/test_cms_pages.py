"""Invented pages in the manner of common systems: the title and every line of the text are known.

`pages/*.html` are the templates of the systems, `pages/texts.toml` is one article in nineteen languages. Each
template is read in a third of the languages.
"""

import html
import re
import tomllib
from pathlib import Path

import pytest

from tasks.domain.articles.article import PageContext, Reading, read_article
from warehouse.records.source import Source

PAGES = Path(__file__).parent / "pages"
TEXTS = tomllib.loads((PAGES / "texts.toml").read_text(encoding="utf-8"))
URL = "https://www.example-courier.com/2025/11/story-123"
WHOLE = "lead p1 p2 s1 p3 p4 i1 i2 i3 s2 p5 p6"
PLAIN = "lead p1 p2 p3 p4 p5 p6"  # systems without sub-headings and lists
WITHOUT_LEAD = "p1 p2 p3 p4 p5 p6"
# The names of the text's lines, in order.
EXPECTED = {
    "africa_portal": WITHOUT_LEAD,
    "african_wp_jnews": WHOLE,
    "amp": WHOLE,
    "arc_react": WHOLE,
    "aspnet_gov": WITHOUT_LEAD,
    "blogger": "p1 p2 s1 p3 p4 p5 p6",
    "brightspot": WHOLE,
    "chinese_cms": WITHOUT_LEAD,
    "comments_unknown": WHOLE,
    "div_soup": PLAIN,
    "divi": WHOLE,
    "drupal_olivero": WHOLE,
    "ghost": WHOLE,
    "greek_portal": WHOLE,
    "hugo": WHOLE,
    "indian_portal": WHOLE,
    "infobox_gallery": WHOLE,
    "joomla": WHOLE,
    "live_blog": "lead s1 p1 s2 p2 i1 p3 i2 p4 i3 p5",
    "medium_like": WHOLE,
    "misclosed": WHOLE,
    "naver": PLAIN,
    "old_br": PLAIN,
    "page_builder_rows": WHOLE,
    "persian": WHOLE,
    "react_boxed": WHOLE,
    "russian_portal": WHOLE,
    "sections_with_ads": WHOLE,
    "semantic_minimal": WHOLE,
    "short_news": "p1",
    "spanish_portal": WHOLE,
    "squarespace": WHOLE,
    "substack": WHOLE,
    "typo3": WHOLE,
    "wp_block_theme": WHOLE,
    "wp_elementor": WHOLE,
    "wp_generatepress": WHOLE,
    "wp_newspaper_tagdiv": WHOLE,
}
# Where one line more is left: a caption without a mark, an unknown label, a call without its usual words.
IMPERFECT = {
    "arc_react": "zh ja ko",
    "chinese_cms": "fr es it zh ja ko pl",
    "infobox_gallery": "fr",
    "react_boxed": "fr",
    "short_news": "hi sw",
    "spanish_portal": "fr",
    "wp_block_theme": "th",
    "wp_newspaper_tagdiv": "zh ja ko th",
}


def render(template: str, language: str) -> str:
    """Return a page of a system, with the words of a language."""
    words = {"language": language} | TEXTS[language]
    text = (PAGES / f"{template}.html").read_text(encoding="utf-8")
    return re.sub(r"\{\{(\w+)\}\}", lambda place: html.escape(words[place[1]]), text)


def read(template: str, language: str) -> Reading:
    page = PageContext(URL, URL, URL)
    return read_article(render(template, language).encode(), page, Source("page", ""))


def cases() -> list[tuple[str, str]]:
    return [
        (template, language)
        for place, template in enumerate(EXPECTED)
        for number, language in enumerate(TEXTS)
        if (place + number) % 3 == 0 and language not in IMPERFECT.get(template, "").split()
    ]


@pytest.mark.parametrize(("template", "language"), cases())
def test_title_and_text_of_a_system(template: str, language: str) -> None:
    reading = read(template, language)
    assert reading.refusal is None
    words = TEXTS[language]
    lines = [line.removeprefix("- ") for line in reading.article.body.split("\n")]
    assert lines == [words[name] for name in EXPECTED[template].split()]
    assert reading.article.title == words["title"]

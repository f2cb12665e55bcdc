"""Whether a page is an article at all: what it is instead, with the sentence that says so.

Consent walls, paywall stubs, soft 404s, section pages, video and gallery stubs, pages in another
language than their source's. Judged by what is left after reading: a page with a real text passes.
"""

import re
from dataclasses import dataclass

from tasks.domain.pages.json_ld import ARTICLE_TYPES, node_types
from tasks.domain.pages.metadata import PageReading
from tasks.domain.text.language import are_neighbours, normal_code
from tasks.domain.text.normalise import squeeze
from tasks.domain.text.vocabulary import alternatives
from tasks.errors import ErrorClass

_I = re.IGNORECASE
_SHORT_WORDS = 60  # a text with fewer may be a stub
_NO_WORDS = 8
_PACKAGE = "tasks.domain.articles"
_SOFT_404 = re.compile(alternatives(_PACKAGE, "soft_404"), _I)
_WALL = re.compile(alternatives(_PACKAGE, "wall"), _I)
_WALL_TITLE = re.compile(alternatives(_PACKAGE, "wall_title"), _I)
PAYWALL = re.compile(alternatives(_PACKAGE, "paywall"), _I)
_LISTS = frozenset(
    {"collectionpage", "itemlist", "searchresultspage", "profilepage", "contactpage", "aboutpage", "faqpage"}
)


@dataclass(frozen=True, slots=True)
class NotAnArticle:
    """Why a page gives no article."""

    error_class: ErrorClass
    reason: str


def judge_page(
    reading: PageReading,
    *,
    title: str | None,
    body: str,
    n_words: int,
    language: str | None,
    source_language: str | None,
    has_date: bool,
) -> NotAnArticle | None:
    """Return why the page is no article; None when it is one."""
    is_short = n_words < _SHORT_WORDS
    if is_short and (stub := _stub(reading, title or "", body, n_words)):
        return stub
    if not title and n_words < _SHORT_WORDS:
        return NotAnArticle(ErrorClass.NO_CONTENT, "The page names no headline and holds hardly any text.")
    if n_words < _NO_WORDS:
        return NotAnArticle(ErrorClass.NO_CONTENT, f"The page holds no article text ({n_words} words).")
    if not has_date and is_section_page(reading, body):
        return NotAnArticle(
            ErrorClass.NOT_AN_ARTICLE, "A section or front page: links to articles, no text of its own."
        )
    return _wrong_language(reading, language, source_language, n_words)


def _stub(reading: PageReading, title: str, body: str, n_words: int) -> NotAnArticle | None:
    headings = " ".join(h.text_content() for h in list(reading.root.iter("h1"))[:3])
    seen = f"{title} | {_title_tag(reading)} | {headings}"[:600]
    text = f"{seen}\n{body}"[:3000]
    if _SOFT_404.search(seen) and n_words < _SHORT_WORDS:
        return NotAnArticle(
            ErrorClass.SOFT_404, f"The page says that there is none: {_found(_SOFT_404, seen)!r}."
        )
    if _is_wall(reading, seen, body):
        return NotAnArticle(
            ErrorClass.CONSENT, f"A consent or bot wall instead of the article: {_found(_WALL, text)!r}."
        )
    if n_words < 40 and (_is_paid(reading) or PAYWALL.search(_page_text(reading))):
        return NotAnArticle(
            ErrorClass.PAYWALL, f"Behind a paywall: the page shows {n_words} words of the article."
        )
    kind = (reading.metas.first("og:type") or "").lower()
    if n_words < 40 and (kind.startswith("video") or _media_stub(reading)):
        return NotAnArticle(
            ErrorClass.NOT_AN_ARTICLE, f"A video or gallery page with {n_words} words of text."
        )
    return None


def _is_wall(reading: PageReading, seen: str, body: str) -> bool:
    """Say whether a page asks for consent or for proof of being human, instead of showing a text."""
    if _WALL_TITLE.search(seen):
        return bool(_WALL.search(f"{seen} {body[:3000]}") or _WALL_TITLE.search(_title_tag(reading)))
    return bool(_WALL.search(body[:1500])) and not _is_article_node(reading)


def _found(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return match.group()[:60] if match else text[:60].strip(" |")


def _page_text(reading: PageReading) -> str:
    """Return what the page shows: the lines that ask for money are no longer in the article's text."""
    return squeeze("".join(reading.root.itertext()))[:20_000]


def _title_tag(reading: PageReading) -> str:
    element = reading.root.find(".//title")
    return (element.text or "") if element is not None else ""


def _is_article_node(reading: PageReading) -> bool:
    return bool(reading.linked.of_type(ARTICLE_TYPES))


def _is_paid(reading: PageReading) -> bool:
    if (reading.metas.first("article:content_tier") or "").lower() in ("locked", "metered"):
        return True
    nodes = reading.linked.of_type(ARTICLE_TYPES)
    return any(str(node.get("isAccessibleForFree")).strip().lower() in ("false", "no") for node in nodes)


def _media_stub(reading: PageReading) -> bool:
    types = (
        set().union(*(node_types(node) for node in reading.linked.nodes)) if reading.linked.nodes else set()
    )
    return bool(types & {"videoobject", "imagegallery", "mediagallery"}) and not types & ARTICLE_TYPES


def is_section_page(reading: PageReading, body: str) -> bool:
    """Say whether a page lists articles rather than being one."""
    if _is_article_node(reading) or (reading.metas.first("og:type") or "").lower() == "article":
        return False
    lines = [line for line in body.split("\n") if line.strip()]
    prose = sum(len(line) for line in lines if len(line) > 140)
    if prose > 1200:
        return False
    path = reading.url.split("//")[-1].partition("/")[2].split("?")[0].strip("/")
    types = (
        set().union(*(node_types(node) for node in reading.linked.nodes)) if reading.linked.nodes else set()
    )
    if types & _LISTS or path in ("", "index.html", "index.php", "en", "de", "fr", "es", "ru"):
        return prose < 600
    links = _link_share(reading)
    return links > 0.75 and prose < 300


def _link_share(reading: PageReading) -> float:
    body = reading.root.find("body")
    if body is None:
        return 0.0
    total = len("".join(body.itertext()).strip()) or 1
    return sum(len("".join(link.itertext()).strip()) for link in body.iter("a")) / total


def _wrong_language(
    reading: PageReading, language: str | None, source_language: str | None, n_words: int
) -> NotAnArticle | None:
    wanted = normal_code(source_language)
    if wanted is None or language is None or n_words < _SHORT_WORDS or are_neighbours(language, wanted):
        return None
    if normal_code(reading.root.get("lang")) == wanted and n_words < 3 * _SHORT_WORDS:
        return None
    return NotAnArticle(
        ErrorClass.WRONG_LANGUAGE, f"The text is in {language!r}, the source is configured as {wanted!r}."
    )

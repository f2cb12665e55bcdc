"""Whether a page is an article at all: what it is instead, with the sentence that says so.

Consent walls, bot checks, paywalls without any text, soft 404s, section pages, video and gallery stubs,
pages in another language than their source's. After reading, before loading.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from tasks.domain.bodies.line_kinds import ends_sentence
from tasks.domain.pages.json_ld import ARTICLE_TYPES, node_types
from tasks.domain.pages.lines import inner_text
from tasks.domain.pages.metadata import PageReading
from tasks.domain.text.language import are_neighbours, count_words, normal_code
from tasks.domain.text.normalise import squeeze
from tasks.domain.text.patterns import WALL_TEXT
from tasks.domain.text.vocabulary import alternatives
from tasks.errors import ErrorClass

_I = re.IGNORECASE
_SHORT_WORDS = 60  # a text with fewer may be a stub
_STUB_WORDS = 40
_BEGINNING_WORDS = 20  # of a paid article: with fewer, the page shows nothing of it
_NO_WORDS = 8
_PACKAGE = "tasks.domain.articles"
_SOFT_404 = re.compile(alternatives(_PACKAGE, "soft_404"), _I)
# A heading that is this phrase with a few words around it: `Sorry, we can't find that page`.
_MISSING_HEADING = re.compile(
    rf"^\W*(?:\w+\W+){{0,3}}?(?:{alternatives(_PACKAGE, 'missing_heading')})(?:\W+\w+){{0,2}}\W*$", _I
)
_WALL = re.compile(alternatives(_PACKAGE, "wall"), _I)
_WALL_TITLE = re.compile(alternatives(_PACKAGE, "wall_title"), _I)
_WALL_SHARE = 0.5  # of the text in paragraphs that speak as walls do
_WALL_SHARE_TITLED = 0.3  # where the title does, too
_WALL_LINES = 12  # that are searched: a wall says what it is at its beginning
_WALL_PHRASES = 3  # different ones
PAYWALL = re.compile(alternatives(_PACKAGE, "paywall"), _I)
_TITLE_TAIL = re.compile(r"\s+[|–—·»-]\s+")
_HOME_PATH = re.compile(r"^/*(?:index\.\w+|home|default\.\w+)?$", _I)
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
    requested_url: str | None = None,
) -> NotAnArticle | None:
    """Return why the page is not an article; None for an article."""
    if requested_url and _leads_home(requested_url, reading.url):
        return NotAnArticle(ErrorClass.SOFT_404, "The URL redirects to the site's home page.")
    if stub := _stub(reading, title or "", body, n_words):
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


def _leads_home(requested: str, final: str) -> bool:
    """Say whether the URL of an article was answered by the home page of its site."""
    try:
        one, two = urlsplit(requested), urlsplit(final)
    except ValueError:
        return False
    return bool(_HOME_PATH.match(two.path)) and not two.query and not _HOME_PATH.match(one.path)


def _stub(reading: PageReading, title: str, body: str, n_words: int) -> NotAnArticle | None:
    headings = [squeeze(h.text_content()) for h in list(reading.root.iter("h1"))[:3]]
    if phrase := _missing_phrase(reading, [*headings, _title_tag(reading)], n_words):
        return NotAnArticle(ErrorClass.SOFT_404, f"The page says that it does not exist: {phrase!r}.")
    seen = f"{title} | {_title_tag(reading)} | {' '.join(headings)}"[:600]
    if phrase := _wall_phrase(reading, seen, body, n_words):
        return NotAnArticle(ErrorClass.CONSENT, f"A consent or bot wall instead of the article: {phrase!r}.")
    n_shown = _n_sentence_words(body) if n_words < _SHORT_WORDS else n_words
    if n_shown < _BEGINNING_WORDS and (
        is_declared_paid(reading) or (n_words < _BEGINNING_WORDS and PAYWALL.search(_page_text(reading)))
    ):
        return NotAnArticle(
            ErrorClass.PAYWALL, f"Behind a paywall: the page shows {n_shown} words of the article."
        )
    kind = (reading.metas.first("og:type") or "").lower()
    if n_words < _STUB_WORDS and (kind.startswith("video") or _is_media_page(reading)):
        return NotAnArticle(ErrorClass.NOT_AN_ARTICLE, f"A video or gallery page (words of text: {n_words}).")
    return None


def _n_sentence_words(body: str) -> int:
    """Return the number of words in the text's sentences: sub-headings and offers to subscribe are none."""
    lines = body.split("\n")
    return sum(count_words(line) for line in lines if ends_sentence(line) and not PAYWALL.search(line))


def _missing_phrase(reading: PageReading, headings: list[str], n_words: int) -> str | None:
    """Return the heading that says that the page does not exist; a page of any length may be one."""
    if n_words < _SHORT_WORDS and (match := _SOFT_404.search(" | ".join(headings)[:600])):
        return match.group()[:60]
    if _is_article_node(reading):
        return None
    parts = (part for heading in headings for part in [heading, *_TITLE_TAIL.split(heading)])
    return next((part[:60] for part in parts if len(part) < 120 and _MISSING_HEADING.match(part)), None)


def _wall_phrase(reading: PageReading, seen: str, body: str, n_words: int) -> str | None:
    """Return a phrase of the wall that a page shows instead of a text: consent, or a proof of being human."""
    is_titled = _WALL_TITLE.search(seen) is not None
    if n_words < _SHORT_WORDS:
        text = f"{seen}\n{body[:3000]}" if is_titled else body[:1500]
        match = _WALL.search(text) or (_WALL_TITLE.search(_title_tag(reading)) if is_titled else None)
        if match and (is_titled or not _is_article_node(reading)):
            return match.group()[:60]
    if _is_article_node(reading):
        return None
    lines = [line for line in body.split("\n") if line][:_WALL_LINES]
    speaking = _speaking_lines(lines, _WALL_SHARE_TITLED if is_titled else _WALL_SHARE)
    if not speaking:
        return None
    phrases = WALL_TEXT.find_all(seen).union(*(WALL_TEXT.find_all(line) for line in speaking))
    return max(sorted(phrases), key=len)[:60] if len(phrases) >= _WALL_PHRASES else None


def _speaking_lines(lines: list[str], least: float) -> list[str]:
    """Return the lines that speak as walls do; none where they hold less than a share of the text.

    The longest are read first: of an article, half of the text is enough.
    """
    total = possible = sum(map(len, lines))
    speaking = []
    for line in sorted(lines, key=len, reverse=True):
        if WALL_TEXT.search(line):
            speaking.append(line)
            continue
        possible -= len(line)
        if possible < least * total:
            return []
    return speaking


def _page_text(reading: PageReading) -> str:
    """Return what the page shows: lines that ask for money are no longer in the article's text."""
    return squeeze(inner_text(reading.root))[:20_000]


def _title_tag(reading: PageReading) -> str:
    element = next(reading.root.iter("title"), None)
    return squeeze(element.text) if element is not None else ""


def _is_article_node(reading: PageReading) -> bool:
    return bool(reading.linked.of_type(ARTICLE_TYPES))


def is_declared_paid(reading: PageReading) -> bool:
    """Say whether the page declares that its article is not free (JSON-LD, article:content_tier)."""
    if (reading.metas.first("article:content_tier") or "").lower() in ("locked", "metered"):
        return True
    nodes = reading.linked.of_type(ARTICLE_TYPES)
    return any(str(node.get("isAccessibleForFree")).strip().lower() in ("false", "no") for node in nodes)


def _is_media_page(reading: PageReading) -> bool:
    types = {name for node in reading.linked.nodes for name in node_types(node)}
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
    types = {name for node in reading.linked.nodes for name in node_types(node)}
    if types & _LISTS or path in ("", "index.html", "index.php", "en", "de", "fr", "es", "ru"):
        return prose < 600
    return _link_share(reading) > 0.75 and prose < 300


def _link_share(reading: PageReading) -> float:
    """Return the share of the text that is links, 0 to 1, in the pruned tree."""
    body = reading.root.find("body")
    if body is None:
        return 0.0
    total = len(inner_text(body).strip()) or 1
    return sum(len(inner_text(link).strip()) for link in body.iter("a")) / total


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

"""Pages that are not articles (lists, shops, galleries, log-ins), detected by their shape and URL.

A list of teasers has a link to another page between any two of its texts; a page without a single
sentence is not an article; login forms, video and gallery pages say what they are in title or address.
The shape is read before the tree is pruned, for the text's own reading throws the evidence away.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise

from tasks.domain.articles.refusal import NotAnArticle
from tasks.domain.bodies.line_kinds import is_date_line, is_footer, n_wide
from tasks.domain.bodies.prose_run import read_run
from tasks.domain.pages.json_ld import ARTICLE_TYPES
from tasks.domain.pages.lines import TextLine
from tasks.domain.pages.metadata import PageReading
from tasks.domain.text.normalise import comparison_key, has_key, has_short_key, squeeze
from tasks.domain.text.patterns import NOTICE
from tasks.domain.text.vocabulary import alternatives
from tasks.errors import ErrorClass

_HEADLINE = 15  # characters of a link that leads to an article
# How many gaps between texts, and the share of them with a headline in it, make a list of the page.
_OF_LIST = (2, 0.6)
_OF_HEADED = (5, 0.9)  # where a headline of its own stands on the page
_MANY_TEASERS = 4
_MANY_LINKS = 10
_SECTION_WORDS = 2
_TEASER_HEAD = 30  # characters
_LEAST_PARAGRAPHS = 2  # texts that follow another one without a headline between: the page tells something
_TEASER = 45  # characters
_TEASER_LINES = 6  # from one headline to the next
_TEASER_WORDS = 200
_HEAD_LINES = 6
_HEAD = 40  # characters by which a line of the text is found on the page
_MAX_SEARCHES = 400  # through all lines; more take quadratic time
_TITLE_WORDS = 5  # fewer may name a section
_EXPLAINED = 8  # characters of a title that the first paragraph repeats
_SENTENCE = re.compile(r"[.!?…。！？।؟][\"'”’»)\]]*(?:\s*[-–—].{0,60})?$")
_CACHED = 1_000  # texts: all are asked twice
_PLAYERS = frozenset(["video", "iframe", "object", "embed"])
_SHORT_WORDS = 60
_STUB_WORDS = 40
_LEAST_RUN = 600  # characters
_MOST_OF_TEXT = 0.6
_LIST_PATH = re.compile(
    r"^/(?:[a-z]{2}/)?(?:tags?|topics?|temas?|themen?|categor(?:y|ies|ia)|rubric|rubrika?|rubrik|section|"
    r"authors?|autor(?:en|es)?|auteurs?|search|suche|buscar|poisk|archives?|archiv)(?:[/?.]|$)",
    re.IGNORECASE,
)
_FORM_WORDS = alternatives("tasks.domain.articles", "forms")
_FORM_TITLE = re.compile(rf"^\W*(?:{_FORM_WORDS})\W*(?:$|[|–—:-])", re.IGNORECASE)
_MEDIA_WORDS = alternatives("tasks.domain.articles", "media")
_MEDIA_TITLE = re.compile(
    rf"^\W*(?:{_MEDIA_WORDS})\s*[:|–—-]|[(\[](?:{_MEDIA_WORDS})[)\]]\W*$", re.IGNORECASE
)
_MEDIA_PATH = re.compile(
    r"/(?:videos?|watch|gallery|galleries|galerie|photos?|fotos?|foto|photoreport|slideshow|tv)/",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class PageShape:
    """What a page looks like before it is pruned; empty for pages whose markup names their article."""

    lines: tuple[TextLine, ...] = ()
    has_password: bool = False
    has_player: bool = False
    n_pictures: int = 0


def read_shape(reading: PageReading) -> PageShape:
    """Return the page's lines, and whether it asks for a password or shows a video."""
    if _is_declared(reading):
        return PageShape()
    elements = list(reading.root.iter("img", "input", *_PLAYERS))
    tags = [element.tag for element in elements]
    return PageShape(
        reading.lines,
        any((e.get("type") or "").lower() == "password" for e in elements if e.tag == "input"),
        not _PLAYERS.isdisjoint(tags),
        tags.count("img"),
    )


def _is_declared(reading: PageReading) -> bool:
    return bool(reading.linked.of_type(ARTICLE_TYPES))


def judge_shape(
    shape: PageShape, reading: PageReading, title: str, body: str, n_words: int
) -> NotAnArticle | None:
    """Return what the page is instead of an article; None when its shape allows it to be one."""
    if not shape.lines:
        return None
    path = _path(reading.url)
    texts = [line for line in map(squeeze, body.split("\n")) if line]
    places = _places(texts, shape.lines)
    if _own_words(places, texts, shape.lines) < _STUB_WORDS and _shows_media(shape, path, title):
        return NotAnArticle(ErrorClass.NOT_AN_ARTICLE, "A video or gallery page with hardly any text.")
    if n_words < _SHORT_WORDS and _is_form(shape, path, title):
        return NotAnArticle(ErrorClass.NOT_AN_ARTICLE, "A login or registration form.")
    if not any(map(_is_sentence, texts)):
        return NotAnArticle(
            ErrorClass.NOT_AN_ARTICLE, "The page holds no sentence: links, labels or a list, no text."
        )
    reason = _list_reason(shape.lines, title, texts, places, n_words)
    if reason and not _is_one_run_of_prose(shape.lines, title, body):
        return NotAnArticle(ErrorClass.NOT_AN_ARTICLE, reason)
    if _LIST_PATH.match(path) and n_words < _SHORT_WORDS:
        return NotAnArticle(
            ErrorClass.NOT_AN_ARTICLE, "A section or search page by its address, with hardly any text."
        )
    return None


def _is_one_run_of_prose(lines: tuple[TextLine, ...], title: str, body: str) -> bool:
    """Say whether the run of prose below the headline holds most of the text: a list of teasers has none."""
    return read_run(lines, [title]).length >= max(_LEAST_RUN, _MOST_OF_TEXT * len(body))


def _list_reason(
    lines: tuple[TextLine, ...], title: str, texts: list[str], places: list[int | None], n_words: int
) -> str | None:
    """Return the sentence that says why the page is a list of teasers; None when it is none."""
    n_gaps, n_interrupted = _gaps(places, texts, lines)
    first = next((place for place in places if place is not None), None)
    is_headed = _has_headline(title, first, lines) or _is_explained(title, first, lines)
    is_prose = n_gaps - n_interrupted >= _LEAST_PARAGRAPHS
    n_teasers = 0 if is_headed or is_prose or n_words >= _TEASER_WORDS else _count_teasers(lines)
    if n_teasers >= _MANY_TEASERS:
        return f"A section or front page: {n_teasers} teasers of other pages, no headline of its own."
    n_links = sum(line.is_linked and len(line.text) >= _TEASER_HEAD for line in lines)
    is_article = is_headed or (not _is_section_headed(lines) and (is_prose or _shows(title, lines)))
    if n_links >= _MANY_LINKS and n_words < _TEASER_WORDS and not is_article:
        return f"A section or front page: {n_links} links to other pages, no headline of its own."
    least, share = _OF_HEADED if is_headed else _OF_LIST
    if n_gaps >= least and n_interrupted >= share * n_gaps:
        return f"A section page: {n_interrupted} of its {n_gaps + 1} texts stand under links to other pages."
    return None


def _path(url: str) -> str:
    return "/" + url.split("//")[-1].partition("/")[2]


def _places(texts: list[str], lines: tuple[TextLine, ...]) -> list[int | None]:
    """Return where among the page's lines each line of the text begins."""
    by_start: dict[str, list[int]] = defaultdict(list)
    for number, line in enumerate(lines):
        by_start[line.text[:_HEAD]].append(number)
    places: list[int | None] = []
    position = n_searches = 0
    for text in texts:
        head = max(text.removeprefix("- ").split("|"), key=len).strip()[:_HEAD]
        place = _next_of(by_start.get(head, []), position)
        if place is None and head and n_searches < _MAX_SEARCHES:
            n_searches += 1
            candidates = chain(range(position, len(lines)), range(position))
            place = next((i for i in candidates if _begins(head, lines[i].text)), None)
        position = place if place is not None else position
        places.append(place)
    return places


def _next_of(places: list[int], position: int) -> int | None:
    """Return the first of the sorted places from a position on, else the first; None without any."""
    index = bisect_left(places, position)
    return places[index] if index < len(places) else next(iter(places), None)


def _own_words(places: list[int | None], texts: list[str], lines: tuple[TextLine, ...]) -> int:
    """Return how many words stand before the first headline of another article."""
    n_words, last = 0, None
    for place, text in zip(places, texts, strict=True):
        if place is not None and last is not None and any(map(_is_headline, lines[last:place])):
            break
        n_words += len(text.split())
        last = place if place is not None else last
    return n_words


def _begins(head: str, line: str) -> bool:
    return line.startswith(head) or (len(line) >= _HEADLINE and head.startswith(line[:_HEAD]))


def _gaps(places: list[int | None], texts: list[str], lines: tuple[TextLine, ...]) -> tuple[int, int]:
    """Return how many texts follow another one, and how many of them a headline link stands before."""
    known = [p for p, text in zip(places, texts, strict=True) if p is not None and _is_sentence(text)]
    gaps = [(one, two) for one, two in pairwise(known) if two > one]
    interrupted = sum(any(_is_headline(line) for line in lines[one : two + 1]) for one, two in gaps)
    return len(gaps), interrupted


def _is_section_headed(lines: tuple[TextLine, ...]) -> bool:
    """Say whether the page's h1 is as short as a section's name: below it are advertisements."""
    heads = [line for line in lines if line.tag == "h1" and not line.is_linked]
    return len(heads) == 1 and len(heads[0].text.split()) <= _SECTION_WORDS


def _shows(title: str, lines: tuple[TextLine, ...]) -> bool:
    key = comparison_key(title)
    return any(not line.is_linked and comparison_key(line.text) == key for line in lines)


def _count_teasers(lines: tuple[TextLine, ...]) -> int:
    """Return how many texts stand between two headline links."""
    heads = [place for place, line in enumerate(lines) if _is_headline(line)]
    pairs = zip(heads, [*heads[1:], len(lines)], strict=False)
    return sum(
        any(len(line.text) >= _TEASER and not line.is_linked for line in lines[one + 1 : two])
        for one, two in pairs
        if two - one <= _TEASER_LINES
    )


def _has_headline(title: str, first: int | None, lines: tuple[TextLine, ...]) -> bool:
    """Say whether the page shows its title, as a headline and not as a section's name, where it is no link.

    A short title is a headline when a date stands beside it and its text follows.
    """
    key = comparison_key(title)
    shown = [
        i
        for i, line in enumerate(lines)
        if not line.is_linked and not has_short_key(line.text, len(key)) and has_key(line.text, (key,))
    ]
    if len(key.split()) >= _TITLE_WORDS or (len(key) >= 12 and not title.isascii()):
        return bool(shown)
    return any(_heads_text(place, first, lines) for place in shown) if first is not None else False


def _heads_text(place: int, first: int, lines: tuple[TextLine, ...]) -> bool:
    between = lines[place + 1 : first]
    beside = (*lines[max(0, place - 2) : place], *between)
    return (
        place < first <= place + _HEAD_LINES
        and any(is_date_line(line.text) for line in beside)
        and not any(map(_is_headline, between))
    )


def _is_explained(title: str, first: int | None, lines: tuple[TextLine, ...]) -> bool:
    """Say whether the text starts below an h1 with the title and repeats its words: a guide, a glossary."""
    key = comparison_key(title)
    if first is None or len(key) < _EXPLAINED or key not in comparison_key(lines[first].text):
        return False
    heads = [
        place
        for place in range(max(0, first - _HEAD_LINES), first)
        if lines[place].tag == "h1"
        and not lines[place].is_linked
        and comparison_key(lines[place].text) == key
    ]
    return bool(heads) and not any(map(_is_headline, lines[heads[-1] + 1 : first]))


def _is_headline(line: TextLine) -> bool:
    return line.is_linked and len(line.text) >= _HEADLINE


@lru_cache(maxsize=_CACHED)
def _is_sentence(text: str) -> bool:
    wide = n_wide(text)
    is_long = len(text) + 2 * wide >= 80 or (len(text) + wide >= 30 and bool(_SENTENCE.search(text)))
    return is_long and not is_footer(text) and not NOTICE.match(text)


def _is_form(shape: PageShape, path: str, title: str) -> bool:
    named = _FORM_TITLE.search(title) or re.match(r"/(?:login|signin|register|registration|auth)\b", path)
    return bool(named) and (shape.has_password or bool(_FORM_TITLE.search(title)))


def _shows_media(shape: PageShape, path: str, title: str) -> bool:
    is_named = bool(_MEDIA_TITLE.search(title) or _MEDIA_PATH.search(path))
    return is_named and (shape.has_player or shape.n_pictures > 3 or bool(_MEDIA_PATH.search(path)))

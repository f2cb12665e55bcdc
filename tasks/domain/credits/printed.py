"""Where a page prints its authors: elements marked as byline, lines below the headline, labels in the text.

Asked where no machine-readable place names a person by full name. Only the article's own byline counts: what
stands near its headline, behind a label ("Text: Ann Lee"), or what all marked places of the page agree on.
Comments, teasers, navigation and captions are left out.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from urllib.parse import urlsplit

from lxml.etree import XPath, iterwalk
from lxml.html import HtmlElement

from tasks.domain.credits.author import clean_names, is_full_name
from tasks.domain.credits.byline_lines import PrintedPlace, names_near
from tasks.domain.pages.near_headline import NearLines
from tasks.domain.text.normalise import squeeze, word_set
from tasks.domain.text.vocabulary import alternatives

_PACKAGE = "tasks.domain.credits"
_MARKED = re.compile(
    r"(?:^|[\s_-])(?:author|authors|byline|bylines|autor|autoren|auteur|autore|verfasser|skribent|redacteur|"
    r"journalist|writer|forfatter|author-?name|authorname|authorbold|byline-?name|textauthor|contributors?)"
    r"(?:$|[\s_-])|(?-i:(?<=[a-z])(?:Author|Autor|By[Ll]ine)(?:$|[\s_-]))",
    re.IGNORECASE,
)
_NOT_MARKED = re.compile(
    r"comment|image|photo|picture|caption|credit|figure|quote|social|bio|avatar|theme|form|teaser|related|"
    r"(?<!v)card(?!s?-content)|widget|sidebar|footer|recommend|listing|twitter|follow|email|count|title$|"
    r"position|job|role|desc",
    re.IGNORECASE,
)
# Parts of a page that hold other articles, or what readers wrote.
_OTHER_PART = re.compile(
    r"comment(?!ary)|kommentar|disqus|repl(?:y|ies)|related|recommend|teaser|popular|most-?read|"
    r"(?<!article-)(?<!entry-)(?<!post-)footer(?:\b|_|links|nav)|"
    r"cookie|\bnav|menu|pinglist|trackback|references?\b|bibliograph|footnote|citation",
    re.IGNORECASE,
)
_PART_TAGS = frozenset({"div", "section", "aside", "ul", "ol", "li", "dl", "footer"})
_SKIPPED_TAGS = frozenset(
    {
        "nav",
        "form",
        "figure",
        "figcaption",
        "dialog",
        "script",
        "style",
        "template",
        "svg",
        "select",
    }
)
_LABEL_TAGS = frozenset({"strong", "b", "em", "i", "span", "label"})
_HOLDS_AUTHOR = XPath("descendant::*/@itemprop = 'author'")
_BYLINE_TAGS = word_set("a span div p address li em strong td b i h3 h4 h5 h6 ul dd small")
# A page about the author: /author/ann-lee, /autoren/123.
_AUTHOR_PATH = re.compile(
    r"/(?:authors?|autor(?:en|es|as)?|auteurs?|autori|profiles?|people|person(?:en)?|staff|journalists?|"
    r"redaktion|writers?|contributors?|columnists?|newsteam|reporters?|by|team|mitarbeiter|szerzok?|"
    r"redactores|journalistes?|periodistas?|columnistas?|giornalisti|firmas?|firme|autore|skribenter?|"
    r"forfattere?|toimittajat?|autorzy|avtor|avtory|novinar|yazarlar|yazar|penulis|tac-gia)/[^/]+",
    re.IGNORECASE,
)
# Matched against lower case: only then can the engine skip an alternative by its first letter.
_LABEL_LINE = re.compile(
    rf"^\W{{0,3}}(?:(?:{alternatives(_PACKAGE, 'byline_verb')})\s+(?:{alternatives(_PACKAGE, 'byline_by')})\b"
    rf"|(?:{alternatives(_PACKAGE, 'byline_line')})(?:\s*[:：]|\b))\s*"
)
_OTHER_WORK = re.compile(
    r"(?:review|check|verif|translat|photograph|illustrat)\w*\s+by\W*$"
    r"|(?:geprüft|übersetzt|fotografiert)\s+von\W*$",
    re.IGNORECASE,
)
_NEAR_BEFORE, _NEAR_AFTER = 400, 900  # characters of the page's text around the headline
_GROUP = 250  # characters between the names of one byline
_LONGEST = 160  # characters of a byline
_MOST_ELEMENTS = 20_000
_TOPICS = 3
_MARKS_BY_CLASS = 2
_MARKS_BY_LINK = 3


@dataclass(frozen=True, slots=True)
class _Marked:
    """An element that marks an author; a lower rank is a surer mark."""

    element: HtmlElement
    rank: int
    distance: int  # characters of text between it and the headline; negative: before it
    text: str

    @property
    def is_near(self) -> bool:
        return -_NEAR_BEFORE <= self.distance <= _NEAR_AFTER


def find_printed(
    root: HtmlElement, headline: HtmlElement | None, near: NearLines, site_keys: set[str]
) -> list[PrintedPlace]:
    """Return the places that print the article's authors, surest first; `near` are lines at the headline."""
    marked, labelled = _scan(root, headline)
    by_mark = [
        (mark, names)
        for mark in marked
        if mark.rank < _MARKS_BY_LINK and not _are_topics(names := clean_names(mark.text, site_keys))
    ]
    named = [mark for mark, names in by_mark if mark.is_near and names]
    linked = [mark for mark in marked if mark.is_near and mark.rank == _MARKS_BY_LINK]
    linked = [mark for mark in linked if not _is_of_other_work(mark.element)]
    places = [_grouped(named)] if named else []
    places += names_near(near)
    places += [_grouped(linked)] if linked else []
    places += labelled
    people = {tuple(names) for _, names in by_mark} - {()}
    far = [_place(mark) for mark, names in by_mark if len(people) <= 1 or not clean_names(mark.text)]
    return [*places, *far]


def _is_of_other_work(element: HtmlElement) -> bool:
    """Say whether the words before a name say that it reviewed, checked or photographed: "Reviewed by"."""
    previous, parent = element.getprevious(), element.getparent()
    before = (previous.tail or previous.text_content()) if previous is not None else ""
    if previous is None and parent is not None:
        above = parent.getprevious()
        before = parent.text or (above.text_content() if above is not None else "")
    return _OTHER_WORK.search(before[-_LONGEST:]) is not None


def _are_topics(names: Sequence[str]) -> bool:
    """Say whether the names of a mark are topics: several, none of them a full one."""
    return len(names) >= _TOPICS and not any(map(is_full_name, names))


def _scan(root: HtmlElement, headline: HtmlElement | None) -> tuple[list[_Marked], list[PrintedPlace]]:
    """Return the marked elements, surest first, and the first labelled line behind the headline."""
    marks: list[tuple[HtmlElement, int, int]] = []
    labelled: list[PrintedPlace] = []
    headline_at: int | None = None
    for element, offset in islice(_walk(root, headline), _MOST_ELEMENTS):
        if element is headline:
            headline_at = offset
        rank = _rank(element)
        if rank is not None:
            marks.append((element, rank, offset))
        elif not labelled and (headline is None or headline_at is not None):
            place = _labelled_line(element)
            labelled += [place] if place is not None else []
    marked = []
    for element, rank, offset in marks:
        text = squeeze(element.text_content())
        if 2 < len(text) < _LONGEST:
            distance = offset - headline_at if headline_at is not None else 10 * _NEAR_AFTER
            marked.append(_Marked(element, rank, distance, _separated(element)))
    return sorted(marked, key=lambda mark: mark.rank), labelled


def _walk(root: HtmlElement, headline: HtmlElement | None) -> Iterator[tuple[HtmlElement, int]]:
    """Yield the elements of the article's part of the page, each with the length of the text before it."""
    body = root.find("body")
    around_headline = set(headline.iterancestors()) if headline is not None else set()
    walk = iterwalk(body if body is not None else root, events=("start", "end"))
    offset = 0
    for event, element in walk:
        if event == "end":
            if tail := element.tail:
                offset += len(tail.strip())
            continue
        tag = element.tag
        if (tag in _SKIPPED_TAGS and not _is_of_byline(element)) or (
            tag in _PART_TAGS and _is_other_part(element) and element not in around_headline
        ):
            walk.skip_subtree()
            continue
        yield element, offset
        if text := element.text:
            offset += len(text.strip())


def _is_of_byline(element: HtmlElement) -> bool:
    """Say whether a `nav` holds a byline: its entries are author, date and place."""
    return element.tag == "nav" and _HOLDS_AUTHOR(element) is True


def _is_other_part(element: HtmlElement) -> bool:
    names = f"{element.get('class', '')} {element.get('id', '')}"
    return len(names) > 1 and _names_other_part(names)


@lru_cache(maxsize=20_000)
def _names_other_part(names: str) -> bool:
    return bool(_OTHER_PART.search(names)) and not _MARKED.search(names)


def _rank(element: HtmlElement) -> int | None:
    if element.tag not in _BYLINE_TAGS or not (names := element.keys()):
        return None
    if "itemprop" in names and "author" in element.get("itemprop", ""):
        return 0
    if "rel" in names and "author" in element.get("rel", "").split():
        return 1
    classes = f"{element.get('class', '')} {element.get('id', '')}"
    if len(classes) > 1 and _marks_author(classes):
        return _MARKS_BY_CLASS
    return _MARKS_BY_LINK if element.tag == "a" and _is_author_link(element) else None


@lru_cache(maxsize=20_000)
def _marks_author(classes: str) -> bool:
    return bool(_MARKED.search(classes)) and not _NOT_MARKED.search(classes)


def _is_author_link(link: HtmlElement) -> bool:
    address = link.get("href") or ""
    # The path is a part of the address (but for line breaks): one without such a folder needs no parsing.
    if address.isprintable() and not _AUTHOR_PATH.search(address):
        return False
    try:
        path = urlsplit(address).path
    except ValueError:
        return False
    return bool(_AUTHOR_PATH.search(path)) and is_full_name(squeeze(link.text_content())[:_LONGEST])


def _labelled_line(element: HtmlElement) -> PrintedPlace | None:
    """Return the author behind a label that begins an element: `Autorin: Ann Lee`, `Text von Ann Lee`."""
    text = (element.text or "").strip()
    if not text or len(text) >= _LONGEST or not _LABEL_LINE.match(text.lower()):
        return None
    is_label = text.endswith((":", "：")) and element.tag in _LABEL_TAGS
    line = squeeze(f"{text} {_behind(element)}" if is_label else element.text_content())
    label = _LABEL_LINE.match(line.lower())
    if label is None or len(line) >= _LONGEST:
        return None
    names = line[label.end() :]
    people = clean_names(names)
    if not people or not is_full_name(people[0]):
        return None
    return PrintedPlace((names,), "visible_text", line)


def _behind(element: HtmlElement) -> str:
    """Return the words behind an element in its line: `<b>Text:</b> Ann Lee`, also where they are a link."""
    if tail := squeeze(element.tail):
        return tail
    following = element.getnext()
    return (
        squeeze(following.text_content()) if following is not None and following.tag in ("a", "span") else ""
    )


def _grouped(marks: Sequence[_Marked]) -> PrintedPlace:
    """Return the names of the surest mark and of its like beside it as one byline."""
    rank = marks[0].rank
    alike = sorted((mark for mark in marks if mark.rank == rank), key=lambda mark: mark.distance)
    first = next((mark for mark in alike if mark.distance >= 0), alike[0])
    texts = [mark.text for mark in alike if _is_beside(mark, first)]
    return PrintedPlace(tuple(dict.fromkeys(texts)), "byline", _evidence(first))


def _is_beside(mark: _Marked, first: _Marked) -> bool:
    is_alike = mark.element.get("class") == first.element.get("class")
    return is_alike and 0 <= mark.distance - first.distance <= _GROUP


def _place(mark: _Marked) -> PrintedPlace:
    return PrintedPlace((mark.text,), "byline", _evidence(mark))


def _evidence(mark: _Marked) -> str:
    return f"{mark.element.tag}.{mark.element.get('class') or ''}: {mark.text}"


def _separated(element: HtmlElement) -> str:
    """Return the element's text; links inside it are names of their own."""
    name = element.find(".//*[@itemprop='name']")
    if name is not None and squeeze(name.text_content()):
        return squeeze(name.text_content())
    links = [squeeze(link.text_content()) for link in element.iter("a")]
    links = [text for text in links if text]
    if len(links) > 1 and sum(map(len, links)) > 0.5 * len(squeeze(element.text_content())):
        return "; ".join(links)
    parts = [text for part in element if (text := _separated(part) if len(part) else squeeze(part.text))]
    if len(parts) > 1 and is_full_name(parts[0]) and not squeeze(element.text):
        return "; ".join(part for part in parts if is_full_name(part))
    return squeeze(" ".join(element.itertext()))

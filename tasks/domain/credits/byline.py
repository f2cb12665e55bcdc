"""Where a page names its authors: the places are tried from the surest to the loosest.

JSON-LD, then meta elements, then elements marked as byline, then a line under the headline.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

from lxml.html import HtmlElement

from tasks.domain.credits.author import clean_names
from tasks.domain.pages.json_ld import LinkedData, Node, node_text, node_types
from tasks.domain.pages.metadata import PageReading
from tasks.domain.text.normalise import squeeze
from tasks.domain.text.vocabulary import alternatives

_META_NAMES = (
    "author", "article:author", "article:author_name", "parsely-author", "sailthru.author", "byl",
    "cxenseparse:author", "citation_author", "dc.creator", "dcterms.creator", "dc.contributor", "creator",
    "authors", "og:article:author", "lp.article:author",
)  # fmt: skip
_MARKED = re.compile(
    r"(?:^|[\s_-])(?:author|authors|byline|bylines|autor|autoren|auteur|autore|verfasser|skribent|redacteur|"
    r"journalist|writer|forfatter|entry-author|post-author|article-author|author-?name|authorname|"
    r"byline-?name|"
    r"textauthor|contributors?)(?:$|[\s_-])",
    re.IGNORECASE,
)
_NOT_MARKED = re.compile(
    r"comment|image|photo|picture|caption|credit|figure|quote|social|bio|avatar|theme|form|teaser|related|"
    r"(?<!v)card(?!s?-content)|widget|sidebar|footer|recommend|listing|twitter|follow|email|count|title$|"
    r"position|job|role|desc|date",
    re.IGNORECASE,
)
_BYLINE_TAGS = frozenset(
    ("a", "span", "div", "p", "address", "li", "em", "strong", "td", "b", "i", "h3", "h4", "h6")
)
_OTHER_PLACES = frozenset({"nav", "aside", "footer", "form", "figure", "figcaption"})
_WRITTEN_LABEL = re.compile(alternatives("tasks.domain.credits", "written_label"), re.IGNORECASE)
_NAME = r"[^\W\d_a-zà-öø-ÿ][\w.'’-]*"
_BY = re.compile(
    rf"(?:^|[\s|,–-])(?:[Bb]y|BY|[Vv]on|VON|[Pp]ar|[Pp]or|POR|[Dd]oor|[Dd]i|[Aa]v|[Aa]f|Author|بقلم|كتبت?|"
    rf"Autor(?:in)?|Text|Автор|Текст|Autore|Auteur|Yazan|Oleh)"
    rf"\s*:?\s+((?:{_NAME}\s*)(?:(?:{_NAME}|de|da|van|von|der|den|del|la|le|y|and|und|et|e|&|,)\s*){{0,9}})"
)


@dataclass(frozen=True, slots=True)
class Byline:
    """People named in one place of the page."""

    names: tuple[str, ...]
    origin: str
    evidence: str
    raw: str  # all that stood there, agencies too


def collect_bylines(
    reading: PageReading, articles: Sequence[Node], site_keys: set[str], near: Sequence[str]
) -> list[Byline]:
    """Return what each place says of the authors, surest first; places without people too."""
    found: list[Byline] = []
    for origin, raw in (*_from_json_ld(reading.linked, articles), *_from_metas(reading)):
        _add(found, origin, raw, site_keys)
    if any(byline.names for byline in found):
        return found
    for element, text in _marked_elements(reading.root):
        _add(
            found, "byline", [text], site_keys, evidence=f"{element.tag}.{element.get('class') or ''}: {text}"
        )
    for line in near:
        if len(line) < 120 and (names := _names_in_line(line)):
            _add(found, "visible_text", [names], site_keys, evidence=line)
    return found


def _names_in_line(line: str) -> str | None:
    """Return what a line of text names as its author: `By Ann Lee`, `12.3.2020, von Ann Lee`."""
    found = _BY.search(line)
    if not found:
        return None
    before = line[: found.start()].strip(" |,–-")
    return (
        found.group(1)
        if not before
        or re.search(r"\d|(?i:posted|written|published|veröffentlicht|geschrieben|publi)", before)
        else None
    )


def _add(
    found: list[Byline], origin: str, raws: Sequence[str], site_keys: set[str], evidence: str = ""
) -> None:
    names: list[str] = []
    for raw in raws:
        names += [name for name in clean_names(raw, site_keys) if name not in names]
    raw = ", ".join(raws)
    if raw:
        found.append(Byline(tuple(names), origin, (evidence or raw)[:200], raw[:300]))


def _from_json_ld(linked: LinkedData, articles: Sequence[Node]) -> Iterator[tuple[str, list[str]]]:
    for node in articles[:1]:
        for key in ("author", "creator"):
            people = list(_people(linked, node.get(key)))
            if people:
                yield "json_ld", people
                break


def _people(linked: LinkedData, value: Any, depth: int = 0) -> Iterator[str]:
    """Yield the names of a node's authors; organisations are left out."""
    if depth > 4:
        return
    value = linked.follow(value)
    if isinstance(value, list):
        for item in value[:40]:
            yield from _people(linked, item, depth + 1)
    elif isinstance(value, dict):
        types = node_types(value)
        if (
            types
            and "person" not in types
            and types & {"organization", "newsmediaorganization", "corporation"}
        ):
            return
        if name := node_text(value.get("name")):
            yield name
        elif isinstance(value.get("author"), dict | list):
            yield from _people(linked, value["author"], depth + 1)
    elif isinstance(value, str) and not value.startswith("http"):
        yield node_text(value) or ""


def _from_metas(reading: PageReading) -> Iterator[tuple[str, list[str]]]:
    for name in _META_NAMES:
        values = [
            value for value in reading.metas.values.get(name, ()) if not re.match(r"https?://|/|\(", value)
        ]
        if values:
            yield f"meta {name}", list(dict.fromkeys(values))
    label = reading.metas.first("twitter:label1") or ""
    if _WRITTEN_LABEL.search(label):
        yield "meta twitter:data1", [value for _, value in reading.metas.all("twitter:data1")][:1]


def _marked_elements(root: HtmlElement) -> Iterator[tuple[HtmlElement, str]]:
    """Yield elements that mark the article's author, names marked as such first."""
    marked: list[tuple[int, HtmlElement]] = []
    for element in islice(root.iter(*_BYLINE_TAGS), 20_000):
        rank = _rank(element)
        if rank is not None:
            marked.append((rank, element))
    for _, element in sorted(marked, key=lambda pair: pair[0])[:12]:
        text = squeeze(element.text_content())
        if 2 < len(text) < 160 and not any(a.tag in _OTHER_PLACES for a in element.iterancestors()):
            yield element, _separated(element)


def _rank(element: HtmlElement) -> int | None:
    attributes = element.attrib
    if not attributes:
        return None
    if "author" in attributes.get("itemprop", ""):
        return 0
    if "author" in attributes.get("rel", "").split():
        return 1
    classes = attributes.get("class", "")
    return 2 if classes and _marks_author(classes) else None


@lru_cache(maxsize=20_000)
def _marks_author(classes: str) -> bool:
    return bool(_MARKED.search(classes)) and not _NOT_MARKED.search(classes)


def _separated(element: HtmlElement) -> str:
    """Return the element's text; links inside it are names of their own."""
    name = element.find(".//*[@itemprop='name']")
    if name is not None and squeeze(name.text_content()):
        return squeeze(name.text_content())
    links = [squeeze(link.text_content()) for link in element.iter("a")]
    links = [text for text in links if text]
    if len(links) > 1 and sum(map(len, links)) > 0.5 * len(squeeze(element.text_content())):
        return "; ".join(links)
    return squeeze(" ".join(element.itertext()))

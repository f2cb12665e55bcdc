"""Where a page names its authors: the places are tried from the surest to the loosest.

JSON-LD, then meta elements; where these name no person by full name, what the page prints (`printed`). A
house or desk counts where no place names a person.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lxml.html import HtmlElement

from tasks.domain.credits.author import clean_names, organisation_name
from tasks.domain.credits.printed import find_printed
from tasks.domain.credits.signatures import find_signature
from tasks.domain.pages.json_ld import LinkedData, Node, node_text, node_types
from tasks.domain.pages.metadata import PageReading
from tasks.domain.pages.near_headline import NearLines
from tasks.domain.text.normalise import compact_key, comparison_key
from tasks.domain.text.vocabulary import alternatives

# From the surest to the loosest: catalogues name only the article's own authors.
_META_NAMES = (
    "citation_author",
    "author",
    "article:author",
    "article:author_name",
    "parsely-author",
    "sailthru.author",
    "byl",
    "cxenseparse:author",
    "dc.creator",
    "dcterms.creator",
    "dc.contributor",
    "creator",
    "authors",
    "og:article:author",
    "lp.article:author",
)
_ORGANISATION_TYPES = frozenset({"organization", "newsmediaorganization", "corporation"})
_WRITTEN_LABEL = re.compile(alternatives("tasks.domain.credits", "written_label"), re.IGNORECASE)
_NOT_TEXT = re.compile(r"https?://|/|\(")
_MAX_DEPTH = 4


@dataclass(frozen=True, slots=True)
class Byline:
    """The authors that one place of the page names."""

    names: tuple[str, ...]  # people
    origin: str
    evidence: str
    raw: str  # all that stood there, agencies too
    organisations: tuple[str, ...] = ()  # houses, desks, agencies


@dataclass(frozen=True, slots=True)
class _Text:
    """One author as a place names it."""

    text: str
    is_organisation: bool = False  # says the markup


def collect_bylines(
    reading: PageReading,
    articles: Sequence[Node],
    site_keys: set[str],
    headline: HtmlElement | None,
    near: NearLines,
) -> list[Byline]:
    """Return what each place says of the authors, surest first; places without authors too.

    `near` are the lines around the headline.
    """
    bylines: list[Byline] = []
    for origin, texts in (*_from_json_ld(reading.linked, articles), *_from_metas(reading)):
        bylines.append(read_byline(texts, origin, site_keys))
    people = [byline for byline in bylines if byline.names]
    if people and any(" " in name or not name.isascii() for name in people[0].names):
        return bylines
    printed = [
        read_byline([_Text(text) for text in place.texts], place.origin, site_keys, place.evidence)
        for place in find_printed(reading.root, headline, near, site_keys)
    ]
    topics = set(comparison_key(headline.text_content()[:500]).split()) if headline is not None else set()
    printed = [_without_topics(byline, topics) for byline in printed]
    if people:  # by user name: the printed name is another form of it, or somebody else's
        named = [byline for byline in printed if _is_same_person(byline.names, people[0].names)]
        return [*named, *bylines]
    if not any(byline.names for byline in printed):
        printed += [
            read_byline([_Text(text) for text in place.texts], place.origin, site_keys, place.evidence)
            for place in find_signature(reading.lines)
        ]
    return [*bylines, *printed]


def _without_topics(byline: Byline, topics: set[str]) -> Byline:
    """Return a printed byline without single words that the headline holds: `Hyundai` is what it is about."""
    names = tuple(name for name in byline.names if " " in name or comparison_key(name) not in topics)
    return replace(byline, names=names)


def _is_same_person(printed: Sequence[str], known: Sequence[str]) -> bool:
    """Say whether a printed full name holds the one word that a machine place has of it."""
    if len(printed) != 1 or len(known) != 1 or " " not in printed[0]:
        return False
    words = [compact_key(word) for word in printed[0].split()]
    return compact_key(known[0]) in (*words, "".join(words))


def read_byline(
    texts: Sequence[_Text], origin: str, site_keys: set[str], evidence: str | None = None
) -> Byline:
    """Return the people and organisations that the texts of one place name."""
    names: list[str] = []
    organisations: list[str] = []
    for text in texts:
        people = [] if text.is_organisation else clean_names(text.text, site_keys)
        names += [name for name in people if name not in names]
        if not people:
            house = organisation_name(text.text, site_keys, is_marked=text.is_organisation)
            organisations += [house] if house and house not in organisations else []
    raw = ", ".join(text.text for text in texts)
    return Byline(tuple(names), origin, (evidence or raw)[:200], raw[:300], tuple(organisations))


def byline_of(texts: Sequence[str], origin: str, site_keys: set[str]) -> Byline:
    """Return the authors that plain texts name, of a selector or a feed."""
    return read_byline([_Text(text) for text in texts], origin, site_keys)


def _from_json_ld(linked: LinkedData, articles: Sequence[Node]) -> Iterator[tuple[str, list[_Text]]]:
    for node in articles[:1]:
        for key in ("author", "creator"):
            if texts := list(_authors(linked, node.get(key), 0)):
                yield "json_ld", texts
                break


def _authors(linked: LinkedData, value: Any, depth: int) -> Iterator[_Text]:
    """Yield the authors of a JSON-LD value: text, node, list, or a node around another."""
    if depth > _MAX_DEPTH:
        return
    value = linked.follow(value)
    if isinstance(value, list):
        for item in value[:40]:
            yield from _authors(linked, item, depth + 1)
    elif isinstance(value, dict):
        types = node_types(value)
        is_organisation = bool(types & _ORGANISATION_TYPES) and "person" not in types
        if name := node_text(value.get("name")):
            yield _Text(name, is_organisation)
        elif isinstance(value.get("author"), dict | list):
            yield from _authors(linked, value["author"], depth + 1)
    elif isinstance(value, str) and not value.startswith("http"):
        yield _Text(node_text(value) or "")


def _from_metas(reading: PageReading) -> Iterator[tuple[str, list[_Text]]]:
    for name in _META_NAMES:
        values = [value for value in reading.metas.values.get(name, ()) if not _NOT_TEXT.match(value)]
        if values:
            yield f"meta {name}", [_Text(value) for value in dict.fromkeys(values)]
    label = reading.metas.first("twitter:label1") or ""
    if _WRITTEN_LABEL.search(label):
        data = reading.metas.all("twitter:data1")[:1]
        yield "meta twitter:data1", [_Text(value) for _, value in data]

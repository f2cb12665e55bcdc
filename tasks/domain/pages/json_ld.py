"""The JSON-LD of a page: its scripts parsed leniently, its nodes in one flat list.

Real pages wrap it in comments or CDATA, leave raw newlines in strings and commas at the end,
escape entities twice and concatenate several documents; a script that cannot be repaired is
left out. https://www.w3.org/TR/json-ld11/ and https://schema.org/NewsArticle.
"""

import html
import json
import re
from collections.abc import Iterator, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lxml.html import HtmlElement

Node = dict[str, Any]

_ARTICLE_TYPES = """
    article newsarticle reportagenewsarticle analysisnewsarticle backgroundnewsarticle opinionnewsarticle
    reviewnewsarticle asknewspublicnewsarticle advertisercontentarticle satiricalarticle blogposting
    liveblogposting socialmediaposting discussionforumposting techarticle scholarlyarticle report
"""
ARTICLE_TYPES = frozenset(_ARTICLE_TYPES.split())
PAGE_TYPES = frozenset({"webpage", "itempage", "medicalwebpage", "creativework"})
_MAX_BYTES = 2_000_000
_MAX_NODES = 2_000
_MAX_DEPTH = 24
_CACHED_TYPE = 80  # characters
_WRAPPED = re.compile(
    r"^\s*(?:/\*\s*)?(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)(?:\s*\*/)?|"
    r"(?:/\*\s*)?(?://\s*)?(?:-->|\]\]>)(?:\s*\*/)?\s*;?\s*$"
)
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_BAD_ESCAPE = re.compile(r'\\(?!["\\/bfnrtu])')


@dataclass(frozen=True, slots=True)
class LinkedData:
    """All nodes of a page's JSON-LD, in document order, and those that have an `@id`."""

    nodes: tuple[Node, ...]
    by_id: dict[str, Node]

    def of_type(self, types: frozenset[str]) -> list[Node]:
        """Return the nodes with one of these types (lower case), in document order."""
        return [node for node in self.nodes if types.intersection(node_types(node))]

    def follow(self, value: Any) -> Any:
        """Return the node that a bare `{"@id": ...}` points at, else the value itself."""
        if isinstance(value, dict) and "@id" in value and "name" not in value:
            return self.by_id.get(str(value["@id"]), value)
        return value


def read_linked_data(root: HtmlElement) -> LinkedData:
    """Return the page's JSON-LD; empty when it has none that can be parsed."""
    nodes: list[Node] = []
    for script in root.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        for document in _documents(script.text or ""):
            nodes.extend(_flatten(document))
            if len(nodes) > _MAX_NODES:
                break
    by_id: dict[str, Node] = {}
    for node in nodes:
        name = node.get("@id")
        if isinstance(name, str) and len(node) > len(by_id.get(name, ())):
            by_id[name] = node
    return LinkedData(tuple(nodes[:_MAX_NODES]), by_id)


def _documents(text: str) -> Iterator[Any]:
    text = text.strip()[:_MAX_BYTES]
    if text[:1] not in ("{", "[") or text[-1] not in "}]":
        text = _WRAPPED.sub("", text).strip()
    decoder = json.JSONDecoder(strict=False)
    while text:
        document, end = _decode(decoder, text)
        if end == 0:
            return
        yield document
        text = text[end:].lstrip(" \t\r\n,;")


def _decode(decoder: json.JSONDecoder, text: str) -> tuple[Any, int]:
    """Return the first document in `text` and where it ends; (None, 0) when it cannot be repaired."""
    try:
        return decoder.raw_decode(text)
    except (ValueError, RecursionError):
        pass
    for repaired in _repairs(text):
        try:
            return decoder.raw_decode(repaired)[0], len(text)
        except (ValueError, RecursionError):
            continue
    return None, 0


def _repairs(text: str) -> Iterator[str]:
    without_commas = _TRAILING_COMMA.sub(r"\1", text)
    yield without_commas
    yield _BAD_ESCAPE.sub(r"\\\\", without_commas)
    if "&quot;" in text[:200]:
        yield _TRAILING_COMMA.sub(r"\1", html.unescape(text))


def _flatten(document: Any) -> Iterator[Node]:
    """Yield a document's nodes, parents first; bounded in depth and number."""
    waiting: list[tuple[Any, int]] = [(document, 0)]
    n_nodes = 0
    while waiting and n_nodes < _MAX_NODES:
        value, depth = waiting.pop(0)
        if depth > _MAX_DEPTH:
            continue
        if isinstance(value, list):
            waiting[:0] = [(item, depth + 1) for item in value[:200]]
        elif isinstance(value, dict):
            n_nodes += 1
            yield value
            waiting[:0] = [(item, depth + 1) for item in value.values() if isinstance(item, dict | list)]


def node_types(node: Node) -> Set[str]:
    """Return a node's types, lower case, without the URL of their vocabulary."""
    types = node.get("@type") or node.get("type") or ()
    if isinstance(types, str) and len(types) <= _CACHED_TYPE:
        return _one_type(types)
    return {_type_name(name) for name in (types if isinstance(types, list) else [types])}


@lru_cache(maxsize=500)
def _one_type(name: str) -> frozenset[str]:
    return frozenset([_type_name(name)])


def _type_name(name: object) -> str:
    return str(name).rsplit("/", 1)[-1].rsplit(":", 1)[-1].lower()


def node_text(value: Any) -> str | None:
    """Return a property's text (a string, a language map, the first of a list), entities resolved."""
    if isinstance(value, list):
        return next((text for text in map(node_text, value[:5]) if text), None)
    if isinstance(value, dict):
        return node_text(value.get("@value") or value.get("name"))
    if not isinstance(value, str):
        return None
    text = html.unescape(html.unescape(value)) if "&" in value else value
    text = re.sub(r"<[^<>]{1,200}>", " ", text) if "<" in text else text
    return " ".join(text.split()) or None

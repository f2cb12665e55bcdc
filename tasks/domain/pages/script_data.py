"""The article in the data of a page that scripts render: Next.js, Nuxt, Arc XP and other initial states.

Asked where a page shows hardly any text. What is found has the form of a JSON-LD article, so that all readers
of fields take it from there.
"""

import html
import json
import re
from collections.abc import Iterator, Sequence
from itertools import count, islice
from typing import Any

from lxml.html import HtmlElement

from tasks.domain.pages.json_ld import Node, node_text
from tasks.domain.pages.lines import TextLine
from tasks.domain.text.normalise import comparison_key, squeeze, word_set

_PROSE = 60  # characters of a line that is a paragraph
_MOST_SHOWN = 300  # characters of paragraphs on a page that scripts render
_LEAST_BODY = 250  # characters
_LEAST_HEADLINE = 10  # characters
_MAX_BYTES = 5_000_000
_MAX_NODES = 100_000
_MAX_DEPTH = 40
_MAX_STARTS = 8  # of documents in one script
_DOCUMENT_START = re.compile(r"[=(]\s*(?=[{\[]\s*[\"\[{])")
# A string that does not end goes to the end of the script: else each quote in it would be tried as a start.
_QUOTED = r'"([^"\\]*+(?:\\.[^"\\]*+)*+)(?:"|\\?\Z)'
_PARSED_STRING = re.compile(rf"JSON\.parse\(\s*{_QUOTED}", re.DOTALL)
_STRING = re.compile(_QUOTED, re.DOTALL)  # short ones too: the next begins at the right quote
_BREAKS = re.compile(r"<(?:br|/p|/div|/h\d|/li|/blockquote)\b[^<>]{0,100}>", re.IGNORECASE)
_UNSEEN = re.compile(r"<(/?)(?:script|style|figure|figcaption|iframe)\b[^<>]{0,500}>", re.IGNORECASE)
_MARKUP = re.compile(r"<[^<>]{1,500}>")
_PARAGRAPH_TAG = re.compile(r"<p[\s>]", re.IGNORECASE)
# Keys without capitals, hyphens and underscores, the surest first.
_TITLES = ("headline", "headlines", "title", "heading")
_BODIES = (
    *("articlebody", "bodyhtml", "contenthtml", "fulltext", "richtext", "contentelements", "contentblocks"),
    *("body", "content", "blocks", "paragraphs", "components", "elements", "html", "text", "story"),
)
_PUBLISHED = (
    *("datepublished", "publishedat", "publisheddate", "publishdate", "firstpublished", "firstpublishdate"),
    *("publicationdate", "displaydate", "published", "pubdate", "createdat", "date"),
)
_MODIFIED = (
    *("datemodified", "updatedat", "updateddate", "lastupdateddate", "modifiedat", "modified", "updated"),
)
_AUTHORS = ("author", "authors", "byline", "bylines", "credits")
_OTHERS = re.compile(
    r"related|recommend|comment|latest|popular|trending|mostread|teaser|sidebar|footer|navi|menu"
)
_INNER = (
    *("text", "value", "content", "html", "body", "children", "nodes", "elements", "blocks", "items", "data"),
)
_KINDS = ("type", "nodetype", "kind", "typename", "blockname", "tag", "name")
_NO_TEXT = re.compile(
    r"image|photo|picture|video|embed|gallery|advert|^ad$|related|newsletter|promo|script|social"
)
_LINES = re.compile(r"^(?:(?:core/|block)?(?:paragraph|heading)\S*|p|h\d|blockquote|quote|list-?item|li)$")
_NAMES = ("name", "fullname", "displayname", "title")
_REACTIVE = word_set("Reactive ShallowReactive Ref ShallowRef EmptyRef")


def shows_little(lines: Sequence[TextLine]) -> bool:
    """Say whether a page shows hardly any paragraph: its text may be in the data of its scripts."""
    prose = (len(line.text) for line in lines if len(line.text) >= _PROSE and not line.is_linked)
    return sum(prose) < _MOST_SHOWN


def find_script_article(root: HtmlElement, titles: Sequence[str]) -> Node | None:
    """Return the article that the page's scripts carry, as a JSON-LD node; None without one.

    Its headline is, or begins, one of the `titles` of the page's head: scripts carry the words of consent
    layers and of other articles, too.
    """
    whole = " | ".join(map(comparison_key, titles))
    nodes: list[Node] = []
    for script in _scripts(root):
        found = [node for document in _documents(script) for node in _articles(document)]
        nodes += [node for node in found if _is_named(node["headline"], whole)]
        if not nodes:
            nodes += _articles_of_strings(script, whole)
    return max(nodes, key=lambda node: len(node["articleBody"]), default=None)


def _is_named(headline: str, titles: str) -> bool:
    key = comparison_key(headline)
    return len(key) >= _LEAST_HEADLINE and key in titles


def _scripts(root: HtmlElement) -> Iterator[HtmlElement]:
    for script in root.iter("script"):
        if _LEAST_BODY < len(script.text or "") < _MAX_BYTES and "ld+json" not in (script.get("type") or ""):
            yield script


def _documents(script: HtmlElement) -> Iterator[Any]:
    """Yield the JSON documents of a script: all of it, or what it assigns and calls with."""
    text = script.text or ""
    if "json" in (script.get("type") or ""):
        document = _parsed(text)
        yield _revived(document) if script.get("id") == "__NUXT_DATA__" else document
        return
    for string in islice(_PARSED_STRING.finditer(text), _MAX_STARTS):
        yield _parsed(_parsed(f'"{string[1]}"') or "")
    decoder = json.JSONDecoder(strict=False)
    position = 0
    for _ in range(_MAX_STARTS):
        start = _DOCUMENT_START.search(text, position)
        if start is None:
            return
        position = start.end()
        try:
            document, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            continue
        yield document


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _revived(data: Any) -> Any:
    """Return what a list of Nuxt 3 means: its entries refer to each other by their places."""

    n_values = count()

    def value_of(place: Any, depth: int) -> Any:
        if not isinstance(place, int) or isinstance(place, bool) or not 0 <= place < len(data):
            return None
        if next(n_values) > _MAX_NODES:  # entries that refer to each other have no end
            return None
        value = data[place]
        if depth > _MAX_DEPTH or not isinstance(value, dict | list):
            return value
        if isinstance(value, dict):
            return {key: value_of(inner, depth + 1) for key, inner in value.items()}
        if len(value) > 1 and isinstance(value[0], str) and value[0] in _REACTIVE:
            return value_of(value[1], depth + 1)
        return [value_of(inner, depth + 1) for inner in value]

    return value_of(0, 0) if isinstance(data, list) and data else data


def _articles(document: Any) -> Iterator[Node]:
    """Yield the objects of a document that have a title and a text."""
    waiting = [(document, 0)]
    for _ in range(_MAX_NODES):
        if not waiting:
            return
        value, depth = waiting.pop()
        if depth > _MAX_DEPTH:
            continue
        if isinstance(value, list):
            waiting += [(inner, depth + 1) for inner in value if isinstance(inner, dict | list)]
        elif isinstance(value, dict):
            plain = {_plain(key): inner for key, inner in value.items()}
            if (node := _article_of(plain)) is not None:
                yield node
            waiting += [
                (inner, depth + 1)
                for key, inner in plain.items()
                if isinstance(inner, dict | list) and not _OTHERS.search(key)
            ]


def _plain(key: str) -> str:
    return key.lower().replace("_", "").replace("-", "")


def _article_of(plain: dict[str, Any]) -> Node | None:
    headline = next((text for key in _TITLES if (text := _title_of(plain.get(key)))), None)
    if headline is None:
        return None
    bodies = ("\n".join(_lines_of(plain[key], 0)) for key in _BODIES if plain.get(key))
    body = next((body for body in bodies if len(body) >= _LEAST_BODY), None)
    if body is None:
        return None
    node: Node = {"@type": "Article", "headline": headline, "articleBody": body}
    for name, keys in (("datePublished", _PUBLISHED), ("dateModified", _MODIFIED)):
        values = (plain[key] for key in keys if isinstance(plain.get(key), str | int))
        if value := next((value for value in values if value and value is not True), None):
            node[name] = str(value)
    authors = next((list(_people(plain[key])) for key in _AUTHORS if plain.get(key)), [])
    return node | {"author": authors} if authors else node


def _title_of(value: Any) -> str | None:
    if isinstance(value, dict):
        value = next((value[key] for key in ("basic", "default", "rendered", "text") if key in value), None)
    return squeeze(_MARKUP.sub("", node_text(value) or "")) or None


def _people(value: Any) -> Iterator[Node]:
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            plain = {_plain(key): inner for key, inner in item.items()}
            if isinstance(plain.get("by"), list):
                yield from _people(plain["by"])
                continue
            item = next((plain[key] for key in _NAMES if isinstance(plain.get(key), str)), None)
        if isinstance(item, str) and item:
            yield {"@type": "Person", "name": item}


def _lines_of(value: Any, depth: int) -> list[str]:
    """Return the paragraphs of a text: HTML, plain text, or blocks of a rich-text editor."""
    if isinstance(value, str):
        return _text_lines(value)
    if depth > _MAX_DEPTH:
        return []
    if isinstance(value, list):
        return [line for inner in value[:_MAX_NODES] for line in _lines_of(inner, depth + 1)]
    if not isinstance(value, dict):
        return []
    plain = {_plain(key): inner for key, inner in value.items()}
    kind = next((str(plain[key]).lower() for key in _KINDS if isinstance(plain.get(key), str)), "")
    if _NO_TEXT.search(kind):
        return []
    if _LINES.match(kind):
        line = squeeze(" ".join(_text_lines("".join(_inline(plain, depth)))))
        return [line] if line else []
    inners = (_lines_of(plain[key], depth + 1) for key in _INNER if plain.get(key))
    return next((lines for lines in inners if lines), [])


def _inline(value: Any, depth: int) -> Iterator[str]:
    """Yield the words of a paragraph's parts in their order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list) and depth <= _MAX_DEPTH:
        for inner in value:
            yield from _inline(inner, depth + 1)
    elif isinstance(value, dict) and depth <= _MAX_DEPTH:
        plain = {_plain(key): inner for key, inner in value.items()}
        yield from next((list(_inline(plain[key], depth + 1)) for key in _INNER if plain.get(key)), [])


def _text_lines(text: str) -> list[str]:
    if "<" in text:
        text = _MARKUP.sub("", _BREAKS.sub("\n", _without_unseen(text.replace("\n", " "))))
    return [line for line in map(squeeze, html.unescape(text).splitlines()) if line]


def _without_unseen(text: str) -> str:
    """Return HTML without the elements whose words are no text."""
    kept: list[str] = []
    position = depth = 0
    for tag in _UNSEEN.finditer(text):
        if not depth:
            kept.append(text[position : tag.start()])
        depth = max(0, depth + (-1 if tag[1] else 1))
        position = tag.end()
    return " ".join(kept if depth else [*kept, text[position:]])


def _articles_of_strings(script: HtmlElement, titles: str) -> Iterator[Node]:
    """Yield texts of two paragraphs or more that stand as HTML in a script's strings, beside the headline."""
    headline = None
    for string in islice(_STRING.finditer(script.text or ""), _MAX_NODES):
        text = _parsed(f'"{string[1]}"')
        if not isinstance(text, str):
            continue
        if len(text) < _LEAST_BODY:
            headline = headline or (text if _is_named(text, titles) else None)
        elif headline and len(_PARAGRAPH_TAG.findall(text)) > 1:
            yield {"@type": "Article", "headline": headline, "articleBody": "\n".join(_text_lines(text))}

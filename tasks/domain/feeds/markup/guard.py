"""Makes XML text safe to parse: the guard before every parser, and the repair of malformed text.

Between `decode.decode_document` and the XML readers. Every text is guarded; only text that is not
well-formed is repaired too. Parsers differ in what they survive (100,000 nested elements, references to
invalid characters); the repair leaves what all of them read alike. CDATA sections and comments are never
changed.
"""

import re
from dataclasses import dataclass
from html.entities import html5

from lxml import etree

from tasks.domain.feeds.markup.doctype import take_doctype
from tasks.domain.feeds.markup.repair import balance_tags
from tasks.errors import ErrorClass, FeedFormatError

MAX_GROWTH = 1_000_000  # characters that a document's own entities may add
# For every lxml parser of feed documents: no entity is expanded, nothing is loaded, memory stays bounded.
PARSER_OPTIONS: dict[str, bool] = {
    "recover": True,
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}

# libxml2, xmlerror.h: XML_NS_ERR_XML_NAMESPACE (200) to XML_NS_ERR_COLON (205).
_NAMESPACE_ERRORS = range(200, 206)
_LOGGED_ERRORS = 100  # libxml2 logs no more: a worse fault may follow
_DECLARATION = re.compile(r"<\?xml\s[^>]{0,300}>")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.S)
_HEAD = re.compile(
    r"(?P<comment><!--.*?(?:-->|\Z))|<\?xml\s|<!DOCTYPE\b"
    r"|(?P<root><(?:[\w.-]+:)?(?:rss|feed|rdf|channel|urlset|sitemapindex|entry)[\s>/])",
    re.I | re.S,
)
_REFERENCE = re.compile(
    r"(?P<opaque><!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z))"
    r"|&(?:#[xX](?P<hex>[0-9A-Fa-f]+);|#(?P<decimal>[0-9]+);|(?P<name>[A-Za-z_][\w.-]{0,40});)?",
    re.S,
)
_PREDEFINED = frozenset({"amp", "lt", "gt", "quot", "apos"})  # XML 1.0, section 4.6


@dataclass(frozen=True, slots=True)
class GuardedText:
    """XML text that is safe to parse, and what was changed."""

    text: str
    entities: dict[str, str | None]  # declared by the document: XML text, or None where it may not be used
    problems: tuple[str, ...] = ()


def guard_xml(text: str, url: str) -> GuardedText:
    """Return the text without what stands before it, its XML declarations and its DOCTYPE.

    Any reference to an entity of its own makes the result malformed, so that no parser can expand
    one. Raises FeedFormatError for a DOCTYPE that does not end.
    """
    problems: list[str] = []
    text = _without_junk(text, problems)
    text, entities = take_doctype(text, url, problems)
    return GuardedText(text, entities, tuple(problems))


def repair_xml(guarded: GuardedText, url: str) -> GuardedText:
    """Return a malformed text with references repaired, tags balanced, and no truncated last item.

    Raises FeedFormatError when it uses entities that stand for other entities or for files, or is
    nested deeper than any feed.
    """
    problems = list(guarded.problems)
    text = _repair_references(guarded.text, url, guarded.entities, problems)
    balanced = balance_tags(text, url)
    if balanced.problem:
        problems.append(balanced.problem)
    return GuardedText(balanced.text, {}, tuple(problems))


def first_fault(error_log: "etree._ListErrorLog") -> str | None:
    """Return the first logged fault that is more than an undeclared prefix."""
    errors = [entry for entry in error_log if entry.level > etree.ErrorLevels.WARNING]
    faults = [entry for entry in errors if entry.type not in _NAMESPACE_ERRORS]
    if not faults and len(error_log) < _LOGGED_ERRORS:
        return None
    first = faults[0] if faults else error_log[0]
    return f"line {first.line}: {first.message}"


def _without_junk(text: str, problems: list[str]) -> str:
    """Cut what stands before the document (a PHP warning, blank lines), and its XML declarations."""
    start, root = None, len(text)
    for mark in _HEAD.finditer(text):
        if mark["comment"]:
            continue
        start = mark.start() if start is None else start
        if mark["root"]:
            root = mark.start()
            break
    if start is None:
        return text
    if _COMMENT.sub("", text[:start]).strip():
        problems.append("There is text before the start of the document; it is skipped.")
    return _DECLARATION.sub("", text[start:root]) + text[root:]


def _repair_references(text: str, url: str, entities: dict[str, str | None], problems: list[str]) -> str:
    repairer = _ReferenceRepairer(url, entities)
    repaired = _REFERENCE.sub(repairer.replace, text)
    if repairer.n_impossible:
        problems.append(f"{repairer.n_impossible} references to invalid characters are skipped.")
    return repaired


class _ReferenceRepairer:
    """Rewrites one document's references and counts those to invalid characters."""

    def __init__(self, url: str, entities: dict[str, str | None]) -> None:
        self._url = url
        self._entities = entities
        self._room = MAX_GROWTH
        self.n_impossible = 0

    def replace(self, match: re.Match[str]) -> str:
        if match["opaque"] is not None:
            return match[0]
        if match["hex"] or match["decimal"]:
            return self._numeric(match)
        if match["name"]:
            return self._named(match["name"], match[0])
        return "&amp;"

    def _numeric(self, match: re.Match[str]) -> str:
        digits = (match["hex"] or match["decimal"]).lstrip("0")[:9] or "0"
        code = int(digits, 16 if match["hex"] else 10)
        if _is_character(code):
            return match[0]
        self.n_impossible += 1
        return ""

    def _named(self, name: str, whole: str) -> str:
        if name in self._entities:
            return self._own(name)
        if name in _PREDEFINED:
            return whole
        character = html5.get(name + ";")
        # Without a DTD only five names are defined, yet feeds write &nbsp; and &eacute; all the time.
        return "".join(f"&#{ord(c)};" for c in character) if character else "&amp;" + whole[1:]

    def _own(self, name: str) -> str:
        value = self._entities[name]
        self._room -= len(value or "")
        if value is None or self._room < 0:
            raise FeedFormatError(
                self._url,
                ErrorClass.PARSE,
                f"The entity &{name}; refers to other entities or to a file; this is not accepted.",
            )
        return value


def _is_character(code: int) -> bool:
    """Say whether XML 1.0 (production 2, Char) allows the code point."""
    return (
        code in (9, 10, 13)
        or 0x20 <= code <= 0xD7FF
        or 0xE000 <= code <= 0xFFFD
        or 0x10000 <= code <= 0x10FFFF
    )

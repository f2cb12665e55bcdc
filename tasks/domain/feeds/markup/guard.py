"""What XML text must not do, checked and mended before any parser sees it.

Between `feed_text.decode_document` and the XML readers. Every text is guarded; only one that turns
out not to be well-formed is mended too. Parsers differ in what they survive (100,000 nested elements,
references to no character); mending brings the text to what all of them read alike. What stands in
CDATA sections and comments is never touched.
"""

import re
from dataclasses import dataclass
from html.entities import html5

from lxml import etree

from tasks.domain.feeds.markup.doctype import take_doctype
from tasks.domain.feeds.markup.repair import shape_xml
from tasks.errors import ErrorClass, FeedFormatError

MAX_GROWTH = 1_000_000  # characters that a document's own entities may add

# libxml2, xmlerror.h: XML_NS_ERR_XML_NAMESPACE (200) to XML_NS_ERR_COLON (205).
_NAMESPACE_ERRORS = range(200, 206)
_LOGGED_ERRORS = 100  # libxml2 logs no more: a worse fault may lie behind them
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
    """XML text that is safe to parse, and what had to be done to it."""

    text: str
    entities: dict[str, str | None]  # declared by the document: XML text, or None where it may not be used
    problems: tuple[str, ...] = ()


def guard_xml(text: str, url: str) -> GuardedText:
    """Return the text without what stands before it, its XML declarations and its DOCTYPE.

    Any reference to an entity of its own makes the result malformed, so that no parser can expand
    one. Raises FeedFormatError for a DOCTYPE without an end.
    """
    problems: list[str] = []
    text = _without_junk(text, problems)
    text, entities = take_doctype(text, url, problems)
    return GuardedText(text, entities, tuple(problems))


def mend_xml(guarded: GuardedText, url: str) -> GuardedText:
    """Return a malformed text with its references mended, its tags in balance, and without a cut last item.

    Raises FeedFormatError when it uses entities that stand for other entities or for files, or is
    nested deeper than any feed.
    """
    problems = list(guarded.problems)
    text = _mend_references(guarded.text, url, guarded.entities, problems)
    shaped = shape_xml(text, url)
    if shaped.problem:
        problems.append(shaped.problem)
    return GuardedText(shaped.text, {}, tuple(problems))


def first_fault(error_log: "etree._ListErrorLog") -> str | None:
    """Return the first fault that a parser logged and that is more than an undeclared prefix."""
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
        problems.append("Something stands before the document's beginning; it was left out.")
    return _DECLARATION.sub("", text[start:root]) + text[root:]


def _mend_references(text: str, url: str, entities: dict[str, str | None], problems: list[str]) -> str:
    mender = _ReferenceMender(url, entities)
    mended = _REFERENCE.sub(mender.replace, text)
    if mender.n_impossible:
        problems.append(f"{mender.n_impossible} references to no character were left out.")
    return mended


class _ReferenceMender:
    """Rewrites one document's references; remembers how many stood for no character."""

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
                f"The document uses an entity, &{name};, that stands for other entities or a file; refused.",
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

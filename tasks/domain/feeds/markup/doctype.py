"""Removes the DOCTYPE of a document and keeps only entities that are plain text.

Part of `guard`, against XXE and entity expansion ("billion laughs"): nothing outside the document is
ever read, and no entity may refer to another.
"""

import html
import re

from tasks.errors import ErrorClass, FeedFormatError

MAX_VALUE = 1000  # characters of one entity's text

_PROLOG = re.compile(r"(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.S)
_START = re.compile(r"<!DOCTYPE\b", re.I)
_HEAD = re.compile(r"""(?:[^<>\["']|"[^"]*"|'[^']*')*""")
_SUBSET = re.compile(r"""\[(?:<!--.*?-->|<\?.*?\?>|"[^"]*"|'[^']*'|[^\]"'<]|<(?!!--|\?))*?\]\s*>""", re.S)
_ENTITY = re.compile(
    r"<!ENTITY\s+(?P<name>[A-Za-z_:][\w.:-]*)\s+"
    r"""(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<external>SYSTEM|PUBLIC))"""
)


def take_doctype(text: str, url: str, problems: list[str]) -> tuple[str, dict[str, str | None]]:
    """Return the text without its DOCTYPE, and the entities that it declares.

    An entity's value is XML text ready to stand in its place, or None where it may not be used.
    Raises FeedFormatError for a DOCTYPE that does not end.
    """
    prolog = _PROLOG.match(text)
    start = prolog.end() if prolog else 0
    if not _START.match(text, start):
        return text, {}
    head = _HEAD.match(text, start + len("<!DOCTYPE"))
    end = head.end() if head else start
    if text[end : end + 1] == ">":
        return text[:start] + text[end + 1 :], {}
    subset = _SUBSET.match(text, end)
    if subset is None:
        raise FeedFormatError(url, ErrorClass.PARSE, "The DOCTYPE does not end.")
    entities = {m["name"]: _plain_value(m) for m in _ENTITY.finditer(subset[0])}
    if "<!ENTITY" in subset[0]:
        problems.append("The document declares entities; only those of plain text are used.")
    return text[:start] + text[subset.end() :], entities


def _plain_value(declaration: re.Match[str]) -> str | None:
    if declaration["external"]:
        return None
    value = declaration["double"] if declaration["double"] is not None else declaration["single"]
    if len(value) > MAX_VALUE or "<" in value or "%" in value:
        return None
    plain = html.unescape(value)
    return None if re.search(r"&\w+;", plain) else html.escape(plain, quote=False)

"""Percent-encoding in one canonical form, so that equal URLs are equal strings (RFC 3986 §6.2.2)."""

import re
import unicodedata
from urllib.parse import quote, unquote_to_bytes

_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_HIGH_ESCAPES = re.compile(r"(?:%[89A-Fa-f][0-9A-Fa-f])+")
_PLAIN = re.compile(r"^[A-Za-z0-9/._~-]*$")
# Unreserved characters, and those that browsers and servers write either way in a path.
_DECODED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!'()*,:@")
_PATH_SAFE = "%/:@!$&'()*+,;=~-._"
_QUERY_SAFE = "/:@!$'()*,?~-._"


def path_text(text: str) -> str:
    """Return a path or fragment in the canonical encoding."""
    if _PLAIN.match(text):
        return text
    text = _ESCAPE.sub(_unescape, _LONE_PERCENT.sub("%25", text))
    composed = unicodedata.normalize("NFC", _HIGH_ESCAPES.sub(_as_unicode, text))
    return quote(composed, safe=_PATH_SAFE, errors="replace")


def query_text(text: str) -> str:
    """Return one name or value of a query in the canonical form encoding."""
    raw = unquote_to_bytes(text.replace("+", " ").encode("utf-8", "replace"))
    try:
        decoded: str | bytes = unicodedata.normalize("NFC", raw.decode())
    except UnicodeDecodeError:
        decoded = raw  # another encoding than UTF-8: its bytes are kept
    return quote(decoded, safe=_QUERY_SAFE + " ").replace(" ", "+")


def query_value(text: str) -> str:
    """Return one name or value of a query, decoded."""
    return unquote_to_bytes(text.replace("+", " ")).decode("utf-8", "replace")


def _unescape(match: re.Match[str]) -> str:
    char = chr(int(match[1], 16))
    return char if char in _DECODED else match[0].upper()


def _as_unicode(match: re.Match[str]) -> str:
    try:
        return unquote_to_bytes(match[0]).decode()
    except UnicodeDecodeError:
        return match[0]

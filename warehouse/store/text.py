"""Clean text from the web before it is stored, so that it cannot break a load, a terminal or an export.

Removed are NUL and other control characters (tab and newline stay), lone surrogates, and the bidi overrides
and isolates that reorder the text around them (UAX #9; LRM, RLM and ALM stay). Text that is too long is cut.
"""

import re
from collections.abc import Iterable

TITLE_LIMIT = 2_000  # characters
VALUE_LIMIT = 500
SHORT_LIMIT = 1_000
SUMMARY_LIMIT = 4_000
URL_LIMIT = 8_192
BODY_LIMIT = 2_000_000

_BAD = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]")


def clean_text(text: str, limit: int) -> str:
    """Return the text without unsafe characters, at most `limit` characters long."""
    if len(text) > limit:
        text = text[:limit]
    # isprintable is ten times as fast as the expression, and false for all that it would remove.
    if text.isprintable() or text.replace("\n", "").isprintable():
        return text
    return _BAD.sub("", text)


def clean_optional(text: str | None, limit: int) -> str | None:
    """Return the cleaned text; None when it is None or nothing is left."""
    return (clean_text(text, limit) or None) if text else None


def clean_all(texts: Iterable[str], limit: int) -> list[str]:
    """Return the cleaned texts, without empty ones."""
    return [kept for text in texts if (kept := clean_text(text, limit))]

"""One rule for text that comes from the web: what is taken out before it is stored.

NUL and other control characters (tab and newline stay), lone surrogates, and the bidi
overrides and isolates that reorder the text around them (UAX #9; LRM, RLM and ALM stay) go.
What is too long is cut. So no text can break a load, a terminal or an export.
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
    """Return the text without what must not be stored, at most `limit` characters long."""
    if len(text) > limit:
        text = text[:limit]
    # isprintable is ten times as fast as the expression, and says no to all that it would take out.
    if text.isprintable() or text.replace("\n", "").isprintable():
        return text
    return _BAD.sub("", text)


def clean_optional(text: str | None, limit: int) -> str | None:
    """Return the text cleaned; None when there is none or nothing is left."""
    return (clean_text(text, limit) or None) if text else None


def clean_all(texts: Iterable[str], limit: int) -> list[str]:
    """Return the texts cleaned, without those of which nothing is left."""
    return [kept for text in texts if (kept := clean_text(text, limit))]

"""The text that JSON-LD carries as `articleBody`: the last resort, where the page itself shows less.

It never was the better reading where both are whole (measured on 991 pages); it is where a page shows
only its beginning, or builds its text by script.
"""

import html
import re
from collections.abc import Sequence

from tasks.domain.pages.json_ld import Node
from tasks.domain.text.normalise import squeeze

_LEAST = 250  # characters of an articleBody that is worth a look
_SHOWN = 0.6  # of its length: a reading with less has lost a part, or never had it
_TAGS = re.compile(r"<(?:br|/p|/div|/h\d|/li)\b[^<>]{0,100}>", re.IGNORECASE)
_MARKUP = re.compile(r"<[^<>]{1,300}>")


def linked_text(articles: Sequence[Node]) -> str:
    """Return the main article's `articleBody`, one paragraph a line; empty when it has none."""
    raw = next((node["articleBody"] for node in articles[:2] if isinstance(node.get("articleBody"), str)), "")
    if len(raw) < _LEAST:
        return ""
    text = html.unescape(html.unescape(raw)) if "&" in raw else raw
    text = _MARKUP.sub(" ", _TAGS.sub("\n", text)) if "<" in text else text
    return "\n".join(line for line in map(squeeze, text.splitlines()) if line)


def is_missing(shown: str, linked: str) -> bool:
    """Say whether a reading holds so little of what JSON-LD carries that JSON-LD is the better text."""
    return bool(linked) and len(shown) < _SHOWN * len(linked)

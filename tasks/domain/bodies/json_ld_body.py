"""The text that JSON-LD carries as `articleBody`: the last resort, where the page itself shows less.

It is not the better reading where both are complete (measured on 991 pages); it is where a page shows
only the beginning of its text, or renders it by script.
"""

import html
import re
from collections.abc import Sequence

from tasks.domain.pages.json_ld import Node
from tasks.domain.text.normalise import squeeze

_MIN_LENGTH = 250  # characters; shorter texts are teasers
_SHOWN = 0.6  # of its length: a reading with less is incomplete
_BEGINNING = 80  # characters by which a repetition is found
_LEAST_GLUED = 2  # joints; fewer are names like `example.Com`
_GLUED = re.compile(r"(?<=[^\W\d_A-Z][.!?])(?=[A-ZÀ-ÞА-Я][\w ])")
_TAGS = re.compile(r"<(?:br|/p|/div|/h\d|/li)\b[^<>]{0,100}>", re.IGNORECASE)
_MARKUP = re.compile(r"<[^<>]{1,300}>")


def linked_text(articles: Sequence[Node]) -> str:
    """Return the main article's `articleBody`, one paragraph a line; empty when it has none."""
    raw = next((node["articleBody"] for node in articles[:2] if isinstance(node.get("articleBody"), str)), "")
    if len(raw) < _MIN_LENGTH:
        return ""
    text = html.unescape(html.unescape(raw)) if "&" in raw else raw
    text = _MARKUP.sub(" ", _TAGS.sub("\n", text)) if "<" in text else text
    lines = [line for line in map(squeeze, text.splitlines()) if line]
    if len(lines) == 1:
        lines = _unglued(_once(lines[0]))
    return "\n".join(dict.fromkeys(lines))  # each paragraph once: some systems write the text twice


def _once(text: str) -> str:
    """Return a text that is written twice in a row, once."""
    start = text.find(text[:_BEGINNING], _BEGINNING)
    return text[:start].rstrip() if start > 0 and text.startswith(text[start:]) else text


def _unglued(text: str) -> list[str]:
    """Return the paragraphs of a text whose line breaks were taken out: "… a pause.Three members …"."""
    parts = _GLUED.split(text)
    return parts if len(parts) > _LEAST_GLUED else [text]


def is_missing(shown: str, linked: str) -> bool:
    """Say whether a reading is so much shorter than the JSON-LD text that the latter is the better one."""
    return bool(linked) and len(shown) < _SHOWN * len(linked)

"""How an XML text is nested and whether its end is missing: one pass over its tags.

Part of `feed_guard`. A download that broke off leaves half an item at the end; parsers that
recover would hand it on as whole, with half a title or half a link.
"""

import re
from dataclasses import dataclass

from tasks.errors import ErrorClass, FeedFormatError

MAX_DEPTH = 200  # feedparser needs 10 s for a document of 100,000 levels; no feed has 50

_TAG = re.compile(
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)"
    r"|<!--.*?(?:-->|\Z)"
    r"|<\?.*?(?:\?>|\Z)"
    r"""|<(?P<close>/?)(?P<name>[^\W\d][^\s/><]*)(?:[^<>"']|"[^"<]*"|'[^'<]*')*?(?P<empty>/?)>""",
    re.S,
)
_ITEMS = frozenset({"item", "entry", "url", "sitemap"})
_VOID = frozenset({"br", "img", "hr", "wbr", "input"})  # HTML that careless feeds do not escape


@dataclass(frozen=True, slots=True)
class Shape:
    """Where a document's usable text ends and what closes it."""

    end: int  # characters
    closing: str = ""  # end tags for what is still open there
    problem: str | None = None


class _Walk:
    """The open elements while going through the tags, and where the last item began."""

    def __init__(self) -> None:
        self.open: list[str] = []
        self.item_at: int | None = None  # start of the item that is open
        self.item_depth = 0
        self.end = 0

    def enter(self, name: str, position: int) -> None:
        if self.item_at is None and _local(name) in _ITEMS:
            self.item_at, self.item_depth = position, len(self.open)
        self.open.append(name)

    def leave(self, name: str) -> None:
        if name not in self.open:
            return
        while self.open.pop() != name:
            pass
        if len(self.open) <= self.item_depth:
            self.item_at = None


def measure_shape(text: str, url: str) -> Shape:
    """Say where the document's text ends, without an item that was cut off.

    Raises FeedFormatError when it is nested more than 200 deep.
    """
    walk = _Walk()
    for match in _TAG.finditer(text):
        name = match["name"]
        if name is None or match["empty"] or name.lower() in _VOID:
            continue
        if match["close"]:
            walk.leave(name)
        else:
            walk.enter(name, match.start())
        walk.end = match.end()
        if not walk.open and match["close"]:
            return Shape(walk.end)  # what follows the root is none of the document's
        if len(walk.open) > MAX_DEPTH:
            raise FeedFormatError(
                url, ErrorClass.PARSE, f"The document is nested more than {MAX_DEPTH} elements deep."
            )
    return _conclude(walk, len(text))


def _conclude(walk: _Walk, n_characters: int) -> Shape:
    if not walk.open:
        return Shape(n_characters)
    if walk.item_at is None:
        return Shape(
            walk.end, _closing(walk.open), "The document's end is missing; all of its items are whole."
        )
    return Shape(
        walk.item_at,
        _closing(walk.open[: walk.item_depth]),
        "The document ends in the middle of an item; that item was left out.",
    )


def _closing(names: list[str]) -> str:
    return "".join(f"</{name}>" for name in reversed(names))


def _local(name: str) -> str:
    return name.rpartition(":")[2].lower()

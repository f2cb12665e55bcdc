"""Gives a malformed XML text a shape that every parser reads alike: each start tag with its end tag.

Part of `feed_guard`, for text that is not well-formed. Repairing parsers guess differently: to libxml2
a stray `</b>` closes the title and what follows falls out of the item. A download that broke off
leaves half an item at the end, which they would hand on as whole.
"""

import re
from dataclasses import dataclass

from tasks.errors import ErrorClass, FeedFormatError

MAX_DEPTH = 200  # feedparser needs 10 s for a document of 100,000 levels; no feed has 50

_TOKEN = re.compile(
    r"<!\[CDATA\[.*?(?:(?P<cdata_end>\]\]>)|\Z)"
    r"|<!--.*?(?:-->|\Z)"
    r"|<\?[^<>]*\?>"
    r"""|<(?P<close>/?)(?P<name>[^\W\d][\w.:-]*)(?=[\s/>])(?P<rest>(?:[^<>"']|"[^"<]*"|'[^'<]*')*?)(?P<empty>/?)>""",
    re.S,
)
_ATTRIBUTE = re.compile(r"""([^\W\d][\w:.-]*)\s*=\s*("[^"]*"|'[^']*'|[^\s"'<>]+)""")
_ITEMS = frozenset({"item", "entry", "url", "sitemap"})
_VOID = frozenset({"br", "img", "hr", "wbr", "input"})  # HTML that careless feeds do not escape


@dataclass(frozen=True, slots=True)
class Shaped:
    """A text whose tags are in balance, and what was lost at its end."""

    text: str
    problem: str | None = None  # a sentence


def shape_xml(text: str, url: str) -> Shaped:
    """Return the text with end tags where they are missing and none too many, without a cut last item.

    Comments and processing instructions are dropped. Raises FeedFormatError when it is nested more
    than 200 deep.
    """
    shaper = _Shaper(url)
    position = 0
    for token in _TOKEN.finditer(text):
        shaper.add_text(text[position : token.start()])
        position = token.end()
        shaper.add_token(token)
        if shaper.is_done:
            return Shaped("".join(shaper.pieces))  # what follows the root is none of the document's
    return shaper.conclude()


class _Shaper:
    """The pieces of the new text, the elements that are open, and where the last item began."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.pieces: list[str] = []
        self._open: list[str] = []
        self._item: str | None = None  # name of the item that is open
        self._item_depth = 0
        self._item_piece = 0
        self.is_done = False

    def add_text(self, text: str) -> None:
        """Add what stands between tags; a "<" in it begins none."""
        if text and self._open:
            self.pieces.append(text.replace("<", "&lt;").replace("]]>", "]]&gt;"))

    def add_token(self, token: re.Match[str]) -> None:
        """Add a tag or a CDATA section."""
        name = token["name"]
        if name is None:
            if token["cdata_end"]:
                self.pieces.append(token[0])
        elif token["close"]:
            self._leave(name)
        elif token["empty"] or name.lower() in _VOID:
            self.pieces.append(f"<{name}{_attributes(token['rest'])}/>")
        else:
            self._enter(name, f"<{name}{_attributes(token['rest'])}>")

    def conclude(self) -> Shaped:
        """Return the text of a document that ended before its root did."""
        if self._item is None:
            problem = "The document's end is missing; all of its items are whole." if self._open else None
            self._close_to(0)
            return Shaped("".join(self.pieces), problem)
        del self.pieces[self._item_piece :]
        del self._open[self._item_depth :]
        self._close_to(0)
        problem = "The document ends in the middle of an item; that item was left out."
        return Shaped("".join(self.pieces), problem)

    def _enter(self, name: str, tag: str) -> None:
        if name == self._item:
            self._close_to(self._item_depth)  # its end tag is missing: items do not nest
        if self._item is None and _local(name) in _ITEMS:
            self._item, self._item_depth, self._item_piece = name, len(self._open), len(self.pieces)
        self.pieces.append(tag)
        self._open.append(name)
        if len(self._open) > MAX_DEPTH:
            reason = f"The document is nested more than {MAX_DEPTH} elements deep."
            raise FeedFormatError(self._url, ErrorClass.PARSE, reason)

    def _leave(self, name: str) -> None:
        depth = self._depth_of(name)
        if depth is not None:
            self._close_to(depth)
            self.is_done = not self._open

    def _depth_of(self, name: str) -> int | None:
        """Return where the element that an end tag closes is open, if it is; case may differ."""
        if name in self._open:
            return len(self._open) - 1 - self._open[::-1].index(name)
        lowered = [opened.lower() for opened in self._open]
        return len(lowered) - 1 - lowered[::-1].index(name.lower()) if name.lower() in lowered else None

    def _close_to(self, depth: int) -> None:
        """Close the elements that are open at this depth and below."""
        while len(self._open) > depth:
            self.pieces.append(f"</{self._open.pop()}>")
        if depth <= self._item_depth:
            self._item = None


def _attributes(text: str) -> str:
    """Return a tag's attributes, each once and in quotes."""
    found: dict[str, str] = {}
    for name, value in _ATTRIBUTE.findall(text):
        found.setdefault(name, value if value[0] in "\"'" else f'"{value}"')
    return "".join(f" {name}={value}" for name, value in found.items())


def _local(name: str) -> str:
    return name.rpartition(":")[2].lower()

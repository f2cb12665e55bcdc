"""Balances the tags of malformed XML, so that every parser reads it alike.

Part of `guard`, for text that is not well-formed. Recovering parsers guess differently: to libxml2 a stray
`</b>` closes the title, and what follows falls out of the item. A truncated download leaves half an item
at the end, which they would return as complete.
"""

import re
from dataclasses import dataclass

from tasks.errors import ErrorClass, FeedFormatError

MAX_DEPTH = 200  # feedparser needs 10 s for a document of 100,000 levels; no feed has 50

_TOKEN = re.compile(
    r"<!\[CDATA\[.*?(?:(?P<cdata_end>\]\]>)|\Z)"
    r"|<!--.*?(?:-->|\Z)"
    r"|<\?[^<>]*\?>"
    r"|<(?P<close>/?)(?P<name>[^\W\d][\w.:-]*)(?=[\s/>])"
    r"""(?P<rest>(?:[^<>"']|"[^"<]*"|'[^'<]*')*?)(?P<empty>/?)>""",
    re.S,
)
_ATTRIBUTE = re.compile(r"""([^\W\d][\w:.-]*)\s*=\s*("[^"]*"|'[^']*'|[^\s"'<>]+)""")
_ITEMS = frozenset({"item", "entry", "url", "sitemap"})
_VOID = frozenset({"br", "img", "hr", "wbr", "input"})  # HTML that careless feeds do not escape


@dataclass(frozen=True, slots=True)
class BalancedText:
    """A text whose tags are balanced, and what was lost at its end."""

    text: str
    problem: str | None = None  # a sentence


def balance_tags(text: str, url: str) -> BalancedText:
    """Return the text with each start tag closed and stray end tags removed, without a truncated last item.

    Comments and processing instructions are dropped. Raises FeedFormatError when it is nested more
    than 200 deep.
    """
    balancer = _TagBalancer(url)
    position = 0
    for token in _TOKEN.finditer(text):
        balancer.add_text(text[position : token.start()])
        position = token.end()
        balancer.add_token(token)
        if balancer.is_done:
            return BalancedText("".join(balancer.pieces))  # what follows the root is not part of the document
    return balancer.conclude()


class _TagBalancer:
    """The pieces of the new text, the open elements, and the start of the last item."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.pieces: list[str] = []
        self._open: list[str] = []
        self._item: str | None = None  # name of the item that is open
        self._item_depth = 0
        self._item_piece = 0
        self.is_done = False

    def add_text(self, text: str) -> None:
        """Add what stands between tags; a "<" in it starts no tag."""
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

    def conclude(self) -> BalancedText:
        """Return the text of a document whose root is not closed."""
        if self._item is None:
            problem = "The end of the document is missing; its items are complete." if self._open else None
            self._close_to(0)
            return BalancedText("".join(self.pieces), problem)
        del self.pieces[self._item_piece :]
        del self._open[self._item_depth :]
        self._close_to(0)
        problem = "The document ends inside an item; that item is skipped."
        return BalancedText("".join(self.pieces), problem)

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
        """Return the depth of the open element that an end tag closes; None without one. Case may differ."""
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
    attributes: dict[str, str] = {}
    for name, value in _ATTRIBUTE.findall(text):
        attributes.setdefault(name, value if value[0] in "\"'" else f'"{value}"')
    return "".join(f" {name}={value}" for name, value in attributes.items())


def _local(name: str) -> str:
    return name.rpartition(":")[2].lower()

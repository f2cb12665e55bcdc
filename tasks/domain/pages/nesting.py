"""Markup nested too deeply, made flat. Before the readers of a page, whose time grows with its depth.

libxml2 stops reading at 2,048 levels, and every ancestor of a text is visited by several readers: 500 nested
tables take a second, 2,000 take twenty. News pages have fewer than 50 levels.
"""

import re

from lxml.etree import XPath
from lxml.html import HtmlElement

_MAX_LEVELS = 200  # of a tree that is read as it is
_MAX_OPEN = 100  # elements around a text in a page that is made flat
_HAS_MORE_LEVELS = XPath(f"boolean({'/*' * (_MAX_LEVELS + 1)})")
_TAG = re.compile(r"<(/?)([A-Za-z][^\s<>/]*)[^<>]*>")
# Elements that are empty, or that the next of their kind ends: they do not nest by themselves.
_FLAT_NAMES = (
    "html head body p li dt dd tr td th thead tbody tfoot option optgroup area base br col embed hr img input"
    " link meta param source track wbr"
)
_INLINE_NAMES = "a abbr b big bdi bdo cite code em font i ins mark q s small span strike strong sub sup u"
_FLAT, _INLINE = frozenset(_FLAT_NAMES.split()), frozenset(_INLINE_NAMES.split())


def is_too_deep(root: HtmlElement) -> bool:
    """Say whether a tree has more than 200 levels."""
    return bool(_HAS_MORE_LEVELS(root))


def flattened(text: str) -> str:
    """Return a page without the tags of elements that have more than 100 open elements around them."""
    n_open = 0

    def kept(tag: re.Match[str]) -> str:
        nonlocal n_open
        is_end, name = tag.group(1), tag.group(2).lower()
        if name in _FLAT or tag.group().endswith("/>"):
            return tag.group()
        if not is_end:
            n_open += 1
        is_inner = n_open > _MAX_OPEN
        if is_end:
            n_open = max(0, n_open - 1)
        if not is_inner:
            return tag.group()
        return "" if name in _INLINE else " "

    return _TAG.sub(kept, text)

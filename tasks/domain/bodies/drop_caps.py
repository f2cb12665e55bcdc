"""Drop caps (`<span class="dropcap">T</span> he`) joined to their word again, in place."""

import re
from functools import lru_cache

from lxml.html import HtmlElement

_NAMED = re.compile(
    r"(?:^|[\s_-])(?:drop-?caps?|initial(?:-?letter)?|first-?letter|lettrine)(?:$|[\s_-])", re.IGNORECASE
)
_LONGEST = 3  # characters: a quotation mark may stand before the letter


@lru_cache(maxsize=20_000)
def names_drop_cap(classes: str) -> bool:
    """Say whether an element's class names mark a drop cap."""
    return _NAMED.search(classes) is not None


def join_drop_cap(element: HtmlElement) -> None:
    """Join a drop cap to the word that follows it; longer texts stay as they are."""
    letter = "".join(element.itertext()).strip()
    parent = element.getparent()
    if parent is None or not letter or len(letter) > _LONGEST or not letter[-1].isalpha():
        return
    following = element.getnext()
    if (element.tail or "").strip():
        rest = f"{letter}{(element.tail or '').lstrip()}"
    elif following is not None and (following.text or "").strip():
        following.text, rest = f"{letter}{(following.text or '').lstrip()}", ""
    else:
        return
    previous = element.getprevious()
    if previous is not None:
        previous.tail = f"{previous.tail or ''}{rest}"
    else:
        parent.text = f"{parent.text or ''}{rest}"
    parent.remove(element)

"""Blocks of the tree that point to other articles: `Read also` lines, `More from us` boxes, lists of links.

Works in place on the pruned tree, where links and text are still distinct.
"""

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

from lxml.etree import iterwalk
from lxml.html import HtmlElement

from tasks.domain.pages.lines import inner_text
from tasks.domain.pages.paragraphs import paragraph_length
from tasks.domain.text.normalise import squeeze
from tasks.domain.text.patterns import ALSO_READ

_LABEL_TAGS = ("h2", "h3", "h4", "h5", "h6", "p", "strong", "b", "span", "div", "li", "summary", "em")
_HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})
_LABEL = 60  # characters
_POINTER = 260
_BOX = 2500
_PROSE = 400  # characters: a box with a longer paragraph is a story of its own
_LINKED = 0.6
_TEASER = 300  # characters: a headline and a sentence
_LEAST_OF_TEASER = 0.15  # of its text that is a link
_WHOLE = 0.95
_MOST_TEASERS = 3  # within a text; with more they are a list that is the text
_BLOCKS = frozenset({"div", "aside", "section", "article"})
_MAX_SIBLINGS = 8
_CACHED = 2_000  # texts: the pages of a site have the same menus


def drop_pointers(root: HtmlElement) -> None:
    """Take pointers to other articles out of the tree."""
    for element in list(root.iter(*_LABEL_TAGS)):
        if len(element) > 4 or element.getparent() is None or _is_long(element):
            continue
        text = _text_up_to(element, _POINTER)
        if text and (end := _label_end(text)):
            _drop_pointer(element, text, end)
    for element in list(root.iter("ul", "ol")):
        if element.getparent() is not None and _is_link_list(element):
            drop_element(element)
    boxes = list(dict.fromkeys(_teaser_boxes(root)))
    for box in boxes if len(boxes) <= _MOST_TEASERS else ():
        drop_element(box)


def _teaser_boxes(root: HtmlElement) -> Iterator[HtmlElement]:
    """Yield the short boxes between two paragraphs that are headed by the link to another article."""
    n_paragraphs = Counter(paragraph.getparent() for paragraph in root.iter("p"))
    texts = {parent for parent, n in n_paragraphs.items() if n > 1}
    for heading in root.iter(*_HEADINGS):
        if texts.isdisjoint(heading.iterancestors()):  # spares the search for links and the sizes of boxes
            continue
        parent = heading.getparent()
        is_link = parent is not None and parent.tag == "a"
        if not is_link and (heading.find(".//a") is None or linked_share(heading) < _WHOLE):
            continue
        box = None
        for ancestor in heading.iterancestors(*_BLOCKS):
            if not _text_up_to(ancestor, _TEASER):
                break
            box = ancestor
        if box is not None and _is_between_paragraphs(box):
            yield box


def _is_between_paragraphs(element: HtmlElement) -> bool:
    """Say whether an element stands between two paragraphs of a text, alone in a wrapper or not."""
    parent = element.getparent()
    while parent is not None and len(parent) == 1 and not (parent.text or "").strip():
        element, parent = parent, parent.getparent()
    before, after = element.itersiblings("p", preceding=True), element.itersiblings("p")
    return any(map(paragraph_length, before)) and any(map(paragraph_length, after))


@lru_cache(maxsize=_CACHED)
def _label_end(text: str) -> int:
    """Return where the label of a pointer ends that a text begins with; 0 without one."""
    found = ALSO_READ.match(text)
    return found.end() if found else 0


def _is_long(element: HtmlElement) -> bool:
    """Say whether an element cannot be a label or a pointer: a cheap test that most elements fail."""
    text = element.text or ""
    if len(element) == 0:
        return not text or len(text) > 2 * _LABEL
    if not text or text.isspace():  # its words are in its first child, which is examined on its own
        return element.tag in ("div", "span") and element[0].tag != "a"
    return len(text) > _LABEL and element.find(".//a") is None


def _drop_pointer(element: HtmlElement, text: str, end: int) -> None:
    rest = text[end:].strip(" \t:：.!…)»>→-–—|")
    if len(text) <= _LABEL and (not rest or element.tag in _HEADINGS):
        _drop_label(element, text, is_bare=not rest)
        return
    least = _LINKED * len(rest) / len(text)
    if rest and element.find(".//a") is not None and linked_share(element) >= least:
        drop_element(element)


def _drop_label(element: HtmlElement, text: str, *, is_bare: bool) -> None:
    """Drop a label with the box that it heads, or with the links that follow it.

    A longer label (`More from the capital`) stays where no links follow.
    """
    if (box := _box_of(element, text)) is not None:
        drop_element(box)
        return
    parent = element.getparent()
    if element.getnext() is None and parent is not None and squeeze(parent.text_content()) == text:
        element = parent
    links = []
    for sibling in islice(element.itersiblings(), _MAX_SIBLINGS):
        if linked_share(sibling) < _LINKED:
            break
        links.append(sibling)
    if is_bare or links:
        for doomed in (*links, element):
            drop_element(doomed)


def _box_of(element: HtmlElement, text: str) -> HtmlElement | None:
    """Return the largest block that a label heads and that is mostly links."""
    box = None
    for ancestor in element.iterancestors():
        if ancestor.tag in ("body", "html", "main", "article"):
            break
        whole = _text_up_to(ancestor, _BOX)
        if not whole.startswith(text) or not _is_box(ancestor, whole):
            break
        box = ancestor
    return box


def _is_box(element: HtmlElement, whole: str) -> bool:
    if len(whole) >= _BOX or linked_share(element) < (_LEAST_OF_TEASER if len(whole) < _TEASER else 0.3):
        return False
    if len(inner_text(element)) < _PROSE:  # spares the search for a long paragraph
        return True
    return _longest_stretch(element) <= _PROSE and all(
        paragraph_length(p) < _PROSE for p in element.iter("p")
    )


def _longest_stretch(element: HtmlElement) -> int:
    """Return the longest text between two links, in characters: between teasers it is short."""
    longest = length = 0
    for event, node in iterwalk(element, events=("start", "end")):
        if node.tag == "a":
            length = 0
        elif event == "start" and (text := node.text):
            length += len(text.strip())
        if event == "end" and node is not element and (tail := node.tail):
            length += len(tail.strip())
        if length > longest:
            longest = length
    return longest


def _is_link_list(element: HtmlElement) -> bool:
    items = [child for child in element if child.tag == "li"]
    if len(items) < 2:
        return False
    length = sum(len(squeeze(inner_text(item))) for item in items)
    return length >= 30 * len(items) and linked_share(element) >= 0.75


def linked_share(element: HtmlElement) -> float:
    """Return the share of an element's text that is links, 0 to 1."""
    length = len(inner_text(element).strip())
    if not length:
        return 0.0
    if element.tag == "a":
        return 1.0
    return sum(len(inner_text(link).strip()) for link in element.iter("a")) / length


def _text_up_to(element: HtmlElement, limit: int) -> str:
    """Return the element's text; empty when it is longer than `limit`."""
    if len(element) == 0:
        text = element.text or ""
        return squeeze(text) if len(text) <= limit or len(text.strip()) <= limit else ""
    if len(text := inner_text(element)) <= limit:
        return squeeze(text)
    pieces: list[str] = []
    length = 0
    for piece in element.itertext():
        pieces.append(piece)
        length += len(piece.strip())
        if length > limit:
            return ""
    return squeeze("".join(pieces))


def drop_element(element: HtmlElement) -> None:
    """Remove an element, keeping its tail."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        previous = element.getprevious()
        if previous is not None:
            previous.tail = (previous.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)

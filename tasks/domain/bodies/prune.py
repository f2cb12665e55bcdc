"""The page's tree without its boilerplate: what remains is read for the article's text.

Works in place, after all other readers of the tree. Boilerplate is recognised by tag, by hidden state
and by the words in class and id; a block that holds the article itself (a large part of the page's
paragraphs, or its headline) stays whatever its name.
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from lxml.etree import strip_elements
from lxml.html import HtmlElement

from tasks.domain.bodies.boilerplate_names import (
    names_ad_slot,
    names_boilerplate,
    names_comments,
    names_hidden,
)
from tasks.domain.bodies.drop_caps import join_drop_cap, names_drop_cap
from tasks.domain.bodies.layout_tables import unfold_layout_tables
from tasks.domain.bodies.line_kinds import ends_sentence
from tasks.domain.bodies.pointers import drop_element, drop_pointers
from tasks.domain.pages.lines import inner_text
from tasks.domain.pages.paragraphs import paragraph_length, paragraphs_length
from tasks.domain.text.normalise import comparison_key, squeeze, word_set

# Never text of an article.
_DROPPED_TAGS = word_set(
    "script style template iframe svg canvas object embed audio video map nav select"
    " option button input textarea fieldset dialog menu datalist progress meter link source track noindex"
    " figcaption amp-ad amp-iframe gpt-ad"
)
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_BLOCKS = word_set(
    "div section aside ul ol dl p figure blockquote table header footer h2 h3 h4 h5 h6 form details li"
    " article center noscript"
)
_INLINE = word_set("span a em strong small cite label b i")
_MISNESTED_TAGS = ("button", "nav", "figcaption", "fieldset", "dialog", "menu", "noindex", "audio", "video")
_HEADED_BY_BUTTON = frozenset({"summary", "h1", "h2", "h3", "h4", "h5", "h6"})
_COMMENT_TAGS = ("div", "section", "ul", "ol", "aside", "article")
_ROLES = ("navigation", "complementary", "banner", "dialog")
_LINKED_PARAGRAPH = 120  # characters
_HALF = 0.5  # of the page's paragraph text
_MOST = 0.35  # of the page's paragraph text: a block with more is part of the article
_LEAST_TEXT = 60  # characters of paragraphs that remain without the readers' comments
_SIGN_UP = 320  # characters of the box around a form
_MOST_FIELDS = 50
_SLOT_TEXT = 250  # characters of paragraphs
_LEFT = 0.2  # of the page's paragraph text: pruning that leaves less is undone


def prune_boilerplate(root: HtmlElement) -> None:
    """Remove everything that is certainly not the article's text, in place; tails stay."""
    _keep_misnested_text(root)
    forms = frozenset(_sign_up_boxes(root))
    strip_elements(root, *_DROPPED_TAGS, with_tail=False)
    unfold_layout_tables(root)
    elements = list(root.iter("h1", *_BLOCKS, *_INLINE))
    headed = {block for h1 in elements if h1.tag == "h1" for block in h1.iterancestors()}
    total = sum(paragraph_length(element) for element in elements if element.tag == "p") or 1
    doomed: list[HtmlElement] = []
    initials: list[HtmlElement] = []
    lost = 0
    for element in elements:
        if element.tag not in _BLOCKS or not (element in forms or is_boilerplate(element)):
            continue
        length = _held_length(element)
        if _is_unclosed_slot(element, length):
            element.attrib.pop("class", None)  # trafilatura drops blocks by this name, too
        elif length <= _MOST * total and element not in headed:
            doomed.append(element)
            lost += length
        elif element.tag == "noscript":
            element.tag = "div"
    for element in elements:
        classes = element.get("class") if element.tag in _INLINE else None
        if classes and names_hidden(classes):
            doomed.append(element)
        elif classes and names_drop_cap(classes):
            initials.append(element)
    if total - lost >= _LEFT * total:
        for element in doomed:
            drop_element(element)
    for element in initials:
        join_drop_cap(element)
    _drop_comments(root)
    drop_pointers(root)
    _unlink_paragraphs(root)


def _keep_misnested_text(root: HtmlElement) -> None:
    """Rename elements that are dropped by their tag where they hold the article's text, in place.

    A `nav`, `button` or `figcaption` that was not closed holds most of the page's paragraphs; the button
    of a `summary` or heading is its text.
    """
    elements = list(root.iter(*_MISNESTED_TAGS))
    held = list(map(_held_length, elements))
    total = paragraphs_length(root) if any(held) else 0
    for element, length in zip(elements, held, strict=True):
        if length > _HALF * total:
            element.tag = "div"
        elif element.tag == "button":
            parent = element.getparent()
            if parent is not None and parent.tag in _HEADED_BY_BUTTON:
                element.tag = "span"


def _sign_up_boxes(root: HtmlElement) -> Iterator[HtmlElement]:
    """Yield the boxes around the fields for an e-mail address: forms with the words that advertise them."""
    for field in islice(root.iter("input"), _MOST_FIELDS):
        names = f"{field.get('type') or ''} {field.get('name') or ''} {field.get('id') or ''}".lower()
        if "mail" not in names or "hidden" in names:
            continue
        box = None
        for parent in field.iterancestors():
            if parent.tag not in _BLOCKS or parent.tag == "article" or not _is_short(parent):
                break
            box = parent
        if box is not None:
            yield box


def _is_short(element: HtmlElement) -> bool:
    return len(squeeze(inner_text(element))) <= _SIGN_UP and element.find(".//h1") is None


def _unlink_paragraphs(root: HtmlElement) -> None:
    """Rename links that are whole paragraphs of a text, in place: readings drop what is only a link.

    Such a link ends a sentence and stands among at least two paragraphs of plain text.
    """
    links = list(filter(_is_paragraph, root.iter("a")))
    if not links:
        return
    n_plain = Counter(
        paragraph.getparent()
        for paragraph in root.iter("p")
        if paragraph_length(paragraph) and paragraph.find(".//a") is None
    )
    for link in links:
        if n_plain[link.getparent().getparent()] >= 2:
            link.tag = "span"


def _is_paragraph(link: HtmlElement) -> bool:
    """Say whether a link stands in a `p` and is as long as a paragraph, and ends as one."""
    parent = link.getparent()
    if parent is None or parent.tag != "p":
        return False
    text = squeeze(inner_text(link))
    return len(text) >= _LINKED_PARAGRAPH and ends_sentence(text)


def _drop_comments(root: HtmlElement) -> None:
    """Remove readers' comments: on a short page they may be longer than the article."""
    parts = [element for element in root.iter(*_COMMENT_TAGS) if _holds_comments(element)]
    total = paragraphs_length(root) if parts else 0
    for part in parts:
        if total - _held_length(part) >= _LEAST_TEXT and part.find(".//h1") is None:
            drop_element(part)


def _holds_comments(element: HtmlElement) -> bool:
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    return len(names) > 1 and names_comments(names)


def is_boilerplate(element: HtmlElement) -> bool:
    """Say whether a block's class, id, role or hidden state marks it as boilerplate."""
    attributes = element.attrib
    if element.tag == "noscript":
        return True
    if not attributes:
        return False
    names = f"{attributes.get('class', '')} {attributes.get('id', '')}"
    if len(names) > 1 and names_boilerplate(names) and not _is_anchored_heading(element):
        return True
    style = attributes.get("style")
    if style and _HIDDEN_STYLE.search(style):
        return True
    return "hidden" in attributes or attributes.get("role") in _ROLES


def _is_unclosed_slot(element: HtmlElement, length: int) -> bool:
    """Say whether the place of an advertisement holds text: it was not closed, and the article goes on in it.

    `length` is that of its paragraphs; the page itself has no words of an advertisement.
    """
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    return length >= _SLOT_TEXT and names_ad_slot(names)


def _is_anchored_heading(element: HtmlElement) -> bool:
    """Say whether a heading is named only by an id made of its own words (`<h2 id="key-facts">Key facts`)."""
    if element.tag not in _HEADED_BY_BUTTON or names_boilerplate(element.get("class") or ""):
        return False
    return comparison_key(element.get("id")) == comparison_key("".join(element.itertext()))


def _held_length(element: HtmlElement) -> int:
    return sum(paragraph_length(p) for p in element.iter("p"))

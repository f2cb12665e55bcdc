"""Where a date stands that is not this article's: in lists of other articles, captions, the masthead.

Used by `visible` and `signals`.
"""

import re
from itertools import islice

from lxml.html import HtmlElement

from tasks.domain.pages.lines import inner_text
from tasks.domain.text.normalise import comparison_key, squeeze

_TEASER_LEVELS = 4
_TEASER_HEADINGS = 3
_LEAST_TITLE = 15  # characters
_PROSE_CHARS = 100
_SENTENCE_CHARS = 50
# Characters of a link to another article, by the element around it: a paragraph also links its author.
_LEAST_CHARS = {"li": 15, "tr": 25, "dd": 15, "p": 25}
_ENTRY_CHARS = 600
_CAPTION_CLASS = re.compile(r"caption|credit|copyright|foto|photo|bild|audio|video|image", re.IGNORECASE)
_ARTICLE_CLASS = re.compile(r"(?<![a-z])(?:article|post|entry|story|content)(?![a-z])", re.IGNORECASE)
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})


def is_prose(text: str) -> bool:
    """Say whether a line is a sentence of the text, not a label or a date line."""
    if len(text) >= _PROSE_CHARS or (len(text) >= _PROSE_CHARS / 3 and text[-1] in "。！？"):
        return True
    return len(text) >= _SENTENCE_CHARS and text[-1] in ".!?"


def is_of_another(element: HtmlElement, *, is_bare: bool) -> bool:
    """Say whether a date belongs to a link to another article, or to a caption.

    A link that is nothing but a date (`is_bare`) leads to that day's archive.
    """
    for _ in range(4):
        if (element.tag == "a" and not is_bare) or element.tag in ("figcaption", "figure"):
            return True
        if _CAPTION_CLASS.search(element.get("class") or ""):
            return True
        parent = element.getparent()
        if parent is None:
            return False
        element = parent
    return False


def is_in_list(element: HtmlElement) -> bool:
    """Say whether an element stands in an entry of a list of articles: beside or inside a headline's link."""
    for depth, parent in enumerate([element, *element.iterancestors()]):
        if depth > 4 or parent.tag in ("article", "main", "body"):
            return False
        if parent.tag == "a" and any(child.tag in HEADINGS for child in parent.iter()):
            return True
        if parent.tag in _LEAST_CHARS and _has_headline_link(parent, _LEAST_CHARS[parent.tag]):
            return True
        if parent.tag in ("li", "tr"):
            return False
    return False


def is_in_teaser(element: HtmlElement, own_titles: str) -> bool:
    """Say whether the nearest block with a linked heading around an element is another article's.

    `own_titles` are the comparison keys of the page's own titles, in one text.
    """
    for parent in islice(element.iterancestors(), _TEASER_LEVELS):
        if parent.tag in ("main", "body", "td"):
            return False
        for heading in islice(parent.iter(*HEADINGS), _TEASER_HEADINGS):
            if heading.tag == "h1":
                return False
            key = comparison_key(heading.text_content()[:300])
            if _is_linked(heading) and len(key) >= _LEAST_TITLE:
                return key not in own_titles
    return False


def is_in_own_entry(element: HtmlElement, own_titles: str) -> bool:
    """Say whether an element stands beside this article's headline in a list of articles ("More news").

    `own_titles` as for `is_in_teaser`.
    """
    for parent in islice((element, *element.iterancestors()), _TEASER_LEVELS):
        headings = list(islice(parent.iter(*HEADINGS), 2))
        if headings:
            key = comparison_key(headings[0].text_content()[:300])
            is_only = len(headings) == 1 and headings[0].tag != "h1"
            return is_only and len(key) >= _LEAST_TITLE and key in own_titles.split(" | ")
        if parent.tag in _LEAST_CHARS:  # an entry of its own
            return False
    return False


def _is_linked(heading: HtmlElement) -> bool:
    parent = heading.getparent()
    return next(heading.iter("a"), None) is not None or (parent is not None and parent.tag == "a")


def _has_headline_link(parent: HtmlElement, least: int) -> bool:
    # A whole section, or the row of an old layout, and not one entry.
    if len(parent) > 12 or len(inner_text(parent)) > _ENTRY_CHARS:
        return False
    links = (link for link in parent.iter("a") if not _is_in_headline(link))
    return any(len(squeeze(link.text_content()[:200])) >= least for link in links)


def _is_in_headline(link: HtmlElement) -> bool:
    return any(parent.tag in ("h1", "h2") for parent in link.iterancestors())


def is_outside_article(element: HtmlElement, headline: HtmlElement) -> bool:
    """Say whether an element stands outside the part of the page that holds headline and text."""
    part = next((parent for parent in headline.iterancestors() if _is_article(parent)), None)
    return (
        part is not None
        and part is not element
        and all(parent is not part for parent in element.iterancestors())
    )


def _is_article(element: HtmlElement) -> bool:
    if element.tag in ("article", "main"):
        return True
    return element.tag in ("div", "section") and bool(_ARTICLE_CLASS.search(element.get("class") or ""))

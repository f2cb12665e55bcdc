"""trafilatura's reading of a tree: its main extractor, or its whole cascade in case of doubt.

`bare_extraction` copies and measures the page several times for cases that pruning has handled
(comments, appended articles). The main extractor alone gave the same text on 114 of 120 real pages in
60 % of the time (bench/extraction.py); the other six were short and get the cascade with its fallbacks.
"""

from copy import copy

from lxml.html import HtmlElement
from trafilatura.htmlprocessing import convert_tags, tree_cleaning
from trafilatura.settings import Document, Extractor
from trafilatura.xml import xmltotxt

from tasks.domain.bodies.attribute_rules import load_cascade, load_extractor
from tasks.domain.pages.lines import inner_text

_OPTIONS = Extractor(comments=False, fast=True)
_EXTRACTOR = load_extractor()
_CASCADE = load_cascade(_EXTRACTOR)
SHORT = 250  # characters: trafilatura's own limit for a text that needs a fallback
_WITH_BREAKS = ("code", "quote")  # of `pre`
_SMALL = 3000
_SMALL_SHARE = 0.2  # of the page's text


def read_main_text(root: HtmlElement) -> str:
    """Return the page's main text, one paragraph a line; the tree is not changed."""
    tree = convert_tags(tree_cleaning(copy(root), _OPTIONS), _OPTIONS, None)
    content = _EXTRACTOR.extract_content(tree, _OPTIONS)[0]
    # The page does not show the line breaks of the source.
    for element in content.iter():
        if (text := element.text) and "\n" in text and element.tag not in _WITH_BREAKS:
            element.text = text.replace("\n", " ")
        if (tail := element.tail) and "\n" in tail:
            element.tail = tail.replace("\n", " ")
    return xmltotxt(content, include_formatting=False)


def is_doubtful(text: str, root: HtmlElement) -> bool:
    """Say whether a reading is so short, absolutely or beside its page, that it may have missed the text."""
    return len(text) < SHORT or (len(text) < _SMALL and len(text) < _SMALL_SHARE * _page_length(root))


def read_cascade(root: HtmlElement) -> str:
    """Return the text that trafilatura's cascade with readability and jusText finds."""
    document = _CASCADE.bare_extraction(root, with_metadata=False, include_comments=False)
    return document.text or "" if isinstance(document, Document) else ""


def _page_length(root: HtmlElement) -> int:
    return len(" ".join(inner_text(root).split()))

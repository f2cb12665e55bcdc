"""The article's text: trafilatura's reading of the tree, then our own rules over its lines."""

from copy import deepcopy

from lxml.html import HtmlElement
from trafilatura import bare_extraction
from trafilatura.settings import Document


def read_body(root: HtmlElement) -> str:
    """Return the page's main text, paragraphs joined by newlines; empty when there is none."""
    document = bare_extraction(deepcopy(root), with_metadata=False, include_comments=False, fast=True)
    return document.text or "" if isinstance(document, Document) else ""

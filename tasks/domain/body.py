"""The article's text: the tree pruned, trafilatura's reading, a second one on doubt, lines cleaned.

Destroys the tree that it is given: it is the last reader of a page.
"""

import re
from dataclasses import dataclass

from lxml.html import HtmlElement
from trafilatura import bare_extraction
from trafilatura.settings import Document

from tasks.domain.body_groups import gather_paragraphs, paragraphs_length
from tasks.domain.body_lines import LineContext, clean_lines
from tasks.domain.body_tree import prune_furniture
from tasks.domain.json_ld import Node
from tasks.domain.source_rules import select_first
from tasks.domain.text_lines import lines_of
from tasks.domain.words import squeeze

_DOUBTFUL = 0.9  # of the paragraphs' text: a reading with less may have lost a part
_SHORT = 250


@dataclass(frozen=True, slots=True)
class BodyHints:
    """What is known of the article before its text is read."""

    titles: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    credits: tuple[str, ...] = ()  # whole lines that name a source
    strip: tuple[re.Pattern[str], ...] = ()
    selector: str | None = None  # the source's own, for the element that holds the text
    json_ld: tuple[Node, ...] = ()


def read_body(root: HtmlElement, hints: BodyHints) -> str:
    """Return the page's main text, one paragraph a line; empty when there is none."""
    chosen = select_first(root, hints.selector)
    prune_furniture(root)
    text = _of_element(chosen) if chosen is not None else ""
    if not text:
        text = _read_page(root)
    return clean_lines(text, LineContext(hints.titles, hints.authors, hints.credits, hints.strip))


def _of_element(element: HtmlElement) -> str:
    return "\n".join(lines_of(element))


def _read_page(root: HtmlElement) -> str:
    total = paragraphs_length(root)
    text = _trafilatura(root)
    if len(text) < _DOUBTFUL * total or len(text) < _SHORT:
        text = _second_opinion(root, text)
    return text


def _trafilatura(root: HtmlElement, *, fast: bool = True) -> str:
    document = bare_extraction(root, with_metadata=False, include_comments=False, fast=fast)
    return document.text or "" if isinstance(document, Document) else ""


def _second_opinion(root: HtmlElement, text: str) -> str:
    """Return the gathered paragraphs where they hold this text and more, else the text."""
    first = [squeeze(line).removeprefix("- ") for line in text.split("\n")]
    known = "\n".join(first) if len(text) > _SHORT else ""
    lines = gather_paragraphs(root, known)
    gathered = [line.removeprefix("- ") for line in lines]
    missed = sum(map(len, set(gathered).difference(first)))
    lost = sum(map(len, set(first).difference(gathered)))
    total = sum(map(len, gathered))
    if total <= max(_SHORT, len(text)) or missed < 0.15 * total:
        return text
    return "\n".join(lines) if not known or lost < 0.4 * len(text) else text

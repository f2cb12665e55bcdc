"""The selectors and patterns of `[source.article]` applied to a page.

A selector that matches nothing is not an error: the generic rules apply.
"""

import re
from functools import lru_cache

from lxml.cssselect import CSSSelector
from lxml.html import HtmlElement

from tasks.domain.text.normalise import squeeze
from warehouse.records.source import ArticleRules


@lru_cache(maxsize=2_000)
def _selector(css: str) -> CSSSelector | None:
    try:
        return CSSSelector(css, translator="html")
    except Exception:  # cssselect has several error classes; sources.toml was checked before
        return None


def select_first(root: HtmlElement, css: str | None) -> HtmlElement | None:
    """Return the first element that a selector matches; None without a selector or a match."""
    elements = select_all(root, css)
    return elements[0] if elements else None


def select_all(root: HtmlElement, css: str | None) -> list[HtmlElement]:
    """Return the elements that a selector matches, in page order."""
    selector = _selector(css) if css else None
    return [element for element in selector(root) if isinstance(element, HtmlElement)] if selector else []


def select_text(root: HtmlElement, css: str | None) -> str | None:
    """Return the text of the first match: its datetime or content attribute, else its words."""
    element = select_first(root, css)
    if element is None:
        return None
    return element.get("datetime") or element.get("content") or squeeze(element.text_content()) or None


@lru_cache(maxsize=500)
def strip_patterns(rules: ArticleRules) -> tuple[re.Pattern[str], ...]:
    """Return the source's patterns of lines to strip from its articles."""
    return tuple(re.compile(pattern) for pattern in rules.strip)

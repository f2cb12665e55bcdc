"""What a source says about its own pages: the selectors and patterns of `[source.article]`.

A selector that finds nothing is no error: generic reading goes on without it.
"""

import re
from functools import lru_cache

from lxml.cssselect import CSSSelector
from lxml.html import HtmlElement

from tasks.domain.text.normalise import squeeze
from warehouse.records import ArticleRules


@lru_cache(maxsize=2_000)
def _selector(css: str) -> CSSSelector | None:
    try:
        return CSSSelector(css, translator="html")
    except Exception:  # cssselect has several error classes; sources.toml was checked before
        return None


def select_first(root: HtmlElement, css: str | None) -> HtmlElement | None:
    """Return the first element that a selector finds; None without selector or find."""
    found = select_all(root, css)
    return found[0] if found else None


def select_all(root: HtmlElement, css: str | None) -> list[HtmlElement]:
    """Return the elements that a selector finds, in page order."""
    selector = _selector(css) if css else None
    return [element for element in selector(root) if isinstance(element, HtmlElement)] if selector else []


def select_text(root: HtmlElement, css: str | None) -> str | None:
    """Return the text that a selector finds: a datetime or content attribute, else the words."""
    element = select_first(root, css)
    if element is None:
        return None
    return element.get("datetime") or element.get("content") or squeeze(element.text_content()) or None


@lru_cache(maxsize=500)
def strip_patterns(rules: ArticleRules) -> tuple[re.Pattern[str], ...]:
    """Return the source's patterns of lines that are no part of its articles."""
    return tuple(re.compile(pattern) for pattern in rules.strip)

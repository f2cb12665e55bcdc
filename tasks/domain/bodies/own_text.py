"""A reading for pages without paragraphs: bare text in a block, separated by `br`.

Old layouts keep the whole article as bare text in a `td` or `div`. The block with most text of its own is
the article.
"""

from lxml.html import HtmlElement

from tasks.domain.pages.lines import lines_of

_BLOCKS = (
    "td",
    "div",
    "section",
    "article",
    "main",
    "center",
    "body",
    "font",
    "span",
    "blockquote",
    "pre",
    "li",
)
_MIN_OWN = 200


def read_own_text(root: HtmlElement) -> list[str]:
    """Return the lines of the block with most text of its own; empty when none has enough."""
    best, length = None, _MIN_OWN
    for element in root.iter(*_BLOCKS):
        own = own_length(element)
        if own > length and _is_prose(element):
            best, length = element, own
    if best is None:
        return []
    while best.tag in ("font", "span") and best.getparent() is not None:
        best = best.getparent()
    return lines_of(best)


def _is_prose(element: HtmlElement) -> bool:
    """Say whether an element's text has words of usual length: encoded data has not."""
    words = element.text_content().split()
    return bool(words) and (
        max(map(len, words)) < 120 or sum(len(word) < 30 for word in words) > 0.9 * len(words) > 9
    )


def own_length(element: HtmlElement) -> int:
    """Return how many characters are in the element itself, with inline markup, without links."""
    length = len((element.text or "").strip())
    for child in element:
        length += len((child.tail or "").strip())
        if child.tag in ("b", "i", "em", "strong", "u", "q", "cite"):
            length += len((child.text or "").strip())
    return length

"""The headline that only the page's text shows: asked for where no h1 names the article.

Old layouts show it as a cell or a bold line; the title tag may hold it beside the site's name.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from lxml.html import HtmlElement

from tasks.domain.bodies.line_kinds import n_wide
from tasks.domain.pages.metadata import PageReading
from tasks.domain.text.normalise import compact_key, comparison_key, squeeze
from tasks.domain.titles.named import Named, n_words
from tasks.domain.titles.shown_headline import find_headline_below_masthead, find_shown_headline

_SEPARATOR = re.compile(r"\s+(?:[|\-–—·•:»«/>›<‹~*]|::)\s+|:\s+|\s*[|｜]\s*")
_HEADS = frozenset(["h2", "h3", "h4", "h5"])
_TITLE_TAGS = ("td", "div", "p", "b", "strong", "span", "font", "big", "dt", "h2", "h3", "h4", "center")
_HEADLINE_WORDS = 4
_SITE_WORDS = 5  # words of a title tag that may be the name of the site, or of its section
_LONGER = 1.5  # times the site's name
_LEAST_PART = 11  # characters; a Chinese, Japanese or Korean one counts as two


def add_shown(reading: PageReading, candidates: list[Named], names: set[str]) -> list[Named]:
    """Return the candidates with the headline that only the page's text shows.

    It is sought where no h1 names the article, or where the h1 may be the site's name (`names` are compact
    keys); then the h1 is no candidate any more.
    """
    heading = next((named for named in candidates if named.origin == "h1"), None)
    if heading is None:
        return [
            *candidates,
            *(_shown_part(reading.root, candidates) or _shown_line(reading, candidates, names)),
        ]
    if any(named.origin in ("json_ld", "feed", "og_title") for named in candidates):
        return candidates
    key = comparison_key(heading.value)
    if rest := _rest_of_tag(reading.root, key, candidates):
        return [*(named for named in candidates if named.origin != "h1"), rest]
    below = find_headline_below_masthead(reading.lines, heading.raw, names)
    if below is None or comparison_key(below) == key:
        return candidates
    others = (named for named in candidates if comparison_key(named.value) != key)
    return [*others, Named(below, "shown_line", below)]


def _rest_of_tag(root: HtmlElement, site: str, candidates: Sequence[Named]) -> Named | None:
    """Return the longer part of a title tag whose other part is the h1, where another heading shows it.

    "Coast diary - Council votes for a ferry": the h1 is the site's name, the headline an h2 or h3.
    """
    tag = next((named for named in candidates if named.origin == "title_tag"), None)
    if tag is None:
        return None
    for cut in _SEPARATOR.finditer(tag.raw):
        before, behind = tag.raw[: cut.start()], tag.raw[cut.end() :]
        for part, other in ((before, behind), (behind, before)):
            if comparison_key(other) != site or len(part) < _LONGER * len(other):
                continue
            texts = (squeeze(heading.text_content()[:500]) for heading in islice(root.iter("h2", "h3"), 20))
            shown = next((text for text in texts if _shows(text, part)), None)
            if shown:
                return Named(part.strip(), "shown", tag.raw)
    return None


def _shows(text: str, part: str) -> bool:
    """Say whether a heading shows a part of the title tag, perhaps behind a mark (`■`)."""
    key = comparison_key(part)
    return bool(key) and comparison_key(text).removeprefix("■ ").strip() == key


def _shown_line(reading: PageReading, candidates: Sequence[Named], names: set[str]) -> list[Named]:
    """Return the line above the text, where the page's head has only a title as short as a site's name."""
    tags = [named for named in candidates if named.origin != "heading"]
    if any(named.origin != "title_tag" or n_words(named.value) > _SITE_WORDS for named in tags):
        return []
    text = find_shown_headline(reading.lines, names, {compact_key(named.value) for named in tags})
    heading = next((named for named in candidates if named.origin == "heading"), None)
    if text is None and heading is not None:
        text = heading.raw if _is_longer_h1(reading.root, heading, tags) else None
    value = next((named.value for named in candidates if named.raw == text), text)
    return [Named(value, "shown_line", text)] if value and text else []


def _is_longer_h1(root: HtmlElement, heading: Named, tags: Sequence[Named]) -> bool:
    """Say whether an h1 that nothing else repeats stands under the site's name alone."""
    length = n_words(heading.value)
    is_longer = length >= _HEADLINE_WORDS and all(length > n_words(tag.value) for tag in tags)
    return is_longer and any(squeeze(h1.text_content()) == heading.raw for h1 in islice(root.iter("h1"), 5))


def _shown_part(root: HtmlElement, candidates: Sequence[Named]) -> list[Named]:
    """Return the longest part of the title tag that a page without h1 shows as a line of its own."""
    tag = next((named for named in candidates if named.origin == "title_tag"), None)
    if tag is None or not (cuts := list(_SEPARATOR.finditer(tag.raw))):
        return []
    starts, ends = [0, *(cut.end() for cut in cuts)], [*(cut.start() for cut in cuts), len(tag.raw)]
    spans = [(i, j) for i in starts for j in ends if 0 < j - i < len(tag.raw)]
    parts = [tag.raw[i:j] for i, j in spans if j - i + n_wide(tag.raw[i:j]) > _LEAST_PART]
    keys = {comparison_key(part): part for part in [*parts, tag.value]}
    shown = {key for text in _block_texts(root) if (key := comparison_key(text)) in keys}
    whole = comparison_key(tag.value)
    best = whole if whole in shown else max(shown, key=lambda key: (len(key), key), default="")
    return [Named(keys[best], "shown", tag.raw)] if best else []


def _block_texts(root: HtmlElement) -> Iterator[str]:
    """Yield the short texts that stand by themselves: of blocks, of links in headings, behind a `br`."""
    yield from map(_own_text, root.iter(*_TITLE_TAGS))
    for link in root.iter("a"):
        parent = link.getparent()
        if parent is not None and parent.tag in _HEADS:
            yield _own_text(link)
    for br in root.iter("br"):
        yield squeeze(br.tail)


def _own_text(element: HtmlElement) -> str:
    text = element.text or ""
    return squeeze(text) if 5 < len(text) < 400 else ""

"""The headline: every place that names one, then the order of the places; after the page's head is read.

A page's JSON-LD, its h1, `og:title` and title tag mostly hold the same headline in different forms: with the
site's name at the end, with the kicker in front, shortened for social media. Where they differ, the order of
the places decides; a vote among them was better on the pages that it was weighed on and worse on all others
(docs/decisions/titles.md).
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from lxml.html import HtmlElement

from tasks.domain.bodies.line_kinds import is_date_line
from tasks.domain.pages.json_ld import Node, node_text
from tasks.domain.pages.metadata import PageReading
from tasks.domain.text.normalise import compact_key, comparison_key, squeeze
from tasks.domain.text.vocabulary import read_words
from tasks.domain.titles.headings import Heading, read_headings
from tasks.domain.titles.named import Named
from tasks.domain.titles.shown_title import add_shown
from tasks.domain.titles.site_names import SEPARATOR, strip_site

# From the surest place to the loosest. `h1` is a heading that a machine title repeats, `heading` one that
# none does, `shown` a part of the title tag that the page shows as a line of its own.
ORDER = (
    "selector",
    "json_ld",
    "h1",
    "shown",
    "feed",
    "heading",
    "og_title",
    "itemprop",
    "twitter_title",
    "shown_line",
    "title_tag",
    "short_heading",
)
_MACHINE = frozenset(["json_ld", "og_title", "twitter_title", "itemprop", "feed"])
_SOCIAL = frozenset(["og_title", "twitter_title"])
# Of the same words, the machine's writing: markup puts spaces where a heading has none.
_SPELLING = {"selector": 4, "og_title": 3, "json_ld": 2, "h1": 1}
_MAX_TITLE = 600
_SITE_WORDS = 4  # of an `og:title` that may be the site's name
_KICKER = 60  # characters
_SECTION = 30  # characters of a kicker that is a part of the title tag
_LEAST_HEADLINE = 15  # characters of a headline without its kicker
_SMALL_WORD = 3  # characters: "the" and "und" are in any two headlines
_LONG = 100  # characters; schema plug-ins cut headlines at 110
_LEAST_WORDS = 3  # of a heading that nothing else repeats
_LEAST_SPACELESS = 10  # characters of one without spaces
_CUT = re.compile(r"\s*(?:…|\.\.\.)$")
_BAR = re.compile(r"\s*[|｜]\s*|\s+::\s+")
_KICKER_END = (":", " –", " -")
_GENERIC = frozenset(map(comparison_key, read_words("tasks.domain.titles", "generic")))


def collect_titles(
    reading: PageReading, *, sites: set[str], feed_title: str | None, articles: Sequence[Node]
) -> list[Named]:
    """Return what each place of the page calls the article, site names taken off, best places first.

    `sites` are the compact keys of the names that the site goes by.
    """
    headings = read_headings(reading.root)
    texts = [text for heading in headings for text in (heading.whole, heading.bare)]
    raws = _machine_titles(reading, feed_title, articles)
    candidates: list[Named] = []
    for origin, raw in raws:
        others = [other for place, other in raws if place != origin and place in _MACHINE]
        value = strip_site(raw, sites, texts, others=others, is_title_tag=origin == "title_tag")
        if compact_key(value) not in sites and not is_generic(value):
            candidates.append(Named(value, origin, raw))
    candidates = _without_site_title(candidates, headings)
    tag = next((raw for origin, raw in raws if origin == "title_tag"), "")
    candidates += [_without_section(heading, tag) for heading in _pick_heading(headings, candidates, sites)]
    return add_shown(reading, candidates, sites)


def _machine_titles(
    reading: PageReading, feed_title: str | None, articles: Sequence[Node]
) -> list[tuple[str, str]]:
    """Return the titles that are written for machines, as (origin, text)."""
    titles = [
        *(("json_ld", node_text(node.get("headline"))) for node in articles[:1]),
        ("og_title", reading.metas.first("og:title")),
        ("twitter_title", reading.metas.first("twitter:title")),
        ("title_tag", _title_tag(reading.root)),
        ("feed", feed_title),
        ("itemprop", reading.metas.first("headline")),
    ]
    squeezed = ((origin, squeeze(text)[:_MAX_TITLE]) for origin, text in titles)
    return [(origin, text) for origin, text in squeezed if text]


def _title_tag(root: HtmlElement) -> str | None:
    head = root.find("head")
    element = head.find("title") if head is not None else None
    if element is None:
        element = root.find(".//title")
    return element.text if element is not None else None


def _without_site_title(candidates: list[Named], headings: Sequence[Heading]) -> list[Named]:
    """Return the candidates without an `og:title` that is the site's name: short, and repeated nowhere."""
    tag = next((named for named in candidates if named.origin == "title_tag"), None)
    if tag is None or len(tag.value.split()) <= _SITE_WORDS:
        return candidates
    keys = [comparison_key(named.value) for named in candidates if named.origin not in _SOCIAL]
    keys += [comparison_key(heading.whole) for heading in headings]
    return [
        named
        for named in candidates
        if named.origin not in _SOCIAL
        or len(named.value.split()) > _SITE_WORDS
        or any(_agrees(comparison_key(named.value), key) for key in keys)
    ]


def choose_title(candidates: Sequence[Named]) -> Named | None:
    """Return the headline of the surest place; None when no place names one.

    An h1 that a machine title repeats goes before a JSON-LD headline that differs. A headline that is cut
    off at its end gives way to the whole one, one with a kicker in front to the same in `og:title`.
    """
    whole = [named for named in candidates if not _is_cut(named, candidates)]
    if not whole:
        return None
    best = min(whole, key=lambda named: ORDER.index(named.origin))
    h1 = next((named for named in whole if named.origin == "h1"), None)
    if h1 is not None and best.origin == "json_ld" and _is_repeated(h1, whole):
        best = h1
    best = _without_kicker(_without_tail(best, whole), whole)
    key = comparison_key(best.value)
    same = [named for named in whole if comparison_key(named.value) == key]
    return max(same, key=lambda named: _SPELLING.get(named.origin, 0))


def _is_cut(named: Named, candidates: Sequence[Named]) -> bool:
    """Say whether a headline is the beginning of another, cut off by a limit or by an unescaped quote."""
    key = comparison_key(named.value)
    has_mark = bool(_CUT.search(named.value))
    for other in candidates:
        other_key = comparison_key(other.value)
        if other_key == key or not other_key.startswith(key):
            continue
        is_quote = other.value.startswith(named.value) and other.value[len(named.value) :].lstrip()[:1] == '"'
        if has_mark or len(named.value) >= _LONG or (is_quote and named.origin in _SOCIAL):
            return True
    return False


def _is_repeated(named: Named, candidates: Sequence[Named]) -> bool:
    key = comparison_key(named.value)
    return any(other.origin in _MACHINE and comparison_key(other.value) == key for other in candidates)


def _without_tail(best: Named, candidates: Sequence[Named]) -> Named:
    """Return the headline as another place has it where what follows is a date or a part of the title tag."""
    parts = {comparison_key(part) for named in candidates for part in _tag_parts(named)}
    for candidate in candidates:
        tail = best.value.removeprefix(candidate.value)
        if tail == best.value or len(candidate.value) <= _LEAST_HEADLINE or not tail[:1].isspace():
            continue
        if comparison_key(tail) in parts or is_date_line(tail.strip(" |•·–-")):
            return candidate
    return best


def _tag_parts(named: Named) -> list[str]:
    return SEPARATOR.split(named.raw) if named.origin == "title_tag" else []


def _without_kicker(best: Named, candidates: Sequence[Named]) -> Named:
    """Return the `og:title` or title tag that is the headline without the kicker in front of it."""
    for candidate in candidates:
        if len(candidate.value) <= _LEAST_HEADLINE:
            continue
        kicker = best.value.removesuffix(candidate.value)
        if kicker == best.value:
            continue
        is_marked = kicker.rstrip().endswith(_KICKER_END)
        is_heading = best.origin == "h1"
        if candidate.origin == "og_title" and (is_marked or (is_heading and len(kicker) < _KICKER)):
            return candidate
        is_own = is_heading and not _is_repeated(best, candidates)
        if candidate.origin == "title_tag" and is_own and is_marked:
            return candidate
    return best


def _pick_heading(headings: Sequence[Heading], named: Sequence[Named], known_sites: set[str]) -> list[Named]:
    """Return the heading that is this article's: one that a machine title repeats, else the first h1."""
    real = [heading for heading in headings if compact_key(heading.whole) not in known_sites]
    keys = [comparison_key(name.value) for name in named]
    for is_match in (_is_same, _agrees):
        for heading in real:
            for text in (heading.whole, heading.bare):
                if any(is_match(comparison_key(text), key) for key in keys):
                    value = text if is_match is _is_same else heading.bare or heading.whole
                    return [Named(value, "h1" if heading.tag == "h1" else "heading", heading.whole)]
    first = next((h for h in real if (h.tag == "h1" or not named) and not is_generic(h.whole)), None)
    if first is None:
        return []
    origin = "h1" if not named else "heading" if _is_headline(first, real) else "short_heading"
    return [Named(first.bare or first.whole, origin, first.whole)]


def _without_section(heading: Named, title_tag: str) -> Named:
    """Return a heading without the kicker in front of it that is another part of the title tag.

    "Traffic Bridge closed", with the title tag "Traffic | Bridge closed | The Courier".
    """
    parts = [part for part in _BAR.split(title_tag) if part]
    keys = set(map(comparison_key, parts))
    for part in parts:
        kicker = heading.value.removesuffix(part)
        is_apart = kicker != heading.value and not _BAR.search(kicker)
        is_short = len(kicker) <= _SECTION and 2 * len(kicker) < len(part)
        if is_apart and is_short and comparison_key(kicker) in keys:
            return replace(heading, value=part)
    return heading


def _is_headline(heading: Heading, headings: Sequence[Heading]) -> bool:
    """Say whether an h1 that nothing repeats is the only one, and longer than the name of a section."""
    n_words = len(heading.whole.split())
    is_long = n_words >= _LEAST_WORDS or (
        not heading.whole.isascii() and len(heading.whole) >= _LEAST_SPACELESS
    )
    return is_long and len(headings) == 1


def is_generic(text: str) -> bool:
    """Say whether a heading names a kind of page (`News`, `Details`) rather than an article."""
    return comparison_key(text) in _GENERIC


def _is_same(a: str, b: str) -> bool:
    return a == b


def _agrees(a: str, b: str) -> bool:
    """Say whether two comparison keys are the same headline: one holds the other, or half of its words."""
    if not a or not b:
        return False
    if a == b or (min(len(a), len(b)) > 12 and (a in b or b in a)):
        return True
    words_a, words_b = set(a.split()), set(b.split())
    common = words_a & words_b
    is_telling = sum(len(word) > _SMALL_WORD or not word.isascii() for word in common) >= 2
    return is_telling and len(common) >= 0.5 * min(len(words_a), len(words_b))

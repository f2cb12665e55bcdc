"""The headline: every place that names one, then a vote among those that agree.

A page's JSON-LD, its h1, `og:title` and title tag mostly hold the same headline under different
dress: with the site's name at the end, with the kicker in front, shortened for social media.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from lxml.html import HtmlElement

from tasks.domain.pages.json_ld import Node, node_text
from tasks.domain.pages.metadata import PageReading
from tasks.domain.text.normalise import compact_key, comparison_key, squeeze
from tasks.domain.text.vocabulary import read_words
from tasks.domain.titles.headings import Heading, is_branding, read_headings
from tasks.domain.titles.shown_headline import find_headline_below_masthead, find_shown_headline
from tasks.domain.urls.host import domain_label

_SEPARATOR = re.compile(
    r"\s+(?:[|\-–—·•:»«/ǀ>]|::|//|\|\|)\s+|\s*[|｜｢]\s*|[-–—_](?=\S*$)|\s*:\s+|(?<=\w)[-–—]\s+"
)
_SPACED_SEPARATOR = re.compile(r"\s+[|\-–—·•:»«]\s+")
_SHOWN_SEPARATOR = re.compile(r"\s+(?:[|\-–—·•:»«/]|::)\s+|:\s+|\s*\|\s*")
_HEADS = frozenset(["h2", "h3", "h4", "h5"])
_TITLE_TAGS = ("td", "div", "p", "b", "strong", "span", "font", "big", "dt", "h2", "h3", "h4", "center")
_PRINTED_DATE = re.compile(r"\s+[:|–-]\s+\d{1,2}[./]\d{1,2}[./]\d{4}\b[\d\s,.:]*(?:Uhr)?$")
_CJK_SITE = re.compile(r"[-_|—][\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]{2,8}$")
_SURE_SEPARATOR = re.compile(r"\s*[|｜ǀ]\s*|\s+(?:»|::)\s+")
_WEIGHTS = {
    "selector": 9.0,
    "json_ld": 1.0,
    "h1": 1.2,
    "og_title": 1.15,
    "twitter_title": 0.45,
    "title_tag": 0.4,
    "itemprop": 0.6,
    "feed": 0.8,
    "shown": 1.3,
    "shown_line": 0.9,
    "heading": 0.3,
}
# Of the same words, the machine's writing: markup puts spaces where a heading has none.
_SPELLING = {"selector": 4, "og_title": 3, "json_ld": 2, "h1": 1}
_MAX_TITLE = 600
_HEADLINE_WORDS = 4
_SITE_WORDS = 5  # words of a title tag that may be the name of the site, or of its section


_GENERIC = frozenset(map(comparison_key, read_words("tasks.domain.titles", "generic")))


@dataclass(frozen=True, slots=True)
class Named:
    """One place's headline, cleaned, and the text that stood there."""

    value: str
    origin: str
    raw: str


def collect_titles(
    reading: PageReading, *, site_names: Sequence[str], feed_title: str | None, articles: Sequence[Node]
) -> list[Named]:
    """Return what each place of the page calls the article, site names taken off, best places first."""
    headings = read_headings(reading.root)
    anchors = [text for heading in headings for text in (heading.whole, heading.bare)]
    names = site_keys(reading, site_names)
    found: list[Named] = []
    raws: list[tuple[str, str | None]] = [
        ("json_ld", node_text(node.get("headline"))) for node in articles[:1]
    ]
    raws += [
        ("og_title", reading.metas.first("og:title")),
        ("twitter_title", reading.metas.first("twitter:title")),
        ("title_tag", _title_tag(reading.root)),
        ("feed", feed_title),
        ("itemprop", reading.metas.first("headline")),
    ]
    for origin, raw in raws:
        raw = squeeze(raw)[:_MAX_TITLE]
        if raw:
            value = strip_site(raw, names, anchors, sure=origin == "title_tag")
            if compact_key(value) not in names and not is_generic(value):
                found.append(Named(value, origin, raw))
    found += _pick_heading(headings, found, names)
    return _with_shown(reading.root, found, names)


def _with_shown(root: HtmlElement, found: list[Named], names: set[str]) -> list[Named]:
    """Return the candidates with the headline that only the page's text shows.

    Asked for where no h1 names the article, or where the h1 may be the site's name.
    """
    heading = next((name for name in found if name.origin == "h1"), None)
    if heading is None:
        if shown := _shown_part(root, found):
            return [*found, *shown]
        return [*found, *_shown_line(root, found, names)]
    key = comparison_key(heading.value)
    if any(name.origin in ("json_ld", "feed", "og_title") for name in found):
        return found
    below = find_headline_below_masthead(root, heading.raw, names)
    if below is None or comparison_key(below) == key:
        return found
    return [*(name for name in found if comparison_key(name.value) != key), Named(below, "shown_line", below)]


def _shown_line(root: HtmlElement, found: Sequence[Named], names: set[str]) -> list[Named]:
    """Return the line above the text, where the page's head has but a title as short as a site's name."""
    tags = [name for name in found if name.origin != "heading"]
    if any(name.origin != "title_tag" or len(name.value.split()) > _SITE_WORDS for name in tags):
        return []
    text = find_shown_headline(root, names, {compact_key(name.value) for name in tags})
    if text is None and (heading := next((name for name in found if name.origin == "heading"), None)):
        # An h1 that nothing else repeats, under the site's name alone.
        is_longer = all(len(heading.value.split()) > len(name.value.split()) for name in tags)
        is_h1 = any(squeeze(h1.text_content()) == heading.raw for h1 in islice(root.iter("h1"), 5))
        text = heading.raw if is_h1 and is_longer and len(heading.value.split()) >= _HEADLINE_WORDS else None
    value = next((name.value for name in found if name.raw == text), text)
    return [Named(value, "shown_line", text)] if value and text else []


def _shown_part(root: HtmlElement, named: Sequence[Named]) -> list[Named]:
    """Return the part of the title tag that a page without h1 shows as a line of its own, the longest."""
    tag = next((name for name in named if name.origin == "title_tag"), None)
    if tag is None or not (cuts := list(_SHOWN_SEPARATOR.finditer(tag.raw))):
        return []
    starts, ends = [0, *(cut.end() for cut in cuts)], [*(cut.start() for cut in cuts), len(tag.raw)]
    parts = [tag.raw[i:j] for i in starts for j in ends if 11 < j - i < len(tag.raw)]
    keys = {comparison_key(part): part for part in [*parts, tag.value]}
    links = (
        link for link in root.iter("a") if (parent := link.getparent()) is not None and parent.tag in _HEADS
    )
    texts = [*map(_own_text, root.iter(*_TITLE_TAGS)), *map(_own_text, links)]
    texts += [squeeze(br.tail) for br in root.iter("br")]
    shown = {key for text in texts if (key := comparison_key(text)) in keys}
    whole = comparison_key(tag.value)
    best = whole if whole in shown else max(shown, key=lambda key: (len(key), key), default="")
    return [Named(keys[best], "shown", tag.raw)] if best else []


def _own_text(element: HtmlElement) -> str:
    text = element.text or ""
    return squeeze(text) if 5 < len(text) < 400 else ""


def choose_title(candidates: Sequence[Named]) -> Named | None:
    """Return the headline that the places agree on best; a place's own weight settles ties.

    Where `og:title` is the winner without the kicker in front of a colon, it is the headline.
    """
    if not candidates:
        return None
    votes: dict[str, float] = {}
    for candidate in candidates:
        key = comparison_key(candidate.value)
        votes[key] = votes.get(key, 0.0) + _WEIGHTS[candidate.origin]
    best = max(candidates, key=lambda c: (votes[comparison_key(c.value)], _SPELLING.get(c.origin, 0)))
    for candidate in candidates:
        kicker = best.value.removesuffix(candidate.value)
        if (
            candidate.origin == "og_title"
            and kicker.rstrip().endswith((":", " –", " -"))
            and len(candidate.value) > 15
        ):
            return candidate
    return best


def strip_site(title: str, known_sites: Iterable[str], anchors: Sequence[str], *, sure: bool = False) -> str:
    """Return the title without the site's name before or behind it.

    A part goes when it is one of `known_sites`, or when what remains is one of `anchors` (the page's
    headings). `sure` also takes off what stands behind a bar.
    """
    title = _PRINTED_DATE.sub("", title)
    keys = set(known_sites)
    wanted = {comparison_key(anchor) for anchor in anchors if anchor}
    cuts = list(_SEPARATOR.finditer(title))
    for cut in cuts:
        for rest in (title[: cut.start()], title[cut.end() :]):
            # What a colon cuts off is a kicker, not a site.
            if len(rest) > 8 and ":" not in cut.group() and comparison_key(rest) in wanted:
                return rest.strip()
    for cut in cuts:  # leftmost cut first: the whole tail may be one name with a bar in it
        if cut.start() > 3 and compact_key(title[cut.end() :]) in keys:
            return strip_site(title[: cut.start()].strip(), keys, anchors, sure=sure)
    for cut in reversed(cuts):
        if len(title) - cut.end() > 3 and compact_key(title[: cut.start()]) in keys:
            return title[cut.end() :].strip()
    if sure and (site := _CJK_SITE.search(title)) and site.start() > 6:
        return title[: site.start()].strip()
    if sure and (bar := _SURE_SEPARATOR.search(title)) and bar.start() > 12:
        return title[: bar.start()].strip()
    return title


def site_keys(reading: PageReading, site_names: Sequence[str]) -> set[str]:
    """Return the compact keys of every name that the site goes by on this page."""
    label = domain_label(reading.url)
    host = reading.url.split("/")[2] if reading.url.count("/") >= 2 else ""
    names = [*site_names, label, host, host.removeprefix("www.")]
    names += [
        value
        for _, value in reading.metas.all("og:site_name", "application-name", "apple-mobile-web-app-title")
    ]
    names += [part for name in names for part in _SPACED_SEPARATOR.split(name)]
    names += [squeeze(e.text_content()) for e in islice(reading.root.iter("h1"), 5) if is_branding(e)]
    keys = {compact_key(name) for name in names if name}
    keys |= {compact_key(f"{label}.{suffix}") for suffix in ("com", "de", "net", "org") if label}
    return {key for key in keys if len(key) > 1}


def _title_tag(root: HtmlElement) -> str | None:
    head = root.find("head")
    element = head.find("title") if head is not None else None
    if element is None:
        element = root.find(".//title")
    return element.text if element is not None else None


def _pick_heading(headings: Sequence[Heading], named: Sequence[Named], known_sites: set[str]) -> list[Named]:
    """Return the heading that is this article's: one that a machine title repeats, else the first h1."""
    real = [h for h in headings if compact_key(h.whole) not in known_sites]
    keys = [comparison_key(name.value) for name in named]
    for same in (_is_same, _agrees):
        for heading in real:
            for text in (heading.whole, heading.bare):
                if any(same(comparison_key(text), key) for key in keys):
                    value = text if same is _is_same else heading.bare or heading.whole
                    return [Named(value, "h1" if heading.tag == "h1" else "heading", heading.whole)]
    first = next((h for h in real if (h.tag == "h1" or not named) and not is_generic(h.whole)), None)
    return [Named(first.bare or first.whole, "h1" if not named else "heading", first.whole)] if first else []


def is_generic(text: str) -> bool:
    """Say whether a heading names a kind of page (`News`, `Details`) rather than an article."""
    return comparison_key(text) in _GENERIC


def _is_same(a: str, b: str) -> bool:
    return a == b


def _agrees(a: str, b: str) -> bool:
    if not a or not b:
        return False
    if a == b or (min(len(a), len(b)) > 12 and (a in b or b in a)):
        return True
    words_a, words_b = set(a.split()), set(b.split())
    return len(words_a & words_b) >= 0.5 * min(len(words_a), len(words_b)) and len(words_a & words_b) >= 2

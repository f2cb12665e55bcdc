"""A page without a feed -> the selectors of its list of articles, proposed from its repeated structure.

Used when a source is added (`tasks.inspection.discover`); a person sees what the selectors give before
anything is written. A list of articles is a group of alike elements with one headline link each.
"""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urldefrag, urljoin, urlsplit

import soupsieve
from bs4 import BeautifulSoup, Tag

from tasks.domain.dates.context import DateContext
from tasks.domain.feeds.decode import decode_document
from tasks.domain.feeds.home_page import base_of, soup_of
from tasks.domain.feeds.listing import is_deep
from tasks.domain.feeds.normalise import printed_moment
from tasks.errors import ErrorClass, FeedFormatError
from warehouse.records.source import ListingRules

MIN_ITEMS = 3
MIN_WORDS = 4  # of a headline; menus have one or two
MIN_CHARACTERS = 20  # or its length in characters, where words are few or not separated
MAX_LEVELS = 8  # from a headline link up to the element that holds its entry
MAX_UNNAMED = 3  # elements without id and class at the end of a selector
MAX_DATE_CHARACTERS = 60
MOST = 0.6  # share of the items in which a selector of title or date must find something
_OUTSIDE = frozenset({"nav", "header", "footer", "aside", "form"})
_HEADINGS = ("h1", "h2", "h3", "h4", "h5")


@dataclass(frozen=True, slots=True)
class _AlikeItems:
    """Alike elements that each hold one headline link."""

    selector: str
    items: tuple[Tag, ...]
    links: tuple[Tag, ...]  # of each item

    @property
    def weight(self) -> int:
        """How much of the page's headlines it holds: their length, long ones capped."""
        return sum(min(_length(_text(link)), 80) for link in self.links)


def propose_listing(
    body: bytes, url: str, content_type: str | None, context: DateContext
) -> ListingRules | None:
    """Return selectors for the page's list of articles, or None when it repeats no headline link.

    Raises FeedFormatError for damaged gzip data and for a page that is nested too deep to search.
    """
    soup = soup_of(decode_document(body, url, content_type, context.language))
    if is_deep(soup):
        raise FeedFormatError(url, ErrorClass.PARSE, "The page is nested too deep to be searched.")
    group = _main_group(soup, _headline_links(soup, base_of(soup, url)))
    if group is None:
        return None
    link = _link_selector(group)
    return ListingRules(group.selector, link, _title_selector(group, link), _date_selector(group, context))


def _headline_links(soup: BeautifulSoup, base: str) -> list[Tag]:
    """Return the links to pages of the same site whose text is as long as a headline."""
    host, links = _host(base), []
    for link in soup.find_all("a", href=True):
        if not isinstance(link, Tag) or any(parent.name in _OUTSIDE for parent in link.parents):
            continue
        target = _target(link, base)
        if target and _host(target) == host and urlsplit(target).path.strip("/") and _is_headline(link):
            links.append(link)
    return links


def _is_headline(link: Tag) -> bool:
    text = _text(link)
    return _length(text) >= MIN_CHARACTERS or len(text.split()) >= MIN_WORDS


def _length(text: str) -> int:
    """Return the width of a text: a character of Chinese, Japanese and Korean says as much as two others."""
    return sum(1 + (unicodedata.east_asian_width(char) in "WF") for char in text)


def _main_group(soup: BeautifulSoup, links: Sequence[Tag]) -> _AlikeItems | None:
    """Return the group that holds most of the headlines; of equal ones that with the outermost elements."""
    levels: dict[str, dict[int, list[Tag]]] = defaultdict(lambda: defaultdict(list))
    elements: dict[int, Tag] = {}
    depth: Counter[str] = Counter()
    for link in links:
        for level, element in enumerate((link, *_ancestors(link))):
            selector = _selector(element)
            if selector:
                elements[id(element)] = element
                levels[selector][id(element)].append(link)
                depth[selector] = max(depth[selector], level)
    best: tuple[int, int, _AlikeItems] | None = None
    for selector, holders in levels.items():
        group = _group(selector, holders, elements)
        if group is None or len(soup.select(selector, limit=3 * len(group.items) + 1)) > 3 * len(group.items):
            continue
        if best is None or (group.weight, depth[selector]) > best[:2]:
            best = (group.weight, depth[selector], group)
    return best[2] if best else None


def _group(selector: str, holders: dict[int, list[Tag]], elements: dict[int, Tag]) -> _AlikeItems | None:
    """Return the elements that hold one target each; None when there are few, or when most hold several."""
    alone = {key: links for key, links in holders.items() if len({link["href"] for link in links}) == 1}
    targets = {str(links[0]["href"]) for links in alone.values()}
    if len(targets) < MIN_ITEMS or 2 * len(alone) < len(holders) or 2 * len(targets) < len(alone):
        return None
    longest = [max(links, key=lambda link: len(_text(link))) for links in alone.values()]
    return _AlikeItems(selector, tuple(elements[key] for key in alone), tuple(longest))


def _ancestors(link: Tag) -> list[Tag]:
    ancestors: list[Tag] = []
    for parent in link.parents:
        if parent.name in ("body", "html", "[document]") or len(ancestors) == MAX_LEVELS:
            break
        ancestors.append(parent)
    return ancestors


def _selector(element: Tag) -> str | None:
    """Return a selector of the elements like this one: by class, else from the nearest named ancestor."""
    path = [_simple(element)]
    for parent in element.parents:
        if _is_named(path[0]) or len(path) > MAX_UNNAMED or parent.name == "[document]":
            break
        path.insert(0, _simple(parent))
    return " > ".join(path) if len(path) > 1 or _is_named(path[0]) else None


def _is_named(selector: str) -> bool:
    return "." in selector or "#" in selector


def _simple(element: Tag) -> str:
    """Return the element's name with its id or its classes; those with digits differ from item to item."""
    classes = [name for name in element.get_attribute_list("class") if name and _is_stable(name)]
    identifier = element.get("id")
    if not classes and isinstance(identifier, str) and _is_stable(identifier):
        return f"{element.name}#{soupsieve.escape(identifier)}"
    return element.name + "".join(f".{soupsieve.escape(name)}" for name in classes[:2])


def _is_stable(name: str) -> bool:
    return not any(char.isdigit() for char in name) and len(name) <= 40


def _link_selector(group: _AlikeItems) -> str:
    """Return a selector of the headline link inside an item, as `listing` applies it."""
    for selector in (*(f"{name} a" for name in _HEADINGS), *_inner_selectors(group.links), "a"):
        n_right = sum(
            pick is not None and pick.get("href") == link["href"] and bool(_text(pick))
            for pick, link in zip(map(_first(selector), group.items), group.links, strict=True)
        )
        if n_right > 0.9 * len(group.items):
            return selector
    return "a"  # also where the item itself is the link


def _first(selector: str) -> Callable[[Tag], Tag | None]:
    return lambda item: item.select_one(selector)


def _title_selector(group: _AlikeItems, link: str) -> str | None:
    """Return a selector of the heading, where the link holds more or less than the headline."""
    for name in _HEADINGS:
        headings = [item.select_one(name) for item in group.items]
        if sum(heading is not None for heading in headings) < MOST * len(headings):
            continue
        picks = [item.select_one(link) or item for item in group.items]
        same = sum(_text(head) == _text(pick) for head, pick in zip(headings, picks, strict=True))
        return name if same < len(headings) else None
    return None


def _date_selector(group: _AlikeItems, context: DateContext) -> str | None:
    """Return a selector of the date inside an item: `time`, else the element that reads as one most often."""
    if sum(item.select_one("time") is not None for item in group.items) >= MOST * len(group.items):
        return "time"
    texts: dict[str, list[int]] = defaultdict(list)
    for item in group.items:
        for element in item.find_all(True):
            if _is_date(element, context):
                texts[_simple(element)].append(len(_text(element)))
    # The most common first; of equally common ones the shortest, which holds the date alone.
    for selector in sorted(texts, key=lambda name: (-len(texts[name]), sum(texts[name]))):
        firsts = [item.select_one(selector) for item in group.items]
        if sum(_is_date(first, context) for first in firsts) >= MOST * len(group.items):
            return selector
    return None


def _is_date(element: object, context: DateContext) -> bool:
    if not isinstance(element, Tag) or element.find("a") is not None or element.name == "a":
        return False
    text = _text(element)
    return 0 < len(text) <= MAX_DATE_CHARACTERS and printed_moment(text, context) is not None


def _inner_selectors(links: Iterable[Tag]) -> list[str]:
    """Return the selectors of the links by their classes, the most common first."""
    votes = Counter(selector for link in links if "." in (selector := _simple(link)))
    return [selector for selector, _ in votes.most_common(3)]


def _target(link: Tag, base: str) -> str | None:
    try:
        return urldefrag(urljoin(base, str(link["href"]).strip())).url
    except ValueError:
        return None


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _text(element: Tag | None) -> str:
    return " ".join(element.get_text(" ").split()) if element is not None else ""

"""What a page declares in its head: meta elements and link relations.

Read once; shared by the readers of title, author, language and site name.
"""

from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

from tasks.domain.pages.json_ld import LinkedData, read_linked_data
from tasks.domain.pages.lines import TextLine, read_lines
from tasks.domain.pages.script_data import find_script_article, shows_little


@dataclass(frozen=True, slots=True)
class Metas:
    """The page's meta elements: all values of each name, property or itemprop, in lower case."""

    values: dict[str, tuple[str, ...]]

    def first(self, *names: str) -> str | None:
        """Return the first value of the first of these names that has one."""
        for name in names:
            if values := self.values.get(name):
                return values[0]
        return None

    def all(self, *names: str) -> list[tuple[str, str]]:
        """Return every (name, value) of these names, in their order."""
        return [(name, value) for name in names for value in self.values.get(name, ())]


@dataclass(frozen=True, slots=True)
class PageReading:
    """A page's tree, what its head declares and the lines that it shows: the input of all readers."""

    root: HtmlElement
    metas: Metas
    linked: LinkedData
    url: str  # of the page, after redirects
    lines: tuple[TextLine, ...] = ()  # of the body, before anything is pruned


def read_page_head(root: HtmlElement, url: str) -> PageReading:
    """Return the tree together with its meta elements, its JSON-LD and its lines."""
    body = root.find("body")
    lines = tuple(read_lines(body if body is not None else root))
    metas, linked = read_metas(root), read_linked_data(root)
    if shows_little(lines):
        linked = _with_script_article(linked, root, metas)
    return PageReading(root, metas, linked, url, lines)


def _with_script_article(linked: LinkedData, root: HtmlElement, metas: Metas) -> LinkedData:
    """Return the page's JSON-LD with the article of its scripts, where its own nodes have no text."""
    if any(isinstance(node.get("articleBody"), str) for node in linked.nodes):
        return linked
    tag = root.find(".//title")
    titles = [metas.first("og:title") or "", (tag.text or "") if tag is not None else ""]
    node = find_script_article(root, titles)
    return LinkedData((*linked.nodes, node), linked.by_id) if node is not None else linked


def read_metas(root: HtmlElement) -> Metas:
    """Return the page's meta elements; empty values are left out."""
    values: dict[str, list[str]] = {}
    for element in root.iter("meta"):
        content = " ".join((element.get("content") or element.get("value") or "").split())
        if not content:
            continue
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            if name := element.get(attribute):
                values.setdefault(name.strip().lower(), []).append(content)
    return Metas({name: tuple(contents) for name, contents in values.items()})


def find_canonical(reading: PageReading) -> str | None:
    """Return the canonical URL that the page declares, absolute; og:url when it declares none."""
    for element in reading.root.iter("link"):
        if "canonical" in (element.get("rel") or "").lower().split():
            return _absolute(reading.url, element.get("href"))
    return _absolute(reading.url, reading.metas.first("og:url"))


def _absolute(base: str, address: str | None) -> str | None:
    if not address or not address.strip():
        return None
    try:
        joined = urljoin(base, address.strip())
        return joined if urlsplit(joined).scheme in ("http", "https") and urlsplit(joined).hostname else None
    except ValueError:
        return None

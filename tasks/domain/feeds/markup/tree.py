"""Reads RSS 0.9x to 2.0, RDF, Atom 0.3 and 1.0 and CDF from an lxml tree.

The first reader for XML feeds, some four times as fast as feedparser (bench/feed_parse.py), which
reads what cannot be repaired (`reader`). Elements are recognised by local name and by the vocabulary of their
namespace: publishers misspell namespaces more often than names.
"""

from collections.abc import Iterator
from dataclasses import replace

from lxml import etree

from tasks.domain.feeds.document import RawFeed, RawItem, read_each
from tasks.domain.feeds.full_text import plain_as_html
from tasks.domain.feeds.markup.channel import read_channel
from tasks.domain.feeds.markup.element import (
    Vocabulary,
    attribute,
    author_name,
    content,
    inner_text,
    is_base64,
    link_relation,
    local_name,
    vocabulary,
)
from warehouse.records.source import FeedKind

_ITEMS = frozenset({"item", "entry"})
_HTML_TYPES = ("", "text/html", "application/xhtml+xml", "html", "text")

# Where a field may stand, the best place first.
_TITLES = (
    (Vocabulary.CORE, "title"),
    (Vocabulary.DC, "title"),
    (Vocabulary.ITUNES, "title"),
    (Vocabulary.MEDIA, "title"),
)
_PUBLISHED = (
    (Vocabulary.CORE, "pubdate"),
    (Vocabulary.CORE, "published"),
    (Vocabulary.CORE, "issued"),  # Atom 0.3
    (Vocabulary.DCTERMS, "issued"),
    (Vocabulary.PRISM, "publicationdate"),
    (Vocabulary.DC, "date"),  # the only date that RSS 1.0 has
    (Vocabulary.CORE, "date"),
    (Vocabulary.DCTERMS, "created"),
    (Vocabulary.CORE, "created"),
)
_UPDATED = (
    (Vocabulary.CORE, "updated"),
    (Vocabulary.CORE, "modified"),  # Atom 0.3
    (Vocabulary.DCTERMS, "modified"),
    (Vocabulary.PRISM, "modificationdate"),
)
_TEASERS = (
    (Vocabulary.CORE, "summary"),
    (Vocabulary.CORE, "description"),
    (Vocabulary.DC, "description"),
)
_CONTENTS = ((Vocabulary.CONTENT, "encoded"), (Vocabulary.CORE, "content"))
_SUMMARIES = (*_TEASERS, *reversed(_CONTENTS), (Vocabulary.ITUNES, "summary"))
_GUIDS = ((Vocabulary.CORE, "guid"), (Vocabulary.CORE, "id"), (Vocabulary.DC, "identifier"))

Children = dict[tuple[Vocabulary, str], list["etree._Element"]]


def read_tree(root: "etree._Element", kind: FeedKind) -> RawFeed:
    """Return the items below `root` in document order, wherever they stand."""
    items, problems = read_each(_item_elements(root), _read_item)
    return replace(read_channel(root, kind, items), problems=problems)


def _item_elements(root: "etree._Element") -> Iterator["etree._Element"]:
    walk = etree.iterwalk(root, events=("start",))
    for _, element in walk:
        if local_name(element) in _ITEMS and vocabulary(element) is Vocabulary.CORE:
            yield element
            walk.skip_subtree()  # what an item quotes (atom:source, XHTML) holds no further items


def _read_item(element: "etree._Element") -> RawItem:
    children = _children(element)
    title, is_markup = _title(children)
    link = _link(children) or attribute(element, "href")
    guid = _first_text(children, _GUIDS) or attribute(element, "about")
    return RawItem(
        title=title,
        is_markup=is_markup,
        link=link or _permanent_guid(children),
        original_link=_original_link(children),
        fallback_link=guid if guid and _is_web_url(guid) else _content_source(children),
        base=_explicit_base(element),
        guid=guid,
        published_raw=_first_text(children, _PUBLISHED),
        updated_raw=_first_text(children, _UPDATED) or attribute(element, "lastmod"),
        summary=_first_text(children, _SUMMARIES),
        teaser=_first_text(children, _TEASERS),
        content=next(
            (markup for place in _CONTENTS for e in children.get(place, ()) if (markup := _markup(e))), None
        ),
        authors=tuple(dict.fromkeys(_authors(children))),
        language=_first_text(children, ((Vocabulary.DC, "language"),)) or attribute(element, "lang"),
    )


def _explicit_base(element: "etree._Element") -> str | None:
    """Return the xml:base in force; None where none is set, so that the document's URL would count."""
    base = element.base
    return None if base == element.getroottree().docinfo.URL else base


def _children(element: "etree._Element") -> Children:
    children: Children = {}
    for child in element:
        if isinstance(child.tag, str):
            children.setdefault((vocabulary(child), local_name(child)), []).append(child)
    return children


def _first_text(children: Children, places: tuple[tuple[Vocabulary, str], ...]) -> str | None:
    for place in places:
        for element in children.get(place, ()):
            text = content(element)
            if text:
                return text
    return None


def _markup(element: "etree._Element") -> str | None:
    """Return an element for content as HTML; None when its type is another one (RFC 4287 section 4.1.3)."""
    kind = (attribute(element, "type") or "").lower()
    if kind in ("xhtml", "application/xhtml+xml") or (len(element) and not kind):
        return "".join(etree.tostring(child, encoding="unicode", method="html") for child in element)
    if kind in ("text", "text/plain"):
        return plain_as_html(content(element))
    if kind not in ("", "html", "text/html") and not is_base64(element):
        return None
    text = content(element)
    return text if "<" in text else plain_as_html(text)


def _title(children: Children) -> tuple[str | None, bool]:
    for place in _TITLES:
        for element in children.get(place, ()):
            text = content(element)
            if text:
                return text, _holds_markup(element)
    for container in (
        *children.get((Vocabulary.MEDIA, "group"), ()),
        *children.get((Vocabulary.MEDIA, "content"), ()),
    ):
        for element in container:
            if local_name(element) == "title" and content(element):
                return content(element), _holds_markup(element)
    return None, False


def _holds_markup(title: "etree._Element") -> bool:
    """Say whether a title's text is HTML: by its type in Atom and Media RSS, always in RSS.

    RFC 4287 section 3.1.1: without a type the text is plain. Atom 0.3 names media types and a mode.
    """
    kind = (attribute(title, "type") or "").lower()
    if is_base64(title):
        return True
    if "html" in kind:
        return not len(title)  # with elements inside it was XHTML; they are gone already
    is_atom = "atom" in title.tag.partition("}")[0]
    return not kind and not is_atom and not len(title)


def _link(children: Children) -> str | None:
    """Return the item's own page: RSS `link`, Atom `link rel=alternate` of an HTML type first."""
    links = children.get((Vocabulary.CORE, "link"), [])
    alternates = [link for link in links if link_relation(link) == "alternate"]
    pages = [link for link in alternates if (attribute(link, "type") or "").lower() in _HTML_TYPES]
    for link in (*pages, *alternates):
        href = (attribute(link, "href") or "").strip() or inner_text(link)
        if href:
            return href
    return None


def _permanent_guid(children: Children) -> str | None:
    """Return a guid that is the item's URL (RSS 2.0, guid: isPermaLink is true by default)."""
    for guid in children.get((Vocabulary.CORE, "guid"), ()):
        text = inner_text(guid)
        if (attribute(guid, "ispermalink") or "true").lower() != "false" and _is_web_url(text):
            return text
    return None


def _original_link(children: Children) -> str | None:
    """Return the target of a link that only counts clicks (feedburner:origLink, pheedo:origLink)."""
    texts = (
        inner_text(child) for (_, name), group in children.items() if name == "origlink" for child in group
    )
    return next((text for text in texts if _is_web_url(text)), None)


def _content_source(children: Children) -> str | None:
    """Return the URL of an Atom entry's content when it is not in the feed (RFC 4287 section 4.1.3.2)."""
    sources = (attribute(element, "src") for element in children.get((Vocabulary.CORE, "content"), ()))
    return next((source for source in sources if source and _is_web_url(source)), None)


def _is_web_url(text: str) -> bool:
    return text.lower().startswith(("http://", "https://"))


def _authors(children: Children) -> Iterator[str]:
    creators = children.get((Vocabulary.DC, "creator"), [])
    core = children.get((Vocabulary.CORE, "author"), [])
    itunes = children.get((Vocabulary.ITUNES, "author"), []) if not core and not creators else []
    sources = children.get((Vocabulary.CORE, "source"), [])  # of an entry copied from another feed
    copied = [child for source in sources for child in source if local_name(child) == "author"]
    own = [*core, *creators, *itunes]
    for author in own or copied:
        name = author_name(author)
        if name:
            yield name

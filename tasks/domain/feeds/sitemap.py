"""Reads sitemaps: plain, news and index (sitemaps.org protocol 0.9; Google news extension 0.9).

One of the readers behind `feed.parse_feed`. Elements are read as a stream and dropped at once:
50,000 URLs never form a tree. `lastmod` says when a page changed, never when it was published.
"""

import io
from collections.abc import Iterator
from dataclasses import replace

from lxml import etree

from tasks.domain.feeds.document import RawFeed, RawItem
from tasks.domain.feeds.markup.guard import first_fault, guard_xml, mend_xml
from warehouse.records import FeedKind

MAX_URLS = 50_000  # sitemaps.org: more in one file is against the protocol


def read_sitemap(text: str, url: str) -> RawFeed:
    """Return a sitemap's pages as items and an index's sitemaps, in document order.

    Raises FeedFormatError when the text cannot be read as XML at all.
    """
    if not text.lstrip().startswith("<"):
        return _read_lines(text)
    guarded = guard_xml(text, url)
    stream = _Stream(guarded.text, url)
    feed = _read_stream(stream)
    if stream.fault is None:
        return replace(feed, problems=(*guarded.problems, *feed.problems))
    problem = f"The document is not well-formed XML ({stream.fault})."
    mended = mend_xml(guarded, url)
    feed = _read_stream(_Stream(mended.text, url))
    return replace(feed, problems=(*mended.problems, problem, *feed.problems))


def _read_lines(text: str) -> RawFeed:
    urls = [line.strip() for line in text.splitlines()]
    return RawFeed(FeedKind.SITEMAP, tuple(RawItem(link=url) for url in urls if url))


def _read_stream(stream: "_Stream") -> RawFeed:
    items: list[RawItem] = []
    children: list[tuple[str, str | None]] = []
    for name, element in stream:
        fields = dict(_fields(element))
        if name == "url":
            items.append(_item(fields))
        elif fields.get("loc"):
            children.append((fields["loc"], fields.get("lastmod")))
    problems = (f"The sitemap lists more than {MAX_URLS} pages.",) if len(items) > MAX_URLS else ()
    return RawFeed(FeedKind.SITEMAP, tuple(items), sitemaps=tuple(children), problems=problems)


class _Stream:
    """The <url> and <sitemap> elements of a text, one after another; `fault` is known at the end."""

    def __init__(self, text: str, url: str) -> None:
        self._text = text
        self._url = url
        self.fault: str | None = None

    def __iter__(self) -> Iterator[tuple[str, "etree._Element"]]:
        """Yield each whole element with its name; it is emptied when the next one is asked for."""
        events = etree.iterparse(
            io.BytesIO(self._text.encode()),
            events=("end",),
            recover=True,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        try:
            for _, element in events:
                name = _local(element)
                if name in ("url", "sitemap"):
                    yield name, element
                    element.clear()
                    while element.getprevious() is not None:
                        del element.getparent()[0]
        except etree.XMLSyntaxError as error:
            self.fault = str(error)
        self.fault = self.fault or first_fault(events.error_log)


def _fields(element: etree._Element) -> Iterator[tuple[str, str]]:
    """Yield local name and text of what stands in a <url>, its news part's fields included."""
    for child in element:
        name = _local(child)
        if name == "news":
            yield from _fields(child)
        elif name == "publication":
            yield from ((n, t) for n, t in _fields(child) if n == "language")
        elif name in ("loc", "lastmod", "title", "publication_date", "language"):
            text = (child.text or "").strip()
            if text:
                yield name, text


def _item(fields: dict[str, str]) -> RawItem:
    return RawItem(
        title=fields.get("title"),
        link=fields.get("loc"),
        published_raw=fields.get("publication_date"),
        updated_raw=fields.get("lastmod"),
        language=fields.get("language"),
    )


def _local(element: etree._Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""

"""Reads sitemaps: plain, news and index (sitemaps.org protocol 0.9; Google news extension 0.9).

One of the readers behind `parse.parse_feed`. Elements are read as a stream and dropped at once, so that
50,000 URLs never form a tree. `lastmod` says when a page changed, never when it was published.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import replace

from lxml import etree

from tasks.domain.feeds.document import RawFeed, RawItem
from tasks.domain.feeds.markup.guard import PARSER_OPTIONS, first_fault, guard_xml, repair_xml
from warehouse.records.feed import FeedDocument, SitemapLink
from warehouse.records.source import FeedKind

MAX_URLS = 50_000  # sitemaps.org: more in one file is against the protocol


def read_sitemap(text: str, url: str) -> RawFeed:
    """Return a sitemap's pages as items and the sitemaps of an index, in document order.

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
    repaired = repair_xml(guarded, url)
    feed = _read_stream(_Stream(repaired.text, url))
    return replace(feed, problems=(*repaired.problems, problem, *feed.problems))


def _read_lines(text: str) -> RawFeed:
    urls = [line.strip() for line in text.splitlines()]
    return FeedDocument(
        FeedKind.SITEMAP, tuple(RawItem(link=url) for url in urls if url and not url.startswith("#"))
    )


def _read_stream(stream: "_Stream") -> RawFeed:
    items: list[RawItem] = []
    sitemaps: list[SitemapLink] = []
    n_without_loc = 0
    for name, element in stream:
        try:
            locs, fields = _locs_and_fields(element)
        except ValueError:  # a reference to half a surrogate pair; the repaired text is read without it
            continue
        if name == "url":
            items += [_item(loc, fields) for loc in locs] or [_item(None, fields)]
        else:
            sitemaps += [SitemapLink(loc, updated_raw=fields.get("lastmod")) for loc in locs]
            n_without_loc += not locs
    problems = []
    if len(items) > MAX_URLS:
        problems.append(f"The sitemap lists more than {MAX_URLS} pages.")
    if n_without_loc:
        problems.append(f"Skipped without <loc>: {n_without_loc} of the index's sitemaps.")
    return FeedDocument(FeedKind.SITEMAP, tuple(items), sitemaps=tuple(sitemaps), problems=tuple(problems))


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
            **PARSER_OPTIONS,
        )
        try:
            for _, element in events:
                name = _local(element)
                if name in ("url", "sitemap") and not _is_inside_entry(element):
                    yield name, element
                    element.clear()
                    while element.getprevious() is not None:
                        del element.getparent()[0]
        except etree.XMLSyntaxError as error:
            self.fault = str(error)
        self.fault = self.fault or first_fault(events.error_log)


def _is_inside_entry(element: etree._Element) -> bool:
    """Say whether an element stands where only text belongs: `<loc><url>https://…</url></loc>`."""
    parent = element.getparent()
    return parent is not None and _local(parent) in ("loc", "url", "sitemap")


def _locs_and_fields(element: etree._Element) -> tuple[list[str], dict[str, str]]:
    """Return the URLs of a <url> or <sitemap>, of which there should be one, and its other fields."""
    fields: dict[str, str] = {}
    locs: list[str] = []
    for name, text in _fields(element):
        if name == "loc":
            locs.append(text)
        else:
            fields.setdefault(name, text)
    return list(dict.fromkeys(locs)), fields


def _fields(element: etree._Element) -> Iterator[tuple[str, str]]:
    """Yield local name and text of the fields of a <url>, those of its news part included."""
    for child in element:
        name = _local(child)
        if _is_of_media(child):
            continue  # <image:loc> is the address of a picture
        if name == "news":
            yield from _fields(child)
        elif name == "publication":
            yield from ((n, t) for n, t in _fields(child) if n == "language")
        elif name in ("loc", "lastmod", "title", "publication_date", "language"):
            text = "".join(map(str, child.itertext())).strip()
            if text:
                yield name, text


def _is_of_media(element: etree._Element) -> bool:
    tag = element.tag
    return isinstance(tag, str) and re.match(r"\{[^}]*(?:image|video)|(?:image|video):", tag) is not None


def _item(loc: str | None, fields: dict[str, str]) -> RawItem:
    return RawItem(
        title=fields.get("title"),
        link=loc,
        published_raw=fields.get("publication_date"),
        updated_raw=fields.get("lastmod"),
        language=fields.get("language"),
    )


def _local(element: etree._Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""

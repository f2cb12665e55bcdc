"""Feed documents: bytes -> entries, whatever the format (RSS, RDF, Atom, JSON Feed, sitemap, listing).

After the feed's fetch, before its entries are compared with what is known. Called in a worker process
(`tasks.workers.feed_parser`): no input makes it raise anything but FeedFormatError, but a hostile one may
take long.
"""

from collections.abc import Iterator
from dataclasses import replace

from tasks.domain.dates.context import DateContext
from tasks.domain.feeds.decode import decode_document
from tasks.domain.feeds.detect import sniff_kind
from tasks.domain.feeds.document import FeedItem, RawFeed
from tasks.domain.feeds.json_feed import read_json_feed
from tasks.domain.feeds.listing import read_home_page, read_listing
from tasks.domain.feeds.markup.reader import read_xml_feed
from tasks.domain.feeds.normalise import normalise
from tasks.domain.feeds.sitemap import read_sitemap
from tasks.errors import ErrorClass, FeedFormatError
from warehouse.records.feed import FeedDocument, FeedEntry, ParsedFeed
from warehouse.records.source import FeedKind, ListingRules


def parse_feed(
    body: bytes,
    context: DateContext,
    *,
    url: str,
    content_type: str | None = None,
    kind: FeedKind = FeedKind.AUTO,
    listing: ListingRules | None = None,
) -> ParsedFeed:
    """Return a document's entries in document order; an item without a link is a problem instead.

    `url` is where the document was found after redirects. A home page without listing rules gives no
    entries, but the feeds that it names. Raises FeedFormatError when the document is not a feed, or is
    one without a single link.
    """
    document = read_document(body, context, url=url, content_type=content_type, kind=kind, listing=listing)
    entries = tuple(_entries(document))
    if document.entries and not entries:
        reason = f"None of the {len(document.entries)} items has a link that is an http(s) URL."
        raise FeedFormatError(url, ErrorClass.NO_LINK, reason)
    return replace(document, entries=entries)  # type: ignore[arg-type, return-value]


def read_document(
    body: bytes,
    context: DateContext,
    *,
    url: str,
    content_type: str | None = None,
    kind: FeedKind = FeedKind.AUTO,
    listing: ListingRules | None = None,
) -> FeedDocument[FeedItem]:
    """Return every item of a document, those without a link included; otherwise as `parse_feed`."""
    if not body.strip():
        raise FeedFormatError(url, ErrorClass.EMPTY, "The document is empty.")
    text = decode_document(body, url, content_type, context.language)
    raw = _read(text, url, listing if kind in (FeedKind.LISTING, FeedKind.AUTO) else None)
    return normalise(raw, url, context)


def _read(text: str, url: str, listing: ListingRules | None) -> RawFeed:
    kind = sniff_kind(text)
    if kind is None:
        reason = "The document is not RSS, Atom, JSON Feed, a sitemap or HTML."
        raise FeedFormatError(url, ErrorClass.NOT_A_FEED, reason)
    if kind is FeedKind.JSON:
        return read_json_feed(text, url)
    if kind is FeedKind.LISTING:
        return read_listing(text, url, listing) if listing else read_home_page(text, url)
    return read_sitemap(text, url) if kind is FeedKind.SITEMAP else read_xml_feed(text, url, kind)


def _entries(document: FeedDocument[FeedItem]) -> Iterator[FeedEntry]:
    for item in document.entries:
        if item.url is not None:
            yield FeedEntry(
                item.url,
                title=item.title,
                guid=item.guid,
                published_at=item.published.at if item.published else None,
                published_raw=item.published_raw,
                updated_at=item.updated_at,
                summary=item.summary,
                authors=item.authors,
                language=item.language,
                content=item.content,
            )

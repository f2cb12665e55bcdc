"""HTML of one page -> Article. After fetch, before deduplicate."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from tasks.domain.body import read_body
from tasks.domain.html import decode_page, parse_html
from tasks.domain.json_ld import ARTICLE_TYPES, node_text
from tasks.domain.metadata import PageReading, find_canonical, read_page_head
from tasks.errors import ErrorClass, ExtractionError
from warehouse.records import ArchiveRef, Article, FeedEntry, Source

EXTRACTOR = "wirehouse-extract 1"


@dataclass(frozen=True, slots=True)
class PageContext:
    """What is known of a page beside its bytes."""

    url: str
    final_url: str
    url_key: str
    content_type: str | None = None
    fetched_at: datetime | None = None
    entry: FeedEntry | None = None
    ref: ArchiveRef | None = None


def parse_article(html: bytes, page: PageContext, source: Source) -> Article:
    """Return the article that a page holds.

    Raises ExtractionError when the page holds none; its class and sentence say why.
    """
    root = parse_html(decode_page(html, page.content_type))
    if root is None:
        raise ExtractionError(page.url, ErrorClass.EMPTY, "The page is empty or holds no markup.")
    reading = read_page_head(root, page.final_url or page.url)
    title = _title(reading, page)
    body = read_body(root)
    if not title or not body:
        raise ExtractionError(page.url, ErrorClass.NO_CONTENT, "The page holds no title or no text.")
    return Article(
        source=source.name,
        url=page.url,
        url_key=page.url_key,
        title=title,
        body=body,
        final_url=page.final_url,
        canonical_url=find_canonical(reading),
        extractor=EXTRACTOR,
        content_sha256=hashlib.sha256(body.encode()).hexdigest(),
        fetched_at=page.fetched_at,
        ref=page.ref,
    )


def _title(reading: PageReading, page: PageContext) -> str | None:
    for node in reading.linked.of_type(ARTICLE_TYPES):
        if text := node_text(node.get("headline")):
            return text
    heading = next((" ".join(h.text_content().split()) for h in reading.root.iter("h1")), None)
    return heading or reading.metas.first("og:title", "title") or (page.entry.title if page.entry else None)

"""Speed of feed parsing, compared with feedparser alone, in one process.

    python -m bench.feed_parse [FOLDER]

Without a folder of documents it writes its own: 60 feeds of 40 items with texts of a few hundred words.
Prints documents, megabytes and items a second of both, and the ratio. feedparser runs with its
sanitiser off, as for a program that does not need its HTML.
"""

import io
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import feedparser

from bench.comparison.ratios import note
from tasks.domain.dates.context import DateContext
from tasks.domain.feeds.parse import read_document
from tasks.errors import FeedFormatError

NOW = datetime(2026, 1, 12, tzinfo=UTC)


def main() -> None:
    """Measure both readers and print the figures."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    bodies = [p.read_bytes() for p in sorted(folder.iterdir()) if p.is_file()] if folder else _own_documents()
    size = sum(map(len, bodies))
    print(f"{len(bodies)} documents, {size / 1e6:.1f} MB")
    ours = _measure("wirehouse", bodies, _read)
    theirs = _measure("feedparser", bodies, _read_by_feedparser)
    print(f"ratio {theirs / ours:.1f}")
    note("parsing feeds", "CPU s", ours, "feedparser", theirs)


def _measure(name: str, bodies: Sequence[bytes], read: Callable[[bytes], int]) -> float:
    read(bodies[0])
    start = time.process_time()
    n_items = sum(read(body) for body in bodies)
    seconds = time.process_time() - start
    megabytes = sum(map(len, bodies)) / 1e6
    print(
        f"{name:12} {seconds:6.2f} s  {len(bodies) / seconds:7.1f} documents/s  "
        f"{megabytes / seconds:6.1f} MB/s  {n_items} items"
    )
    return seconds


def _read(body: bytes) -> int:
    try:
        return len(read_document(body, DateContext(NOW), url="https://news.example/feed").entries)
    except FeedFormatError:
        return 0


def _read_by_feedparser(body: bytes) -> int:
    parsed = feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
    return len(parsed.entries)


def _own_documents() -> list[bytes]:
    return [_rss(n) if n % 2 else _atom(n) for n in range(60)]


def _rss(n: int) -> bytes:
    items = "".join(
        f"<item><title>Headline {n}.{i} &amp; more</title><link>https://news.example/{n}/{i}</link>"
        f"<guid>https://news.example/{n}/{i}</guid><pubDate>Sat, 10 Jan 2026 10:{i:02}:00 +0100</pubDate>"
        f"<description><![CDATA[{_text(i)}]]></description></item>"
        for i in range(40)
    )
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>N</title>{items}</channel></rss>'.encode()
    )


def _atom(n: int) -> bytes:
    entries = "".join(
        f'<entry><title type="html">Headline {n}.{i}</title><link href="https://news.example/{n}/{i}"/>'
        f"<id>urn:{n}:{i}</id><published>2026-01-10T10:{i:02}:00+01:00</published>"
        f'<content type="html">{_text(i).replace("<", "&lt;")}</content></entry>'
        for i in range(40)
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>N</title>{entries}</feed>'.encode()


def _text(i: int) -> str:
    return "".join(f"<p>Paragraph {i}.{k} of a news text that goes on for a while.</p>" for k in range(60))


if __name__ == "__main__":
    main()

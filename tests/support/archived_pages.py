"""A small warehouse created without the network: pages are archived, extracted and loaded.

`older` simulates older rules: it changes the extracted articles before they are loaded.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from html import escape
from pathlib import Path

from tasks.archive.part_writer import open_writer
from tasks.archive.unchecked import load_checked, sizes_of
from tasks.archive.writer import ArchiveWriter
from tasks.domain.urls.key import url_key
from tasks.extract import Extracted, extract_pages
from tasks.fetch import FetchedPages, fetch_row
from tasks.load import load_pages
from tasks.workers.extraction_pool import ExtractionPool
from warehouse.records.feed import FeedEntry
from warehouse.records.page import FetchReason, Page, PageRequest
from warehouse.records.source import Feed, Source
from warehouse.runs import start_run
from warehouse.sources import load_sources
from warehouse.store.connection import Home, open_store

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SOURCES = (
    Source("herald", "The Harbour Herald", language="en", timezone="Europe/London", date_order="dmy",
           feeds=(Feed("https://herald.example/feed"),)),
    Source("courier", "The Dale Courier", language="en", timezone="Europe/London", date_order="dmy"),
)  # fmt: skip

_SUBJECTS = (
    "harbour",
    "council",
    "railway",
    "library",
    "orchard",
    "bridge",
    "market",
    "theatre",
    "reservoir",
    "school",
)
_VERBS = ("reopened", "postponed", "approved", "inspected", "repaired", "debated", "measured", "celebrated")
_PLACES = ("Eastwick", "Norton", "Kelby", "Marsham", "Ottery", "Thirlby", "Wadcombe", "Selside")


def paragraphs(seed: int, n: int = 5) -> list[str]:
    """Return paragraphs of news that are unique to the seed."""
    lines = []
    for i in range(n):
        a, b, c = _SUBJECTS[(seed + i) % 10], _VERBS[(seed * 3 + i) % 8], _PLACES[(seed * 5 + i * 2) % 8]
        lines.append(
            f"The {a} in {c} was {b} on the {seed + 3}th working day, officials of district "
            f"{seed * 7 + i} said, after "
            f"{seed * 11 + i * 13 + 20} residents had asked for it in letter number {seed * 101 + i}. "
            f"The cost was put at {seed * 17 + i * 29 + 300} thousand pounds, of which the county "
            f"pays share {i + seed}."
        )
    return lines


def html(title: str, lines: Sequence[str], published: datetime, head: str = "") -> bytes:
    """Return an article's page."""
    stamp = published.isoformat()
    text = "".join(f"<p>{escape(line)}</p>" for line in lines)
    text += (
        f'<p>The minutes of {escape(title)} are <a href="https://records.example/minutes">open to '
        f"readers</a> now.</p>"
    )
    return (
        f"<!DOCTYPE html><html lang=en><head><meta charset=utf-8><title>{escape(title)}</title>"
        f'<meta property="og:type" content="article"><meta property="article:published_time" '
        f'content="{stamp}">{head}</head>'
        f"<body><nav><a href=/>Home</a></nav><main><article><h1>{escape(title)}</h1>"
        f'<time datetime="{stamp}">{published:%d.%m.%Y %H:%M}</time>{text}</article></main></body></html>'
    ).encode()


@dataclass(frozen=True, slots=True)
class Shot:
    """One page as fetched."""

    url: str
    html: bytes
    at: datetime
    source: str = "herald"
    entry: FeedEntry | None = None


@dataclass(slots=True)
class ArchivedNews:
    """A home, and the methods that fill it."""

    home: Home
    pool: ExtractionPool
    sources: Sequence[Source] = SOURCES
    pages: list[Page] = field(default_factory=list)

    def store(self, shots: Iterable[Shot], older: Callable[[Extracted], Extracted] = lambda e: e) -> str:
        """Archive, extract and load pages as one run; return its id."""
        with open_store(self.home, owner="test") as con:
            load_sources(con, self.sources)
            run_id = start_run(con, "ingest")
        with open_writer(self.home) as archive:
            pages = tuple(self._write(archive, shot) for shot in shots)
        by_name = {source.name: source for source in self.sources}
        extracted = older(extract_pages(pages, by_name, self.home.archive, self.pool))
        load_pages(self.home, run_id, FetchedPages(pages, tuple(fetch_row(p) for p in pages)), extracted)
        load_checked(self.home, sizes_of(self.home, archive.files))
        self.pages += pages
        return run_id

    def archive_only(self, shots: Iterable[Shot], reason: FetchReason) -> tuple[Page, ...]:
        """Archive pages as requested for a reason, and load only the records of their requests."""
        with open_writer(self.home) as archive:
            pages = tuple(self._write(archive, shot, reason) for shot in shots)
        fetches = tuple(fetch_row(page) for page in pages)
        load_pages(self.home, "a run", FetchedPages(pages, fetches), Extracted((), ()))
        return pages

    def query(self, sql: str, *parameters: object) -> list[tuple]:
        """Query the store itself."""
        with open_store(self.home, owner="test") as con:
            return con.execute(sql, list(parameters)).fetchall()

    @staticmethod
    def _write(archive: ArchiveWriter, shot: Shot, reason: FetchReason = FetchReason.NEW) -> Page:
        request = PageRequest(
            shot.source,
            shot.url,
            url_key(shot.url),
            shot.entry or FeedEntry(shot.url),
            reason=reason,
        )
        return archive.write_imported(request, shot.html, at=shot.at, content_type="text/html; charset=utf-8")


def articles(n: int, source: str = "herald", *, first: int = 0, tail: Sequence[str] = ()) -> list[Shot]:
    """Return pages of different articles, one a day; `tail` are lines that all of them end with."""
    shots = []
    for i in range(first, first + n):
        at = START + timedelta(days=i)
        title = f"{_SUBJECTS[i % 10].title()} of {_PLACES[i % 8]} in the news again, part {i}"
        page = html(title, [*paragraphs(i), *tail], at - timedelta(hours=2))
        shots.append(Shot(f"https://{source}.example/2026/03/story-{i}", page, at, source))
    return shots


def old_rules(extracted: Extracted) -> Extracted:
    """Simulate older rules: a boilerplate line is kept, authors are missing, the day is one too early."""
    changed = []
    for article in extracted.articles:
        body = article.body + "\nRead more on our website"
        changed.append(
            replace(article, body=body, content_sha256=f"old {hash(body)}", extractor="old rules 0")
        )
    return replace(extracted, articles=tuple(changed))


def day_before(extracted: Extracted) -> Extracted:
    """Simulate older rules that date each article a day too early."""
    changed = []
    for article in extracted.articles:
        moment = article.published
        assert moment is not None and moment.at is not None
        on: date = moment.on - timedelta(days=1)
        moment = replace(moment, at=moment.at - timedelta(days=1), on=on, local=None)
        changed.append(replace(article, published=moment, extractor="old rules 0"))
    return replace(extracted, articles=tuple(changed))


def news_home(folder: Path) -> Home:
    """Return a new home in a folder."""
    return Home(folder / "home")

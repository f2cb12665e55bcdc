"""WARC files into the warehouse, whatever their sites: the same archive, extraction, load as fetched pages.

Above `tasks.captures`, which reads the files. Each batch of pages is one transaction; memory does not grow
with the files. Killed and started again, it gives the same rows.
"""

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from tasks.archive.part_writer import open_writer
from tasks.archive.replay import read_unloaded
from tasks.archive.unchecked import find_unchecked_files, load_checked, sizes_of
from tasks.captures.pages import CaptureSelection, domains_of, host_of
from tasks.captures.saved_pages import SavedFrom
from tasks.captures.store import CaptureFiles
from tasks.domain.urls.host import ascii_host, registrable_domain
from tasks.errors import UsageError
from tasks.extract import Extracted, extract_pages
from tasks.fetch import archived_pages
from tasks.load import load_pages
from tasks.sources import Sources
from tasks.workers.extraction_pool import ExtractionPool
from warehouse.publish import publish_snapshot
from warehouse.records.article import Article
from warehouse.records.outcome import Counts
from warehouse.records.page import FetchReason, Page
from warehouse.records.source import Source
from warehouse.run_record import RecordedRun, recorded_run
from warehouse.sources import load_sources, set_source_titles
from warehouse.store.connection import Home, open_store
from warehouse.store.progress import report_progress

_WIDEST_ZONE = timedelta(hours=14)  # a day begins as early as this before it does in UTC


@dataclass(frozen=True, slots=True)
class WarcFilter:
    """Which pages of the files are wanted; empty is all."""

    hosts: tuple[str, ...] = ()  # in ASCII; each with its sub-domains
    since: date | None = None  # of publication; an article without a date is kept
    until: date | None = None
    languages: frozenset[str] = frozenset()  # ISO 639-1; an article without a language is left out

    def in_range(self, article: Article) -> bool:
        """Say whether the article's day is in the range, or not known."""
        day = article.published.on if article.published else None
        return day is None or (self.since or date.min) <= day <= (self.until or date.max)

    def in_language(self, article: Article) -> bool:
        """Say whether the article has one of the languages."""
        return not self.languages or article.language in self.languages


def parse_filter(
    hosts: Iterable[str], since: date | None, until: date | None, languages: Iterable[str]
) -> WarcFilter:
    """Return the filter as a command's options say it. Raises UsageError."""
    if since and until and since > until:
        raise UsageError(f"--since: '{since}' is after --until '{until}'")
    names = []
    for host in hosts:
        try:
            names.append(ascii_host(host))
        except ValueError as error:
            raise UsageError(f"--host: {error}. Write it as news.example.") from error
    return WarcFilter(tuple(names), since, until, frozenset(name.lower()[:2] for name in languages))


def warc_files(
    paths: Iterable[Path],
    sources: Mapping[str, Source],
    wanted: WarcFilter,
    listed: Mapping[Path, SavedFrom] | None = None,
) -> CaptureFiles:
    """Return how to read the files: a site that no source has becomes a source named by its domain.

    `listed` says where saved pages come from.
    """
    from_at = None
    if wanted.since is not None:
        from_at = datetime.combine(wanted.since, time(), UTC) - _WIDEST_ZONE
    selection = CaptureSelection(domains_of(sources), takes_unknown=True, hosts=wanted.hosts, from_at=from_at)
    return CaptureFiles(tuple(paths), selection, listed=listed or {})


def import_warc(
    home: Home,
    files: CaptureFiles,
    sources: Sources | None,
    wanted: WarcFilter,
    pool: ExtractionPool | None = None,
) -> Counts:
    """Store the wanted pages of the files and publish; return what changed.

    `files.accounts` has the outcome of each record then. `pool` is an open pool to use. Raises
    WarehouseError when the store fails; the same import continues from there.
    """
    with recorded_run(home, "import", parameters=", ".join(path.name for path in files.paths)[:500]) as run:
        if sources is not None:
            with open_store(home, owner="import") as con:
                load_sources(con, sources.sources)
        with ExitStack() as stack:
            archive = stack.enter_context(open_writer(home))
            workers = pool or stack.enter_context(ExtractionPool())
            importer = _Importer(home, run, sources.by_name() if sources else {}, wanted, workers)
            importer.load_left_behind()
            for batch in files.batches(home, archive):
                kept, n_other_language = importer.extract(batch.fetched.pages)
                counts = load_pages(home, run.run_id, batch.fetched, kept)
                importer.name_sources(kept.articles)
                batch.note_loaded(kept, counts, n_other_language)
                run.add(counts)
                report_progress("records", sum(account.records for account in files.accounts))
        load_checked(home, sizes_of(home, archive.files))
    publish_snapshot(home)
    return run.counts


@dataclass(slots=True)
class _Importer:
    """Extracts pages and drops what is not wanted."""

    home: Home
    run: RecordedRun
    sources: Mapping[str, Source]
    wanted: WarcFilter
    pool: ExtractionPool
    named: set[str] = field(default_factory=set)  # sources that have their title

    def extract(self, pages: tuple[Page, ...]) -> tuple[Extracted, int]:
        """Return the wanted articles and the rejects, and how many articles are in other languages."""
        extracted = extract_pages(pages, self.sources, self.home.archive, self.pool)
        in_range = [article for article in extracted.articles if self.wanted.in_range(article)]
        kept = tuple(article for article in in_range if self.wanted.in_language(article))
        return replace(extracted, articles=kept), len(in_range) - len(kept)

    def load_left_behind(self) -> None:
        """Load the captures that a killed run archived and did not load."""
        files = find_unchecked_files(self.home)
        for unloaded in read_unloaded(self.home, files) if files else ():
            pages = tuple(p for p in unloaded.pages if p.request.reason is FetchReason.BACKFILL)
            if pages:
                kept, _ = self.extract(pages)
                self.run.add(load_pages(self.home, self.run.run_id, archived_pages(pages), kept))
                self.name_sources(kept.articles)

    def name_sources(self, articles: Iterable[Article]) -> None:
        """Give the sources that only these files name the title of their domain."""
        titles = {}
        for article in articles:
            if article.source not in self.sources and article.source not in self.named:
                host = host_of(article.url)
                titles[article.source] = _readable(registrable_domain(host) or host)
        if titles:
            self.named.update(titles)
            with open_store(self.home, owner="import") as con:
                set_source_titles(con, titles)


def _readable(domain: str) -> str:
    """Return a domain with its international letters."""
    try:
        return domain.encode("ascii").decode("idna")
    except UnicodeError:
        return domain

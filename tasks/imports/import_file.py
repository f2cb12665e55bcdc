"""A file of articles into the warehouse: the same archive, identities, load and duplicates as fetched pages.

In batches of some thousand rows, one transaction each; memory does not grow with the file. Idempotent: a row
that is stored already is skipped.
"""

from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path

import duckdb

from tasks.archive.part_writer import open_writer
from tasks.archive.replay import read_unloaded
from tasks.archive.unchecked import find_unchecked_files, load_checked, sizes_of
from tasks.archive.writer import ArchiveWriter
from tasks.domain.articles.imported import (
    IMPORTED_TYPE,
    import_request,
    is_imported,
    parse_imported,
    row_payload,
    source_name,
)
from tasks.domain.dates.relative import may_be_relative, read_relative
from tasks.domain.urls.key import article_id
from tasks.errors import ErrorClass, ItemError
from tasks.extract import extract_pages
from tasks.imports.rows import Row, count_rows, read_rows
from tasks.load import store_articles, store_batch
from tasks.workers.extraction_pool import ExtractionPool
from warehouse.errors import WarehouseError
from warehouse.imports import find_known_versions
from warehouse.publish import publish_snapshot
from warehouse.records.article import Article
from warehouse.records.outcome import Batch, Counts, Reject, Step
from warehouse.records.page import ArchiveRef, Page, PageRequest
from warehouse.rewrite.forget import find_forgotten
from warehouse.run_record import recorded_run
from warehouse.sources import find_source_titles, set_source_titles
from warehouse.store.connection import Home, open_store, read_store, transaction
from warehouse.store.progress import is_watched, report_progress
from warehouse.store.text import SHORT_LIMIT, TITLE_LIMIT, VALUE_LIMIT, clean_text
from warehouse.wording import plural

BATCH_ROWS = 2_000
EARLIEST_ON = date(1990, 1, 1)  # earlier dates are mostly errors of conversion, such as 1970-01-01


@dataclass(slots=True)
class _Progress:
    """How much of a file is committed."""

    n_rows: int = 0
    counts: Counts = field(default_factory=Counts)


def import_file(
    home: Home,
    path: Path,
    *,
    now: datetime,
    earliest_on: date = EARLIEST_ON,
) -> Counts:
    """Store the articles of a file and publish; return what changed.

    A row without URL or text, or with a date that is unreadable, relative, before `earliest_on` or in the
    future, becomes a reject that names the row's number. Raises UsageError when the file as a whole cannot
    be read, WarehouseError when the store fails; its message says how many rows are stored.
    """
    rows, progress = read_rows(path), _Progress()
    try:
        _load_left_behind(home)
        _import_rows(home, path, rows, progress, RowDates(now, earliest_on))
        publish_snapshot(home)
    except WarehouseError as error:
        with suppress(WarehouseError):
            publish_snapshot(home)
        raise type(error)(f"{error} {_stored_sentence(path, progress)}") from error
    except BaseException:
        publish_snapshot(home)
        raise
    return progress.counts


def _import_rows(
    home: Home,
    path: Path,
    rows: Iterator[Row],
    progress: _Progress,
    dates: "RowDates",
) -> None:
    n_rows = count_rows(path) if is_watched() else None
    with recorded_run(home, "import", parameters=path.name) as run:
        with open_writer(home) as archive:
            reader = RowReader(path.name, _find_titles(home, path), archive, dates)
            for n_read, batch in _batches(rows):
                with open_store(home, owner=f"import of {path.name}") as con, transaction(con):
                    counts = _store(con, reader, batch, run.run_id)
                run.add(counts)
                progress.n_rows, progress.counts = n_read, run.counts
                report_progress("rows", n_read, n_rows and max(n_rows, n_read))
        load_checked(home, sizes_of(home, archive.files))  # else the next run would read all rows again


def _stored_sentence(path: Path, progress: _Progress) -> str:
    if not progress.n_rows:
        return f"No row of {path.name} was stored."
    counts = progress.counts
    return (
        f"The first {plural(progress.n_rows, 'row')} of {path.name} are stored ({counts.n_new:,} new, "
        f"{counts.n_revised:,} revised). Import the file again for the rest."
    )


def _load_left_behind(home: Home) -> None:
    """Load rows that a killed or failed import archived but did not load: no row is archived twice."""
    files = find_unchecked_files(home)
    pages = [page for batch in read_unloaded(home, files) for page in batch.pages if is_imported(page)]
    if not pages:
        return
    with ExitStack() as stack:
        run = stack.enter_context(recorded_run(home, "import", parameters="rows left behind"))
        pool = stack.enter_context(ExtractionPool())
        for start in range(0, len(pages), BATCH_ROWS):
            extracted = extract_pages(pages[start : start + BATCH_ROWS], {}, home.archive, pool)
            batch = Batch(run.run_id, articles=extracted.articles, rejects=extracted.rejects)
            run.add(store_batch(home, batch, owner="import"))


def _find_titles(home: Home, path: Path) -> dict[str, str]:
    with read_store(home, owner=f"import of {path.name}") as con:
        return find_source_titles(con)


def _batches(rows: Iterator[Row]) -> Iterator[tuple[int, list[Row]]]:
    """Yield the number of rows read so far, and the next rows."""
    n_read = 0
    while batch := list(islice(rows, BATCH_ROWS)):
        n_read += len(batch)
        yield n_read, batch


def _store(con: duckdb.DuckDBPyConnection, reader: "RowReader", rows: list[Row], run_id: str) -> Counts:
    """Archive and store those of the rows that are new; return what changed."""
    reader.begin_batch()
    read = reader.read(rows)
    known = find_known_versions(con, [row.version for row in read])
    forgotten = find_forgotten(con, [row.article.url_key for row in read])
    new = [row for row in read if row.version not in known and row.article.url_key not in forgotten]
    articles = tuple(reader.archive_row(row) for row in new)
    reader.sync()
    counts = store_articles(con, Batch(run_id, articles=articles, rejects=tuple(reader.rejects)))
    set_source_titles(con, reader.new_titles)
    n_revised = counts.n_revised + _count_more_versions(new)
    return replace(
        counts,
        n_revised=n_revised,
        n_unchanged=len(read) - counts.n_new - n_revised,  # each row is one of the three, or a reject
        n_entries=len(rows),
        n_rejects=len(reader.rejects),
    )


def _count_more_versions(read: list["ReadRow"]) -> int:
    """Count the versions that rows of one batch give of an article beyond its first."""
    versions = {row.version[:3] for row in read}
    return len(versions) - len({version[0] for version in versions})


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row and the article that it gives."""

    row: Row
    request: PageRequest
    article: Article
    version: tuple[str, str, str, str | None]


def _version(article: Article) -> tuple[str, str, str, str | None]:
    raw = clean_text(article.published.raw, VALUE_LIMIT) if article.published else None
    return article_id(article.url_key), article.content_sha256, clean_text(article.title, TITLE_LIMIT), raw


def _source_title(row: Row) -> str:
    return clean_text(str(row.fields.get("source") or ""), SHORT_LIMIT).strip()


@dataclass(frozen=True, slots=True)
class RowDates:
    """Which publication dates a file may have."""

    now: datetime
    earliest_on: date

    def problem(self, article: Article) -> str | None:
        """Return why the article's date is not accepted; None when it is, or there is none."""
        published = article.published
        if published is None:
            return None
        if may_be_relative(published.raw) and read_relative(published.raw) is not None:
            return f"published: {published.raw[:60]!r} is a relative date."
        if published.on < self.earliest_on:
            return f"published: {published.raw[:60]!r} is before {self.earliest_on}."
        latest = self.now + timedelta(days=1)
        is_late = published.at > latest if published.at else published.on > latest.date()
        return f"published: {published.raw[:60]!r} is in the future." if is_late else None


class RowReader:
    """Reads the rows of a file; keeps what failed in the present batch and which sources it named."""

    def __init__(
        self, file_name: str, titles: dict[str, str], archive: ArchiveWriter, dates: RowDates
    ) -> None:
        self.rejects: list[Reject] = []
        self.new_titles: dict[str, str] = {}
        self._file_name = file_name
        self._titles = titles
        self._archive = archive
        self._dates = dates

    def begin_batch(self) -> None:
        """Forget the rejects and the titles of the batch before."""
        self.rejects.clear()
        self.new_titles.clear()

    def read(self, rows: list[Row]) -> list[ReadRow]:
        """Return the rows that give an article, with it."""
        read = []
        for row in rows:
            try:
                read.append(self._read(row))
            except ItemError as error:
                self._reject(row, error)
        return read

    def archive_row(self, read: ReadRow) -> Article:
        """Store the row in the archive; return the article with its place there."""
        assert read.article.fetched_at is not None
        page = self._archive.write_imported(
            read.request, row_payload(read.row.fields), at=read.article.fetched_at, content_type=IMPORTED_TYPE
        )
        return replace(read.article, ref=page.ref)

    def sync(self) -> None:
        """Force the archived rows to the disk, before the warehouse refers to them."""
        self._archive.sync()

    def _read(self, row: Row) -> ReadRow:
        if row.problem:
            raise ItemError(self._place(row), ErrorClass.PARSE, f"{row.problem}.")
        title = _source_title(row)
        url = str(row.fields.get("url") or "")
        if not url.strip():
            raise ItemError(self._place(row), ErrorClass.BAD_URL, "The row has no URL.")
        request = import_request(row.fields, self._source(title, url))
        article = parse_imported(row.fields, self._page(request, row))
        if (problem := self._dates.problem(article)) is not None:
            raise ItemError(request.url, ErrorClass.PARSE, problem)
        return ReadRow(row, request, article, _version(article))

    def _page(self, request: PageRequest, row: Row) -> Page:
        # Of two rows for one address the later one is the later version.
        at = self._dates.now.astimezone(UTC) + timedelta(microseconds=row.number)
        return Page(request, request.url, 200, at, ArchiveRef("", 0, 0), "", IMPORTED_TYPE)

    def _source(self, title: str, url: str) -> str:
        name = self._titles.get(title.lower()) if title else None
        if name is None:
            name = source_name(title, url)
            if title:
                self._titles[title.lower()] = name
        if title:
            self.new_titles[name] = title
        return name

    def _reject(self, row: Row, error: ItemError) -> None:
        title = _source_title(row)
        self.rejects.append(
            Reject(
                source=self._source(title, error.url),
                step=Step.EXTRACT,
                error_class=error.error_class.value,
                reason=f"Row {row.number} of {self._file_name}: {error.reason}",
                url=error.url,
                at=self._dates.now,
            )
        )

    def _place(self, row: Row) -> str:
        return f"{self._file_name}#row-{row.number}"

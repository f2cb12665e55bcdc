"""A file of articles into the warehouse: the same archive, identities, load and duplicates as fetched pages.

In batches of some thousand rows, one transaction each; memory does not grow with the file. Idempotent: a row
that is stored already is skipped.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import duckdb

from tasks.archive.replay import load_checked, sizes_of
from tasks.archive.writer import ArchiveWriter
from tasks.domain.articles.imported import (
    IMPORTED_TYPE,
    import_request,
    parse_imported,
    row_payload,
    source_name,
)
from tasks.domain.urls.key import article_id
from tasks.errors import ErrorClass, ItemError
from tasks.imports.rows import Row, read_rows
from tasks.load import store_articles
from warehouse.imports import find_known_versions
from warehouse.publish import publish_snapshot
from warehouse.records import ArchiveRef, Article, Batch, Counts, Page, PageRequest, Reject, Step
from warehouse.rewrite.forget import find_forgotten
from warehouse.run_record import recorded_run
from warehouse.sources import find_source_titles, set_source_titles
from warehouse.store.connection import Home, open_store, transaction
from warehouse.store.text import SHORT_LIMIT, TITLE_LIMIT, VALUE_LIMIT, clean_text

BATCH_ROWS = 2_000


def import_file(
    home: Home, path: Path, *, now: datetime, on_batch: Callable[[int, Counts], None] | None = None
) -> Counts:
    """Store the articles of a file and publish; return what changed.

    `on_batch` is called after each batch with the number of rows read and the counts so far. A row without
    URL or text, or with a date that cannot be read, becomes a reject that names the row's number. Raises
    UsageError when the file as a whole cannot be read.
    """
    rows = read_rows(path)
    try:
        with recorded_run(home, "import", parameters=path.name) as run:
            with ArchiveWriter(home.pages_dir) as archive:
                reader = RowReader(path.name, _find_titles(home, path), archive, now)
                for n_read, batch in _batches(rows):
                    with open_store(home, owner=f"import of {path.name}") as con, transaction(con):
                        counts = _store(con, reader, batch, run.run_id)
                    run.add(counts)
                    if on_batch:
                        on_batch(n_read, run.counts)
            load_checked(home, sizes_of(home, archive.files))  # else the next run would read all rows again
    finally:
        publish_snapshot(home)
    return run.counts


def _find_titles(home: Home, path: Path) -> dict[str, str]:
    with open_store(home, owner=f"import of {path.name}") as con:
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


class RowReader:
    """Reads the rows of a file; keeps what failed in the present batch and which sources it named."""

    def __init__(self, file_name: str, titles: dict[str, str], archive: ArchiveWriter, now: datetime) -> None:
        self.rejects: list[Reject] = []
        self.new_titles: dict[str, str] = {}
        self._file_name = file_name
        self._titles = titles
        self._archive = archive
        self._now = now

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
        return ReadRow(row, request, article, _version(article))

    def _page(self, request: PageRequest, row: Row) -> Page:
        # Of two rows for one address the later one is the later version.
        at = self._now.astimezone(UTC) + timedelta(microseconds=row.number)
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
                at=self._now,
            )
        )

    def _place(self, row: Row) -> str:
        return f"{self._file_name}#row-{row.number}"

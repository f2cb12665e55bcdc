"""A file of articles -> the warehouse, through the archive, identities, duplicates and load of fetched pages.

Batches of some thousand rows, one transaction each; nothing is held for the whole file. A row that is stored
already is passed over, so the same file again changes nothing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import duckdb

from tasks.archive.writer import ArchiveWriter
from tasks.deduplicate import link_articles
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
from tasks.load import article_ids
from tasks.recurring import clean_texts
from tasks.replay import load_checked, sizes_of
from warehouse.articles import load_batch
from warehouse.imports import find_known_versions, find_source_titles, set_source_titles
from warehouse.publish import publish_snapshot
from warehouse.records import ArchiveRef, Article, Batch, Counts, Page, PageRequest, Reject, Step
from warehouse.rewrite.forget import find_forgotten
from warehouse.runs import end_run, start_run
from warehouse.store.connection import Home, open_store, transaction
from warehouse.store.text import SHORT_LIMIT, TITLE_LIMIT, VALUE_LIMIT, clean_text

BATCH_ROWS = 2_000


def import_file(
    home: Home, path: Path, *, now: datetime, tell: Callable[[int, Counts], None] | None = None
) -> Counts:
    """Store the articles of a file and publish; `tell` hears the rows read and the counts after each batch.

    A row without URL or text, or with a date that cannot be read, becomes a reject that names its number.
    Raises UsageError when the file as a whole cannot be read.
    """
    rows = read_rows(path)
    with open_store(home, owner=f"import of {path.name}") as con:
        run_id = start_run(con, "import", parameters=path.name)
        titles = find_source_titles(con)
    counts, status = Counts(), "failed"
    try:
        with ArchiveWriter(home.pages_dir) as archive:
            for n_read, batch in _batches(rows):
                reader = _Reader(path.name, titles, archive, now)
                with open_store(home, owner=f"import of {path.name}") as con, transaction(con):
                    counts += _load(con, reader, batch, run_id)
                if tell:
                    tell(n_read, counts)
        load_checked(home, sizes_of(home, archive.files))  # else the next run would read all rows again
        status = "partial" if counts.n_rejects else "completed"
    finally:
        with open_store(home, owner=f"import of {path.name}") as con:
            end_run(con, run_id, status, counts)
        publish_snapshot(home)
    return counts


def _batches(rows: Iterator[Row]) -> Iterator[tuple[int, list[Row]]]:
    n_read = 0
    while batch := list(islice(rows, BATCH_ROWS)):
        n_read += len(batch)
        yield n_read, batch


def _load(con: duckdb.DuckDBPyConnection, reader: "_Reader", rows: list[Row], run_id: str) -> Counts:
    """Archive and load what is new of some rows, and link it."""
    read = reader.read(rows)
    known = find_known_versions(con, [one.version for one in read])
    kept_out = find_forgotten(con, [one.article.url_key for one in read])
    new = [one for one in read if one.version not in known and one.article.url_key not in kept_out]
    articles = tuple(reader.archived(one) for one in new)
    reader.sync()
    loaded = load_batch(con, Batch(run_id, articles=articles, rejects=tuple(reader.rejects)))
    set_source_titles(con, reader.new_titles)
    n_duplicates = link_articles(con, loaded.changed_ids, loaded.load_id)
    clean_texts(con, article_ids(articles))
    counts = replace(loaded.counts, n_revised=loaded.counts.n_revised + _more_versions(new))
    n_unchanged = len(read) - counts.n_new - counts.n_revised  # each row is one of the three, or a reject
    counts = replace(counts, n_duplicates=n_duplicates, n_unchanged=n_unchanged, n_entries=len(rows))
    return replace(counts, n_rejects=len(reader.rejects))


def _more_versions(read: list["_Read"]) -> int:
    """Count the versions that rows of one batch give of an article beyond its first."""
    versions = {one.version[:3] for one in read}
    return len(versions) - len({version[0] for version in versions})


@dataclass(frozen=True, slots=True)
class _Read:
    """A row, read."""

    row: Row
    request: PageRequest
    article: Article
    version: tuple[str, str, str, str | None]


def _version(article: Article) -> tuple[str, str, str, str | None]:
    raw = clean_text(article.published.raw, VALUE_LIMIT) if article.published else None
    return article_id(article.url_key), article.content_sha256, clean_text(article.title, TITLE_LIMIT), raw


def _source_title(row: Row) -> str:
    return clean_text(str(row.fields.get("source") or ""), SHORT_LIMIT).strip()


class _Reader:
    """Reads the rows of one batch; keeps what failed and which sources were new."""

    def __init__(self, file_name: str, titles: dict[str, str], archive: ArchiveWriter, now: datetime) -> None:
        self.rejects: list[Reject] = []
        self.new_titles: dict[str, str] = {}
        self._file_name = file_name
        self._titles = titles
        self._archive = archive
        self._now = now

    def read(self, rows: list[Row]) -> list[_Read]:
        """Return the rows that give an article, with it."""
        read = []
        for row in rows:
            try:
                read.append(self._read(row))
            except ItemError as error:
                self._reject(row, error)
        return read

    def archived(self, one: _Read) -> Article:
        """Store the row in the archive; return the article with its place there."""
        assert one.article.fetched_at is not None
        page = self._archive.write_imported(
            one.request, row_payload(one.row.fields), at=one.article.fetched_at, content_type=IMPORTED_TYPE
        )
        return replace(one.article, ref=page.ref)

    def sync(self) -> None:
        """Force the archived rows to the disk, before the warehouse refers to them."""
        self._archive.sync()

    def _read(self, row: Row) -> _Read:
        if row.problem:
            raise ItemError(self._place(row), ErrorClass.PARSE, f"{row.problem}.")
        title = _source_title(row)
        url = str(row.fields.get("url") or "")
        if not url.strip():
            raise ItemError(self._place(row), ErrorClass.BAD_URL, "The row has no URL.")
        request = import_request(row.fields, self._source(title, url))
        article = parse_imported(row.fields, self._page(request, row))
        return _Read(row, request, article, _version(article))

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

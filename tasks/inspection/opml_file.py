"""Imports the feeds of an OPML file into the source list. Nothing is requested from the network."""

from dataclasses import dataclass
from pathlib import Path

from tasks.domain.source_list.opml import drafts_of, parse_opml
from tasks.errors import FeedFormatError, UsageError
from tasks.inspection.source_file import append_sources, find_listed, read_existing
from warehouse.errors import why_unreadable

MAX_FILE_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class ImportedList:
    """The outcome of an import."""

    n_added: int
    n_known: int  # feeds that were listed already
    problems: tuple[str, ...]  # sentences about outlines that are not usable


def import_file(file: Path, path: Path) -> ImportedList:
    """Add the feeds of an OPML file to the source list at `path`, which is created if it is missing.

    Raises UsageError for a file that is not OPML or lists no feed, SourcesError for the source list.
    """
    sources = read_existing(path)
    try:
        outlines = parse_opml(_read(file), str(file))
    except FeedFormatError as error:
        raise UsageError(error.reason) from error
    if not outlines.feeds and not outlines.problems:
        raise UsageError(f"'{file}' lists no feed: no outline has an xmlUrl.")
    known = find_listed(sources, [feed.url for feed in outlines.feeds])
    added = [feed for feed in outlines.feeds if feed.url not in known]
    if added:
        append_sources(path, drafts_of(added, set(sources.by_name())))
    return ImportedList(len(added), len(known), outlines.problems)


def _read(file: Path) -> bytes:
    try:
        if file.stat().st_size > MAX_FILE_BYTES:
            raise UsageError(f"'{file}' is larger than {MAX_FILE_BYTES // 1_000_000} MB.")
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f"'{file}' cannot be read: {why_unreadable(error)}") from error

"""Writes the feeds of searches.toml as files, so that any web server can offer them.

After publish, in an ingest run that finds a new snapshot or a changed file. Each feed is `NAME.atom` and
`NAME.json` (JSON Feed) in `feeds_folder`, replaced in one step, and only when its content changed. A note
names the files before they are written, so that `forget` finds them also after a kill.
"""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout

from tasks.alerts.searches_file import read_if_any
from tasks.errors import SearchesError
from warehouse.alerts.feed_note import FeedNote, are_feeds_due, feed_key, read_feed_note, write_feed_note
from warehouse.alerts.feeds import FeedPlace, FeedUnavailable, find_search_feed, find_sql_feed
from warehouse.alerts.saved_feed import SavedFeed
from warehouse.alerts.saved_search import SavedSearch, SavedSearches
from warehouse.errors import WarehouseError, why_unreadable
from warehouse.reading.snapshots import Session, SnapshotSource
from warehouse.store.home import Home
from warehouse.text.syndication import OutgoingFeed, atom, json_feed
from warehouse.wording import plural

log = logging.getLogger("wirehouse")

_TIMEOUT_S = 60  # for one feed


def write_feed_files(home: Home, searches_file: Path) -> tuple[str, ...]:
    """Write the feeds of a file when they are due; return why some could not be made.

    A mistake in searches.toml keeps the files as they are; sending alerts reports it. One feed that fails
    does not stop the others.
    """
    try:
        searches = read_if_any(searches_file)
    except SearchesError:
        return ()
    if not are_feeds_due(home, searches):
        return ()
    try:
        with FileLock(home.state_dir / "feeds.lock", timeout=0, mode=0o640):
            return _write_all(home, searches, searches_file)
    except Timeout:
        log.info("Another process is writing feeds.")
        return ()


def make_feed(
    session: Session, item: SavedSearch | SavedFeed, searches: SavedSearches, feed_url: str = ""
) -> OutgoingFeed:
    """Return a saved search or feed of searches.toml as it is read at `feed_url`. Raises FeedUnavailable."""
    folder = "searches" if isinstance(item, SavedSearch) else "feeds"
    has_page = searches.browse_url is not None and item in searches.items()
    page_url = f"{searches.browse_url}{folder}/{item.name}" if has_page else ""
    place = FeedPlace(feed_url, page_url, searches.browse_url)
    if isinstance(item, SavedSearch):
        return find_search_feed(session.con, item, place, session.published_at)
    return find_sql_feed(session.con, item, place, session.published_at)


def replace_if_changed(file: Path, content: bytes) -> bool:
    """Replace a file in one step unless it has this content; return whether it was. Raises OSError."""
    if file.exists() and file.read_bytes() == content:
        return False
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        partial.write_bytes(content)
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)
    return True


def _write_all(home: Home, searches: SavedSearches, searches_file: Path) -> tuple[str, ...]:
    before = read_feed_note(home)
    items = searches.items() if searches.feeds_folder else ()
    files = [file for item in items for file in _files(searches, item.name)]
    named = tuple(dict.fromkeys((*before.files, *map(str, files))))
    write_feed_note(home, FeedNote("", str(searches_file), named))
    problems: list[str] = []
    n_written = 0
    key = feed_key(home, searches) if items else ""
    with SnapshotSource(home, timeout_s=_TIMEOUT_S) as snapshots:
        for item in items:
            try:
                n_written += _write(snapshots, searches, item)
            except FeedUnavailable as error:
                problems.append(str(error))
            except (WarehouseError, duckdb.Error) as error:
                problems.append(f"feed '{item.name}': {error}")
            except OSError as error:
                problems.append(f"feed '{item.name}' cannot be written: {why_unreadable(error)}")
    for file in set(before.files) - set(map(str, files)):
        Path(file).unlink(missing_ok=True)
    present = tuple(str(file) for file in files if file.exists())
    write_feed_note(home, FeedNote("" if problems else key, str(searches_file), present))
    log.info("Wrote %s to %s", plural(n_written, "feed file"), searches.feeds_folder)
    for problem in problems:
        log.error("%s", problem)
    return tuple(problems)


def _write(snapshots: SnapshotSource, searches: SavedSearches, item: SavedSearch | SavedFeed) -> int:
    """Write both forms of a feed; return how many files changed."""
    base = searches.feeds_url
    with snapshots.session() as session:
        feed_url = f"{base}{item.name}.atom" if base else ""
        feed = make_feed(session, item, searches, feed_url)
    atom_file, json_file = _files(searches, item.name)
    json_url = f"{base}{item.name}.json" if base else ""
    return replace_if_changed(atom_file, atom(feed)) + replace_if_changed(
        json_file, json_feed(feed, json_url)
    )


def _files(searches: SavedSearches, name: str) -> Iterator[Path]:
    assert searches.feeds_folder is not None
    yield searches.feeds_folder / f"{name}.atom"
    yield searches.feeds_folder / f"{name}.json"

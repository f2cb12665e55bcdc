"""Which feed files were written, from which snapshot: a small file in the state folder.

`tasks.alerts.feed_files` writes the files; `forget` deletes them, because they may name the article.
"""

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from warehouse.alerts.saved_search import SavedSearches
from warehouse.store.filesystem import make_folder, write_note
from warehouse.store.home import Home


@dataclass(frozen=True, slots=True)
class FeedNote:
    """The feed files of a home."""

    key: str = ""  # of the snapshot and searches.toml that they were made of; empty: they are incomplete
    searches_file: str = ""
    files: tuple[str, ...] = ()


def read_feed_note(home: Home) -> FeedNote:
    """Return the note; an empty one when no feed was ever written."""
    try:
        note = FeedNote(**json.loads(home.feed_note.read_text(encoding="utf-8")))
        return FeedNote(note.key, note.searches_file, tuple(note.files))
    except (OSError, ValueError, TypeError):
        return FeedNote()


def write_feed_note(home: Home, note: FeedNote) -> None:
    """Replace the note, in one step."""
    make_folder(home.state_dir)
    partial = home.feed_note.with_name(f".feeds.{os.getpid()}.tmp")
    write_note(partial, json.dumps(asdict(note)))
    partial.replace(home.feed_note)


def feed_key(home: Home, searches: SavedSearches) -> str:
    """Return a text that changes with the snapshot and with everything that the feeds are made of."""
    stat = home.snapshot_file.stat()
    made_of = f"{stat.st_mtime_ns} {stat.st_ino} {stat.st_size} {searches!r}"
    return hashlib.sha256(made_of.encode("utf-8", "replace")).hexdigest()[:24]


def are_feeds_due(home: Home, searches: SavedSearches) -> bool:
    """Say whether feed files are missing, or older than the snapshot or searches.toml."""
    note = read_feed_note(home)
    if searches.feeds_folder is None:
        return bool(note.files)
    if not home.snapshot_file.exists():
        return False
    return note.key != feed_key(home, searches) or not all(Path(file).exists() for file in note.files)


def remove_feed_files(home: Home) -> None:
    """Delete all feed files; the next run writes them again."""
    note = read_feed_note(home)
    if note.files:
        for file in note.files:
            Path(file).unlink(missing_ok=True)
        write_feed_note(home, FeedNote("", note.searches_file))

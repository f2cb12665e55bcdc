"""Appends a source to sources.toml and leaves the rest of the file unchanged.

Beside `tasks.sources`, which reads it. The new text is checked as a whole before it replaces the old
file in one step, so that no reader sees half a file.
"""

import os
import tomllib
from pathlib import Path

from tasks.domain.feeds.source_draft import SourceDraft, draft_toml
from tasks.errors import SourcesError, why_unreadable
from tasks.sources import Sources, parse_sources, read_sources

_HEADER = "# What wirehouse reads. docs/sources.md documents every key.\n"


def read_existing(path: Path) -> Sources:
    """Read a source list; one that does not exist yet is empty. Raises SourcesError."""
    return read_sources(path) if path.exists() else Sources(())


def find_listed(sources: Sources, draft: SourceDraft) -> str | None:
    """Return the name of the source that already has one of the draft's feeds, or None."""
    urls = {feed.url for feed in draft.feeds}
    return next((s.name for s in sources.sources if any(feed.url in urls for feed in s.feeds)), None)


def append_source(path: Path, draft: SourceDraft) -> None:
    """Add the draft's entry at the end of the file, creating it if needed. Raises SourcesError."""
    before = path.read_text(encoding="utf-8") if path.exists() else _HEADER
    text = before.rstrip("\n") + "\n\n" + draft_toml(draft)
    parse_sources(tomllib.loads(text), str(path))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.{os.getpid()}")
        partial.write_text(text, encoding="utf-8")
        if path.exists():
            partial.chmod(path.stat().st_mode)
        partial.replace(path)
    except OSError as error:
        raise SourcesError(
            f"'{path}' cannot be written: {why_unreadable(error)} Nothing was changed."
        ) from error

"""Appends a source to sources.toml, leaving the rest of the file as it is.

Beside `tasks.sources`, which reads it. The new text is checked as a whole before it takes the old
one's place, in one step: no reader ever sees half a file.
"""

import os
import tomllib
from pathlib import Path

from tasks.domain.feeds.source_draft import SourceDraft, draft_toml
from tasks.errors import SourcesError
from tasks.sources import Sources, parse_sources, read_sources

_HEADER = "# What wirehouse reads. docs/sources.md documents every key.\n"


def read_existing(path: Path) -> Sources:
    """Read a source list; one that does not exist yet is empty. Raises SourcesError."""
    return read_sources(path) if path.exists() else Sources(())


def find_listed(sources: Sources, draft: SourceDraft) -> str | None:
    """Return the name of the source that already reads one of the draft's feeds."""
    urls = {feed.url for feed in draft.feeds}
    return next((s.name for s in sources.sources if any(feed.url in urls for feed in s.feeds)), None)


def append_source(path: Path, draft: SourceDraft) -> None:
    """Add the draft's entry at the end of the file, made if there is none. Raises SourcesError."""
    before = path.read_text(encoding="utf-8") if path.exists() else _HEADER
    text = before.rstrip("\n") + "\n\n" + draft_toml(draft)
    parse_sources(tomllib.loads(text), str(path))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        beside.write_text(text, encoding="utf-8")
        if path.exists():
            beside.chmod(path.stat().st_mode)
        beside.replace(path)
    except OSError as error:
        raise SourcesError(f"{path}: cannot be written ({error.strerror}); nothing was changed.") from error

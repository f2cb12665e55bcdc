"""Changes sources.toml and leaves the rest of the file as it was.

Beside `tasks.sources`, which reads it. The new text is checked as a whole before it replaces the old
file in one step, so that no reader sees half a file.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tasks.domain.source_list.draft import SourceDraft, draft_toml
from tasks.domain.source_list.edit import EditRefused, with_moved_feeds, without_source
from tasks.errors import SourcesError
from tasks.sources import Sources, parse_sources, read_sources, select_sources
from warehouse.toml_file import replace_file

_HEADER = "# What wirehouse reads. docs/reference/sources.md documents every key.\n"


def read_existing(path: Path) -> Sources:
    """Read a source list; one that does not exist yet is empty. Raises SourcesError."""
    return read_sources(path) if path.exists() else Sources(())


def find_listed(sources: Sources, urls: Iterable[str]) -> dict[str, str]:
    """Return those of the feed URLs that are listed already, with the name of the source that has each."""
    owners = {feed.url: source.name for source in sources.sources for feed in source.feeds}
    return {url: owners[url] for url in urls if url in owners}


def append_sources(path: Path, drafts: Sequence[SourceDraft]) -> None:
    """Add the drafts' entries at the end of the file, creating it if needed. Raises SourcesError."""
    before = _read(path) if path.exists() else _HEADER
    _write(path, "\n".join([before.rstrip("\n") + "\n", *map(draft_toml, drafts)]))


def remove_sources(path: Path, names: Sequence[str]) -> None:
    """Remove sources from the file. Raises SourcesError, also for an unknown name."""
    select_sources(read_sources(path), names)
    text = _read(path)
    for name in names:
        try:
            text = without_source(text, name)
        except EditRefused as error:
            raise SourcesError(
                f"'{path}': source '{name}' cannot be removed. {error} Remove it by hand."
            ) from error
    _write(path, text)


def move_feeds(path: Path, moves: Mapping[str, str]) -> None:
    """Replace URLs of feeds; `moves` are new by old URL. Raises SourcesError."""
    try:
        text = with_moved_feeds(_read(path), moves)
    except EditRefused as error:
        raise SourcesError(f"'{path}': the URLs cannot be replaced. {error} Replace them by hand.") from error
    _write(path, text)


def _read(path: Path) -> str:
    return path.read_bytes().decode("utf-8-sig")  # line ends stay as they are


def _write(path: Path, text: str) -> None:
    parse_sources(tomllib.loads(text), str(path))
    replace_file(path, text, SourcesError)

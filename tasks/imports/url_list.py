"""A file that lists where saved pages come from: the columns `file` and `url`, and `fetched_at` where known.

JSON lines, CSV, TSV or Parquet, as for rows of articles. Read before `tasks.captures.saved_pages`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tasks.captures.pages import host_of, parse_instant
from tasks.captures.saved_pages import SavedFrom
from tasks.errors import UsageError
from tasks.imports.rows import read_rows

_NEEDED = ("file", "url")
_COLUMNS = (*_NEEDED, "fetched_at")


@dataclass(frozen=True, slots=True)
class UrlList:
    """Where saved pages come from, by resolved path, and the files that are listed and not there."""

    pages: Mapping[Path, SavedFrom]
    missing: tuple[str, ...] = ()


def read_url_list(path: Path, folders: Iterable[Path]) -> UrlList:
    """Return a list of URLs; its paths are relative to its own folder, else to one of the folders.

    Raises UsageError when the list or a row of it cannot be used.
    """
    bases = [path.parent, *folders]
    pages: dict[Path, SavedFrom] = {}
    missing = []
    for row in read_rows(path, needed=_NEEDED, columns=_COLUMNS):
        name, url = str(row.fields.get("file") or "").strip(), str(row.fields.get("url") or "").strip()
        problem = (
            row.problem or (None if name else "no file") or (None if host_of(url) else f"'{url}' is no URL")
        )
        if problem is not None:
            raise UsageError(f"'{path.name}', row {row.number}: {problem}. Correct it or remove the row.")
        file = next((base / name for base in bases if (base / name).is_file()), None)
        if file is None:
            missing.append(name)
            continue
        pages[file.resolve()] = SavedFrom(url, parse_instant(str(row.fields.get("fetched_at") or "")))
    return UrlList(pages, tuple(missing))

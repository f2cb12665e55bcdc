"""The manifest of an export: its tables with comments, and the state of each table as rows and hash per day.

Two manifests are enough to see what differs between two exports: rows that were added, changed or deleted,
by a load or by anything else.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from warehouse.errors import ExportUnusable

FORMAT = 2  # 1: without days; can be restored, but no incremental export follows it
FILE = "manifest.json"
WHOLE = ""  # in place of the day, for tables without days


@dataclass(frozen=True, slots=True)
class ExportedTable:
    """One table of an export: the rows in its folder, and the state of the table when it was exported."""

    name: str
    comment: str | None
    columns: list[dict[str, str | None]]  # name, type, comment
    n_rows: int  # in this folder
    hash: str  # of these rows: a sum, independent of their order
    days: dict[str, str] = field(default_factory=dict)  # the state: day -> "rows hash"
    written: list[str] | None = None  # days whose rows are in this folder; None: all

    @property
    def column_names(self) -> list[str]:
        """Return the names of the columns, in order."""
        return [str(column["name"]) for column in self.columns]

    @property
    def state(self) -> tuple[int, str]:
        """Return number of rows and hash of the whole table."""
        return sum_states(self.days.values()) if self.days else (self.n_rows, self.hash)

    def has(self, day: str) -> bool:
        """Say whether this folder has the rows of a day."""
        return self.written is None or day in self.written


@dataclass(frozen=True, slots=True)
class Manifest:
    """Contents and kind of an export."""

    format: int
    exported_at: str
    schema_version: int
    duckdb_version: str
    since_load: str | None  # null: a full or incremental export
    last_load: str | None  # where the next --since-load continues
    tables: list[ExportedTable]
    export_id: str | None = None  # hash of the state; null for --since-load
    since_export: str | None = None  # export_id of the export that this one is incremental to
    since_exported_at: str | None = None
    migrations: list[int] = field(default_factory=list)  # applied to the store

    @property
    def is_whole(self) -> bool:
        """Say whether this is a full export."""
        return self.since_load is None and self.since_export is None

    @property
    def is_since_load(self) -> bool:
        """Say whether this export has only the rows of later loads: for other systems, not for a restore."""
        return self.since_load is not None and self.since_export is None

    def table(self, name: str) -> ExportedTable | None:
        """Return the table of this name; None when the export does not have it."""
        return next((table for table in self.tables if table.name == name), None)


def state_id(tables: Iterable[ExportedTable]) -> str:
    """Return a hash of the state of a store: equal stores give equal ids."""
    state = [[t.name, [[c["name"], c["type"]] for c in t.columns], sorted(t.days.items())] for t in tables]
    return hashlib.sha256(json.dumps(state).encode()).hexdigest()[:24]


def changed_days(now: Mapping[str, str], before: ExportedTable | None, columns: Sequence[Any]) -> list[str]:
    """Return the days whose rows differ from an earlier export, including days that have no rows any more.

    All days of a table whose columns changed differ.
    """
    if before is None or [(c["name"], c["type"]) for c in before.columns] != list(columns):
        return sorted(now)
    return sorted(day for day in {*now, *before.days} if now.get(day) != before.days.get(day))


def write_manifest(manifest: Manifest, directory: Path) -> None:
    """Write the manifest beside the tables, last: an export without one is unfinished."""
    partial = directory / f".{FILE}"
    partial.write_text(json.dumps(asdict(manifest), ensure_ascii=False, indent=1), encoding="utf-8")
    partial.replace(directory / FILE)


def is_complete(directory: Path) -> bool:
    """Say whether a folder has an export whose manifest was written."""
    return (directory / FILE).is_file()


def read_manifest(directory: Path) -> Manifest:
    """Return the manifest of an export, given its folder or the file itself. Raises ExportUnusable."""
    file = directory if directory.is_file() else directory / FILE
    try:
        data: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        tables = [ExportedTable(**table) for table in data.pop("tables")]
        for table in tables:
            _ = table.state  # raises ValueError for an invalid day
        return Manifest(tables=tables, **data)
    except FileNotFoundError as error:
        raise ExportUnusable(f"{directory} is not a complete export: it has no {FILE}.") from error
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ExportUnusable(f"{file} cannot be read: {error}") from error


def sum_states(states: Iterable[str]) -> tuple[int, str]:
    """Return number of rows and hash of several days together."""
    pairs = [state.split() for state in states]
    return sum(int(n) for n, _ in pairs), str(sum(int(checksum) for _, checksum in pairs))

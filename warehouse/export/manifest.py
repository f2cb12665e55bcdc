"""What an export holds: its tables with comments, and each table's state as rows and hash of each day.

What differs from an earlier export is told from the two manifests alone: rows that were added, changed or
taken out, by a load or by anything else.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from warehouse.errors import ExportUnusable

FORMAT = 2  # 1: without days; restored, but nothing follows it
FILE = "manifest.json"
WHOLE = ""  # in place of the day, for tables that are not told apart by days


@dataclass(frozen=True, slots=True)
class ExportedTable:
    """One table of an export: the rows in its folder, and the state of the table when it was exported."""

    name: str
    comment: str | None
    columns: list[dict[str, str | None]]  # name, type, comment
    n_rows: int  # in this folder
    hash: str  # of them: a sum over the rows, whatever their order
    days: dict[str, str] = field(default_factory=dict)  # the state: day -> "rows hash"
    written: list[str] | None = None  # days that this folder has rows of; None: all

    @property
    def column_names(self) -> list[str]:
        """Return the names of its columns, in order."""
        return [str(column["name"]) for column in self.columns]

    @property
    def state(self) -> tuple[int, str]:
        """Return rows and hash of the whole table."""
        return sum_states(self.days.values()) if self.days else (self.n_rows, self.hash)

    def has(self, day: str) -> bool:
        """Say whether this folder has the rows of a day."""
        return self.written is None or day in self.written


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an export holds."""

    format: int
    exported_at: str
    schema_version: int
    duckdb_version: str
    since_load: str | None  # null: everything
    last_load: str | None  # the cursor for the next export of changes
    tables: list[ExportedTable]
    export_id: str | None = None  # hash of the state; null when only rows of later loads were asked for
    since_export: str | None = None  # export_id of the export that these changes follow
    since_exported_at: str | None = None
    migrations: list[int] = field(default_factory=list)  # that the store had had

    @property
    def is_whole(self) -> bool:
        """Say whether it needs no other export."""
        return self.since_load is None and self.since_export is None

    @property
    def is_feed(self) -> bool:
        """Say whether it holds the rows of later loads only: for other systems, not for a restore."""
        return self.since_load is not None and self.since_export is None

    def table(self, name: str) -> ExportedTable | None:
        """Return one of its tables."""
        return next((table for table in self.tables if table.name == name), None)


def state_id(tables: Iterable[ExportedTable]) -> str:
    """Return a hash of what a store held: equal stores give equal ids."""
    said = [[t.name, [[c["name"], c["type"]] for c in t.columns], sorted(t.days.items())] for t in tables]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:24]


def changed_days(now: Mapping[str, str], before: ExportedTable | None, columns: Sequence[Any]) -> list[str]:
    """Return the days whose rows differ from those of an earlier export, also those that have none any more.

    A table that had other columns differs in all.
    """
    if before is None or [(c["name"], c["type"]) for c in before.columns] != list(columns):
        return sorted(now)
    return sorted(day for day in {*now, *before.days} if now.get(day) != before.days.get(day))


def write_manifest(manifest: Manifest, directory: Path) -> None:
    """Write it beside the tables, last of all: without it an export is not finished."""
    partial = directory / f".{FILE}"
    partial.write_text(json.dumps(asdict(manifest), ensure_ascii=False, indent=1), encoding="utf-8")
    partial.replace(directory / FILE)


def read_manifest(directory: Path) -> Manifest:
    """Return what an export holds; the manifest alone will do. Raises ExportUnusable when it is none."""
    file = directory if directory.is_file() else directory / FILE
    try:
        data: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        tables = [ExportedTable(**table) for table in data.pop("tables")]
        for table in tables:
            _ = table.state  # days that are none are found here
        return Manifest(tables=tables, **data)
    except FileNotFoundError as error:
        raise ExportUnusable(f"{directory} is no finished export: it has no {FILE}.") from error
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ExportUnusable(f"{file} cannot be read: {error}") from error


def sum_states(states: Iterable[str]) -> tuple[int, str]:
    """Return rows and hash of several days together."""
    pairs = [state.split() for state in states]
    return sum(int(n) for n, _ in pairs), str(sum(int(checksum) for _, checksum in pairs))

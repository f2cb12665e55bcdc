"""Chains of exports: a full one, then incremental ones, each to the one before.

Decided from the manifests alone: whether they follow each other, and which days a restore reads from which
folder.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from warehouse.errors import ExportUnusable, SchemaMismatch, WarehouseCorrupt
from warehouse.export.manifest import FORMAT, ExportedTable, Manifest, is_complete, read_manifest, sum_states
from warehouse.store.migrate import find_migrations


@dataclass(frozen=True, slots=True)
class Take:
    """The days of one table that a restore reads from one folder."""

    folder: Path
    days: tuple[str, ...] | None  # None: all in the folder
    state: tuple[int, str]  # number of rows and hash of these days


def find_chain(directory: Path, last: Path | None = None) -> list[Path]:
    """Return the newest export in a folder, or `last`, preceded by those that it depends on.

    The full one comes first; the list is empty without any export. Raises ExportUnusable when one is missing.
    """
    folders = sorted(directory.iterdir()) if directory.is_dir() else []
    manifests = {folder: read_manifest(folder) for folder in folders if is_complete(folder)}
    manifests = {folder: manifest for folder, manifest in manifests.items() if not manifest.is_since_load}
    if not manifests:
        return []
    chain = [last or max(manifests, key=lambda folder: (manifests[folder].exported_at, folder.name))]
    while not manifests[chain[0]].is_whole:
        after = manifests[chain[0]]
        before = [f for f, m in manifests.items() if m.export_id == after.since_export and f not in chain]
        if not before:
            raise ExportUnusable(
                f"{chain[0]} depends on the export of {after.since_exported_at}, which is not in {directory}."
            )
        # Where nothing changed meanwhile, several exports have one state.
        chain.insert(
            0, min(before, key=lambda folder: (not manifests[folder].is_whole, manifests[folder].exported_at))
        )
    return chain


def assert_chain(folders: Sequence[Path], chain: Sequence[Manifest]) -> None:
    """Raise when these exports do not follow each other, or this version cannot restore them."""
    for folder, manifest in zip(folders, chain, strict=True):
        _assert_known(folder, manifest)
        if manifest.is_since_load:
            raise ExportUnusable(
                f"{folder} cannot be restored: it was made with --since-load {manifest.since_load} and lacks "
                "deletions. Use wirehouse export --since DIR for incremental backups."
            )
    if not chain[0].is_whole:
        raise ExportUnusable(
            f"{folders[0]} is incremental to the export of {chain[0].since_exported_at}. Name the full "
            "export first, then each incremental one in order: wirehouse restore FULL INCREMENTAL …"
        )
    for number in range(1, len(chain)):
        _assert_follows(folders, chain, number)


def _assert_known(folder: Path, manifest: Manifest) -> None:
    known = find_migrations()
    if manifest.format > FORMAT or manifest.schema_version > max(known):
        raise SchemaMismatch(f"{folder} was written by a newer wirehouse. Update wirehouse to restore it.")
    if unknown := set(manifest.migrations) - set(known):
        raise SchemaMismatch(
            f"{folder} was written by a wirehouse with migration {min(unknown)}, which this one lacks."
        )


def _assert_follows(folders: Sequence[Path], chain: Sequence[Manifest], number: int) -> None:
    folder, manifest, before = folders[number], chain[number], chain[number - 1]
    if manifest.is_whole:
        raise ExportUnusable(f"{folder} is a full export: name it first, or alone.")
    if manifest.since_export == before.export_id:
        return
    ids = [one.export_id for one in chain]
    wanted = f"the export of {manifest.since_exported_at} (last load {manifest.since_load})"
    if manifest.since_export in ids:
        base = folders[ids.index(manifest.since_export)]
        raise ExportUnusable(f"{folder} is incremental to {base}: name it right after that one.")
    raise ExportUnusable(
        f"{folder} is incremental to {wanted}, which is missing: {folders[number - 1]} is of "
        f"{before.exported_at} (last load {before.last_load}). Name the missing folder between them, or omit "
        f"{folder} and all after it."
    )


def plan_restore(
    folders: Sequence[Path], chain: Sequence[Manifest]
) -> list[tuple[ExportedTable, list[Take]]]:
    """Return, for each table of the last export, which days to read from which folder."""
    plan = []
    for table in chain[-1].tables:
        if not table.days:  # empty, or of format 1
            plan.append((table, [Take(folders[-1], None, table.state)] if table.n_rows else []))
            continue
        by_folder: dict[int, list[str]] = {}
        for day in table.days:
            by_folder.setdefault(_writer(folders, chain, table, day), []).append(day)
        takes = [_take(folders[i], chain[i], table, days) for i, days in sorted(by_folder.items())]
        plan.append((table, takes))
    return plan


def _writer(folders: Sequence[Path], chain: Sequence[Manifest], table: ExportedTable, day: str) -> int:
    for number in range(len(chain) - 1, -1, -1):
        exported = chain[number].table(table.name)
        if exported is not None and exported.has(day):
            if exported.days.get(day) != table.days[day] or exported.column_names != table.column_names:
                raise WarehouseCorrupt(
                    f"The manifests of {folders[number]} and {folders[-1]} contradict each other on "
                    f"core.{table.name}: one of them was modified. Nothing was restored."
                )
            return number
    raise WarehouseCorrupt(
        f"No folder has the rows of core.{table.name} of {day or 'any day'}: a manifest was modified. "
        "Nothing was restored."
    )


def _take(folder: Path, manifest: Manifest, table: ExportedTable, days: list[str]) -> Take:
    exported = manifest.table(table.name)
    written = set(exported.days if exported.written is None else exported.written) if exported else set()
    is_all = set(days) == written
    return Take(folder, None if is_all else tuple(days), sum_states(table.days[day] for day in days))

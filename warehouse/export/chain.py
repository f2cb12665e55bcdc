"""How exports follow each other: one that is whole, then changes, each since the one before.

Told from the manifests alone: whether they follow, and which days a restore takes from which folder.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from warehouse.errors import ExportUnusable, SchemaMismatch, WarehouseCorrupt
from warehouse.export.manifest import FILE, FORMAT, ExportedTable, Manifest, read_manifest, sum_states
from warehouse.store.migrate import find_migrations


@dataclass(frozen=True, slots=True)
class Take:
    """What a restore takes of one table from one folder."""

    folder: Path
    days: tuple[str, ...] | None  # None: all that is there
    state: tuple[int, str]  # rows and hash of what is taken


def find_chain(directory: Path, last: Path | None = None) -> list[Path]:
    """Return the newest export in a folder of exports, or `last`, after those that it rests on.

    The whole one comes first. Raises ExportUnusable when one of them is missing; an empty list says that
    there is no export.
    """
    inside = sorted(directory.iterdir()) if directory.is_dir() else []
    found = {folder: read_manifest(folder) for folder in inside if (folder / FILE).is_file()}
    found = {folder: manifest for folder, manifest in found.items() if not manifest.is_feed}
    if not found:
        return []
    chain = [last or max(found, key=lambda folder: (found[folder].exported_at, folder.name))]
    while not found[chain[0]].is_whole:
        after = found[chain[0]]
        before = [f for f, m in found.items() if m.export_id == after.since_export and f not in chain]
        if not before:
            raise ExportUnusable(
                f"{chain[0]} follows the export of {after.since_exported_at}, which is not in {directory}."
            )
        # Where nothing changed meanwhile, several are of one state.
        chain.insert(
            0, min(before, key=lambda folder: (not found[folder].is_whole, found[folder].exported_at))
        )
    return chain


def assert_chain(folders: Sequence[Path], chain: Sequence[Manifest]) -> None:
    """Raise when these exports do not follow each other, or this version cannot bring them back."""
    for folder, manifest in zip(folders, chain, strict=True):
        _assert_known(folder, manifest)
        if manifest.is_feed:
            raise ExportUnusable(
                f"{folder} holds the rows that changed after load {manifest.since_load}, for other systems "
                "(--since-load): it does not say what was taken out, so it is not restored. A backup of "
                "changes is made with wirehouse export --since DIR."
            )
    if not chain[0].is_whole:
        raise ExportUnusable(
            f"{folders[0]} holds only what changed since the export of {chain[0].since_exported_at}. Name "
            "the whole export first, then each folder of changes in order: wirehouse restore WHOLE CHANGES …"
        )
    for number in range(1, len(chain)):
        _assert_follows(folders, chain, number)


def _assert_known(folder: Path, manifest: Manifest) -> None:
    known = find_migrations()
    if manifest.format > FORMAT or manifest.schema_version > max(known):
        raise SchemaMismatch(
            f"{folder} was written by a newer wirehouse. Update wirehouse to restore the export."
        )
    if unknown := set(manifest.migrations) - set(known):
        raise SchemaMismatch(
            f"{folder} was written by a wirehouse that has migration {min(unknown)}; this one lacks it."
        )


def _assert_follows(folders: Sequence[Path], chain: Sequence[Manifest], number: int) -> None:
    folder, manifest, before = folders[number], chain[number], chain[number - 1]
    if manifest.is_whole:
        raise ExportUnusable(f"{folder} is whole: it needs nothing before it. Restore it first, or alone.")
    if manifest.since_export == before.export_id:
        return
    ids = [one.export_id for one in chain]
    wanted = f"the export of {manifest.since_exported_at} (last load {manifest.since_load})"
    if manifest.since_export in ids:
        place = folders[ids.index(manifest.since_export)]
        raise ExportUnusable(f"{folder} follows {place}, {wanted}: name it right after that.")
    raise ExportUnusable(
        f"{folder} follows {wanted}, which is missing: {folders[number - 1]} is of {before.exported_at} "
        f"(last load {before.last_load}). Name the missing folder between them, or leave out {folder} and "
        "all after it."
    )


def plan_restore(
    folders: Sequence[Path], chain: Sequence[Manifest]
) -> list[tuple[ExportedTable, list[Take]]]:
    """Return for each table of the last export which days come from which folder: the latest with them."""
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
        there = chain[number].table(table.name)
        if there is not None and there.has(day):
            if there.days.get(day) != table.days[day] or there.column_names != table.column_names:
                raise WarehouseCorrupt(
                    f"The manifests of {folders[number]} and {folders[-1]} contradict each other on "
                    f"core.{table.name}: one of them was changed. Nothing was restored."
                )
            return number
    raise WarehouseCorrupt(
        f"No folder has the rows of core.{table.name} of {day or 'any day'}: a manifest was changed. "
        "Nothing was restored."
    )


def _take(folder: Path, manifest: Manifest, table: ExportedTable, days: list[str]) -> Take:
    there = manifest.table(table.name)
    written = set(there.days if there.written is None else there.written) if there else set()
    is_all = set(days) == written
    return Take(folder, None if is_all else tuple(days), sum_states(table.days[day] for day in days))

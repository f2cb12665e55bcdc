"""Check a home as a whole (rows, archive, files around them), and repair what can be repaired.

Beside the pipeline; runs may continue. The checks themselves are in `warehouse.inspection.doctor` and
`warehouse.inspection.doctor_files`, those of the archive here.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from tasks.archive.damage import find_damage
from tasks.archive.reader import read_page
from tasks.archive.replay import read_unloaded
from tasks.archive.unchecked import find_unchecked_files
from tasks.upkeep.forget import finish_forgetting
from tasks.upkeep.merge import finish_merging
from warehouse.inspection.doctor import Finding, Level, check_store, find_archive_refs, fix_findings
from warehouse.inspection.doctor_files import check_surroundings, remove_left_behind
from warehouse.pages.moved import adopt_move_list
from warehouse.publish import publish_snapshot
from warehouse.records.page import ArchiveRef
from warehouse.run_record import close_dead_runs
from warehouse.store.backend import store_of
from warehouse.store.connection import Home, open_store, read_store, transaction
from warehouse.wording import plural

SAMPLE = 200  # archived pages that are read completely, spread over the archive


def examine_home(home: Home, now: datetime, *, every_page: bool = False) -> list[Finding]:
    """Return the findings; runs of killed processes are recorded as crashed on the way.

    `every_page` reads every archived page instead of a sample.
    """
    adopt_move_list(home)
    with open_store(home, owner="doctor") as con, transaction(con):
        dead = close_dead_runs(con, home)
    with read_store(home, owner="doctor") as con:
        findings = list(check_store(con, now))
        refs = find_archive_refs(con)
    findings += _check_runs(dead)
    findings += _check_archive(home, refs, every_page=every_page)
    return [*findings, *check_surroundings(home, now)]


def fix_home(home: Home, findings: Sequence[Finding], now: datetime) -> None:
    """Repair what the findings name, and publish."""
    fixes = {finding.fix for finding in findings}
    with open_store(home, owner="doctor") as con, transaction(con):
        fix_findings(con, list(findings), now)
    if fixes & {"forget", "merge"}:
        with store_of(home).exclusive("doctor"):
            finish_forgetting(home)
            finish_merging(home)
    if "files" in fixes:
        remove_left_behind(home)
    if "publish" in fixes:
        home.snapshot_note.unlink(missing_ok=True)  # else an unchanged store counts as published
    publish_snapshot(home)


def _check_runs(dead: Sequence[str]) -> Iterator[Finding]:
    if dead:
        sentence = f"Recorded as crashed: {plural(len(dead), 'run')} whose process was killed."
        yield Finding("runs", Level.OK, sentence)


def _why_outside(ref: ArchiveRef, file_bytes: int) -> str | None:
    """Return why a place is not in its file; None when it is. -1 bytes: there is no file."""
    if file_bytes < 0:
        return "the archive has no such file"
    is_inside = ref.offset + (ref.length or 1) <= file_bytes
    return None if is_inside else f"the file ends at byte {file_bytes}"


def _check_archive(home: Home, refs: Sequence[ArchiveRef], *, every_page: bool) -> list[Finding]:
    """Check that every pointer lies within its file, and that a sample of the pages can be read."""
    findings = []
    sizes = {name: home.archive.find_size(name) for name in {ref.file for ref in refs}}
    broken = {ref: reason for ref in refs if (reason := _why_outside(ref, sizes[ref.file]))}
    sound = [ref for ref in refs if ref not in broken]
    for ref in sound if every_page else sound[:: max(1, len(sound) // SAMPLE)]:
        try:
            read_page(home.archive, ref)
        except Exception as error:  # a damaged file may raise anything
            broken[ref] = f"{type(error).__name__}: {error}".removesuffix(".")
    if broken:
        first, reason = next(iter(broken.items()))
        sentence = (
            f"{len(broken):,} of {plural(len(refs), 'archived page')} cannot be read, the first in "
            f"{first.file} at byte {first.offset}: {reason}. Their rows stay. "
            "Restore the files from a backup."
        )
        findings.append(Finding("archive", Level.ERROR, sentence))
    if every_page:
        findings += _damaged_places(home)
    n_waiting = sum(len(batch.pages) for batch in read_unloaded(home, find_unchecked_files(home)))
    if n_waiting:
        sentence = f"Archived but not loaded: {plural(n_waiting, 'page')}. The next run loads them."
        findings.append(Finding("archive", Level.WARNING, sentence))
    if not findings:
        sentence = f"All pointers to archived pages are valid ({len(refs):,})."
        findings.append(Finding("archive", Level.OK, sentence))
    return findings


def _damaged_places(home: Home) -> Iterator[Finding]:
    for name, damage in find_damage(home.archive):
        url = damage.capture.request.url if damage.capture else damage.url
        sentence = f"'{name}' is damaged at bytes {damage.byte_range}: {damage.reason}."
        yield Finding("archive", Level.ERROR, sentence + (f" Lost: {url}" if url else ""))

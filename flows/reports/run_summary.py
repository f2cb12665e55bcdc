"""What a run did, as values and sentences: for the command line, and for the artifacts in the Prefect UI."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flows.reports.markdown import escaped
from tasks.backfill.account import RangeAccount
from tasks.captures.account import FileAccount
from warehouse.inspection.checks import find_findings
from warehouse.records.outcome import Counts
from warehouse.runs import SourceCounts, find_source_counts
from warehouse.store.connection import read_store
from warehouse.wording import plural

if TYPE_CHECKING:
    from tasks.run import Run


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What a run did; `wirehouse ingest --json` prints it."""

    run_id: str | None  # None: there was nothing to do, and no run was started
    flow: str
    entries: int
    fetched: int
    new: int
    revised: int
    unchanged: int
    duplicates: int
    rejects: int
    not_modified: int
    seconds: float
    warnings: tuple[str, ...] = ()
    files: tuple[FileAccount, ...] = ()  # WARC files that were read
    range: RangeAccount | None = None  # how complete the range of a backfill is


@dataclass(frozen=True, slots=True)
class RunReport:
    """The summary of a run, and its counts for each source."""

    summary: RunSummary
    by_source: tuple[SourceCounts, ...]


def find_run_report(run: "Run", problems: Iterable[str] = ()) -> RunReport:
    """Return the report of a run that has ended, with the problems of its steps and of the checks."""
    with read_store(run.home, owner="report") as con:
        by_source = find_source_counts(con, run.run_id)
        findings = find_findings(con, run.run_id, datetime.now(UTC))
    ended_at = run.result.ended_at or run.started_at
    seconds = round((ended_at - run.started_at).total_seconds(), 1)
    warnings = (*problems, *(finding.sentence for finding in findings))
    return RunReport(summary_of(run.run_id, run.flow, run.result.counts, seconds, warnings), tuple(by_source))


def summary_of(
    run_id: str | None,
    flow: str,
    counts: Counts,
    seconds: float = 0.0,
    warnings: tuple[str, ...] = (),
) -> RunSummary:
    """Return the summary of a run from its counts."""
    named = {name.removeprefix("n_"): value for name, value in asdict(counts).items()}
    return RunSummary(run_id, flow, **named, seconds=seconds, warnings=warnings)


def markdown(report: RunReport) -> str:
    """Return the report as Markdown for the Prefect UI."""
    summary = report.summary
    lines = [f"## {plural(summary.new, 'new article')}, {summary.revised:,} revised", ""]
    lines += [
        f"{plural(summary.entries, 'entry')} seen, {plural(summary.fetched, 'page')} fetched, "
        f"{plural(summary.not_modified, 'feed')} unchanged, {plural(summary.duplicates, 'duplicate')}, "
        f"{plural(summary.rejects, 'reject')}, {summary.seconds} s.",
        "",
    ]
    if summary.range is not None:
        lines += [escaped(f"{sentence}.") + "\n" for sentence in summary.range.sentences()]
    for warning in summary.warnings:
        lines += [f"> **Warning:** {escaped(warning)}", ""]
    lines += ["| source | entries | fetched | new | revised | rejects |", "|---|---:|---:|---:|---:|---:|"]
    lines += [
        f"| {escaped(row.source)} | {row.entries} | {row.fetched} | {row.new} | {row.revised} "
        f"| {row.rejects} |"
        for row in report.by_source
    ]
    return "\n".join(lines)


def headline(summary: RunSummary) -> str:
    """Return the sentence that summarises the run."""
    if summary.run_id is None:
        return "Nothing to do: no feed, page or snapshot is due."
    return (
        f"{summary.new:,} new, {summary.revised:,} revised, {plural(summary.duplicates, 'duplicate')}, "
        f"{plural(summary.rejects, 'reject')} in {summary.seconds} s "
        f"({plural(summary.entries, 'entry')}, {plural(summary.fetched, 'page')} fetched, "
        f"{plural(summary.not_modified, 'feed')} unchanged)"
    )

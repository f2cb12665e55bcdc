"""The report of a run: a summary object, and artifacts in the Prefect UI.

Last in the chain, after the snapshot is published.
"""

from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import cast

from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.reports.markdown import escaped, escaped_row
from tasks.run import Run
from warehouse.inspection.checks import find_findings
from warehouse.runs import SourceCounts, find_source_counts
from warehouse.store.connection import open_store
from warehouse.wording import plural


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What a run did; `wirehouse ingest --json` prints it."""

    run_id: str
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


def summarise(run: Run) -> RunSummary:
    """Return the summary of a run from its counts."""
    counts = {name.removeprefix("n_"): value for name, value in asdict(run.result.counts).items()}
    ended_at = run.result.ended_at or run.started_at
    seconds = round((ended_at - run.started_at).total_seconds(), 1)
    return RunSummary(run.run_id, run.flow, **counts, seconds=seconds)


def report_run(run: Run) -> RunSummary:
    """Write the run's artifacts and return its summary."""
    summary = summarise(run)
    with open_store(run.home, owner="report") as con:
        by_source = find_source_counts(con, run.run_id)
        findings = find_findings(con, run.run_id, datetime.now(UTC))
    summary = replace(summary, warnings=tuple(finding.sentence for finding in findings))
    create_markdown_artifact(
        markdown(summary, by_source), key=f"{run.flow}-summary", description=f"What the {run.flow} run did"
    )
    if by_source:
        rows = [escaped_row(row) for row in by_source]
        create_table_artifact(rows, key=f"{run.flow}-sources", description="Counts by source")
    return summary


def conclude(summary: RunSummary) -> RunSummary:
    """Return the summary as the flow's result; with warnings, the state is named CompletedWithWarnings."""
    if not summary.warnings:
        return summary
    state: State[RunSummary] = Completed(
        name="CompletedWithWarnings", message=" ".join(summary.warnings), data=summary
    )
    return cast("RunSummary", state)  # Prefect takes the state as the run's own and returns its data


def markdown(summary: RunSummary, by_source: list[SourceCounts]) -> str:
    """Return the summary as Markdown for the Prefect UI."""
    lines = [f"## {plural(summary.new, 'new article')}, {summary.revised:,} revised", ""]
    lines += [
        f"{plural(summary.entries, 'entry')} seen, {plural(summary.fetched, 'page')} fetched, "
        f"{plural(summary.not_modified, 'feed')} unchanged, {plural(summary.duplicates, 'duplicate')}, "
        f"{plural(summary.rejects, 'reject')}, {summary.seconds} s.",
        "",
    ]
    for warning in summary.warnings:
        lines += [f"> **Warning:** {escaped(warning)}", ""]
    lines += ["| source | entries | fetched | new | revised | rejects |", "|---|---:|---:|---:|---:|---:|"]
    lines += [
        f"| {escaped(row.source)} | {row.entries} | {row.fetched} | {row.new} | {row.revised} "
        f"| {row.rejects} |"
        for row in by_source
    ]
    return "\n".join(lines)


def headline(summary: RunSummary) -> str:
    """Return the sentence that summarises the run."""
    return (
        f"{summary.new:,} new, {summary.revised:,} revised, {plural(summary.duplicates, 'duplicate')}, "
        f"{plural(summary.rejects, 'reject')} in {summary.seconds} s "
        f"({plural(summary.entries, 'entry')}, {plural(summary.fetched, 'page')} fetched, "
        f"{plural(summary.not_modified, 'feed')} unchanged)"
    )

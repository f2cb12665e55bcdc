"""The report of a run in the Prefect UI: artifacts, and the state that the run ends in.

Last in the chain, after the snapshot is published.
"""

from typing import cast

from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.reports.markdown import escaped_row
from flows.reports.run_summary import RunReport, RunSummary, markdown


def conclude(report: RunReport) -> RunSummary:
    """Write the run's artifacts and return its summary as the flow's result.

    With warnings, the flow's state is named CompletedWithWarnings; Skipped when another run has the shard.
    """
    summary = report.summary
    if summary.run_id is None:
        return _ended(summary, "Skipped", "The shard is being worked on by another run.")
    create_markdown_artifact(
        markdown(report), key=f"{summary.flow}-summary", description=f"What the {summary.flow} run did"
    )
    if report.by_source:
        rows = [escaped_row(row) for row in report.by_source]
        create_table_artifact(rows, key=f"{summary.flow}-sources", description="Counts by source")
    if not summary.warnings:
        return summary
    return _ended(summary, "CompletedWithWarnings", " ".join(summary.warnings))


def _ended(summary: RunSummary, name: str, message: str) -> RunSummary:
    state: State[RunSummary] = Completed(name=name, message=message, data=summary)
    return cast("RunSummary", state)  # Prefect takes the state as the run's own and returns its data

"""The report of a re-extraction in sentences, for the command line and for Prefect's artifacts."""

from dataclasses import dataclass

from tasks.upkeep.report import Report
from warehouse.wording import plural


@dataclass(frozen=True, slots=True)
class ReextractSummary:
    """The result of a re-extraction; `run_id` is the run to roll back, None when nothing was written."""

    run_id: str | None
    report: Report


def headline(report: Report, run_id: str | None) -> str:
    """Return the sentences that summarise a report."""
    verb = "changed" if run_id else "would change"
    lines = [
        f"{plural(report.n_items, 'page')} read: {plural(report.n_changed, 'article')} {verb}, "
        f"{report.n_same:,} unchanged; newly accepted: {plural(report.n_won, 'page')}; "
        f"newly rejected: {plural(report.n_lost, 'article')}; rejected as before: {report.n_refused:,}.",
        f"Bodies: {report.n_bodies_grown:,} longer by {plural(report.characters_grown, 'character')}, "
        f"{report.n_bodies_shrunk:,} shorter by {plural(report.characters_shrunk, 'character')}. "
        f"Dates: {report.n_days_moved:,} on another day.",
    ]
    if report.n_unreadable:
        lines.append(f"Cannot be read from the archive, unchanged: {plural(report.n_unreadable, 'page')}.")
    if report.n_without_page:
        lines.append(f"Without an archived page, unchanged: {plural(report.n_without_page, 'article')}.")
    return "\n".join(lines)

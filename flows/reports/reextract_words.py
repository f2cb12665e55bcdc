"""What a re-extraction's report says in words: for the command line and for Prefect's pages."""

from dataclasses import dataclass

from tasks.upkeep.report import Report


@dataclass(frozen=True, slots=True)
class ReextractSummary:
    """What a re-extraction found; `run_id` names the run to roll back, null when nothing was written."""

    run_id: str | None
    report: Report


def headline(report: Report, run_id: str | None) -> str:
    """Return the sentences that sum a report up."""
    what = "changed" if run_id else "would change"
    lines = [
        f"{report.n_items} pages read: {report.n_changed} articles {what}, {report.n_same} stay; "
        f"{report.n_won} refused pages give an article, {report.n_lost} articles are refused, "
        f"{report.n_refused} refused as before.",
        f"Bodies: {report.n_bodies_grown} grow by {report.characters_grown} characters, "
        f"{report.n_bodies_shrunk} shrink by {report.characters_shrunk}. Days: {report.n_days_moved} move.",
    ]
    if report.n_unreadable:
        lines.append(f"{report.n_unreadable} cannot be read from the archive and stay as they are.")
    if report.n_without_page:
        lines.append(f"{report.n_without_page} have no archived page and stay as they are.")
    return "\n".join(lines)

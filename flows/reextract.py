"""By hand: archived pages through today's rules, without the network; a report, or the change."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from prefect import flow
from prefect.artifacts import create_markdown_artifact, create_table_artifact

from flows.parameters import ConfigFile, HomeFolder, SourceNames
from flows.reports.reextract_words import ReextractSummary, headline
from flows.settings import config_file, home_folder
from flows.steps import publish, step, submit, threads
from tasks.extract import ExtractionPool
from tasks.recurring import Learning, learn_lines
from tasks.sources import read_sources
from tasks.upkeep.reextract import Applied, Bench, apply_all, apply_batch, compare_all, compare_batch
from tasks.upkeep.report import Found, Report
from tasks.upkeep.selection import parse_choice
from warehouse.store.connection import Home


def _run_name() -> str:
    from prefect.runtime import flow_run

    asked = flow_run.parameters
    what = "reextract" if asked.get("apply") else "reextract, report only,"
    return (
        f"{what} {', '.join((asked.get('source') or ['all'])[:3])} at {datetime.now(UTC):%Y-%m-%d %H:%M:%S}"
    )


@flow(name="reextract", flow_run_name=_run_name, task_runner=threads())
def reextract(
    source: SourceNames = None,
    since: str | None = None,
    until: str | None = None,
    older: bool = False,
    apply: bool = False,
    home: HomeFolder = None,
    config: ConfigFile = None,
) -> ReextractSummary:
    """Read archived pages with today's rules; report what differs, or replace what is stored.

    Args:
        source: Only these sources; all of them when empty.
        since: First day, YYYY-MM-DD, by the articles' own dates.
        until: Last day, YYYY-MM-DD, inclusive.
        older: Only what other rules than today's have read.
        apply: Replace what is stored; when off, only report what would change.
        home: The warehouse's folder; else WIREHOUSE_HOME or ./data.
        config: The source list; else WIREHOUSE_CONFIG or ./sources.toml.
    """
    where = home_folder(home)
    sources = read_sources(config_file(config)).by_name()
    choice = parse_choice(where, source, since, until, is_older=older)
    with ExtractionPool() as pool:
        bench = Bench(where, sources, pool)
        if apply:
            run_id, report = apply_all(bench, choice, _apply_in_task)
            submit(learn, where).result()
            publish(where)
        else:
            run_id, report = None, compare_all(bench, choice, _compare_in_task)
    _write_artifacts(report, run_id)
    return ReextractSummary(run_id, report)


@step("compare pages")
def compare(bench: Bench, url_keys: Sequence[str]) -> tuple[Found, ...]:
    """Say what today's rules make of a batch of pages."""
    return compare_batch(bench, url_keys)


@step("replace articles", retries=True)
def replace(bench: Bench, run_id: str, url_keys: Sequence[str]) -> Applied:
    """Replace what older rules made of a batch of pages, in one transaction."""
    return apply_batch(bench, run_id, url_keys)


@step("learn recurring lines", retries=True)
def learn(home: Home) -> Learning:
    """Learn the lines that recur over each source, and take them out of the texts."""
    return learn_lines(home, datetime.now(UTC))


def _compare_in_task(bench: Bench, url_keys: Sequence[str]) -> tuple[Found, ...]:
    return submit(compare, bench, url_keys).result()


def _apply_in_task(bench: Bench, run_id: str, url_keys: Sequence[str]) -> Applied:
    return submit(replace, bench, run_id, url_keys).result()


def _write_artifacts(report: Report, run_id: str | None) -> None:
    undo = [f"To undo it: `wirehouse reextract --rollback {run_id}`"] if run_id else []
    create_markdown_artifact(
        "\n\n".join(["# Re-extraction", *headline(report, run_id).splitlines(), *undo]),
        key="reextract-summary",
        description="What today's rules change",
    )
    for name, rows in (("fields", report.fields), ("samples", report.samples)):
        if rows:
            create_table_artifact(
                [asdict(row) for row in rows], key=f"reextract-{name}", description=f"Re-extraction: {name}"
            )

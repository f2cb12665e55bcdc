"""The `demo` command: run the pipeline on the bundled news site, and query what it stored."""

import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from flows.terminal.options import HomeOption, home_path
from flows.terminal.output import print_table
from tasks.errors import UsageError
from warehouse.wording import plural

if TYPE_CHECKING:
    import duckdb
    from rich.console import Console

    from flows.reports.run_summary import RunSummary

MARK = ".wirehouse-demo"


def demo(home: HomeOption = None) -> None:
    """Run the pipeline twice on the bundled news site and query what it stored."""
    from rich.console import Console  # slow to import: only for this command

    where = home_path(home or Path("data/demo"))
    _clear(where)
    console = Console(stderr=True)
    console.print("Starting the bundled news site on 127.0.0.1 ...")
    from demo.site import DemoSite

    with DemoSite() as site:
        config = where / "sources.toml"
        config.write_text(site.sources_toml(), encoding="utf-8")
        _ingest(where, config, console, "First run: everything is new.")
        second = _ingest(where, config, console, "Second run: nothing is stored twice.")
    _show(where, second)


def _ingest(home: Path, config: Path, console: "Console", title: str) -> "RunSummary":
    from flows.runs import ingest_sources
    from flows.step_runner import StepThreads
    from tasks.sources import read_sources
    from warehouse.store.home import Home

    console.print(f"\n[bold]{title}[/bold]")
    sources = read_sources(config)
    with StepThreads() as submit:
        return ingest_sources(submit, Home(home), sources, sources.sources, every_feed=True).summary


def _clear(home: Path) -> None:
    """Empty the folder of an earlier demo. Raises UsageError when it holds anything else."""
    if home.exists() and any(home.iterdir()) and not (home / MARK).exists():
        raise UsageError(f"'{home}' holds files that no demo made. Name an empty folder with --home.")
    home.mkdir(parents=True, exist_ok=True)
    for path in home.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    (home / MARK).write_text("Made by `wirehouse demo`, which empties this folder when it runs again.\n")


def _show(home: Path, second: "RunSummary") -> None:
    from rich.console import Console

    from demo import queries
    from flows.reports.news_report import write_home_report
    from warehouse.store.connection import Home, connect

    console = Console()
    with connect(Home(home)) as con:
        _print_answer(console, con, "Articles by source", queries.BY_SOURCE)
        _print_answer(console, con, "Some articles", queries.ARTICLES)
        for title, query in queries.SHOWN.items():
            _print_answer(console, con, title, query, text=query.strip())
        _print_answer(console, con, "Rejects and their reasons", queries.REJECTS)
    console.print(
        f"\nThe second run polled {plural(second.not_modified, 'unchanged feed')}: "
        f"[bold]{plural(second.new, 'new article')}[/bold], {plural(second.fetched, 'page')} fetched."
    )
    command, where = _command(), shlex.quote(str(home))
    for line in (
        f"The warehouse: {home / 'news.duckdb'}",
        f"The report: {write_home_report(Home(home))}",
        f"To browse it: {command} browse --home {where}",
        f'To query it: {command} sql --home {where} "select count(*) from articles"',
        *_activation(),
    ):
        console.print(line, soft_wrap=True, markup=False)  # unwrapped, so that it can be copied


def _print_answer(
    console: "Console", con: "duckdb.DuckDBPyConnection", title: str, query: str, text: str = ""
) -> None:
    """Print a title, the text of the query where it is given, and the answer."""
    console.print(f"\n[bold]{title}[/bold]")
    if text:
        console.print(text, style="dim", soft_wrap=True)
    cursor = con.execute(query)
    print_table([column[0] for column in cursor.description or []], cursor.fetchall())


def _command() -> str:
    """Return the wirehouse command so that it can be copied into any folder."""
    beside = Path(sys.executable).with_name("wirehouse")
    return shlex.quote(str(beside)) if beside.exists() else "wirehouse"


def _activation() -> list[str]:
    """Return how the shell finds the command by its name, where it does not yet."""
    beside = Path(sys.executable).with_name("wirehouse")
    found = shutil.which("wirehouse")
    activate = beside.with_name("activate")
    if not activate.exists() or (found and Path(found) == beside):
        return []
    return [f"To write wirehouse instead of its path: source {shlex.quote(str(activate))}"]

"""The `demo` command: the whole pipeline on the bundled news site, and what analysts see of it."""

import shutil
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from flows.commands.runs import prepare
from flows.terminal.options import DebugOption, HomeOption, home_path
from tasks.errors import UsageError

if TYPE_CHECKING:
    import duckdb

    from flows.reports.run_report import RunSummary

MARK = ".wirehouse-demo"

ARTICLES = """
select a.title, a.published_at, a.source, c.title as duplicate_of
from articles a
left join articles c on c.article_id = a.story_id and not a.is_representative
where a.language = 'en' or a.source = 'oreanda'
order by a.n_copies desc, a.story_id, a.sort_at
limit 8
"""

QUERIES = {
    "Stories of one day, each counted once": """
select published_at, source, title
from articles
where is_representative and published_on = '2022-01-10'
order by sort_at
limit 5""",
    "Who copies whom": """
select a.source as earlier, c.source as later, count(*) as n_stories
from articles a
join articles c on c.story_id = a.article_id and c.article_id <> a.article_id
where a.is_representative
group by all
order by n_stories desc, earlier, later
limit 5""",
    "Where publication times were found, and in which zone": """
select source, published_from, zone_from, count(*) as n_articles, count(published_at) as n_instants
from articles
group by all
order by source, n_articles desc
limit 12""",
}


def demo(home: HomeOption = None, debug: DebugOption = False) -> None:
    """Run the pipeline twice on the bundled news site and query what it stored."""
    where = home_path(home or Path("data/demo"))
    _clear(where)
    prepare(where, debug=debug)
    console = Console(stderr=True)
    console.print("Starting the bundled news site on 127.0.0.1 and Prefect's own API ...")
    from demo.site import DemoSite
    from flows.serving.embedded import embedded_api

    with DemoSite() as site, embedded_api(where):
        config = where / "sources.toml"
        config.write_text(site.sources_toml(), encoding="utf-8")
        _ingest(where, config, console, "First run: everything is new.")
        second = _ingest(where, config, console, "Second run: nothing may be stored twice.")
    _show(where, second)


def _ingest(home: Path, config: Path, console: Console, title: str) -> "RunSummary":
    from flows.ingest import ingest

    console.print(f"\n[bold]{title}[/bold]")
    return ingest(every_feed=True, home=str(home), config=str(config))


def _clear(home: Path) -> None:
    """Make room for a new demo; only a folder that an earlier demo made is emptied."""
    if home.exists() and any(home.iterdir()) and not (home / MARK).exists():
        raise UsageError(f"{home} holds something that is no demo; name an empty folder with --home.")
    home.mkdir(parents=True, exist_ok=True)
    for path in home.iterdir():
        if path.name != "prefect":  # its database takes ten seconds to make
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    (home / MARK).write_text("Made by `wirehouse demo`, which empties this folder when it runs again.\n")


def _show(home: Path, second: "RunSummary") -> None:
    from warehouse.store.connection import connect

    console = Console()
    con = connect(home)
    _table(console, con, "What each source gave", _BY_SOURCE)
    _table(console, con, "Some articles", ARTICLES)
    for title, query in QUERIES.items():
        console.print(f"\n[bold]{title}[/bold]\n[dim]{query.strip()}[/dim]")
        _table(console, con, None, query)
    _table(
        console, con, "What was refused, and why", "select source, step, reason from rejects order by 1, 2, 3"
    )
    console.print(f"\nThe second run asked {second.not_modified} feeds that had not changed: ", end="")
    console.print(f"[bold]{second.new} new articles[/bold], {second.fetched} pages fetched.")
    console.print(f"The warehouse: {home / 'news.duckdb'}")
    console.print(f'Ask it yourself: wirehouse sql --home {home} "select count(*) from articles"')
    con.close()


_BY_SOURCE = """
select a.source, any_value(a.source_title) as title, count(*) as articles,
  count(*) filter (not a.is_representative) as copies, count(a.published_at) as with_instant,
  string_agg(distinct a.language, ', ' order by a.language) as languages
from articles a
group by a.source
order by a.source
"""


def _table(console: Console, con: "duckdb.DuckDBPyConnection", title: str | None, query: str) -> None:
    cursor = con.execute(query)
    table = Table(title=title, title_justify="left", title_style="bold")
    for column in cursor.description or []:
        table.add_column(column[0], overflow="fold")
    for row in cursor.fetchall():
        table.add_row(*(_cell(value) for value in row))
    console.print(table)


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}" + ("Z" if value.tzinfo else "")
    return "" if value is None else str(value)

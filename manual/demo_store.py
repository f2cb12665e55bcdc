"""The store on which the documentation's queries run: the demo's sites, before and after corrections.

`python -m manual.demo_store FOLDER` makes it. Its runs are moved to fixed times, because answers such as
the time from publication to first sight would otherwise change with the day on which the store is made.
"""

import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from demo.site import DemoSite
from flows.runs import ingest_sources
from flows.step_runner import StepThreads
from tasks.sources import read_sources
from warehouse.publish import publish_snapshot
from warehouse.store.connection import Home, open_store
from warehouse.store.days import settle_days

FIRST_RUN_AT = datetime(2026, 11, 14, 12, 0, tzinfo=UTC)
SECOND_RUN_AT = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)

_INSTANTS = """
select table_name, column_name
from duckdb_columns()
where database_name = current_database() and schema_name = 'core' and data_type = 'TIMESTAMP WITH TIME ZONE'
order by all
"""


def make_demo_store(folder: Path, site: DemoSite) -> Home:
    """Return a published home in an empty folder: a run, the sites' corrections, a second run."""
    home = Home(folder)
    started_at = datetime.now(UTC)
    config = folder / "sources.toml"
    config.write_text(site.sources_toml(), encoding="utf-8")
    _ingest(home, config)
    corrected_at = datetime.now(UTC)
    site.advance()
    _ingest(home, config)
    with open_store(home, owner="documentation") as con:
        _move(con, corrected_at, None, SECOND_RUN_AT)
        _move(con, started_at, corrected_at, FIRST_RUN_AT)
        settle_days(con, "core.article")
    publish_snapshot(home)
    return home


def _ingest(home: Home, config: Path) -> None:
    sources = read_sources(config)
    with StepThreads() as submit:
        ingest_sources(submit, home, sources, sources.sources, every_feed=True)


def _move(con: duckdb.DuckDBPyConnection, since: datetime, until: datetime | None, to: datetime) -> None:
    """Set every instant of the store that lies in a run to `to`: only the clock wrote those."""
    for table, column in con.execute(_INSTANTS).fetchall():
        con.execute(
            f'update core."{table}" set "{column}" = $to where "{column}" >= $since'
            f' and ($until::timestamptz is null or "{column}" < $until)',
            {"to": to, "since": since, "until": until},
        )


def main() -> None:
    """Make the store in the folder that the command names."""
    folder = Path(sys.argv[1])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with DemoSite() as site:
        make_demo_store(folder, site)


if __name__ == "__main__":
    main()

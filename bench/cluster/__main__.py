"""Acceptance tests ("bars") of a warehouse past one machine, on a PostgreSQL server that this starts itself.

    make test-cluster                       # installs what is needed; the same in short
    python -m bench.cluster                 # all of them
    python -m bench.cluster --bars 1,3 --seconds 60 --kills 20

docs/explanation/scale.md has their numbers and requirements. CPU is that of the client process, in seconds.
A race that raced nothing fails.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench.cluster import growth, lake_bars, readers, startup
from tests.support.cluster.lakes import make_lake
from tests.support.cluster.postgres import running_postgres
from warehouse.store.home import Home


@dataclass(frozen=True, slots=True)
class Options:
    """How long and how large, and further lakes."""

    seconds: float
    kills: int
    rows: int
    against: Path | None
    new_lake: Callable[..., Home]  # by the name of a database, and the arguments of `make_lake`


BARS: dict[int, Callable[[Home, Options], list[lake_bars.BarOutcome]]] = {
    1: lambda home, options: lake_bars.race_bar(home, options.seconds),
    2: lambda home, options: lake_bars.lost_lock_bar(home),
    3: lambda home, options: lake_bars.kills_bar(home, options.kills),
    6: lambda home, options: growth.load_bar(home, options.new_lake("second"), options.rows),
    7: lambda home, options: growth.upkeep_bar(home),
    9: lambda home, options: growth.query_bar(home, 2 * options.rows),
    10: lambda home, options: readers.reader_bar(home, options.new_lake),
    11: lambda home, options: startup.startup_bar(options.against),
}


def main() -> int:
    parser = argparse.ArgumentParser(description="Acceptance tests of a warehouse past one machine.")
    parser.add_argument(
        "--bars",
        default=",".join(map(str, BARS)),
        help="their numbers in docs/explanation/scale.md, with commas",
    )
    parser.add_argument("--seconds", type=float, default=60, help="of each race (bar 1)")
    parser.add_argument("--kills", type=int, default=20, help="of loaders (bar 3)")
    parser.add_argument(
        "--rows", type=int, default=500_000, help="articles of the large lake (bar 6; twice in 9)"
    )
    parser.add_argument(
        "--against", type=Path, help="the checkout of another commit, whose start-up is compared (bar 11)"
    )
    arguments = parser.parse_args()
    failed = 0
    with (
        tempfile.TemporaryDirectory(prefix="bench-cluster-") as folder,
        running_postgres() as server,
    ):

        def new_lake(name: str, *arguments: str) -> Home:
            place = Path(folder, name)
            place.mkdir()
            with psycopg.connect(server.admin, autocommit=True) as admin:
                admin.execute(f"create database {name}")
            return make_lake(place, server.conninfo(name), *arguments)

        options = Options(arguments.seconds, arguments.kills, arguments.rows, arguments.against, new_lake)
        for number in (int(text) for text in arguments.bars.split(",")):
            home = new_lake(f"bar_{number}")
            for outcome in BARS[number](home, options):
                failed += not outcome.is_met
                verdict = "met" if outcome.is_met else "MISSED"
                print(f"bar {number}: {verdict:6} {outcome.sentence}", flush=True)
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())

"""Performance and robustness of the warehouse: `python -m bench.warehouse [--articles N] [PART…]`.

    growth     loads of 10,000 articles into a small and into a large store, file size, memory
    small      loads of 200 articles, with our row groups and with DuckDB's default
    threads    loads of 200 articles, with one thread and with DuckDB's default
    queries    ten analytical queries on the snapshot
    older      the snapshot rewritten so that DuckDB 1.4 reads it
    stress     3 writers and 4 readers concurrently
    kills      writers killed at random moments

CPU seconds are the process's own; wall times depend on the machine's load.
"""

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from bench.stores.warehouse_data import batch, batches
from bench.stores.warehouse_stress import run_kills, run_stress
from warehouse.articles import load_batch
from warehouse.publish import publish_snapshot
from warehouse.records.outcome import Batch
from warehouse.store import engine
from warehouse.store.connection import Home, connect, open_store, transaction
from warehouse.store.file import file_store

BATCH = 10_000

QUERIES = {
    "articles by source and day": """
        select source, published_on, count(*) as n
        from articles
        where is_representative
        group by all
        order by n desc
        limit 20
    """,
    "lag from published to seen": """
        select source, quantile_cont(epoch(first_seen_at) - epoch(published_at), [0.5, 0.95]) as lag_s
        from articles
        where published_precision = 'minute'
        group by source
        order by lag_s[2] desc
        limit 10
    """,
    "latest articles": """
        select published_at, source, title
        from articles
        order by sort_at desc
        limit 50
    """,
    "one day": """
        select source, title, url
        from articles
        where published_on = (select max(published_on) - 3 from articles)
    """,
    "biggest stories": "select title, n_articles, n_sources from stories order by n_articles desc limit 10",
    "languages and lengths": """
        select language, count(*) as n, quantile_cont(word_count, [0.1, 0.5, 0.9]) as words
        from articles
        group by language
        order by n desc
    """,
    "quality of dates": """
        select
            source,
            avg((published_at is null)::integer) as without,
            avg(dates_disagree::integer) as disagreeing
        from articles
        group by source
        order by without desc
        limit 10
    """,
    "edited articles": """
        select source, count(*) filter (n_revisions > 1) as edited, count(*) as n
        from articles
        group by source
        order by edited desc
        limit 10
    """,
    "one article by its address": "select * from articles where url = (select max(url) from articles)",
    "titles with a word": "select count(*) from articles where contains(lower(title), 'lm')",
    "the ledger": """
        select source, sum(seen) as seen, sum(pending) as pending
        from source_daily
        group by source
        order by source
        limit 10
    """,
}


def main() -> None:
    """Measure the requested parts and print the figures."""
    parts: dict[str, Callable[[argparse.Namespace, Path], None]] = {
        "growth": growth,
        "small": small,
        "threads": threads,
        "queries": queries,
        "older": older,
        "stress": stress,
        "kills": kills,
    }
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", choices=[*parts, []], help="all without one")
    parser.add_argument("--articles", type=int, default=50_000, help="size of the large store")
    parser.add_argument("--seconds", type=float, default=20, help="of the stress")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--home", type=Path, help="where the large store lies or is made; kept")
    arguments = parser.parse_args()
    print(f"DuckDB {duckdb.__version__}, Python {sys.version.split()[0]}")
    with tempfile.TemporaryDirectory() as folder:
        for part in arguments.parts or parts:
            print(f"\n{part}")
            parts[part](arguments, Path(folder))


def growth(arguments: argparse.Namespace, folder: Path) -> None:
    """Print the cost of 10,000 articles in an empty, a small and a large store."""
    home = _large(arguments, folder)
    small_home = Home(folder / "growth")
    _load(small_home, batch("bench", 0, BATCH))
    small_cpu = statistics.median(_load(small_home, batch("bench", BATCH * n, BATCH))[0] for n in (1, 2, 3))
    n = _count(home)
    measured = [_load(home, batch("bench", n + BATCH * k, BATCH)) for k in range(3)]
    large_cpu = statistics.median(cpu for cpu, _, _ in measured)
    wall = min(seconds for _, seconds, _ in measured)
    again = _load(home, batch("bench", n, BATCH))[2]
    print(f"  10,000 articles at {BATCH:,} stored: {small_cpu:.2f} CPU s")
    print(
        f"  10,000 articles at {n:,} stored: {large_cpu:.2f} CPU s, {large_cpu / small_cpu:.2f} times as much"
    )
    print(
        f"  best of three, with close: {BATCH / wall:,.0f} articles/s by the clock, "
        f"{BATCH / large_cpu:,.0f} per CPU s"
    )
    print(f"  the same batch again: {again} new")
    print(f"  file: {home.state_file.stat().st_size / _count(home) / 1000:.2f} kB an article, {_parts(home)}")
    print(f"  most memory of a process that loads 5 batches: {_memory(folder)} MB")


def small(arguments: argparse.Namespace, folder: Path) -> None:
    """Print the cost of loads of 200 with small and with default row groups."""
    for size in (engine.ROW_GROUP_SIZE, 122_880):
        home = Home(folder / f"small-{size}")
        usual, engine.ROW_GROUP_SIZE = engine.ROW_GROUP_SIZE, size
        try:
            for one in batches("bench", 0, 120_000, BATCH):
                _load(home, one)
            costs = sorted(_load(home, batch("bench", 120_000 + 200 * n, 200))[:2] for n in range(25))
        finally:
            engine.ROW_GROUP_SIZE = usual
        cpu = [cpu for cpu, _ in costs]
        print(
            f"  row groups of {size:,}: 200 articles cost {statistics.mean(cpu):.2f} CPU s, "
            f"at most {max(cpu):.2f}; file {home.state_file.stat().st_size / 2**20:.0f} MB"
        )


def threads(arguments: argparse.Namespace, folder: Path) -> None:
    """Print the cost of loads of 200 with one thread and with one for each core, in turn."""
    home = Home(folder / "threads")
    _load(home, batch("bench", 0, BATCH))
    costs: dict[int, list[tuple[float, float]]] = {file_store.ONE_THREAD_BYTES: [], 0: []}
    usual = file_store.ONE_THREAD_BYTES
    try:
        for n in range(30):
            file_store.ONE_THREAD_BYTES = limit = [*costs][n % 2]
            costs[limit].append(_load(home, batch("bench", BATCH + 200 * n, 200))[:2])
    finally:
        file_store.ONE_THREAD_BYTES = usual
    for limit, of_limit in costs.items():
        cpu_s, clock_s = (statistics.median(column) for column in zip(*of_limit, strict=True))
        name = "one thread" if limit else "one for each core"
        print(f"  {name}: 200 articles cost {cpu_s:.2f} CPU s, {clock_s:.2f} s by the clock")


def queries(arguments: argparse.Namespace, folder: Path) -> None:
    """Print how long analytical queries take on the snapshot."""
    home = _large(arguments, folder)
    publish_snapshot(home)
    with connect(home) as con:
        print(f"  {con.execute('select count(*) from articles').fetchall()[0][0]:,} articles")
        for name, sql in QUERIES.items():
            print(f"  {name:30} {_timed(con, sql)}")


def older(arguments: argparse.Namespace, folder: Path) -> None:
    """Print what it costs to write the snapshot in the storage version of DuckDB 1.4."""
    home = _large(arguments, folder)
    publish_snapshot(home)
    file = folder / "older.duckdb"
    start = time.process_time()
    with duckdb.connect() as con:
        con.execute(f"attach '{home.snapshot_file}' as news (read_only)")
        con.execute(f"attach '{file}' as older (storage_version 'v1.4.0')")
        con.execute("copy from database news to older")
        con.execute("detach older")
    sizes = f"{home.snapshot_file.stat().st_size / 1e6:.0f} to {file.stat().st_size / 1e6:.0f} MB"
    print(f"  {time.process_time() - start:.1f} CPU s, {sizes}")


def stress(arguments: argparse.Namespace, folder: Path) -> None:
    """Print what concurrent writers and readers saw and left."""
    outcome = run_stress(Home(folder / "stress"), seconds=arguments.seconds, writers=3, readers=4)
    print(
        f"  3 writers, 4 readers, {arguments.seconds:.0f} s: {outcome.lost} lost, {outcome.doubled} doubled, "
        f"{outcome.partial} partial, {len(outcome.reader_errors)} reader errors"
    )
    print(
        f"  {outcome.loads_per_s} loads of 200 a second, writer wait p95 {outcome.wait_p95_s} s, "
        f"{outcome.queries} queries, p95 {outcome.query_p95_s} s"
    )


def kills(arguments: argparse.Namespace, folder: Path) -> None:
    """Print what killed writers left."""
    outcome = run_kills(Home(folder / "kills"), kills=arguments.kills)
    print(
        f"  {outcome.kills} kills, {outcome.kills_with_loads} of them after a commit, {outcome.loads} loads, "
        f"{len(outcome.violations)} violations, "
        f"{outcome.kills_with_log} left a log, reopened in at most {outcome.reopen_max_s} s, "
        f"{outcome.archived_not_loaded} pages archived and not loaded"
    )
    for violation in outcome.violations:
        print(f"  ! {violation}")


def _large(arguments: argparse.Namespace, folder: Path) -> Home:
    home = Home(arguments.home or folder / "large")
    have = _count(home) if home.state_file.exists() else 0
    for one in batches("bench", have, max(0, arguments.articles - have), BATCH):
        _load(home, one)
    return home


def _load(home: Home, one: Batch) -> tuple[float, float, int]:
    """Load a batch; return CPU seconds, wall seconds, and the number of new articles."""
    cpu, start = time.process_time(), time.time()
    with open_store(home, owner="bench") as con, transaction(con):
        loaded = load_batch(con, one)
    return time.process_time() - cpu, time.time() - start, loaded.counts.n_new


def _count(home: Home) -> int:
    with open_store(home, owner="bench") as con:
        return int(con.execute("select count(*) from core.article").fetchall()[0][0])


def _parts(home: Home) -> str:
    with open_store(home, owner="bench") as con:
        n = con.execute("select count(*) from core.search_document").fetchall()[0][0]
    return "with" if n else "without the index of the full text"


def _memory(folder: Path) -> int:
    code = (
        "import resource, sys\nfrom pathlib import Path\nfrom bench.warehouse import _load\n"
        "from bench.stores.warehouse_data import batches\nfrom warehouse.store.connection import Home\n"
        "for one in batches('bench', 0, 50_000, 10_000):\n    _load(Home(Path(sys.argv[1])), one)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder / "memory")], capture_output=True, text=True, check=True
    )
    shutil.rmtree(folder / "memory")
    return int(done.stdout)


def _timed(con: duckdb.DuckDBPyConnection, sql: str) -> str:
    return _shown([_clock(lambda: con.execute(sql).fetchall()) for _ in range(4)])


def _clock(work: Callable[[], object]) -> tuple[float, float]:
    start, cpu = time.time(), time.process_time()
    work()
    return time.time() - start, time.process_time() - cpu


def _shown(times: list[tuple[float, float]]) -> str:
    first, rest = times[0], times[1:]
    wall = min(wall for wall, _ in rest)
    cpu = min(cpu for _, cpu in rest)
    return f"{wall * 1000:7.0f} ms ({cpu * 1000:5.0f} ms CPU; first time {first[0] * 1000:.0f} ms)"


if __name__ == "__main__":
    main()

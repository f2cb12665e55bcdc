"""Concurrent writers and readers, and writers killed at random: invariants checked from outside.

Used by `python -m bench.warehouse` for a long time and by the tests for a short one.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from warehouse.publish import publish_snapshot
from warehouse.store.connection import Home, connect, open_store

REPOSITORY = Path(__file__).parents[2]
BATCH = 200
SHARED = 20  # of each batch: keys that all writers race for

_WRITER = """
import json, sys, time
from pathlib import Path
from bench.stores.warehouse_data import batch
from bench.stores.warehouse_stress import batch_of
from warehouse.articles import load_batch
from warehouse.publish import publish_snapshot
from warehouse.store.connection import Home, open_store, transaction
import warehouse.search.index
home, writer = Home(Path(sys.argv[1])), int(sys.argv[2])
batch_of(writer, 0)
print("ready", flush=True)
until = float(sys.stdin.readline())
n = 0
while time.time() < until or not n:
    one = batch_of(writer, n)
    start = time.time()
    with open_store(home, owner=f"writer {writer}") as con:
        waited = time.time() - start
        with transaction(con):
            load_id = load_batch(con, one).load_id
    spent = time.time() - start
    publish_snapshot(home, min_interval_s=1)
    print(json.dumps([load_id, waited, spent, [a.url_key for a in one.articles]]), flush=True)
    n += 1
"""

_READER = """
import json, sys, time
from pathlib import Path
from bench.stores.warehouse_stress import check_reader
from warehouse.store.connection import Home
print("ready", flush=True)
print(json.dumps(check_reader(Home(Path(sys.argv[1])), float(sys.stdin.readline()))), flush=True)
"""

_KILLED = """
import json, sys
from pathlib import Path
from bench.stores.warehouse_stress import archive_batch, batch_of
from tasks.archive.writer import ArchiveWriter
from warehouse.articles import load_batch
from warehouse.publish import publish_snapshot
from warehouse.store.connection import Home, open_store, transaction
import warehouse.search.index
home, n = Home(Path(sys.argv[1])), int(sys.argv[2])
batch_of(0, n)
with ArchiveWriter(home.pages_dir) as archive:
    print("ready", flush=True)
    while True:
        one = archive_batch(archive, batch_of(0, n))
        with open_store(home, owner="doomed") as con, transaction(con):
            load_id = load_batch(con, one).load_id
        print(json.dumps([load_id, [a.url_key for a in one.articles]]), flush=True)
        if n % 3 == 0:
            publish_snapshot(home)
        n += 1
"""


@dataclass
class Outcome:
    """The findings of a stress or kill test."""

    loads: int = 0
    lost: int = 0
    doubled: int = 0
    partial: int = 0
    reader_errors: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    queries: int = 0
    query_p95_s: float = 0.0
    wait_p95_s: float = 0.0
    load_p95_s: float = 0.0
    loads_per_s: float = 0.0
    kills: int = 0
    kills_with_log: int = 0
    kills_with_loads: int = 0
    reopen_max_s: float = 0.0
    archived_not_loaded: int = 0

    @property
    def is_sound(self) -> bool:
        """Say whether nothing was lost, duplicated, partial or refused."""
        return not (self.lost or self.doubled or self.partial or self.reader_errors or self.violations)


def batch_of(writer: int, n: int):  # type: ignore[no-untyped-def]
    """Return a batch of which some articles are also in the other writers' batches."""
    from dataclasses import replace

    from bench.stores.warehouse_data import batch

    shared = batch("run", n * SHARED, SHARED)
    own = batch("run", 10_000_000 * (writer + 1) + n * BATCH, BATCH - SHARED)
    return replace(own, articles=shared.articles + own.articles, fetches=shared.fetches + own.fetches)


def archive_batch(archive, batch):  # type: ignore[no-untyped-def]
    """Write a batch's pages to the archive and point its rows at them."""
    from dataclasses import replace

    from warehouse.records.feed import FeedEntry
    from warehouse.records.page import PageRequest

    refs = {}
    for article in batch.articles:
        request = PageRequest(article.source, article.url, article.url_key, FeedEntry(article.url))
        refs[article.url_key] = archive.write_imported(
            request, article.body.encode(), at=article.fetched_at
        ).ref
    archive.sync()
    return replace(
        batch,
        articles=tuple(replace(a, ref=refs[a.url_key]) for a in batch.articles),
        fetches=tuple(replace(f, ref=refs[f.url_key]) for f in batch.fetches),
    )


def run_stress(home: Home, *, seconds: float, writers: int, readers: int) -> Outcome:
    """Run writers and readers for a while, each in its own process; check what they saw and left."""
    with open_store(home, owner="stress"):
        pass
    publish_snapshot(home)
    ws = [_python(_WRITER, home.root, n) for n in range(writers)]
    rs = [_python(_READER, home.root) for _ in range(readers)]
    for process in (*ws, *rs):
        _await_ready(process)
    until = time.time() + seconds
    for process in (*ws, *rs):
        assert process.stdin is not None
        process.stdin.write(f"{until}\n")
        process.stdin.flush()
    written = [json.loads(line) for w in ws for line in _finish(w).splitlines()]
    seen = [json.loads(_finish(r)) for r in rs]
    outcome = _left(home, {load_id: keys for load_id, _, _, keys in written})
    outcome.loads_per_s = round(len(written) / seconds, 2)
    outcome.wait_p95_s = _p95([waited for _, waited, _, _ in written])
    outcome.load_p95_s = _p95([spent for _, _, spent, _ in written])
    outcome.queries = sum(len(s["seconds"]) for s in seen)
    outcome.query_p95_s = _p95([x for s in seen for x in s["seconds"]])
    outcome.reader_errors = [error for s in seen for error in s["errors"]]
    return outcome


def check_reader(home: Home, until: float) -> dict[str, list[object]]:
    """Query the snapshot repeatedly; return the duration and the errors of each query."""
    seconds: list[object] = []
    errors: list[object] = []
    before = 0
    while time.time() < until or not seconds:
        start = time.time()
        try:
            with connect(home, threads=1) as con:
                n, n_keys, n_loaded = con.execute(_READER_CHECK).fetchall()[0]
            if n != n_keys:
                errors.append(f"{n} articles, {n_keys} keys")
            if n != n_loaded:
                errors.append(f"{n} articles, loads say {n_loaded}")
            if n < before:
                errors.append(f"{n} articles after {before}")
            before = n
        except Exception as error:
            errors.append(f"{type(error).__name__}: {error}")
        seconds.append(time.time() - start)
        time.sleep(0.02)
    return {"seconds": seconds, "errors": errors}


def run_kills(home: Home, *, kills: int, seed: int = 1) -> Outcome:
    """Kill a loading process repeatedly at random moments; check the store after each kill.

    The moments are spread over the time that three loads take here and now. Goes on after `kills` until one
    came after a load, at most five times as often.
    """
    rng = random.Random(seed)
    acknowledged: dict[str, list[str]] = {}
    total = Outcome()
    n = 0
    span_s = 3 * _load_time(home.root.with_name(f"{home.root.name}-timing"))
    while total.kills < kills or (not total.kills_with_loads and total.kills < 5 * kills):
        process = _python(_KILLED, home.root, n)
        _await_ready(process)
        time.sleep(rng.uniform(0.05, span_s))
        os.kill(process.pid, signal.SIGKILL)
        acknowledged |= dict(json.loads(line) for line in _last_lines(process))
        total.kills += 1
        total.kills_with_log += home.state_file.with_name(f"{home.state_file.name}.wal").exists()
        start = time.time()
        with open_store(home, owner="look", wait_s=60) as con:
            total.reopen_max_s = max(total.reopen_max_s, time.time() - start)
            n_loads = con.execute("select count(*) from core.load").fetchall()[0][0]
        found = _left(home, acknowledged)
        if not found.is_sound:
            total.violations.append(f"kill {total.kills}: {found}")
        total.kills_with_loads += n_loads > n
        n = total.loads = n_loads
    total.archived_not_loaded = _check_archive(home, total)
    if total.loads < kills // 2:
        total.violations.append(f"only {total.loads} loads in {kills} kills: nothing was tried")
    total.reopen_max_s = round(total.reopen_max_s, 3)
    return total


def _load_time(root: Path) -> float:
    """Return the duration of one load, in seconds."""
    process = _python(_KILLED, root, 0)
    _await_ready(process)
    start = time.time()
    assert process.stdout is not None
    process.stdout.readline()
    spent = time.time() - start
    process.kill()
    process.communicate()
    return spent


def _left(home: Home, acknowledged: dict[str, list[str]]) -> Outcome:
    """Check that the store has each acknowledged load completely and once."""
    with open_store(home, owner="look") as con:
        n, n_keys = con.execute("select count(*), count(distinct url_key) from core.article").fetchall()[0]
        stored = {key for (key,) in con.execute("select url_key from core.article").fetchall()}
        loads = dict(con.execute("select load_id, n_new from core.load").fetchall())
        firsts = dict(
            con.execute(
                "select load_id, count(*) from core.revision where change = 'first' group by 1"
            ).fetchall()
        )
        texts = con.execute("select count(*) from core.article_text").fetchall()[0][0]
    wanted = {key for keys in acknowledged.values() for key in keys}
    return Outcome(
        loads=len(loads),
        lost=len(wanted - stored) + len(set(acknowledged) - set(loads)),
        doubled=(n - n_keys) + abs(n - texts),
        partial=sum(firsts.get(load_id, 0) != n_new for load_id, n_new in loads.items()),
    )


def _check_archive(home: Home, total: Outcome) -> int:
    """Read the pages that rows point at; return the number of archived pages without a row (to replay)."""
    from tasks.archive.reader import iter_pages, read_page
    from warehouse.inspection.doctor import find_archive_refs

    with open_store(home, owner="look") as con:
        refs = find_archive_refs(con)
    for ref in refs[:: max(1, len(refs) // 300)]:
        try:
            read_page(home.archive, ref)
        except Exception as error:
            total.violations.append(f"{ref}: {error}")
    known = {(ref.file, ref.offset) for ref in refs}
    files = [p.relative_to(home.pages_dir).as_posix() for p in home.pages_dir.rglob("*.warc.gz")]
    return sum((name, ref.offset) not in known for name in files for ref, _ in iter_pages(home.archive, name))


def _python(code: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _await_ready(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    if process.stdout.readline() != "ready\n":
        raise RuntimeError(process.communicate()[1])


def _last_lines(process: subprocess.Popen[str]) -> list[str]:
    """Return the lines that a killed process printed, without a truncated last one.

    Not by communicate(): that loses what readline() has read ahead, on a busy machine the first line.
    """
    assert process.stdout is not None
    lines = process.stdout.read().split("\n")[:-1]
    process.communicate()
    return lines


def _finish(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=300)
    if process.returncode:
        raise RuntimeError(err)
    return out


def _p95(values: list[float]) -> float:
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))], 3) if ordered else 0.0


_READER_CHECK = """
select
    (select count(*) from articles),
    (select count(distinct url) from articles),
    (select coalesce(sum(n_new), 0) from core.load)
"""

"""Near-duplicates: cost of a batch as the store grows, and for texts from one template; for `bench.dedup`.

The stored articles are generated: hashes and days, no texts. The texts of a batch are real. Two ways to
grow: the archive lasts longer at 770 articles a day, or all of it lies inside the window. Stores have the
settings of a warehouse, in a file.
"""

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import duckdb
import numpy as np

from bench.newsroom.site import make_story
from tasks.deduplicate import compare_pairs, link_articles
from tasks.domain.duplicates.compare import LEAST_SHARED_RATIO, WINDOW_DAYS, Text, best_link
from tasks.domain.duplicates.fingerprint import STORED_BITS, Fingerprint, recent_texts
from warehouse.articles import load_batch
from warehouse.fingerprints import Candidates, Hashed, find_candidates
from warehouse.records.article import Article
from warehouse.records.outcome import Batch
from warehouse.store.connection import Home, open_store, transaction
from warehouse.store.days import find_days

_FIRST = date(2026, 3, 6)
_BATCH = 1_000
_HASHES_AN_ARTICLE = 19  # what real articles have on average
_WINDOW = 2 * WINDOW_DAYS + 1


@dataclass(frozen=True, slots=True)
class JoinCost:
    """Wall seconds, and CPU seconds."""

    clock_s: float
    cpu_s: float


def print_join(sizes: Sequence[int]) -> None:
    """Print how the join of a batch with the stored hashes grows."""
    print(f"\ncandidate join of a batch of {_BATCH:,} new articles, best of seven")
    print(f"{'stored':>10}{'days':>6}{'in window':>11}{'index MB':>10}{'ms':>9}{'CPU ms':>9}")
    for n in sizes:
        _print_join(n, days=n // 770)
    for n in sizes[1:]:
        _print_join(n, days=_WINDOW)


def _print_join(n: int, *, days: int) -> None:
    batch = _made_up_batch(_FIRST + timedelta(days=days - WINDOW_DAYS - 1))
    in_window = min(n, n * _WINDOW // days)
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        size = _fill(home, n, days)
        with open_store(home, owner="bench") as con:
            cost = min((_timed(lambda: _find(con, batch)) for _ in range(7)), key=lambda cost: cost.clock_s)
    figures = f"{size / 1e6:>10.1f}{cost.clock_s * 1e3:>9.1f}{cost.cpu_s * 1e3:>9.1f}"
    print(f"{n:>10,}{days:>6}{in_window:>11,}{figures}")


def _find(con: duckdb.DuckDBPyConnection, batch: Sequence[Hashed]) -> None:
    find_candidates(con, batch, window_days=WINDOW_DAYS, least_ratio=LEAST_SHARED_RATIO)


def print_whole_cost(articles: Sequence[Article], sizes: Sequence[int]) -> None:
    """Print the cost of links and stories of real texts, with all stored articles inside the window."""
    print(f"\nlinks and stories of {_BATCH:,} new articles, all stored ones inside the window, best of three")
    print(f"{'stored':>10}{'ms':>9}{'CPU ms':>9}")
    days = range((_FIRST - date.min).days, (_FIRST - date.min).days + _WINDOW)
    near = [a for a in articles if a.published and (a.published.on - date.min).days in days]
    for n in sizes:
        with tempfile.TemporaryDirectory() as folder:
            cost = _whole_cost(Home(Path(folder)), near, n)
        print(f"{n:>10,}{cost.clock_s * 1e3:>9.0f}{cost.cpu_s * 1e3:>9.0f}")


def _whole_cost(home: Home, articles: Sequence[Article], n: int) -> JoinCost:
    _fill(home, n, _WINDOW)
    costs = []
    with open_store(home, owner="bench") as con:
        with transaction(con):
            _link(con, articles[_BATCH:])
        for _ in range(3):
            recent_texts.clear()
            con.execute("begin")
            costs.append(_link(con, articles[:_BATCH]))
            con.execute("rollback")
    return min(costs, key=lambda cost: cost.cpu_s)


def _link(con: duckdb.DuckDBPyConnection, articles: Sequence[Article]) -> JoinCost:
    loaded = load_batch(con, Batch("bench", articles=tuple(articles)))
    return _timed(lambda: link_articles(con, find_days(con, loaded.changed_ids), loaded.load_id))


def print_forms() -> None:
    """Print the cost of comparing texts from one template, all of them candidates of each other."""
    stories = [make_story(number, 12, 9100) for number in range(800)]
    bodies = ["\n".join(story.paragraphs[0]) for story in stories]
    texts = {f"{n:04}": [Text(f"{n:04}", _FIRST, Fingerprint(body))] for n, body in enumerate(bodies)}
    members, n_new = sorted(texts), 50
    pairs = [(a, b) for a in members[:n_new] for b in members[n_new:]]
    places = [grid.ravel() for grid in np.mgrid[:n_new, n_new : len(members)]]
    print(f"\n{len(pairs):,} pairs of texts from one form")
    ways: dict[str, Callable[[], object]] = {
        "at a glance first": lambda: compare_pairs(Candidates(members, {}, *places), texts),
        "each in full": lambda: [best_link(texts[a], texts[b]) for a, b in pairs],
    }
    for name, compare in ways.items():
        compare()
        cost = _timed(compare)
        print(f"{name:20}{cost.cpu_s / len(pairs) * 1e6:8.1f} microseconds of CPU a pair")


def _timed(act: Callable[[], object]) -> JoinCost:
    clock, cpu = time.perf_counter(), time.process_time()
    act()
    return JoinCost(time.perf_counter() - clock, time.process_time() - cpu)


def _fill(home: Home, n: int, days: int) -> int:
    """Store the hashes of generated articles; return their size in the file, in bytes."""
    with open_store(home, owner="bench") as con:
        before = _used_bytes(con)
        for day in range(days):
            bounds = {"from": n * day // days, "to": n * (day + 1) // days}
            on = _FIRST + timedelta(days=day)
            con.execute(_FILL, {**bounds, "day": on, "hashes": _HASHES_AN_ARTICLE})
        con.execute("checkpoint")
        return _used_bytes(con) - before


def _used_bytes(con: duckdb.DuckDBPyConnection) -> int:
    return int(con.execute(_USED_BYTES).fetchall()[0][0])


_USED_BYTES = """
select used_blocks * block_size
from pragma_database_size()
where database_name = current_database()
"""

_FILL = f"""
insert into core.fingerprint (hash, article_id, published_on, n_hashes, seen_on)
select
    hash(a.range * 1000 + h.range) >> {64 - STORED_BITS},
    cast(md5(cast(a.range as text)) as uuid) as article_id,
    $day,
    $hashes,
    $day
from range($from, $to) as a, range($hashes) as h
order by article_id, h.range
"""


def _made_up_batch(day: date) -> list[Hashed]:
    rng = np.random.default_rng(1)
    shape = (_BATCH, _HASHES_AN_ARTICLE)
    hashes = rng.integers(0, 2**STORED_BITS, shape, dtype=np.uint64)
    return [Hashed(str(UUID(int=number)), day, day, np.unique(row)) for number, row in enumerate(hashes)]

"""What a load and a publication cost as the store grows.

    python -m bench.growth [--articles N] [--home HOME]

A store of 10,000 articles and one of N, all within thirteen days, so inside the window in which copies are
looked for. Loads and links batches of 1,000 new articles, of which every tenth is the text of another source,
and publishes after each. The first load, with which a large store gets its sorted hashes, is not counted. CPU
seconds with opening and closing the file; the medians of eleven. Then how much of the last snapshot differs
from the one before, in blocks of the file. References: the same in the small store; for a publication, a
plain copy of the file with its hash. Bar: a load at 1,000,000 within 1.3 times of one at 10,000.
"""

import argparse
import hashlib
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from bench.comparison.ratios import note
from bench.stores.large_store import fill_large
from bench.stores.warehouse_data import N_PARAGRAPHS, START, batch, paragraph
from tasks.load import store_batch
from warehouse.publish import publish_snapshot
from warehouse.records.article import Article
from warehouse.records.outcome import Batch
from warehouse.store.connection import Home, open_store
from warehouse.store.file.snapshot import file_xxh3

_SMALL = 10_000
_NEW = 1_000
_TIMES = 11
_BLOCK_BYTES = 2**18
_FIRST = 10_000_000  # number of the first new article: none that is stored has it


@dataclass(frozen=True, slots=True)
class StoreCost:
    """CPU seconds of a load, of a publication, and of a copy of the file."""

    load_s: float
    publish_s: float
    copy_s: float


def main() -> None:
    """Print the costs in both stores, and their ratios."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--home", type=Path, help="where the large store lies or is made; kept, and it grows")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        small = _costs(Home(Path(folder) / "small"), _SMALL)
        large = _costs(Home(arguments.home or Path(folder) / "large"), arguments.articles)
    print(f"load, large / small: {large.load_s / small.load_s:.2f}")
    note("load and links of 1,000", "CPU s", large.load_s, f"at {_SMALL:,} stored", small.load_s)
    note("publication", "CPU s", large.publish_s, "a copy of the file", large.copy_s)


def _costs(home: Home, n: int) -> StoreCost:
    """Return what a store costs, and print it."""
    if not home.state_file.exists():
        fill_large(home, n)
    store_batch(home, _new_batch(_FIRST + _count(home), _TIMES), owner="bench")
    loads, publications, walls = [], [], []
    for number in range(_TIMES):
        new = _new_batch(_FIRST + _count(home), number)
        loads.append(_cpu_s(lambda b=new: store_batch(home, b, owner="bench")))  # type: ignore[misc]
        before = _kept(home)
        begun_s = time.perf_counter()
        publications.append(_cpu_s(lambda: publish_snapshot(home)))
        walls.append(time.perf_counter() - begun_s)
    copied = _cpu_s(lambda: _copy(home.state_file, home.root / "copy.tmp"))
    size, changed = home.snapshot_file.stat().st_size, _n_changed_bytes(before, home.snapshot_file)
    before.unlink()
    load_s, publish_s, wall_s = map(statistics.median, (loads, publications, walls))
    print(
        f"{n:>9,} stored, {size / 1e6:,.0f} MB: load {load_s:.2f} CPU s, publication {publish_s:.2f} CPU s "
        f"and {wall_s:.1f} s, a copy {copied:.2f} CPU s; a publication changes {changed / 1e6:,.0f} MB",
        flush=True,
    )
    return StoreCost(load_s, publish_s, copied)


def _kept(home: Home) -> Path:
    """Keep the snapshot under another name; return it."""
    kept = home.root / "kept.tmp"
    kept.unlink(missing_ok=True)
    os.link(home.snapshot_file, kept)
    return kept


def _n_changed_bytes(before: Path, after: Path) -> int:
    n_changed = 0
    with before.open("rb") as old, after.open("rb") as new:
        while block := new.read(_BLOCK_BYTES):
            n_changed += len(block) if old.read(_BLOCK_BYTES) != block else 0
    return n_changed


def _count(home: Home) -> int:
    with open_store(home, owner="bench") as con:
        return int(con.execute("select count(*) from core.article").fetchall()[0][0])


def _new_batch(first: int, number: int) -> Batch:
    """Return new articles in the middle of the stored days; every tenth has the text of the one before."""
    made = batch(f"bench-{first}", first, _NEW, fetched_at=START + timedelta(days=60, hours=number))
    bodies = ["\n".join(paragraph(N_PARAGRAPHS + (first + n) * 7 + k) for k in range(7)) for n in range(_NEW)]
    articles = [_with_text(article, bodies[n - (n % 10 == 9)]) for n, article in enumerate(made.articles)]
    return Batch(made.run_id, fetches=made.fetches, articles=tuple(articles))


def _with_text(article: Article, body: str) -> Article:
    assert article.published is not None
    day = START + timedelta(days=4)
    published = replace(
        article.published, at=day, on=day.date(), local=day.replace(tzinfo=None), raw=day.isoformat()
    )
    sha = hashlib.sha256(body.encode()).hexdigest()
    return replace(article, body=body, content_sha256=sha, published=published)


def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as data, target.open("wb") as copy:
        while chunk := data.read(4 * 2**20):
            copy.write(chunk)
    file_xxh3(target)
    target.unlink()


def _cpu_s(act: Callable[[], object]) -> float:
    begun_s = time.process_time()
    act()
    return time.process_time() - begun_s


if __name__ == "__main__":
    main()

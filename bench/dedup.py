"""Near-duplicates: quality and speed compared with MinHash LSH (datasketch); growth of the join.

    python -m bench.dedup [CORPUS_FOLDER] [--million]   (growth: bench/stores/dedup_growth.py)

CORPUS_FOLDER holds `articles.jsonl.gz` and `truth.json.gz` (default: WIREHOUSE_CORPUS/dedup). Both sides get
the same texts in memory and give pairs; ours includes load, store, joins and stories. The reference is
datasketch (extra `bench`): word 5-grams, 128 permutations, threshold 0.7, the usual recipe; and a second one
that is tuned to find more. Times are CPU seconds of this process.
"""

import argparse
import gzip
import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

import duckdb

from bench.comparison.ratios import note
from bench.stores.dedup_growth import print_forms, print_join, print_whole_cost
from tasks.deduplicate import link_articles
from tasks.domain.duplicates.compare import WINDOW_DAYS
from tasks.domain.duplicates.fingerprint import fingerprint, recent_texts
from tasks.domain.duplicates.stories import components
from tasks.domain.text.tokens import tokenise
from tasks.domain.urls.key import url_key
from warehouse.articles import load_batch
from warehouse.records.article import Article, Moment, Precision
from warehouse.records.outcome import Batch
from warehouse.store.days import find_days
from warehouse.store.migrate import migrate
from warehouse.store.transaction import transaction

Pair = tuple[str, str]
_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one method, and its cost."""

    name: str
    pairs: set[Pair]
    cpu_s: float


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", nargs="?", type=Path, default=_default_corpus())
    parser.add_argument("--million", action="store_true", help="growth up to 1,000,000 articles")
    arguments = parser.parse_args()
    sizes = (10_000, 100_000, 1_000_000) if arguments.million else (10_000, 100_000)
    if arguments.corpus.exists():
        rows = read_rows(arguments.corpus)
        _compare(rows, arguments.corpus)
        print_whole_cost([article(row) for row in rows], sizes)
    else:
        print(f"No corpus in {arguments.corpus}; set WIREHOUSE_CORPUS.")
    print_join(sizes)
    print_forms()


def _default_corpus() -> Path:
    root = Path(__file__).parents[1].parent / "shared" / "corpus"
    return Path(os.environ.get("WIREHOUSE_CORPUS", root)) / "dedup"


def read_rows(folder: Path) -> list[dict[str, Any]]:
    """Return the corpus, one dict per text."""
    return [
        json.loads(line) for line in gzip.decompress((folder / "articles.jsonl.gz").read_bytes()).splitlines()
    ]


def _compare(rows: Sequence[dict[str, Any]], folder: Path) -> None:
    truth = json.loads(gzip.decompress((folder / "truth.json.gz").read_bytes()))
    results = [
        _timed("wirehouse, with store and stories", lambda: _ours(rows)),
        _timed("MinHash LSH, 5-grams, 0.7", lambda: _minhash(rows, length=5, threshold=0.7)),
        _timed("MinHash LSH, 3-grams, 0.3", lambda: _minhash(rows, length=3, threshold=0.3)),
    ]
    print(f"{len(rows):,} texts; pairs of one story text, as the corpus labels them")
    print(f"{'':36}{'precision':>10}{'recall':>8}{'F1':>7}{'merged P':>10}{'texts/s':>9}")
    for result in results:
        _print_result(result, truth, len(rows))
    reference = results[1]
    note("duplicates", "CPU s", results[0].cpu_s, reference.name, reference.cpu_s)
    print(f"speed of ours by that of the first reference: {reference.cpu_s / results[0].cpu_s:.2f}")


def _timed(name: str, find: Callable[[], set[Pair]]) -> Result:
    recent_texts.clear()
    start = time.process_time()
    pairs = find()
    return Result(name, pairs, time.process_time() - start)


def _ours(rows: Sequence[dict[str, Any]]) -> set[Pair]:
    con = duckdb.connect()
    con.execute("set TimeZone = 'UTC'")
    con.execute("set threads = 1")
    migrate(con)
    for at in range(0, len(rows), _BATCH):
        with transaction(con):
            articles = tuple(article(row) for row in rows[at : at + _BATCH])
            loaded = load_batch(con, Batch("bench", articles=articles))
            link_articles(con, find_days(con, loaded.changed_ids), loaded.load_id)
    found = con.execute("select url, other_url from copies where relation in ('exact', 'near')").fetchall()
    return {(a, b) for a, b in found if a < b}


def article(row: dict[str, Any]) -> Article:
    """Return a row of the corpus as an article."""
    at = datetime.fromisoformat(row["published"])
    moment = Moment(
        at.astimezone(UTC),
        at.date(),
        at.replace(tzinfo=None),
        None,
        Precision.MINUTE,
        "bench",
        "page",
        row["published"],
    )
    return Article(
        source="bench",
        url=row["url"],
        url_key=url_key(row["url"]),
        title=row["title"],
        body=row["body"],
        published=moment,
        content_sha256=fingerprint(row["body"]).content_sha256,
        fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def _minhash(rows: Sequence[dict[str, Any]], *, length: int, threshold: float) -> set[Pair]:
    """Return the pairs of datasketch, with the same window of days as ours."""
    from datasketch import MinHash, MinHashLSH

    lsh = MinHashLSH(threshold=threshold, num_perm=128)
    sketches = {}
    for row in rows:
        words = tokenise(row["body"]).words
        sketch = MinHash(num_perm=128)
        sketch.update_batch(
            {" ".join(words[i : i + length]).encode() for i in range(max(1, len(words) - length + 1))}
        )
        sketches[row["url"]] = sketch
        lsh.insert(row["url"], sketch)
    days = {row["url"]: datetime.fromisoformat(row["published"]).date() for row in rows}
    found = set()
    for url, sketch in sketches.items():
        for other in lsh.query(sketch):
            is_near = url < other and abs((days[url] - days[other]).days) <= WINDOW_DAYS
            if is_near and sketch.jaccard(sketches[other]) >= threshold:
                found.add((url, other))
    return found


def _print_result(result: Result, truth: dict[str, Any], n: int) -> None:
    natural = {pair[side] for pair in truth["natural_pairs"] for side in "ab"}
    true = {pair for urls in truth["clusters"] for pair in combinations(sorted(urls), 2)}
    scored = {pair for pair in result.pairs if not natural.intersection(pair)}
    clusters = components(set(truth["docs"]) - natural, scored)
    merged = {pair for urls in clusters for pair in combinations(urls, 2)}
    right = len(scored & true)
    precision, recall = right / max(1, len(scored)), right / len(true)
    f1 = 2 * right / (len(scored) + len(true))
    merged_precision = len(merged & true) / max(1, len(merged))
    figures = f"{precision:10.4f}{recall:8.4f}{f1:7.4f}{merged_precision:10.4f}{n / result.cpu_s:9.0f}"
    print(f"{result.name:36}{figures}")


if __name__ == "__main__":
    main()

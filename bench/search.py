"""Full-text search in a large store: words, prefixes, and phrases of words that every article has.

    python -m bench.search [--articles N] [--home HOME]

Without --home, a store of N generated articles is made in a temporary folder (bench/stores/large_store.py); a
home that is given is filled when it is empty, and kept. Three ways to ask: `page` is what `wirehouse search`
does, 20 results with counts and snippets; `documents` is the index alone, the 20 best documents; `SQL` is
search() of an analyst's connection, the 20 best. Two threads; the best of four, and the CPU time of that.
Reference: a scan of all texts for the words of the phrase (`contains`), on the same connection in the same
run. Bar: a phrase of three frequent words, and of two words that every article has and that never follow each
other, in 200 ms at 1,000,000 articles.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from bench.comparison.ratios import note
from bench.stores.large_store import fill_large
from bench.stores.warehouse_data import words
from warehouse.reading.filters import Order, Selection
from warehouse.reading.find import ResultQuery
from warehouse.reading.matches import find_matches
from warehouse.reading.questions import question_sql
from warehouse.store.connection import Home, connect

_TIMES = 4


@dataclass(frozen=True, slots=True)
class QuestionCost:
    """Wall seconds, and CPU seconds."""

    wall_s: float
    cpu_s: float

    def __str__(self) -> str:
        return f"{self.wall_s * 1000:7.0f} ({self.cpu_s * 1000:5.0f})"


def main() -> None:
    """Print what questions cost, and the phrases beside a scan."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--home", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Home(arguments.home or Path(folder) / "home")
        if not home.snapshot_file.exists():
            begun_s = time.process_time()
            fill_large(home, arguments.articles)
            print(f"filled in {time.process_time() - begun_s:.0f} CPU s")
        with connect(home, threads=2) as con:
            print_size(con)
            print_costs(con)


def print_size(con: duckdb.DuckDBPyConnection) -> None:
    """Print the number of articles, the size of the index, and what pairs of words are of it."""
    ((n,),) = con.execute("select count(*) from articles").fetchall()
    ((rows, docs, pair_rows, pair_docs),) = con.execute(_POSTINGS).fetchall()
    ((n_blocks, block_bytes),) = con.execute(_BLOCKS).fetchall()
    print(f"{n:,} articles; an article has {docs / n:.0f} postings in {rows / n:.2f} rows,")
    print(f"of them pairs of frequent words: {pair_docs / n:.0f} in {pair_rows / n:.2f} rows;")
    print(f"postings take {n_blocks * block_bytes / n / 1000:.2f} kB an article")


def questions() -> dict[str, str]:
    """Return questions by what they are; the first two words never follow each other in this order."""
    first, second, third = words()[:3]
    middle, rare = words()[2_000], words()[20_000]
    return {
        "a rare word": rare,
        "one article in fifty": middle,
        "the most common word": first,
        "the two most common words": f"{first} {second}",
        "a common word and one of fifty": f"{middle} {first}",
        "a prefix": f"{rare[:4]}*",
        "a word without another": f"{middle} -{rare}",
        "phrase: two common words": f'"{second} {first}"',
        "phrase: three common words": f'"{second} {first} {third}"',
        "phrase: three frequent words": f'"{words()[20]} {words()[30]} {words()[40]}"',
        "phrase: never in this order": f'"{first} {second}"',
        "phrase: a common and a rare word": f'"{first} {middle}"',
    }


def print_costs(con: duckdb.DuckDBPyConnection) -> None:
    """Print what each question costs in three ways, and a scan for the phrases."""
    print(f"{'ms (CPU ms)':34}{'page':>16}{'documents':>16}{'SQL':>16}{'scan':>18}")
    for name, question in questions().items():
        documents = _documents(con, question)
        ways = [_page(con, question), documents, _in_sql(con, question)]
        line = f"{name:34}" + "".join(f"{cost!s:>16}" for cost in ways)
        if question.startswith('"'):
            scan = _scan(con, question.strip('"'))
            note(f"search, {name}", "ms", documents.wall_s * 1000, "scan of all texts", scan.wall_s * 1000)
            line += f"{scan!s:>18}"
        print(line, flush=True)


def _page(con: duckdb.DuckDBPyConnection, question: str) -> QuestionCost:
    return _best(lambda: find_matches(con, ResultQuery(Selection(question), Order.BEST)))


def _documents(con: duckdb.DuckDBPyConnection, question: str) -> QuestionCost:
    asked = question_sql(question)
    return _best(lambda: con.execute(_DOCUMENTS.format(asked.relation), asked.parameters).fetchall())


def _in_sql(con: duckdb.DuckDBPyConnection, question: str) -> QuestionCost:
    return _best(lambda: con.execute(_IN_SQL, [question]).fetchall())


def _scan(con: duckdb.DuckDBPyConnection, text: str) -> QuestionCost:
    return _best(lambda: con.execute(_SCAN, [text]).fetchall(), times=1)


def _best(ask: Callable[[], object], times: int = _TIMES) -> QuestionCost:
    return min((_cost(ask) for _ in range(times)), key=lambda cost: cost.wall_s)


def _cost(ask: Callable[[], object]) -> QuestionCost:
    wall, cpu = time.perf_counter(), time.process_time()
    ask()
    return QuestionCost(time.perf_counter() - wall, time.process_time() - cpu)


_POSTINGS = """
select
    count(*),
    sum(n_docs),
    count(*) filter (where starts_with(term, ' ')),
    coalesce(sum(n_docs) filter (where starts_with(term, ' ')), 0)
from core.search_posting
"""
_BLOCKS = """
select count(distinct block_id), (select max(block_size) from pragma_database_size())
from pragma_storage_info('core.search_posting')
where block_id >= 0
"""
_DOCUMENTS = "select doc_no, score from ({}) order by score desc limit 20"
_IN_SQL = "select url, score from search(?) order by score desc limit 20"
_SCAN = "select count(*) from core.article_text where contains(body, ?)"


if __name__ == "__main__":
    main()

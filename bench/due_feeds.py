"""CPU time to find the feeds that are due among very many.

    python -m bench.due_feeds [--feeds N] [--due N]

Fills a store with feeds of 1,000 sources, of which some are due, and asks for them. Bar: 1,000 due ones of
1,000,000 in 1 s of CPU.
"""

import argparse
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from tasks.plan import find_due_feeds
from warehouse.records.source import Feed, Source
from warehouse.store.connection import Home, open_store

N_SOURCES = 1_000
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)

_FEEDS = """
insert into core.feed (feed_url, source, kind, added_at)
select format('https://s{}.example/feed/{}', i % $n_sources, i), format('s{}', i % $n_sources), 'rss', $now
from range($n) as t(i)
"""

_STATES = """
insert into core.feed_state (feed_url, source, kind, n_failures, n_moved_polls, overlap_lost, last_polled_at,
    next_due_at)
select
    feed_url,
    source,
    kind,
    0,
    0,
    false,
    $now - interval 1 hour,
    case when row_number() over (order by feed_url) <= $n_due then $now else $now + interval 1 hour end
from core.feed
"""


def filled_home(folder: Path, n: int, n_due: int) -> tuple[Home, list[Source]]:
    """Return a store with feeds, and their sources."""
    home = Home(folder)
    with open_store(home, owner="bench") as con:
        con.execute(
            "insert into core.source (name, title, added_at) select format('s{}', i), 'S', $now"
            " from range($n_sources) as t(i)",
            {"now": NOW, "n_sources": N_SOURCES},
        )
        con.execute(_FEEDS, {"now": NOW, "n": n, "n_sources": N_SOURCES})
        con.execute(_STATES, {"now": NOW, "n_due": n_due})
    sources = [
        Source(
            f"s{i}",
            "S",
            feeds=tuple(Feed(f"https://s{i}.example/feed/{k}") for k in range(i, n, N_SOURCES)),
        )
        for i in range(N_SOURCES)
    ]
    return home, sources


def main() -> None:
    """Run the benchmark."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--feeds", type=int, default=1_000_000)
    options.add_argument("--due", type=int, default=1_000)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home, sources = filled_home(Path(folder) / "home", chosen.feeds, chosen.due)
        begun_s = time.process_time()
        due = find_due_feeds(home, sources, NOW)
        spent_s = time.process_time() - begun_s
        print(f"{len(due):,} due of {chosen.feeds:,} feeds: {spent_s:.2f} s of CPU")


if __name__ == "__main__":
    main()

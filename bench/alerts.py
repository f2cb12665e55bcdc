"""What saved searches cost after a load: CPU time to note what is new for each, and to send it.

    python -m bench.alerts [--home HOME] [--articles N] [--new N] [--searches N]

Without --home, a warehouse of N generated articles is created in a temporary folder; a home that is given
gets the new articles. Each search has a webhook, which another process answers. Bar: 100 searches over 500
new articles in 3 s of CPU, sending included.
"""

import argparse
import multiprocessing
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from bench.stores.news_store import fill_home
from bench.stores.warehouse_data import batch, words
from tasks.alerts.send import note_new, report_changes
from tasks.deduplicate import link_articles
from warehouse.alerts.saved_search import Channel, Recipient, SavedSearch, SavedSearches
from warehouse.articles import load_batch
from warehouse.publish import publish_snapshot
from warehouse.reading.snapshots import SnapshotSource
from warehouse.store.connection import Home, open_store
from warehouse.store.days import find_days
from warehouse.store.transaction import transaction

HOOK = Recipient(Channel.WEBHOOK, "env:HOOK")


def main() -> None:
    """Print the costs of a pass without news, of noting, and of sending."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--new", type=int, default=500)
    parser.add_argument("--searches", type=int, default=100)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, _receiver() as url:
        home = Home(arguments.home or Path(folder) / "home")
        if not home.snapshot_file.exists():
            fill_home(home, arguments.articles)
        searches = _searches(arguments.searches)
        environment = {"HOOK": url}
        report_changes(home, searches, environment)  # the first look is silent
        _add_news(home, arguments.new)
        start = time.process_time()
        with SnapshotSource(home, timeout_s=600) as snapshots:
            n_noted = note_new(home, searches.searches, snapshots)
        noted = time.process_time()
        sent = report_changes(home, searches, environment)
        end = time.process_time()
        report_changes(home, searches, environment)
        idle = time.process_time()
    print(f"{len(searches.searches)} searches, {arguments.new} new articles:")
    print(f"  noting {n_noted:,} changes: {noted - start:.2f} CPU s")
    print(f"  sending {sent.n_sent} messages: {end - noted:.2f} CPU s")
    print(f"  together: {end - start:.2f} CPU s (bar 3)")
    print(f"  a pass without news: {idle - end:.2f} CPU s")


def _searches(n: int) -> SavedSearches:
    """Return searches for words of all frequencies, every fourth for two of them."""
    chosen = words()[20 : 20 + 40 * n : 40]
    return SavedSearches(
        tuple(
            SavedSearch(
                f"s{i}",
                word if i % 4 else f"{word} OR {words()[i]}",
                max_age_days=36_500,  # the articles are not dated as news
                recipients=(HOOK,),
            )
            for i, word in enumerate(chosen)
        )
    )


def _add_news(home: Home, n: int) -> None:
    with open_store(home, owner="bench") as con:
        ((first,),) = con.execute("select count(*) from core.article").fetchall()
        with transaction(con):
            loaded = load_batch(con, batch("news", first, n))
            link_articles(con, find_days(con, loaded.changed_ids), loaded.load_id)
    publish_snapshot(home)


@contextmanager
def _receiver() -> Iterator[str]:
    """Yield the URL of a webhook in another process."""
    listener = socket.create_server(("127.0.0.1", 0))
    process = multiprocessing.get_context("fork").Process(target=_answer, args=(listener,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        process.terminate()
        process.join()
        listener.close()


def _answer(listener: socket.socket) -> None:
    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Receiver, bind_and_activate=False)
    server.socket.close()
    server.socket = listener
    server.serve_forever()


if __name__ == "__main__":
    main()

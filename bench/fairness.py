"""How far one bad site delays 20 good ones: CPU bombs, slow hosts, a huge feed.

    python -m bench.fairness [--articles N] [bombs] [slow] [feed]

Serves all sites on 127.0.0.1 (a host is an address 127.0.x.y) and runs `wirehouse ingest` in a new home:
with the good sites alone, beside a bad one, alone again, and so on. Prints when the last good article was
stored, in seconds from the start of the run, and the ratio to the mean of the undisturbed runs before and
after. A run is stopped when all good articles are stored: a bad site may keep it busy for minutes. Bar: 1.5.
"""

import argparse
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from warehouse.store.connection import Home, open_store

ROOT = Path(__file__).parents[1]
N_GOOD = 20
N_BOMBS = 50
N_SLOW = 80
N_ENTRIES = 100_000
WORDS = (
    "the council of a harbour town has voted on its budget after long debate mayor said that new bridge would"
    " open in spring residents had asked for hearing about road to north and school board will meet again on"
    " Monday when figures are known while police report fewer accidents than last year"
)


def feed(links: list[str]) -> bytes:
    """Return an RSS feed of these links."""
    # Short items: a feed of 100,000 must stay below the client's cap of 8 MB.
    items = "".join(f"<item><title>{n}</title><link>{link}</link></item>" for n, link in enumerate(links))
    return f'<rss version="2.0"><channel><title>Feed</title>{items}</channel></rss>'.encode()


def article(name: str) -> bytes:
    """Return an ordinary article page, with a text of its own: copies would be linked to each other."""
    words, choose = WORDS.split(), random.Random(name).choices
    body = "".join(f"<p>{' '.join(choose(words, k=40)).capitalize()}.</p>" for _ in range(8))
    return (
        f"<html><head><title>Story {name}</title></head><body><h1>Story {name}</h1>"
        f'<time datetime="2026-11-20T10:00:00Z">20 November 2026</time>{body}</body></html>'
    ).encode()


def bomb(number: int) -> bytes:
    """Return a page that takes much CPU to parse; the kinds alternate."""
    if number % 2:
        attributes = " ".join(f'a{n}="{n}"' for n in range(120_000))
        return article("bomb").replace(b"<h1>", f"<div {attributes}>x</div><h1>".encode())
    return article("bomb").replace(b"<h1>", b"<article><p>Some text of a part.</p>" * 16_000 + b"<h1>")


class FairnessSites:
    """All hosts on one port; a host's behaviour is chosen by its address."""

    def __init__(self, n_articles: int) -> None:
        self.n_articles = n_articles
        self.n_entries = N_ENTRIES
        web = self

        class SiteHandler(BaseHTTPRequestHandler):
            """Handles one request."""

            def do_GET(self) -> None:
                """Answer by host and path."""
                web.answer(self)

            def log_message(self, format: str, *args: object) -> None:
                """Log nothing."""

        self.server = ThreadingHTTPServer(("0.0.0.0", 0), SiteHandler)
        self.server.daemon_threads = True
        self.port = self.server.server_port

    def url(self, host: str, path: str) -> str:
        """Return a URL of a host."""
        return f"http://{host}:{self.port}{path}"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Answer as the host does."""
        host = request.headers["Host"].partition(":")[0]
        kind, path = host.split(".")[2], request.path
        if path == "/robots.txt":
            request.send_error(404)
        elif kind == "3":
            self._drip(request)
        elif path == "/feed":
            self._send(request, feed(self._links(host, kind)), "application/rss+xml")
        elif kind == "2":
            self._send(request, bomb(int(path.rpartition("/")[2])))
        else:
            self._send(request, article(f"{host}{path}"))

    def _links(self, host: str, kind: str) -> list[str]:
        if kind == "2":
            return [self.url(host, f"/{n}") for n in range(N_BOMBS)]
        if kind == "4":
            return [self.url(f"127.0.3.{n + 1}", "/story") for n in range(N_SLOW)]
        if kind == "5":
            return [self.url(host, f"/{n}") for n in range(self.n_entries)]
        return [self.url(host, f"/{n}") for n in range(self.n_articles)]

    @staticmethod
    def _send(request: BaseHTTPRequestHandler, body: bytes, kind: str = "text/html; charset=utf-8") -> None:
        request.send_response(200)
        request.send_header("Content-Type", kind)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    @staticmethod
    def _drip(request: BaseHTTPRequestHandler) -> None:
        """Send a byte a second."""
        try:
            request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
            for _ in range(120):
                request.wfile.write(b" ")
                time.sleep(1)
        except OSError:
            return


def sources_toml(web: FairnessSites, bad: str | None) -> str:
    """Return the source list: the good sites, and the feed of the bad one."""
    hosts = {f"good-{n}": f"127.0.1.{n + 1}" for n in range(N_GOOD)}
    if bad is not None:
        hosts["bad"] = {"bombs": "127.0.2.1", "slow": "127.0.4.1", "feed": "127.0.5.1"}[bad]
    allow_slow = ", ".join(f'"127.0.3.{n + 1}:{web.port}"' for n in range(N_SLOW))
    entries = []
    for name, host in hosts.items():
        allow = allow_slow if name == "bad" and bad == "slow" else ""
        entries.append(
            f'[[source]]\nname = "{name}"\ntitle = "{name}"\n[source.pace]\ndelay_s = 1\n'
            f'allow = ["{host}:{web.port}"{", " + allow if allow else ""}]\n'
            f'[[source.feed]]\nurl = "{web.url(host, "/feed")}"\n'
        )
    return "\n".join(entries)


@contextmanager
def running(web: FairnessSites) -> Iterator[None]:
    """Serve while the block runs."""
    thread = threading.Thread(target=web.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        web.server.shutdown()


def measure(web: FairnessSites, bad: str | None) -> tuple[float, int]:
    """Return when the last good article was stored, in s from the start, and how many were."""
    with tempfile.TemporaryDirectory() as folder:
        config, home = Path(folder) / "sources.toml", Home(Path(folder) / "home")
        config.write_text(sources_toml(web, bad), encoding="utf-8")
        command = [sys.executable, "-m", "flows.cli", "ingest", "--config", str(config)]
        begun = time.time()
        with subprocess.Popen(
            [*command, "--home", str(home.root)],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as run:
            assert run.stderr is not None
            n_good, last_s = 0, begun
            for line in run.stderr:
                if line.startswith("Loaded"):
                    n_good, last_s = stored(home)
                if n_good == N_GOOD * web.n_articles:
                    run.terminate()
                    break
        return last_s - begun, n_good


def stored(home: Home) -> tuple[int, float]:
    """Return how many good articles are stored, and when the last one was."""
    with open_store(home, owner="bench") as con:
        n_good, last_s = con.execute(
            "select count(*), max(epoch(l.loaded_at)) from core.article as a"
            " join core.load as l using (load_id) where a.source like 'good-%'"
        ).fetchall()[0]
    return n_good, last_s or 0.0


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=8, help="articles of a good site")
    parser.add_argument("cases", nargs="*", default=["bombs", "slow", "feed"])
    options = parser.parse_args()
    web = FairnessSites(options.articles)
    with running(web):
        before_s = measure_alone(web)
        for case in options.cases:
            last_s, n_good = measure(web, case)
            line = f"{case:7} {n_good:4} good articles stored after {last_s:6.1f} s"
            print(line, flush=True)
            after_s = measure_alone(web)
            print(f"        ratio {2 * last_s / (before_s + after_s):.2f}", flush=True)
            before_s = after_s


def measure_alone(web: FairnessSites) -> float:
    """Print and return when the last good article of an undisturbed run was stored."""
    last_s, n_good = measure(web, None)
    print(f"alone   {n_good:4} good articles stored after {last_s:6.1f} s", flush=True)
    return last_s


if __name__ == "__main__":
    main()

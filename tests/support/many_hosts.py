"""A news web of many hosts for a test: one server, a host for each address 127.0.1.x, with a log."""

import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise

TEXT = (
    "The council of the harbour town has voted on its budget after a long debate about page {n} of {host}. "
    "The mayor said that the new bridge number {n} would open in spring, and that {host} would see it first. "
    "Residents had asked for a hearing about the road to the north in letter {n} of this year. "
)


@dataclass(frozen=True)
class HostVisit:
    """One request as the site saw it; times are `time.monotonic()`."""

    host: str
    path: str
    begun: float
    ended: float


HOLD_S = 4.0  # less than a client waits for the first byte


def text_of_page(host: str, number: int) -> list[str]:
    """Return the paragraphs of a page."""
    return [TEXT.format(n=number * 10 + i, host=host) for i in range(6)]


class ManyHosts(ThreadingHTTPServer):
    """Hosts with one feed of some pages each; the last page of a host redirects to a page of the next one.

    Each page from the number `slow_from` on takes some seconds until `all_fast` is set, so that a run is
    under way as long as a test needs it. The others take `latency_s`; `text_of` gives their paragraphs.
    """

    daemon_threads = True

    def __init__(
        self,
        n_hosts: int,
        n_pages: int,
        slow_from: int = 1000,
        *,
        delay_s: float = 1.0,
        latency_s: float = 0.05,
        text_of: Callable[[str, int], list[str]] = text_of_page,
    ) -> None:
        super().__init__(("0.0.0.0", 0), _Handler)
        self.slow_from = slow_from
        self.delay_s = delay_s
        self.latency_s = latency_s
        self.text_of = text_of
        self.all_fast = threading.Event()
        self.hosts = [f"127.0.1.{n}" for n in range(1, n_hosts + 1)]
        self.n_pages = n_pages
        self.port = self.server_address[1]
        self.visits: list[HostVisit] = []

    def __enter__(self) -> "ManyHosts":
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def sources_toml(self) -> str:
        """Return the source list of all hosts."""
        allowed = ", ".join(f'"{host}:{self.port}"' for host in self.hosts)
        return "\n".join(
            f'[[source]]\nname = "s{n}"\ntitle = "Site {n}"\nlanguage = "en"\npace.allow = [{allowed}]\n'
            f'pace.delay_s = {self.delay_s}\n[[source.feed]]\nurl = "http://{host}:{self.port}/feed.xml"\n'
            for n, host in enumerate(self.hosts)
        )

    def handle_error(self, *_: object) -> None:
        """Print nothing about a client that was killed."""
        error = sys.exception()
        if error is not None and not isinstance(error, ConnectionError):
            raise error

    def gaps(self) -> list[float]:
        """Return the seconds between the end of each request and the begin of the next to the same host."""
        gaps = []
        for host in self.hosts:
            visits = sorted((v for v in self.visits if v.host == host), key=lambda visit: visit.begun)
            gaps += [later.begun - earlier.ended for earlier, later in pairwise(visits)]
        return gaps


class _Handler(BaseHTTPRequestHandler):
    server: ManyHosts

    def do_GET(self) -> None:
        begun = time.monotonic()
        self.server.all_fast.wait(HOLD_S if self._is_slow() else self.server.latency_s)
        host = self.headers["Host"].partition(":")[0]
        status, headers, body = self._answer(host)
        # Before the answer: the client may be back before this thread looks at the clock again.
        self.server.visits.append(HostVisit(host, self.path, begun, time.monotonic()))
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body)), "Connection": "close"}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _is_slow(self) -> bool:
        return self.path[1:].isdigit() and int(self.path[1:]) >= self.server.slow_from

    def _answer(self, host: str) -> tuple[int, dict[str, str], bytes]:
        site = self.server
        base = f"http://{host}:{site.port}"
        if self.path == "/feed.xml":
            links = "".join(
                f"<item><title>{n}</title><link>{base}/{n}</link></item>" for n in range(site.n_pages)
            )
            feed = f'<rss version="2.0"><channel><title>{host}</title>{links}</channel></rss>'
            return 200, {"Content-Type": "application/rss+xml"}, feed.encode()
        if not self.path[1:].isdigit():
            return 404, {"Content-Type": "text/plain"}, b"none"
        number = int(self.path[1:])
        if number == site.n_pages - 1:
            following = site.hosts[(site.hosts.index(host) + 1) % len(site.hosts)]
            return 302, {"Location": f"http://{following}:{site.port}/{1000 + site.hosts.index(host)}"}, b""
        text = "".join(f"<p>{line}</p>" for line in site.text_of(host, number))
        page = (
            f"<html lang=en><head><title>Story {number} of {host}</title></head><body><article>"
            f'<h1>Story {number} of {host}</h1><time datetime="2026-11-20T10:00:00Z">20 November 2026</time>'
            f"{text}</article></body></html>"
        )
        return 200, {"Content-Type": "text/html; charset=utf-8"}, page.encode()

    def log_message(self, *_: object) -> None:
        """Print nothing: the log is `visits`."""

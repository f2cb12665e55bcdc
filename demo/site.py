"""Bundled news sites on 127.0.0.1: real HTTP, a dozen publishing systems, with their exact truth.

`DemoSite` is what tests and `wirehouse demo` use. `python -m demo.site --port-base 8800` serves the same
sites for a browser: Enter publishes the corrections, Ctrl-C stops.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import Self

from demo.content import Site, read_web
from demo.routes import Reply, Routes
from demo.server import Request, SiteServer
from demo.sources import sources_toml
from demo.truth import TruthRecord, site_truth, truth_line

LAST_PHASE = 1


class DemoSite:
    """All demo sites, each on its own port; serves while the context is open.

    `seed` determines the boilerplate around the articles (related links, comments, rankings), never the
    articles. `ports` are one per source, in the order of `sources`; by default free ones are taken.
    """

    def __init__(self, seed: int = 1, ports: Sequence[int] | None = None) -> None:
        self.web = read_web()
        self.seed = seed
        self.phase = 0
        self.requests: list[Request] = []
        self._ports = ports or [0] * len(self.web.sites)
        self._servers: dict[str, SiteServer] = {}

    @property
    def sources(self) -> tuple[str, ...]:
        """Return the sources' names, in the order of their ports."""
        return tuple(site.name for site in self.web.sites)

    def __enter__(self) -> Self:
        try:
            for site, port in zip(self.web.sites, self._ports, strict=True):
                self._servers[site.name] = SiteServer(site.name, port, self.requests)
        except OSError:
            self._close()
            raise
        for site in self.web.sites:
            self._servers[site.name].start(self._answer(site))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self._servers.values():
            server.stop()
        self._servers.clear()

    def base(self, source: str) -> str:
        """Return the URL of a source's site: "http://127.0.0.1:PORT"."""
        return self._servers[source].base

    def sources_toml(self) -> str:
        """Return a complete `sources.toml` for the running sites."""
        return sources_toml(self.web, lambda site: self.base(site.name))

    def advance(self) -> None:
        """Publish the corrections: articles change, one is deleted, a few appear; feeds follow."""
        self.phase = min(self.phase + 1, LAST_PHASE)

    def truth(self, phase: int | None = None) -> list[TruthRecord]:
        """Return the stories in a phase (by default the current one), by source, newest first."""
        phase = self.phase if phase is None else phase
        return [
            record
            for site in self.web.sites
            for record in site_truth(self.web, site, phase, lambda s: self.base(s.name))
        ]

    def dump(self, path: Path, phase: int | None = None) -> None:
        """Write the truth as JSON lines, URLs as served now."""
        path.write_text("".join(f"{truth_line(record)}\n" for record in self.truth(phase)), "utf-8")

    def _answer(self, site: Site) -> Callable[[str], Reply]:
        base = self.base(site.name)

        @lru_cache(maxsize=2)
        def routes(phase: int) -> Routes:
            return Routes(self.web, site, phase, self.seed, base)

        @lru_cache(maxsize=512)
        def reply(phase: int, target: str) -> Reply:
            return routes(phase).reply(target)

        return lambda target: reply(self.phase, target)

    def _close(self) -> None:
        for server in self._servers.values():
            server.server_close()
        self._servers.clear()


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve the sites for a browser until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m demo.site", description=main.__doc__)
    parser.add_argument("--port-base", type=int, default=0, help="first port; the default takes free ones")
    parser.add_argument("--seed", type=int, default=1, help="determines the boilerplate around the articles")
    parser.add_argument("--sources", type=Path, help="also write a sources.toml for these sites here")
    parser.add_argument("--truth", type=Path, help="also write the truth as JSON lines here")
    chosen = parser.parse_args(arguments)
    n_sites = len(read_web().sites)
    ports = range(chosen.port_base, chosen.port_base + n_sites) if chosen.port_base else None
    with DemoSite(chosen.seed, ports) as site:
        if chosen.sources:
            chosen.sources.write_text(site.sources_toml(), "utf-8")
        if chosen.truth:
            site.dump(chosen.truth)
        _serve(site)


def _serve(site: DemoSite) -> None:
    say = sys.stdout.write
    for source in site.web.sites:
        say(f"{site.base(source.name)}/  {source.title} ({source.language}, {source.feed})\n")
    say("Enter publishes the corrections, Ctrl-C ends.\n")
    sys.stdout.flush()
    try:
        for _ in sys.stdin:
            site.advance()
            say("Published the corrections.\n")
        Event().wait()  # standard input is closed: serve on
    except KeyboardInterrupt:
        say("\n")


if __name__ == "__main__":
    main()

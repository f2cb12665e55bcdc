"""Memory of a long run over time: `python -m bench.memory [--articles N] [--sources N] [--every SECONDS]`.

Runs `wirehouse ingest --all` in a new home over a made-up news web of which every article is new and hardly
any two share a run of words: in the one of bench.pipeline sentences have one form, so that each article is
compared with all others. A run takes 500 pages of a source at most. Prints the sums of proportional (PSS) and
resident sizes (RSS) of its process tree with the number of pages served until then. Reference: the highest
sizes until the first 5,000 pages. Bars: flat from there on, at most 700 MB PSS and 1,100 MB RSS at 50,000
pages.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.comparison.ratios import note
from bench.pipeline import ROOT, BenchSite, tree_mb, write_sources

_EARLY_PAGES = 5_000
_SAMPLE_S = 2.0


@dataclass(frozen=True, slots=True)
class MemorySample:
    """Sizes of a process tree in MB, and how many pages it had fetched."""

    pages: int
    seconds: float
    pss_mb: float
    rss_mb: float


def main() -> None:
    """Run, print the samples, and compare the later ones with the early ones."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, default in (("articles", 6_000), ("sources", 24), ("port", 9301)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--every", type=float, default=30, help="seconds between two printed lines")
    parser.add_argument("--newsroom", help="another generator with the options of bench.newsroom.site")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, _site(options, Path(name)) as site:
        sources = site.folder / "sources.toml"
        write_sources(site, sources)
        command = [sys.executable, "-m", "flows.cli", "ingest", "--all"]
        command += ["--home", str(site.folder / "home"), "--config", str(sources)]
        samples = watched_run(site, command, options.every)
    print_peaks(samples)


@contextmanager
def _site(options: argparse.Namespace, folder: Path) -> Iterator[BenchSite]:
    """Run the news sites while the block runs; they keep all pages in memory."""
    script = [options.newsroom] if options.newsroom else ["-m", "bench.newsroom.site", "--distinct"]
    command = [sys.executable, *script, "--host", "127.0.0.1", "--port", str(options.port)]
    command += ["--sources", str(options.sources), "--articles", str(options.articles)]
    command += ["--feeds", str(folder / "feeds.txt")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield BenchSite(folder, options.port, ({}, {}))
        finally:
            process.terminate()


def watched_run(site: BenchSite, command: list[str], every_s: float) -> list[MemorySample]:
    """Return the samples of a run; the highest sizes between two lines are printed."""
    samples: list[MemorySample] = []
    begun = printed = time.monotonic()
    log = site.folder / "run.log"
    print(f"{'pages':>8}{'s':>8}{'PSS MB':>9}{'RSS MB':>9}")
    with log.open("w") as out, subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out) as process:
        while process.poll() is None:
            time.sleep(_SAMPLE_S)
            pss_mb, rss_mb = tree_mb(process.pid)
            seconds = time.monotonic() - begun
            samples.append(MemorySample(n_pages(site), seconds, pss_mb, rss_mb))
            if time.monotonic() - printed >= every_s:
                print_peak([s for s in samples if s.seconds > printed - begun])
                printed = time.monotonic()
    if process.returncode:
        raise SystemExit(f"the run ended with {process.returncode}:\n{log.read_text()[-2000:]}")
    return samples


def n_pages(site: BenchSite) -> int:
    """Return how many answers were pages of articles."""
    counts = site.ask("/counts")
    return sum(c[0] for url, c in counts.items() if not url.endswith((".xml", ".txt")))


def print_peak(samples: list[MemorySample]) -> None:
    """Print the last number of pages with the highest sizes of the samples."""
    pss_mb, rss_mb = max(s.pss_mb for s in samples), max(s.rss_mb for s in samples)
    print(f"{samples[-1].pages:>8,}{samples[-1].seconds:>8.0f}{pss_mb:>9.0f}{rss_mb:>9.0f}", flush=True)


def print_peaks(samples: list[MemorySample]) -> None:
    """Print the highest sizes until 5,000 pages and after, and the ratio."""
    early = [s for s in samples if s.pages <= _EARLY_PAGES]
    late = [s for s in samples if s.pages > _EARLY_PAGES]
    print(f"{samples[-1].pages:,} pages in {samples[-1].seconds:.0f} s")
    for unit, size in (("MB PSS", lambda s: s.pss_mb), ("MB RSS", lambda s: s.rss_mb)):
        before = max(map(size, early))
        print(f"{unit}: at most {before:.0f} until {_EARLY_PAGES:,} pages")
        if late:
            after = max(map(size, late))
            print(f"{unit}: at most {after:.0f} after that, ratio {after / before:.2f}")
            note("memory of a long run", unit, after, f"its first {_EARLY_PAGES:,} pages", before)


if __name__ == "__main__":
    main()

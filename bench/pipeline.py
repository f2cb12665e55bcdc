"""The cost of a whole run: cold, unchanged, after changes; and of a run without work; beside two scripts.

    python -m bench.pipeline [--articles N] [--sources N] [--newsroom FILE.py]

Runs `wirehouse ingest --all` over a made-up news web on 127.0.0.1 (bench/newsroom/site.py, or another
generator with the same options), sources.toml naming each source's feed and sitemap. CPU is that of
the whole process tree; memory the sum of its proportional set sizes (PSS), and of its resident sizes (RSS).
Before the first run stand three without any feed: what a run costs before its work.
References: requests, feedparser, trafilatura.bare_extraction and DuckDB, in one thread ("naive") and with 16
threads and two processes ("pool2", bench/newsroom/naive.py). The limit is bare extraction of the same bytes
in memory, on all cores.
"""

import argparse
import ctypes
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from bench.comparison.ratios import note
from bench.newsroom.naive import extract

ROOT = Path(__file__).parents[1]
PHASES = (("cold", 0), ("warm", 0), ("changes", 1))
_BECOME_REAPER = 36  # prctl(2), PR_SET_CHILD_SUBREAPER


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of one run, and its result."""

    seconds: float
    cpu_s: float
    pss_mb: float
    rss_mb: float
    requests: int
    not_modified: int
    pages: int
    stored: int
    changed: int
    new: int


@dataclass(frozen=True, slots=True)
class BenchSite:
    """A running set of news sites."""

    folder: Path
    port: int
    truth: tuple[dict[str, Any], dict[str, Any]]  # by tick, then by URL

    @property
    def feeds(self) -> list[str]:
        return (self.folder / "feeds.txt").read_text().split()

    def ask(self, path: str) -> Any:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port - 1}{path}", timeout=20) as answer:
            return json.loads(answer.read())


@contextmanager
def running_site(options: argparse.Namespace, folder: Path) -> Iterator[BenchSite]:
    """Run the news sites while the block runs."""
    script = [options.newsroom] if options.newsroom else ["-m", "bench.newsroom.site"]
    command = [sys.executable, *script, "--host", "127.0.0.1", "--port", str(options.port)]
    command += ["--sources", str(options.sources), "--articles", str(options.articles)]
    truths = [folder / "truth0.jsonl", folder / "truth1.jsonl"]
    later = ["--tick", "1", "--truth", str(truths[1]), "--dump", str(folder / "pages")]
    subprocess.run([*command, *later], check=True, cwd=ROOT, stderr=subprocess.DEVNULL)
    now = ["--truth", str(truths[0]), "--feeds", str(folder / "feeds.txt")]
    with subprocess.Popen(
        [*command, *now], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            by_url = [{t["url"]: t for t in map(json.loads, f.open(encoding="utf-8"))} for f in truths]
            yield BenchSite(folder, options.port, (by_url[0], by_url[1]))
        finally:
            process.terminate()


def write_sources(site: BenchSite, file: Path) -> None:
    """Write a source list that names each source's feed and sitemap."""
    lines = ["[defaults]", 'contact = "https://example.org/bench"']
    for n, url in enumerate(site.feeds):
        host = url.split("/")[2]
        lines += ["[[source]]", f'name = "paper-{n}"', f'title = "Paper {n}"', 'timezone = "UTC"']
        for path in ("feed.xml", "sitemap.xml"):
            lines += ["[[source.feed]]", f'url = "http://{host}/{path}"']
        lines += ["[source.pace]", "delay_s = 0", f'allow = ["{host}"]']
    file.write_text("\n".join(lines) + "\n")


def measure(
    site: BenchSite, name: str, command: list[str], bodies: Callable[[], dict[str, str]]
) -> dict[str, Cost]:
    """Run a command cold, warm and after changes."""
    costs = {}
    for phase, tick in PHASES:
        site.ask(f"/tick={tick}")
        site.ask("/reset")
        spent = run(command, site.folder / f"{name}-{phase}.log")
        counts = site.ask("/counts")
        pages = [c for url, c in counts.items() if not url.endswith((".xml", ".txt"))]
        stored = bodies()
        costs[phase] = Cost(
            *spent,
            requests=sum(map(sum, counts.values())),
            not_modified=sum(c[1] for c in counts.values()),
            pages=sum(c[0] for c in pages),
            stored=len(stored),
            changed=n_changed(site, stored),
            new=sum(t["new_at_tick1"] for url, t in site.truth[1].items() if url in stored),
        )
    return costs


def n_changed(site: BenchSite, stored: dict[str, str]) -> int:
    """Return how many of the changed stories are stored as they are now: by their new paragraph."""
    return sum(news_of(after) in flat(stored.get(after["url"], "")) for after in changed_stories(site))


def changed_stories(site: BenchSite) -> list[dict[str, Any]]:
    """Return the old stories that a new paragraph distinguishes from their earlier version."""
    before, after = site.truth
    both = [after[url] for url in before if after[url]["updated_at_tick1"]]
    return [story for story in both if news_of(story) not in flat(before[story["url"]]["body"])]


def news_of(story: dict[str, Any]) -> str:
    """Return the beginning of a story's second paragraph."""
    return flat(story["body"].split("\n")[1][:40])


def flat(text: str) -> str:
    """Return a text without white space."""
    return "".join(text.split())


def run(command: list[str], log: Path) -> tuple[float, float, float, float]:
    """Run a command; return seconds, CPU seconds, peak PSS and RSS in MB of its process tree with orphans."""
    known, before, begun = _children(os.getpid()), _cpu_s(), time.monotonic()
    with log.open("w") as out, subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out) as process:
        peak, done = [0.0, 0.0], threading.Event()
        watch = threading.Thread(target=_watch, args=(process.pid, peak, done))
        watch.start()
        code = process.wait()
        seconds = time.monotonic() - begun
        done.set()
        watch.join()
    if code != 0:
        raise SystemExit(f"{' '.join(command)} ended with {code}:\n{log.read_text()[-2000:]}")
    _reap(known)
    return seconds, _cpu_s() - before, peak[0], peak[1]


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _reap(known: set[int]) -> None:
    """Wait for a command's remaining processes: the CPU of a fork server counts only after that."""
    give_up_at = time.monotonic() + 20
    while time.monotonic() < give_up_at:
        left = _children(os.getpid()) - known
        if not [pid for pid in left if os.waitpid(pid, os.WNOHANG)[0] == 0]:
            return
        time.sleep(0.05)


def _children(parent: int) -> set[int]:
    """Return the process ids of a process's children."""
    found = set()
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(file.read_text().rpartition(")")[2].split()[1]) == parent:
                found.add(int(file.parent.name))
    return found


def _watch(root: int, peak: list[float], done: threading.Event) -> None:
    while not done.wait(0.3):
        peak[:] = map(max, peak, tree_mb(root))


def tree_mb(root: int) -> tuple[float, float]:
    """Return the sizes of a process tree: proportional, where shared memory counts once, and resident."""
    total_kb, pids = {"Pss:": 0, "Rss:": 0}, [root]
    while pids:
        pid = pids.pop()
        pids += _children(pid)
        try:
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue
        for name, value in (line.split()[:2] for line in rollup.splitlines()[1:]):
            if name in total_kb:
                total_kb[name] += int(value)
    return total_kb["Pss:"] / 1024, total_kb["Rss:"] / 1024


def stored_bodies(file: Path, query: str) -> dict[str, str]:
    """Return bodies by URL out of a DuckDB file."""
    with duckdb.connect(str(file), read_only=True) as con:
        return dict(con.execute(query).fetchall())


def limit_ms(site: BenchSite, n_pages: int = 100) -> float:
    """Return the CPU ms of bare extraction for a page, from bytes in memory."""
    pages = []
    for url in [*site.truth[0]][: n_pages + 1]:
        with urllib.request.urlopen(url, timeout=20) as answer:
            pages.append((url, answer.read()))
    extract(*pages.pop())  # the first page pays for what is loaded once
    begun = time.process_time()
    for url, page in pages:
        extract(url, page)
    return 1000 * (time.process_time() - begun) / len(pages)


def report(site: BenchSite, costs: dict[str, dict[str, Cost]]) -> None:
    """Print a line for each run, then the ratios."""
    n_old = len(site.truth[0])
    n_new = len(site.truth[1]) - n_old
    head = ("", "run", "CPU ms/art.", "CPU s", "s", "PSS MB", "RSS MB", "requests", "304", "pages")
    print(("{:>10} {:>8}" + " {:>11}" + " {:>8}" * 9).format(*head, "changed", "new"))
    for name, runs in costs.items():
        for phase, cost in runs.items():
            found = (f"{cost.changed}/{len(changed_stories(site))}", f"{cost.new}/{n_new}")
            print(
                f"{name:>10} {phase:>8} {1000 * cost.cpu_s / n_old:>11.1f} {cost.cpu_s:>8.2f} "
                f"{cost.seconds:>8.1f} {cost.pss_mb:>8.0f} {cost.rss_mb:>8.0f} "
                f"{cost.requests:>8} {cost.not_modified:>8} {cost.pages:>8} {found[0]:>8} {found[1]:>8}"
            )
    print(f"stored of {n_old}:", ", ".join(f"{name} {runs['cold'].stored}" for name, runs in costs.items()))
    report_ratios(costs, n_old, limit_ms(site))


def report_ratios(costs: dict[str, dict[str, Cost]], n_articles: int, bare_ms: float) -> None:
    """Print how the cold run compares with both scripts and with the limit."""
    ours, n_cores = costs["wirehouse"]["cold"], os.cpu_count() or 1
    for name in ("naive", "pool2"):
        other = costs[name]["cold"]
        ratios = [f"CPU {ours.cpu_s / other.cpu_s:.2f}", f"wall {ours.seconds / other.seconds:.2f}"]
        ratios.append(f"PSS {ours.pss_mb / other.pss_mb:.2f}")
        note("cold run", "CPU s", ours.cpu_s, name, other.cpu_s)
        note("cold run", "s", ours.seconds, name, other.seconds)
        note("cold run", "MB PSS", ours.pss_mb, name, other.pss_mb)
        print(f"wirehouse / {name}, cold: {', '.join(ratios)}")
    limit_s = bare_ms * n_articles / 1000
    print(f"limit: {bare_ms:.1f} CPU ms a page, {limit_s / n_cores:.1f} s on {n_cores} cores")
    note("cold run", "CPU s", ours.cpu_s, "bare extraction in memory", limit_s)
    note("cold run", "s", ours.seconds, "bare extraction on all cores", limit_s / n_cores)
    ratios = [f"CPU {ours.cpu_s / limit_s:.2f}", f"wall {ours.seconds / (limit_s / n_cores):.2f}"]
    print(f"wirehouse / limit, cold: {', '.join(ratios)}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, default in (("articles", 400), ("sources", 12), ("port", 9101)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--newsroom", help="another generator with the options of bench.newsroom.site")
    options = parser.parse_args()
    ctypes.CDLL(None).prctl(_BECOME_REAPER, 1, 0, 0, 0)
    with tempfile.TemporaryDirectory() as name, running_site(options, Path(name)) as site:
        home, sources = site.folder / "home", site.folder / "sources.toml"
        naive, pool2 = site.folder / "naive.duckdb", site.folder / "pool2.duckdb"
        write_sources(site, sources)
        nothing = site.folder / "nothing.toml"
        nothing.write_text('[[source]]\nname = "nothing"\ntitle = "Nothing"\n')
        ingest = [sys.executable, "-m", "flows.cli", "ingest", "--home", str(home)]
        reference = [sys.executable, "-m", "bench.newsroom.naive", str(site.folder / "feeds.txt")]
        fixed = {
            "new home": run([*ingest, "--all", "--config", str(nothing)], site.folder / "new.log"),
            "used home": run([*ingest, "--all", "--config", str(nothing)], site.folder / "used.log"),
            "nothing to do": run([*ingest, "--config", str(nothing)], site.folder / "nothing.log"),
        }
        costs = {}
        for name, file, processes in (("naive", naive, []), ("pool2", pool2, ["2"])):
            bodies = partial(stored_bodies, file, "select url, body from article")
            costs[name] = measure(site, name, [*reference, str(file), *processes], bodies)
        ours = "select a.url, t.body from articles as a join texts as t using (article_id)"
        bodies = partial(stored_bodies, home / "news.duckdb", ours)
        costs["wirehouse"] = measure(site, "wirehouse", [*ingest, "--all", "--config", str(sources)], bodies)
        report(site, costs)
        warm = costs["naive"]["warm"]
        for name, (seconds, cpu_s, *_) in fixed.items():
            print(f"a run without feeds, {name}: {cpu_s:.2f} s of CPU, {seconds:.1f} s")
            note(f"run without feeds, {name}", "CPU s", cpu_s, "naive with nothing new", warm.cpu_s)


if __name__ == "__main__":
    main()

"""Scheduled runs, a backfill, an import and analysts concurrently on one home, each in its own process.

Nothing is lost, duplicated or blocked, no reader fails; the first runs start at the same moment on a
home without earlier runs, each with its own API.
"""

import json
import os
import random
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from tests.support.small_site import SmallSite
from warehouse.store.connection import connect

ROOT = Path(__file__).parents[2]
N = 30  # articles of each kind: in feeds, in the past, in the file

FEEDS = ("coast", "hills")

ANALYST = """
import json, sys, time
from pathlib import Path
from warehouse.store.connection import connect
home, stop = Path(sys.argv[1]), Path(sys.argv[2])
counts, last = [], False
while not last:
    last = stop.exists()
    with connect(home) as con:
        (row,) = con.execute(
            "select count(*), count(distinct article_id), count(body) from articles"
            " join texts using (article_id)"
        ).fetchall()
    assert row[0] == row[1] == row[2], row
    counts.append(row[0])
    time.sleep(0.2)
print(json.dumps({"counts": counts}))
"""

PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head><body>
<nav><a href="/">Home</a></nav><article><h1>{title}</h1>
<time datetime="2026-10-{day:02}T09:30:00+00:00">{day} October 2026</time>{paragraphs}</article>
</body></html>"""


WORDS = (
    "harbour board gate dispute engineers meeting winter storms residents pumps decision spring months river "
    "bridge ferry market school library mayor police court judge flood train station hospital factory museum "
    "garden festival election budget teacher farmer winery quarry orchard tunnel lantern archive "
    "bakery cinema"
)


def body(name):
    """Return a text that no other article has."""
    choose = random.Random(name).choices
    return [f"The {' '.join(choose(WORDS.split(), k=25))} of {name}." for _ in range(4)]


def page(name, number):
    paragraphs = "".join(f"<p>{text}</p>" for text in body(name))
    text = PAGE.format(title=f"News of {name}", day=1 + number % 20, paragraphs=paragraphs)
    return "text/html; charset=utf-8", text.encode()


def fill(site):
    """Add feeds, a listing of past articles, and all pages to the site."""
    for feed in FEEDS:
        items = "".join(f"<item><link>{site.base}/{feed}/{n}</link></item>" for n in range(N))
        text = f'<rss version="2.0"><channel><title>x</title>{items}</channel></rss>'
        site.documents[f"/{feed}.xml"] = ("application/rss+xml", text.encode())
        site.documents |= {f"/{feed}/{n}": page(f"{feed}{n}", n) for n in range(N)}
    # The past shows what a feed shows as well, so that both want the same pages.
    links = [f"/past/{n}" for n in range(N)] + [f"/coast/{n}" for n in range(N)]
    listing = "".join(f'<div class="i"><a href="{link}">News</a></div>' for link in links)
    site.documents["/list?page=1"] = ("text/html", f"<html><body>{listing}</body></html>".encode())
    site.documents |= {f"/past/{n}": page(f"past{n}", n) for n in range(N)}


def write_sources(file, site):
    pace = f'[source.pace]\ndelay_s = 0\nallow = ["127.0.0.1:{site.port}"]\n'
    text = "".join(
        f'[[source]]\nname = "{name}"\ntitle = "{name}"\ntimezone = "UTC"\n'
        f'[[source.feed]]\nurl = "{site.base}/{name}.xml"\n{pace}'
        for name in FEEDS
    )
    text += (
        f'[[source]]\nname = "past"\ntitle = "past"\ntimezone = "UTC"\n[[source.feed]]\nurl = '
        f'"{site.base}/list?page=1"\n'
        f'kind = "listing"\nitem = "div.i"\n[source.archive]\npage_url = "{site.base}/list?'
        f'page={{n}}"\n{pace}'
    )
    file.write_text(text)


def write_file(file, site, n_shared):
    """Write an import file: new articles, and some that a feed lists with the same text."""
    rows = [(f"{site.base}/file/{n}", f"file{n}", n) for n in range(N)]
    rows += [(f"{site.base}/hills/{n}", f"hills{n}", n) for n in range(n_shared)]
    lines = [
        {
            "url": url,
            "title": f"News of {name}",
            "body": "\n".join(body(name)),
            "published": f"2026-10-{1 + n % 20:02}T09:30:00+00:00",
            "source": "file",
        }
        for url, name, n in rows
    ]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))


@pytest.fixture
def start(tmp_path):
    """Start processes on one home; terminate the remaining ones at the end."""
    kept = {name: v for name, v in os.environ.items() if not name.startswith(("PREFECT_", "WIREHOUSE_"))}
    env = kept | {"PYTHONPATH": str(ROOT)}
    started = []

    def start(*command):
        process = subprocess.Popen(
            [sys.executable, *command], env=env, cwd=tmp_path, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def outcome(process):
    out, errors = process.communicate(timeout=900)
    assert process.returncode == 0, (process.args, out, errors)
    assert "Traceback" not in errors, errors
    return out


def test_everything_at_once_loses_and_doubles_nothing(start, tmp_path):
    home, config, stop = tmp_path / "home", tmp_path / "sources.toml", tmp_path / "stop"

    def wirehouse(command, *arguments):
        needs_sources = command in ("ingest", "backfill")
        where = ["--home", str(home), *(["--config", str(config)] if needs_sources else [])]
        return start("-m", "flows.cli", command, *arguments, *where)

    with SmallSite({}) as site:
        fill(site)
        write_sources(config, site)
        write_file(tmp_path / "first.jsonl", site, 1)
        write_file(tmp_path / "all.jsonl", site, N)
        outcome(wirehouse("import", str(tmp_path / "first.jsonl")))
        analysts = [start("-c", ANALYST, str(home), str(stop)) for _ in range(2)]
        runs = [wirehouse("ingest", "--all", "--json") for _ in range(2)]
        runs.append(wirehouse("backfill", "past", "--since", "2026-10-01", "--until", "2026-10-31", "--json"))
        runs.append(wirehouse("import", str(tmp_path / "all.jsonl"), "--json"))
        for process in runs:
            outcome(process)
        stop.touch()
        watched = [json.loads(outcome(analyst)) for analyst in analysts]
    assert_whole(home, site.base)
    for seen in watched:
        assert len(seen["counts"]) > 5
        assert all(before <= after for before, after in pairwise(seen["counts"])), "an article vanished"
        assert seen["counts"][-1] == 4 * N


def assert_whole(home, base):
    """Assert that every article is stored once, with one revision, and all counts add up."""
    expected = {f"{base}/{kind}/{n}" for kind in ("coast", "hills", "past", "file") for n in range(N)}
    with connect(home) as con:
        rows = con.execute("select url, n_revisions, is_representative from articles").fetchall()
        assert sorted(url for url, _, _ in rows) == sorted(expected)
        assert {url for url, n_revisions, _ in rows if n_revisions != 1} == set()
        assert {url for url, _, is_representative in rows if not is_representative} == set()
        assert con.execute("select count(*) from rejects").fetchall() == [(0,)]
        ledger = con.execute(
            "select sum(seen - stored - known - rejected - pending), sum(pending), sum(stored) "
            "from source_daily"
        )
        assert ledger.fetchall() == [(0, 0, 4 * N)]
        news = con.execute("select status, sum(n_new) from runs group by status").fetchall()
        assert news == [("completed", 4 * N)]
    assert_healthy(home)


def assert_healthy(home):
    done = subprocess.run(
        [sys.executable, "-m", "flows.cli", "doctor", "--every-page", "--json", "--home", str(home)],
        env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    findings = json.loads(done.stdout)
    assert [finding for finding in findings if finding["level"] != "ok"] == []


def test_runs_at_the_same_time_request_nothing_twice(start, tmp_path):
    home, config = tmp_path / "home", tmp_path / "sources.toml"
    with SmallSite({}) as site:
        site.delay_s = 0.1
        fill(site)
        write_sources(config, site)
        where = ("--home", str(home), "--config", str(config))
        for process in [start("-m", "flows.cli", "ingest", *where) for _ in range(3)]:
            outcome(process)
    twice = {path: n for path, n in Counter(site.requests).items() if n > 1 and path != "/robots.txt"}
    assert twice == {}
    with connect(home) as con:
        assert con.execute("select count(*) from articles").fetchall() == [(3 * N,)]
        news = con.execute("select sum(n_new), sum(n_rejects) from runs").fetchall()
    assert news == [(3 * N, 0)]

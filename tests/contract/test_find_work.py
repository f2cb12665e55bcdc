"""Whether there is anything to do: each reason alone starts a run, and without any none is started."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from flows.commands.metrics import checked_at
from tasks.plan import Work, find_work, note_idle
from tasks.sources import Sources
from tests.support.warehouse_rows import (
    FEED,
    HOUR,
    NOW,
    SOURCE,
    a_home,
    article,
    entry,
    fetch,
    load,
    poll,
    polled,
    reject,
    store,
)
from warehouse.inspection.status import RunStatus
from warehouse.publish import publish_snapshot
from warehouse.records.source import Feed
from warehouse.run_record import recorded_run
from warehouse.runs import start_run

LATER = NOW + timedelta(minutes=30)  # when the questions are asked: nothing is due then


@pytest.fixture
def home(tmp_path):
    """A home with a polled feed and a stored article; nothing is due before NOW + HOUR."""
    home = a_home(tmp_path)
    poll_feed(home, entry(1))
    load(home, article(1), fetches=(fetch(1),))
    publish_snapshot(home)
    return home


def poll_feed(home, *entries, at=NOW):
    answer = polled(*entries, at=at)
    poll(home, replace(answer, state=replace(answer.state, next_due_at=NOW + HOUR)))


def work(home, source=SOURCE, now=LATER, **options):
    return find_work(home, Sources((source,)), (source,), now, **options)


def begin_killed_run(home):
    with store(home) as con:
        start_run(con, "ingest")


def archive_page(home):
    home.pages_dir.mkdir()
    (home.pages_dir / "2026-11-01.warc.gz").write_bytes(b"a page")


def test_nothing_to_do(home):
    before = home.state_file.read_bytes()
    assert work(home) is None
    assert home.state_file.read_bytes() == before


@pytest.mark.parametrize(
    ("change", "now", "expected"),
    [
        pytest.param(lambda _: None, NOW + HOUR, Work.FEED, id="a feed is due"),
        pytest.param(lambda home: poll_feed(home, entry(2)), LATER, Work.PAGE, id="a new entry"),
        pytest.param(
            lambda home: poll_feed(home, entry(1, title="Corrected"), at=NOW + HOUR / 4),
            LATER,
            Work.PAGE,
            id="a changed entry",
        ),
        pytest.param(
            lambda home: load(home, rejects=(reject(3, next_try_at=LATER),)), LATER, Work.PAGE, id="a retry"
        ),
        pytest.param(archive_page, LATER, Work.ARCHIVE, id="an archived page is not loaded"),
        pytest.param(begin_killed_run, LATER, Work.DEAD_RUN, id="a killed run"),
        pytest.param(lambda home: home.snapshot_file.unlink(), LATER, Work.SNAPSHOT, id="no snapshot"),
        pytest.param(
            lambda home: load(home, article(2), fetches=(fetch(2),)),
            LATER,
            Work.SNAPSHOT,
            id="an old snapshot",
        ),
    ],
)
def test_each_reason_alone(home, change, now, expected):
    change(home)
    if expected is not Work.SNAPSHOT:
        publish_snapshot(home)
    assert work(home, now=now) is expected


def test_a_recheck_is_due(home):
    poll(home, replace(polled(at=NOW), state=replace(polled().state, next_due_at=NOW + 3 * HOUR)))
    publish_snapshot(home)
    assert work(home, now=NOW + HOUR - timedelta(seconds=1)) is None
    assert work(home, now=NOW + HOUR) is Work.PAGE


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param(replace(SOURCE, title="Another name"), Work.SOURCES, id="another title"),
        pytest.param(replace(SOURCE, enabled=False), Work.SOURCES, id="switched off"),
        pytest.param(replace(SOURCE, tags=("x",)), Work.SOURCES, id="another tag"),
        pytest.param(replace(SOURCE, feeds=()), Work.SOURCES, id="a feed was removed"),
        pytest.param(
            replace(SOURCE, feeds=(*SOURCE.feeds, Feed("https://news.example/b"))),
            Work.SOURCES,
            id="a new feed",
        ),
        pytest.param(replace(SOURCE, name="beta"), Work.SOURCES, id="another source"),
    ],
)
def test_a_changed_source_list(home, source, expected):
    assert work(home, source) is expected


def test_a_new_home(tmp_path):
    assert work(a_home(tmp_path)) is Work.NEW_HOME


def test_a_run_in_progress_is_not_a_killed_one(home):
    with recorded_run(home, "backfill"):
        publish_snapshot(home)
        assert work(home) is None


def test_a_snapshot_waits_for_its_gap(home):
    no_feed_is_due(home)
    now = datetime.now(UTC)
    assert work(home, now=now) is Work.SNAPSHOT
    assert work(home, now=now, publish_gap_s=3600) is None
    assert work(home, now=now + timedelta(seconds=3600), publish_gap_s=3600) is Work.SNAPSHOT


def no_feed_is_due(home):
    """Move the times of feeds from the clock of the tests to the real one."""
    with store(home) as con:
        con.execute("update core.feed_state set next_due_at = now() + interval '5 hours'")


SCRIPT = """
import sys
from flows.cli import main
try:
    main()
except SystemExit as stop:
    heavy = {"pandas", "prefect", "pyarrow", "requests", "rich", "trafilatura"}
    print(stop.code, sorted(name for name in heavy if sys.modules.get(name)))
"""
REFUSED = """
import sys
from flows.cli import run
codes = [run(["ingest", "--home", sys.argv[1], "--config", sys.argv[2], *line.split()]) for line in sys.stdin]
print(codes, sorted({"prefect", "trafilatura"} & set(sys.modules)))
"""
REFUSED_ARGUMENTS = """\
--source nobody
--unknown
--recheck https://news.example/unknown
--recheck https://news.example/1 --all
https://news.example/1
--config /nowhere/sources.toml
"""


def test_the_command_starts_nothing(home, tmp_path):
    no_feed_is_due(home)
    publish_snapshot(home)
    before = home.state_file.read_bytes()
    (tmp_path / "sources.toml").write_text(
        f'[[source]]\nname = "alpha"\ntitle = "Alpha News"\nhomepage = "https://news.example/"\n'
        f'[[source.feed]]\nurl = "{FEED}"\n'
    )
    command = ["ingest", "--json", "--home", str(home.root), "--config", str(tmp_path / "sources.toml")]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *command], capture_output=True, text=True, check=True, timeout=60
    )
    summary, _, imported = done.stdout.partition("\n")
    assert json.loads(summary)["run_id"] is None
    assert imported.strip() == "0 []"
    assert f"next: {FEED} at" in done.stderr
    assert home.state_file.read_bytes() == before
    assert not (home.root / "prefect").exists()
    assert checked_at(home, []) == pytest.approx(datetime.now(UTC).timestamp(), abs=60)


NOTED = """
import sys
from tasks.workers import worker_pool
worker_pool.start_server = lambda preload: print("started", "flows.runs" in sys.modules)
from flows.cli import run
run(sys.argv[1:])
"""


@pytest.mark.parametrize(
    ("is_new", "expected"),
    [
        pytest.param(True, "started False", id="a new home has pages to parse"),
        pytest.param(False, "", id="a snapshot is owed"),
    ],
)
def test_the_server_of_the_workers_is_started_before_the_run_is_imported(home, tmp_path, is_new, expected):
    no_feed_is_due(home)
    (tmp_path / "sources.toml").write_text(
        f'[[source]]\nname = "alpha"\ntitle = "Alpha News"\nhomepage = "https://news.example/"\n'
        f'[[source.feed]]\nurl = "{"http://127.0.0.1:9/feed" if is_new else FEED}"\n'
    )
    folder = tmp_path / "new" if is_new else home.root
    command = ["ingest", "--home", str(folder), "--config", str(tmp_path / "sources.toml")]
    done = subprocess.run(
        [sys.executable, "-c", NOTED, *command], capture_output=True, text=True, check=True, timeout=300
    )
    assert [line for line in done.stdout.splitlines() if "started" in line] == [expected] * bool(expected)


def test_the_time_of_the_last_check_is_that_of_a_run_or_of_nothing_to_do(home):
    run = RunStatus("1", "ingest", "completed", NOW, NOW, 0, 0)
    assert checked_at(home, []) is None
    assert checked_at(home, [run, replace(run, flow="backfill", started_at=NOW + HOUR)]) == NOW.timestamp()
    note_idle(home)
    os.utime(home.idle_file, (0, (NOW + 2 * HOUR).timestamp()))
    assert checked_at(home, [run]) == (NOW + 2 * HOUR).timestamp()


def test_refused_arguments_end_before_prefect_is_loaded(home, tmp_path):
    (tmp_path / "sources.toml").write_text('[[source]]\nname = "alpha"\ntitle = "Alpha News"\n')
    command = [sys.executable, "-c", REFUSED, str(home.root), str(tmp_path / "sources.toml")]
    environment = {**os.environ, "PREFECT_API_URL": "http://127.0.0.1:9/api"}
    done = subprocess.run(
        command,
        input=REFUSED_ARGUMENTS,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env=environment,
    )
    assert done.stdout.strip() == "[2, 2, 2, 2, 2, 2] []"

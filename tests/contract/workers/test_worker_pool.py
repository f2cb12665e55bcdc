"""The worker pool: no worker without a job, and an error message when none can start."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.cli import run
from tasks.domain.dates.context import DateContext
from tasks.errors import WorkersUnavailable
from tasks.workers.extraction_pool import ExtractionPool
from tasks.workers.feed_parser import FeedParser
from tasks.workers.feed_worker import FeedJob
from tasks.workers.worker_pool import WorkerPool
from tests.support.extract_work import behave
from warehouse.records.source import Source

CLOSED_AT_ONCE = """
from tasks.workers.worker_pool import WorkerPool
if __name__ == "__main__":
    with WorkerPool(2, preload=("tasks.workers.feed_worker",), max_tasks=1) as pool:
        pool.submit(len, "abc", limit_s=5)
"""

STOPPED_AT_ITS_FIRST_JOB = """
import os, sys
from flows.cli import run
from tasks.workers.worker_pool import WorkerPool
if __name__ == "__main__":
    number, submit = int(sys.argv.pop()), WorkerPool.submit
    def stop_when_submitted(*arguments, **options):
        job = submit(*arguments, **options)
        os.kill(os.getpid(), number)
        return job
    WorkerPool.submit = stop_when_submitted
    sys.exit(run(sys.argv[1:]))
"""

BUSY_IN_C = """
from tasks.workers.worker_pool import WorkerPool
if __name__ == "__main__":
    toil = "import os, re; print(os.getpid(), flush=True); re.match('(a+)+b', 'a' * 99)"
    with WorkerPool(1, preload=("tasks.workers.feed_worker",), max_tasks=1) as pool:
        pool.submit(exec, toil, limit_s=600).result()
"""


def test_workers_that_end_while_they_start_end_the_run_with_a_sentence():
    with WorkerPool(1, preload=("no.such.module",), max_tasks=1) as pool:
        job = pool.submit(len, "abc", limit_s=30)
        with pytest.raises(
            WorkersUnavailable, match="cannot be started: each of them ended while it started"
        ):
            job.result()


def test_a_command_whose_workers_cannot_start_ends_with_a_sentence_and_exit_code_3(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr("tasks.workers.feed_parser.PRELOAD", ("no.such.module",))
    file = tmp_path / "feed.xml"
    file.write_text(
        "<rss version='2.0'><channel><item><link>https://news.example/1</link></item></channel></rss>"
    )
    assert run(["feed", str(file), "--home", str(tmp_path)]) == 3
    said = capsys.readouterr().err.splitlines()
    assert said == [
        "wirehouse: Worker processes cannot be started: each of them ended while it started. "
        "Check the limits of memory and processes (ulimit -a)."
    ]


def test_a_package_named_as_ours_in_the_current_folder_is_not_taken_for_ours(tmp_path):
    (tmp_path / "tasks").mkdir()
    (tmp_path / "tasks" / "__init__.py").write_text("raise SystemExit('the tasks of another project')")
    (tmp_path / "feed.xml").write_text(
        "<rss version='2.0'><channel><item><link>https://news.example/1</link></item></channel></rss>"
    )
    command = [Path(sys.executable).with_name("wirehouse"), "feed", "feed.xml", "--home", "home"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "https://news.example/1" in done.stdout


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_feed_command_that_is_stopped_while_a_worker_starts_prints_no_traceback(tmp_path, number):
    script = tmp_path / "script.py"
    script.write_text(STOPPED_AT_ITS_FIRST_JOB)
    (tmp_path / "feed.xml").write_text("<rss/>")
    command = [sys.executable, str(script), "feed", str(tmp_path / "feed.xml"), "--home", str(tmp_path)]
    done = subprocess.run(
        [*command, str(int(number))], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode in (130, -number), done.stderr
    assert "Traceback" not in done.stderr, done.stderr


def test_a_pool_that_is_closed_while_its_workers_start_prints_nothing(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(CLOSED_AT_ONCE)
    for _ in range(3):
        done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")


def test_a_worker_that_is_busy_in_c_code_ends_with_a_killed_run(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(BUSY_IN_C)
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as parent:
        worker = int(parent.stdout.readline())
        parent.kill()
        until = time.monotonic() + 60
        while is_running(worker) and time.monotonic() < until:
            time.sleep(0.05)
        left = is_running(worker)
        if left:
            os.kill(worker, signal.SIGKILL)
    assert not left


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_feeds_and_pages_share_the_workers_of_a_run():
    feed = b"<rss version='2.0'><channel><item><link>https://a.example/1</link></item></channel></rss>"
    context = DateContext.of_source(Source("a", "A"), datetime(2026, 11, 1, tzinfo=UTC))
    with (
        WorkerPool(1, preload=("tasks.workers.feed_worker",), max_tasks=9) as workers,
        FeedParser(shared=workers) as parser,
        ExtractionPool(shared=workers) as pool,
    ):
        workers.prepare()
        before = workers.submit(os.getpid, limit_s=30).result()
        parsed = parser.parse(FeedJob(feed, "https://a.example/feed", context))
        assert [entry.url for entry in parsed.entries] == ["https://a.example/1"]
        assert pool.run(["pid"], behave) == [str(before)]

"""Limits of a query, enforced in a real process: time, memory, Ctrl-C, and a closed pipe."""

import os
import resource
import signal
import subprocess
import sys

import pytest

from flows.cli import run
from tests.support.warehouse_rows import a_home, article, load
from warehouse.publish import publish_snapshot

ENDLESS = "select count(*) from range(1000000000) as a, range(1000000) as b where a.range + b.range = -1"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = a_home(tmp_path_factory.mktemp("limits"))
    load(home, article(1))
    publish_snapshot(home)
    return home


def start(*arguments, code=None):
    command = ["-c", code] if code else ["-m", "flows.cli"]
    return subprocess.Popen(
        [sys.executable, *command, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A process started in the background of a shell may ignore SIGINT.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


@pytest.mark.parametrize(
    "question",
    [
        pytest.param("select len(repeat('ab', 1000000000))", id="one huge value"),
        pytest.param("select len(list_sort(range(50000000)))", id="one huge list"),
        pytest.param("select len(array_agg(range)) from range(300000000)", id="a huge aggregate"),
        pytest.param(
            "select count(distinct repeat(range::varchar, 100)) from range(20000000)", id="many groups"
        ),
    ],
)
@pytest.mark.skipif(sys.platform != "linux", reason="other systems count the memory of a process differently")
def test_memory_is_bounded_also_where_the_engine_does_not_count_it(home, question):
    process = start("sql", question, "--memory", "200MB", "--home", str(home.root))
    said = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert (process.returncode, process.stdout.read()) == (2, "")
    assert "needs more memory than its limit" in said
    assert used.ru_maxrss < 1_000_000  # kB
    process.stdout.close()
    process.stderr.close()


def test_a_question_that_hears_no_interrupt_is_ended(home):
    """A sleep stands in for the engine, because what it cannot interrupt differs between versions."""
    deaf = """
import time
from flows.terminal import limits
class Deaf:
    def interrupt(self): pass
limits.GRACE_S = 0.1
with limits.time_limit(Deaf(), 0.1, "too long"):
    time.sleep(600)
"""
    process = start(code=deaf)
    assert process.communicate(timeout=120) == ("", "wirehouse: too long\n")
    assert process.returncode == 2


def test_ctrl_c_ends_a_question_at_once(home):
    interrupted = """
import os, signal, sys, threading, time
from flows.cli import run
run(["sql", "select 1", "--home", sys.argv[1]])
until = time.process_time() + 1  # nothing else takes so long
def interrupt():
    while time.process_time() < until:
        time.sleep(0.01)
    os.kill(os.getpid(), signal.SIGINT)
threading.Thread(target=interrupt).start()
run(["sql", sys.argv[2], "--home", sys.argv[1]])
"""
    process = start(str(home.root), ENDLESS, code=interrupted)
    _, said = process.communicate(timeout=120)
    assert process.returncode == -signal.SIGINT  # a shell says 130
    assert said == ""


@pytest.mark.parametrize("form", ["csv", "json", "table"])
def test_a_reader_that_has_had_enough_is_no_failure(home, form):
    question = "select range as n, repeat('x', 1000) as t from range(900) order by n"
    process = start("sql", question, "--format", form, "--home", str(home.root))
    assert process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait(120) == 0


def test_a_process_that_asks_has_its_limits_back_afterwards(home, capsys):
    before = resource.getrlimit(resource.RLIMIT_DATA), signal.getsignal(signal.SIGINT)
    assert run(["sql", "select 1", "--home", str(home.root)]) == 0
    assert run(["sql", "select error('no')", "--home", str(home.root)]) == 2
    assert (resource.getrlimit(resource.RLIMIT_DATA), signal.getsignal(signal.SIGINT)) == before

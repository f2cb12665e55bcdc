"""Leases of hosts in PostgreSQL: races of processes, killed holders, a database that is away."""

import multiprocessing
import os
import signal
import time
from itertools import cycle, pairwise
from pathlib import Path

import psycopg
import pytest

from tasks.errors import ErrorClass
from tasks.http_client import host_leases
from tasks.http_client.client import FetchPolicy, HttpClient, Limits
from tasks.http_client.errors import Fault
from tasks.http_client.host_leases import PgPace
from tests.support.behaviours import BehaviourServer, Pause, answer, fixed
from tests.support.cluster.postgres import running_postgres
from warehouse.cluster.settings import LeaseSettings
from warehouse.control.connection import ControlConnection
from warehouse.control.host_leases import count_leases, create_leases
from warehouse.errors import ClusterError, ControlUnavailable

PAGE = b"<html><p>News</p></html>"
LIMITS = Limits(connect_s=2, read_s=2, page_s=5, sitemap_s=5)
SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture
def leases(database):
    control = ControlConnection(database, "test")
    create_leases(control)
    control.close()
    return LeaseSettings(database, lease_s=40)


@pytest.fixture
def pace(leases):
    granted = PgPace(leases)
    yield granted
    granted.close()


@pytest.fixture
def site():
    with BehaviourServer() as running:
        for n in range(40):
            running.behaviours[f"/{n}"] = fixed(Pause(0.02), answer(PAGE))
        yield running


def gaps(site):
    visits = sorted(site.visits, key=lambda visit: visit.begun)
    return [later.begun - earlier.ended for earlier, later in pairwise(visits)]


def fetch_until(stop, folder, leases, authority, first, delay_s, start):
    start.wait(120)
    policy = FetchPolicy("s", frozenset({authority}), delay_s)
    with HttpClient(hosts_dir=Path(folder), contact=None, limits=LIMITS, leases=leases) as client:
        for number in cycle(range(first, first + 10)):
            if stop.is_set():
                return
            assert client.fetch(f"http://{authority}/{number}", policy).is_ok


def changes_of_process(site):
    """How often the site was asked by another process than the time before."""
    numbers = [int(visit.path[1:]) for visit in list(site.visits) if visit.path != "/robots.txt"]
    return sum((a < 20) != (b < 20) for a, b in pairwise(numbers))


@pytest.mark.parametrize("delay_s", [0.02, 0.1])
def test_two_processes_never_overlap_by_the_log_of_the_site(delay_s, leases, site, tmp_path):
    """They share no folder, as two machines do not; they go on until they have raced."""
    start = SPAWN.Barrier(2)
    stop = SPAWN.Event()
    runs = [
        SPAWN.Process(
            target=fetch_until,
            args=(stop, str(tmp_path / str(first)), leases, site.authority, first, delay_s, start),
        )
        for first in (0, 20)
    ]
    for run in runs:
        run.start()
    ends_at = time.monotonic() + 300
    while changes_of_process(site) < 5 and time.monotonic() < ends_at:
        time.sleep(0.05)
    stop.set()
    for run in runs:
        run.join(60)
        assert run.exitcode == 0
    assert min(gaps(site)) >= delay_s - 0.001
    assert changes_of_process(site) >= 5, "the two did not race"


def hold_for_ever(leases, held):
    with PgPace(leases).turn("news.example", 0.0):
        held.set()
        time.sleep(600)


def test_the_host_of_a_killed_process_rests_for_the_lease_at_most(leases):
    long = LeaseSettings(leases.url, lease_s=3600)
    held = SPAWN.Event()
    run = SPAWN.Process(target=hold_for_ever, args=(long, held))
    run.start()
    assert held.wait(120)
    os.kill(run.pid, signal.SIGKILL)
    run.join()
    pace = PgPace(long)
    with pytest.raises(Fault) as caught, pace.turn("news.example", 0.0, wait_s=0.1):
        pytest.fail("two turns at once")
    assert caught.value.error_class is ErrorClass.TIMEOUT
    with psycopg.connect(leases.url) as con:
        row = con.execute("select lease_until <= now() + interval '1 h' from control.host_lease").fetchone()
        assert row == (True,)
        con.execute("update control.host_lease set lease_until = now()")  # an hour later
    with pace.turn("news.example", 0.0, wait_s=30.0):
        pass
    pace.close()


def test_a_turn_rests_the_host_for_the_gap(pace):
    with pace.turn("news.example", 0.3):
        time.sleep(0.1)
        ended = time.monotonic()
    assert 200 < pace.wait_s("news.example", 300) <= 300
    with pace.turn("news.example", 0.3):
        assert time.monotonic() - ended >= 0.3
    assert pace.wait_s("other.example", 0.3) == 0


def test_what_a_host_asked_of_one_source_keeps_that_source_away(pace, leases):
    pace.hold("news.example", "daily", time.time() + 3600)
    pace.hold("news.example", "hourly", time.time() + 1800)
    elsewhere = PgPace(leases)
    for source, asked_s in (("daily", 3601), ("hourly", 1801)):
        with pytest.raises(Fault) as caught, elsewhere.turn("news.example", 0.0, source=source):
            pytest.fail("the host asked to be left alone")
        assert caught.value.error_class is ErrorClass.RATE_LIMITED
        assert abs(caught.value.retry_after_s - asked_s) <= 60
    with elsewhere.turn("news.example", 0.0, source="weekly"):
        pass
    elsewhere.close()


def test_a_turn_keeps_what_other_sources_were_asked(pace):
    pace.hold("news.example", "daily", time.time() + 3600)
    with pace.turn("news.example", 0.0, source="weekly"):
        pass
    pace.hold("news.example", "weekly", time.time() - 1)  # has passed: its source may come
    with pytest.raises(Fault), pace.turn("news.example", 0.0, source="daily"):
        pytest.fail("the host asked to be left alone")
    with pace.turn("news.example", 0.0, source="weekly"):
        pass


def test_instants_ahead_of_the_server_count_as_past(pace, leases):
    """The server's clock was set back by an hour."""
    with psycopg.connect(leases.url) as con:
        con.execute(
            "insert into control.host_lease values"
            " ('a.example', 'x', now() + interval '62 min', now() + interval '60 min'),"
            " ('b.example', 'x', '-infinity', now() + interval '60 min')"
        )
    for host in ("a.example", "b.example"):
        with pace.turn(host, 5.0, wait_s=0.1):
            pass


def test_a_connection_that_breaks_is_opened_again(pace, leases):
    with pace.turn("news.example", 0.0), psycopg.connect(leases.url, autocommit=True) as con:
        ended = con.execute(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity"
            " where application_name = 'wirehouse pace' and datname = current_database()"
        ).fetchone()
        assert ended == (1,)
    with pace.turn("news.example", 0.0, wait_s=30.0):
        pass


def test_leases_under_way_are_counted(pace, leases):
    control = ControlConnection(leases.url, "test")
    with pace.turn("a.example", 0.0), pace.turn("b.example", 0.0):
        assert count_leases(control) == 2
    assert count_leases(control) == 0
    control.close()


def test_a_longer_request_than_its_lease_is_reported(pace, leases, caplog):
    with pace.turn("news.example", 0.0), psycopg.connect(leases.url, autocommit=True) as con:
        con.execute("update control.host_lease set holder = 'another'")
    assert "news.example took longer than its lease of 40 s" in caplog.text


def test_without_the_database_no_request_is_sent(site, tmp_path, monkeypatch):
    monkeypatch.setattr(host_leases, "_AWAY_S", 2.0)
    with running_postgres() as server:
        control = ControlConnection(server.admin, "test")
        create_leases(control)
        control.close()
        client = HttpClient(
            hosts_dir=tmp_path / "hosts",
            contact=None,
            limits=LIMITS,
            leases=LeaseSettings(server.admin, lease_s=40),
        )
        policy = FetchPolicy("s", frozenset({site.authority}), 0.0)
        assert client.fetch(f"{site.base}/1", policy).is_ok
    n_before = len(site.visits)
    with client:
        failed = client.fetch(f"{site.base}/2", policy)
    assert failed.error_class is ErrorClass.RATE_LIMITED
    assert failed.retry_after_s == 60
    assert "No request was sent" in failed.reason
    assert "PostgreSQL" in failed.reason
    assert len(site.visits) == n_before


def test_a_database_without_the_table_is_named(database):
    control = ControlConnection(database, "test")
    with pytest.raises(ControlUnavailable, match="wirehouse cluster init"):
        count_leases(control)
    control.close()


def test_a_lease_must_outlast_the_longest_request(leases, tmp_path):
    with pytest.raises(ClusterError, match=r"pace.lease_s: '40' .* at least 90"):
        HttpClient(hosts_dir=tmp_path, contact=None, leases=leases)

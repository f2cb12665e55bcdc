"""Sessions of a server: always on the newest snapshot, limited in time, without access to anything else."""

import threading
import time
from pathlib import Path

import duckdb
import pytest

from tests.support.warehouse_rows import a_home, article, load
from warehouse.errors import SchemaMismatch, WarehouseMissing
from warehouse.publish import publish_snapshot
from warehouse.reading import snapshots
from warehouse.reading.snapshots import DeadlineExceeded, SnapshotBusy, SnapshotSource

ENDLESS = "select count(*) from range(1000000000) as a, range(1000) as b where a.range * b.range % 7 = 3"


def count(session):
    return session.con.execute("select count(*) from articles").fetchall()[0][0]


@pytest.fixture
def home(tmp_path):
    home = a_home(tmp_path)
    load(home, article(1))
    publish_snapshot(home)
    return home


def open_files(home):
    return [
        link
        for fd in Path("/proc/self/fd").iterdir()
        if (link := str(fd.resolve())).startswith(str(home.root))
    ]


def test_without_a_snapshot_it_says_so(tmp_path):
    with (
        SnapshotSource(a_home(tmp_path)) as source,
        pytest.raises(WarehouseMissing, match="wirehouse ingest"),
    ):
        source.__enter__()
        with source.session():
            pass


def test_a_new_snapshot_is_seen_while_an_old_session_is_open(home):
    with SnapshotSource(home) as source, source.session() as old:
        load(home, article(2))
        publish_snapshot(home)
        with source.session() as new:
            assert (count(old), count(new)) == (1, 2)
            assert old.snapshot_key != new.snapshot_key
        assert source.snapshot_key() == new.snapshot_key


def test_a_replaced_snapshot_is_closed_after_its_last_session(home):
    with SnapshotSource(home) as source:
        for n in range(2, 6):
            with source.session() as session:
                assert count(session) == n - 1
            load(home, article(n))
            publish_snapshot(home)
        with source.session():
            assert len(open_files(home)) == 1
    assert open_files(home) == []


def test_a_snapshot_of_which_much_is_in_memory_is_opened_anew(home, monkeypatch):
    monkeypatch.setattr(snapshots, "MAX_CACHED_BYTES", 0)
    with SnapshotSource(home) as source:
        with source.session() as first:
            for _ in range(30):
                with source.session() as session:
                    assert count(session) == 1
            with source.session() as last:
                assert len(open_files(home)) == 2
                assert first.snapshot_key == last.snapshot_key
            assert count(first) == 1
        assert len(open_files(home)) == 1


def test_readers_and_publishers_at_once(home):
    seen, errors, done = set(), [], threading.Event()

    def read(source):
        try:
            while not done.is_set():
                with source.session(timeout_s=30) as session:
                    seen.add(count(session))
        except Exception as error:
            errors.append(error)

    with SnapshotSource(home, timeout_s=30) as source:
        readers = [threading.Thread(target=read, args=[source]) for _ in range(6)]
        for reader in readers:
            reader.start()
        for n in range(2, 8):
            load(home, article(n))
            publish_snapshot(home)
            start = time.monotonic()
            while n not in seen and time.monotonic() - start < 120:
                done.wait(0.01)
        done.set()
        for reader in readers:
            reader.join()
    assert errors == []
    assert seen >= set(range(2, 8))


def test_a_long_question_is_stopped_and_others_go_on(home):
    outcome = {}

    def ask_endless():
        start = time.monotonic()
        with pytest.raises(DeadlineExceeded, match=r"longer than 0\.5 s"), source.session(0.5) as session:
            session.con.execute(ENDLESS).fetchall()
        outcome["seconds"] = time.monotonic() - start

    with SnapshotSource(home) as source:
        thread = threading.Thread(target=ask_endless)
        thread.start()
        with source.session() as session:
            assert count(session) == 1
        thread.join()
    assert outcome["seconds"] > 0.4


def test_every_statement_of_a_session_is_stopped(home):
    with SnapshotSource(home) as source, pytest.raises(DeadlineExceeded), source.session(0.3) as session:
        with pytest.raises(duckdb.InterruptException):
            session.con.execute(ENDLESS)
        session.con.execute(ENDLESS)


def test_a_full_server_says_so(home):
    with (
        SnapshotSource(home, n_slots=1, timeout_s=0.2) as source,
        source.session(),
        pytest.raises(SnapshotBusy, match="Try again"),
        source.session(),
    ):
        pass


@pytest.mark.parametrize(
    "sql",
    [
        "copy (select 1) to '{folder}/out.csv'",
        "select * from read_text('/etc/hostname')",
        "attach '{folder}/other.duckdb'",
        "set memory_limit = '8GB'",
        "install httpfs",
        "delete from core.article",
        "create table core.x (n integer)",
    ],
)
def test_a_session_reaches_nothing_else(home, tmp_path, sql):
    with SnapshotSource(home) as source, source.session() as session, pytest.raises(duckdb.Error):
        session.con.execute(sql.format(folder=tmp_path))


def test_a_snapshot_of_an_older_version_is_refused_with_the_way_out(home):
    with duckdb.connect(str(home.snapshot_file)) as con:
        con.execute("delete from core.schema_migration where version > 42")
    with (
        SnapshotSource(home) as source,
        pytest.raises(
            SchemaMismatch, match=r"schema 42, expected \d+\)\. Publish it again: wirehouse maintain\."
        ),
        source.session(),
    ):
        pass

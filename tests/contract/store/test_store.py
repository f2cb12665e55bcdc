"""One writer, unblocked readers: locks, snapshots, and error messages that name the fix."""

import os
import signal
import subprocess
import sys
import textwrap
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

import warehouse
from tests.support.warehouse_rows import a_home, article, ask, load
from warehouse.errors import (
    DiskFull,
    SchemaMismatch,
    SettingInvalid,
    WarehouseCorrupt,
    WarehouseError,
    WarehouseLocked,
    WarehouseMissing,
)
from warehouse.publish import publish_snapshot
from warehouse.store.connection import Home, connect, open_store, transaction, write
from warehouse.store.file import file_store
from warehouse.store.file.lock import read_holder
from warehouse.store.file.snapshot import is_due

ROOT = Path(__file__).parents[3]
MUCH_MEMORY = "select sum(len(list_all)) from (select list(n) as list_all from range(5000000) t(n))"


def python(code: str, *arguments: object, **options: object) -> subprocess.Popen[str]:
    """Run code in another process, the repository on its path."""
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,  # type: ignore[call-overload]
    )


HOLD = """
    import sys
    from pathlib import Path
    from warehouse.store.connection import Home, open_store
    with open_store(Home(Path(sys.argv[1])), owner="ingest run 7"):
        print("held", flush=True)
        sys.stdin.readline()
"""


def test_the_lock_names_who_holds_it(tmp_path):
    home = a_home(tmp_path)
    with python(HOLD, home.root, stdin=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        named = pytest.raises(WarehouseLocked, match=rf"ingest run 7 \(process {other.pid} on ")
        with named, open_store(home, owner="me", wait_s=0.1):
            pass
        other.communicate("\n", timeout=120)
    with open_store(home, owner="me", wait_s=0.1):
        holder = read_holder(home.owner_file)
        assert holder is not None
        assert holder.owner == "me"
    assert not home.owner_file.exists()


def test_a_killed_writer_lets_go(tmp_path):
    home = a_home(tmp_path)
    with python(HOLD, home.root, stdin=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        os.kill(other.pid, signal.SIGKILL)
        other.communicate(timeout=120)
    load(home, article(1))
    assert ask(home, "select count(*) from articles") == [(1,)]


def test_another_program_on_the_file_is_named(tmp_path):
    home = a_home(tmp_path)
    load(home, article(1))
    shell = """
        import sys, duckdb
        con = duckdb.connect(sys.argv[1])
        print("held", flush=True)
        sys.stdin.readline()
    """
    with python(shell, home.state_file, stdin=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(WarehouseLocked, match=rf"another program.*\(PID {other.pid}\)"):
            ask(home, "select 1")
        other.communicate("\n", timeout=120)


def test_nothing_loaded_yet(tmp_path):
    with pytest.raises(WarehouseMissing, match="Load something first"):
        connect(tmp_path)


def test_connect_takes_the_home_from_the_environment(tmp_path, monkeypatch):
    home = a_home(tmp_path)
    load(home, article(1))
    assert publish_snapshot(home)
    monkeypatch.setenv("WIREHOUSE_HOME", str(home.root))
    with warehouse.connect() as con:
        assert con.execute("select count(*) from articles").fetchall() == [(1,)]


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda data: b"not a database, " * 1000, id="something else"),
        pytest.param(lambda data: data[:100_000], id="cut off"),
        pytest.param(lambda data: b"", id="empty"),
        pytest.param(lambda data: b"\xff" * 4096 + data[4096:], id="header overwritten"),
    ],
)
def test_a_damaged_file_is_told_and_left_alone(tmp_path, damage):
    home = a_home(tmp_path)
    load(home, article(1))
    publish_snapshot(home)
    for file in (home.state_file, home.snapshot_file):
        file.write_bytes(damage(file.read_bytes()))
        broken = file.read_bytes()
        with pytest.raises((WarehouseCorrupt, SchemaMismatch), match="restore|not a warehouse"):
            if file == home.state_file:
                ask(home, "select 1")
            else:
                connect(home)
        assert file.read_bytes() == broken


def test_a_newer_schema_is_refused(tmp_path):
    home = a_home(tmp_path)
    load(home, article(1))
    ask(
        home,
        "insert into core.schema_migration values (9000, '9000_future.sql', 'x', now(), '9.9.9')",
    )
    with pytest.raises(SchemaMismatch, match="newer wirehouse"):
        load(home, article(2))


def test_a_snapshot_of_a_newer_schema_is_refused(tmp_path):
    home = a_home(tmp_path)
    load(home, article(1))
    publish_snapshot(home)
    with duckdb.connect(str(home.snapshot_file)) as con:
        con.execute("insert into core.schema_migration values (9000, 'x', 'x', now(), '9.9.9')")
    with pytest.raises(SchemaMismatch, match="newer wirehouse"):
        connect(home)


def test_any_duckdb_file_is_no_warehouse(tmp_path):
    home = a_home(tmp_path)
    home.root.mkdir()
    with duckdb.connect(str(home.snapshot_file)) as con:
        con.execute("create table t (a integer)")
    with pytest.raises(SchemaMismatch, match="not a warehouse"):
        connect(home)


def test_a_snapshot_is_published_only_when_something_changed(tmp_path):
    home = a_home(tmp_path)
    assert not publish_snapshot(home)  # nothing there
    load(home, article(1))
    assert publish_snapshot(home)
    assert not publish_snapshot(home)
    with open_store(home, owner="a look") as con:
        con.execute("select 1").fetchall()
    assert not publish_snapshot(home)
    load(home, article(2))
    assert publish_snapshot(home)


def test_a_publication_that_needs_more_memory_than_usual_is_repeated_with_more(tmp_path, monkeypatch):
    monkeypatch.setattr(file_store, "USUAL_MEMORY", "20MB")
    home = a_home(tmp_path)
    load(home, article(1))
    limits = []

    def refresh(con):
        limits.append(con.execute("select current_setting('memory_limit')").fetchall()[0][0])
        con.execute(MUCH_MEMORY)
        return True

    assert file_store.FileStore(home).publish(refresh, 0)
    assert limits == ["19.0 MiB", "610.3 MiB"]


@pytest.mark.parametrize("name", ["news.duckdb", ".news.{pid}.tmp", "state/snapshot.next.json"])
def test_a_snapshot_that_cannot_be_written_is_named_with_the_way_out(tmp_path, name):
    name = name.format(pid=os.getpid())
    home = a_home(tmp_path)
    load(home, article(1))
    (home.root / name).mkdir()
    with pytest.raises(WarehouseError) as refused:
        publish_snapshot(home)
    assert str(refused.value).startswith(
        f"The snapshot cannot be written to '{home.root}': '{home.root / name}'"
    )
    assert "Check who owns the folder" in str(refused.value)
    assert "Errno" not in str(refused.value)
    (home.root / name).rmdir()
    assert publish_snapshot(home)


def test_a_snapshot_is_published_at_most_once_in_an_interval(tmp_path):
    home = a_home(tmp_path)
    load(home, article(1))
    publish_snapshot(home)
    load(home, article(2))
    now = datetime.now(UTC)
    assert not is_due(home, 600, now + timedelta(seconds=500))
    assert is_due(home, 600, now + timedelta(seconds=700))
    assert is_due(home, 600, now - timedelta(days=1))  # a clock that was set back does not stop it
    assert not publish_snapshot(home, min_interval_s=600)


def test_readers_keep_their_version_and_new_ones_see_the_next(tmp_path):
    home = a_home(tmp_path)
    load(home, article(1))
    publish_snapshot(home)
    reader = connect(home)
    load(home, article(2))
    publish_snapshot(home)
    assert reader.execute("select count(*) from articles").fetchall() == [(1,)]
    reader.close()
    with connect(home) as con:
        assert con.execute("select count(*) from articles").fetchall() == [(2,)]


def test_rows_that_a_killed_writer_left_in_the_log_are_published(tmp_path):
    home = a_home(tmp_path)
    load(home, article(1))
    killed = """
        import os, signal, sys
        from pathlib import Path
        from warehouse.articles import load_batch
        from warehouse.store.connection import Home, open_store, transaction
        from warehouse.records.outcome import Batch
        from tests.support.warehouse_rows import article
        with open_store(Home(Path(sys.argv[1])), owner="doomed") as con:
            with transaction(con):
                load_batch(con, Batch("run", articles=(article(2),)))
            os.kill(os.getpid(), signal.SIGKILL)
    """
    python(killed, home.root).communicate(timeout=60)
    assert home.state_file.with_name("warehouse.duckdb.wal").exists()
    publish_snapshot(home)
    with connect(home) as con:
        assert con.execute("select count(*) from articles").fetchall() == [(2,)]


def test_what_a_killed_publisher_left_is_cleared_away(tmp_path):
    home = a_home(tmp_path)
    load(home, article(1))
    left = home.root / ".news.99999.tmp"
    left.write_bytes(b"half a copy")
    publish_snapshot(home)
    assert not left.exists()


def test_files_are_not_for_everyone(tmp_path):
    home = a_home(tmp_path)
    load(home, article(1))
    publish_snapshot(home)
    for file in (home.state_file, home.snapshot_file):
        assert file.stat().st_mode & 0o777 == 0o640


def test_too_little_room_is_told_before(tmp_path, monkeypatch):
    home = a_home(tmp_path)
    monkeypatch.setattr("warehouse.store.file.file_store.MIN_FREE_BYTES", 2**62)
    with pytest.raises(DiskFull, match="Free some space"):
        load(home, article(1))


def test_a_disk_that_fills_up_loses_only_the_batch(tmp_path):
    home = a_home(tmp_path)
    load(home, article(1))
    # A limit on file size fails writes as a full disk does, and needs no rights.
    full = """
        import random, resource, sys
        from pathlib import Path
        from warehouse.articles import load_batch
        from warehouse.store.connection import Home, open_store, transaction
        from warehouse.errors import DiskFull
        from warehouse.records.outcome import Batch
        from tests.support.warehouse_rows import article
        home = Home(Path(sys.argv[1]))
        limit = home.state_file.stat().st_size + 2**20
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        texts = [random.randbytes(3_000).hex() for _ in range(3_000)]
        try:
            with open_store(home, owner="full") as con, transaction(con):
                articles = tuple(article(n, body=text) for n, text in enumerate(texts, 2))
                load_batch(con, Batch("run", articles=articles))
        except DiskFull as error:
            print(error)
    """
    out, err = python(full, home.root).communicate(timeout=120)
    assert "The disk is full" in out, err
    assert ask(home, "select count(*) from articles") == [(1,)]
    load(home, article(2))
    assert ask(home, "select count(*) from articles") == [(2,)]


def test_ctrl_c_in_a_transaction_leaves_the_store_as_it_was(tmp_path):
    home = a_home(tmp_path)
    load(home, article(1))
    with pytest.raises(KeyboardInterrupt), open_store(home, owner="me") as con, transaction(con):
        con.execute("delete from core.article")
        raise KeyboardInterrupt
    assert ask(home, "select count(*) from articles") == [(1,)]


def test_wal_copies_are_not_needed_after_a_session(tmp_path):
    home = a_home(tmp_path)
    load(home, article(1))
    assert sorted(p.name for p in home.state_dir.iterdir() if ".wal" in p.name) == []


@pytest.mark.parametrize(("most_bytes", "is_one"), [(256_000_000, True), (0, False)])
def test_a_small_store_is_written_with_one_thread(tmp_path, monkeypatch, most_bytes, is_one):
    monkeypatch.setattr(file_store, "ONE_THREAD_BYTES", most_bytes)
    with open_store(Home(tmp_path), owner="test") as con:
        n_threads = con.execute("select current_setting('threads')").fetchall()[0][0]
    default = duckdb.connect().execute("select current_setting('threads')").fetchall()[0][0]
    assert n_threads == (1 if is_one else default)


def test_a_load_into_a_large_store_uses_one_thread(tmp_path, monkeypatch):
    monkeypatch.setattr(file_store, "ONE_THREAD_BYTES", 0)
    threads = "select current_setting('threads')"
    assert write(Home(tmp_path), lambda con: con.execute(threads).fetchall(), owner="test") == [(1,)]


def test_importing_the_package_is_cheap():
    code = (
        "import sys, warehouse, warehouse.records.outcome, warehouse.errors; print('duckdb' in sys.modules)"
    )
    assert python(code).communicate(timeout=120)[0] == "False\n"
    assert isinstance(Home.of("x").root, Path)


@pytest.mark.parametrize("text", ["abc", "-1", "nan", "inf"])
def test_a_wait_that_is_no_number_is_named(tmp_path, monkeypatch, text):
    monkeypatch.setenv("WIREHOUSE_LOCK_WAIT_S", text)
    reason = f"WIREHOUSE_LOCK_WAIT_S = '{text}' is no number of seconds"
    with pytest.raises(SettingInvalid, match=reason), open_store(Home(tmp_path), owner="test"):
        pass


def test_work_that_needs_more_memory_than_usual_is_repeated_with_more(tmp_path, monkeypatch):
    monkeypatch.setattr("warehouse.store.connection.USUAL_MEMORY", "20MB")
    home = Home(tmp_path)
    limits = []

    def work(con):
        limits.append(con.execute("select current_setting('memory_limit')").fetchall()[0][0])
        return con.execute(MUCH_MEMORY)

    write(home, work, owner="test")
    assert limits == ["19.0 MiB", "610.3 MiB"]

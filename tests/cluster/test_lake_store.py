"""The warehouse on a lake: the same loads, queries and locks as on a file."""

import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from tasks.load import store_articles, store_batch
from tests.support.cluster.lakes import admin_connection, batch, worker_environment, write_cluster
from warehouse.cluster.settings import read_cluster
from warehouse.errors import ClusterError, LakeUnreachable, LoadConflict, WarehouseLocked, WarehouseMissing
from warehouse.inspection.doctor import Level, check_store
from warehouse.publish import publish_snapshot
from warehouse.rewrite.compact import purge_store, want_compaction
from warehouse.store.backend import store_of
from warehouse.store.connection import connect, open_store, read_store, transaction
from warehouse.store.days import DATED
from warehouse.store.home import Home
from warehouse.store.lake import lake_store, newest
from warehouse.store.lake.catalog import catalog_connection
from warehouse.store.lake.create import create_lake
from warehouse.store.lake.upkeep import tend_lake


def end_lock_holders(home):
    """Cut the connections that hold a lock; their processes do not notice."""
    with admin_connection(home.cluster) as admin:
        admin.execute(
            "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted"
        )


def tend(home, now):
    with (
        catalog_connection(home.cluster, "a test") as catalog,
        open_store(home, owner="upkeep") as con,
    ):
        tend_lake(con, catalog, now, expire_before=now - timedelta(days=1))


def counts(home):
    with connect(home) as con:
        return con.execute(
            "select count(*), count(distinct article_id), (select count(*) from core.article_text)"
            " from articles"
        ).fetchall()[0]


def test_a_batch_is_loaded_once(lake):
    first = store_batch(lake, batch(0, 40), owner="a test")
    again = store_batch(lake, batch(0, 40), owner="a test")
    assert (first.n_new, again.n_new, again.n_unchanged) == (40, 0, 40)
    assert counts(lake) == (40, 40, 40)


def test_search_finds_what_was_published(lake):
    store_batch(lake, batch(0, 20), owner="a test")
    assert publish_snapshot(lake)
    assert not publish_snapshot(lake)
    with connect(lake) as con:
        word = con.execute("select word from (select unnest(string_split(title, ' ')) as word from articles)"
                           " where length(word) > 5 limit 1").fetchone()[0]  # fmt: skip
        found = con.execute("select count(*) from search(?)", [word]).fetchone()[0]
    assert found >= 1


def test_a_search_reads_small_groups_of_rows(lake):
    """DuckDB's default of 122,880 rows is half a segment of the index."""
    store_batch(lake, batch(0, 300), owner="a test")
    publish_snapshot(lake)
    files = f"{lake.cluster.data_url}core/search_posting/*.parquet"
    n_rows, most = duckdb.execute(
        "select max(file_rows), max(most) from (select sum(num_rows) as file_rows, max(num_rows) as most from"
        " (select distinct file_name, row_group_id, row_group_num_rows as num_rows from parquet_metadata(?))"
        " group by file_name)",
        [files],
    ).fetchone()
    assert n_rows > 15_000
    assert most <= 12_000


def test_creating_a_lake_again_changes_nothing(lake):
    created = create_lake(lake.cluster, "user=postgres")
    assert (created.database, created.roles) == (False, ())
    assert store_of(lake).exists()


def test_a_lake_that_was_not_created(tmp_path, database, lake):  # `lake` made the roles
    folder = tmp_path / "other"
    folder.mkdir()
    home = Home(folder / "data", read_cluster(write_cluster(folder, database)))
    assert not store_of(home).exists()
    with pytest.raises(WarehouseMissing, match="wirehouse cluster init"):
        connect(home)
    with pytest.raises(WarehouseMissing, match="wirehouse cluster init"), open_store(home, owner="a test"):
        pass


def test_a_catalogue_that_does_not_answer(tmp_path):
    home = Home(tmp_path, read_cluster(write_cluster(tmp_path, "host=127.0.0.1 port=1 dbname=nothing")))
    with (
        pytest.raises(LakeUnreachable, match="port=1 dbname=nothing.*cluster.toml"),
        open_store(home, owner="a"),
    ):
        pass


def test_a_second_writer_waits_and_learns_who_writes(lake):
    with (
        open_store(lake, owner="run 7"),
        pytest.raises(WarehouseLocked, match=r"written by run 7 \(on 127.0.0.1, since .*waited 0.2 s"),
        open_store(lake, owner="another", wait_s=0.2),
    ):
        pass


def test_exclusive_work_is_refused_at_once(lake):
    with (
        store_of(lake).exclusive("a rebuild"),
        pytest.raises(WarehouseLocked, match="A rebuild .* is in progress .*; upkeep has to wait"),
        store_of(lake).exclusive("upkeep"),
    ):
        pass


def test_a_run_is_alive_as_long_as_its_process(lake):
    script = (
        "import sys\nfrom warehouse.store.backend import store_of\nfrom warehouse.store.home import Home\n"
        "with store_of(Home.of()).marked_alive('run-1'):\n    print('marked', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        env=worker_environment(lake),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "marked\n"
    assert store_of(lake).is_alive("run-1")
    assert not store_of(lake).is_alive("run-2")
    process.kill()
    process.communicate()
    assert not store_of(lake).is_alive("run-1")


def test_a_writer_whose_lock_was_lost_cannot_commit(lake):
    """The batch of the writer that lost its lock is loaded by another first; it then finds it there."""
    stale = batch(0, 30)
    killed = []

    def load_meanwhile():
        end_lock_holders(lake)
        killed.append(store_batch(lake, stale, owner="the second writer").n_new)

    with (
        pytest.raises(LoadConflict),
        open_store(lake, owner="the first writer") as con,
        transaction(con),
    ):
        assert store_articles(con, stale).n_new == 30
        load_meanwhile()
    assert killed == [30]
    assert counts(lake) == (30, 30, 30)
    assert store_batch(lake, stale, owner="the first writer").n_unchanged == 30


def test_a_lake_without_its_fence_is_not_written(lake):
    with open_store(lake, owner="a test") as con:
        con.execute("delete from core.setting where name = 'fence'")
        with pytest.raises(LoadConflict, match="lost its fence row"), transaction(con):
            con.execute("insert into core.setting (name, value, changed_at) values ('a', 'b', now())")
    create_lake(lake.cluster, "user=postgres")
    assert store_batch(lake, batch(0, 5), owner="a test").n_new == 5


def test_reading_the_newest_state_takes_no_lock(lake):
    store_batch(lake, batch(0, 10), owner="a test")
    with open_store(lake, owner="run 7") as writer, read_store(lake, owner="a test", wait_s=0.1) as con:
        before = con.execute("select count(*) from core.article").fetchone()
        with transaction(writer):
            assert store_articles(writer, batch(10, 10)).n_new == 10
        assert con.execute("select count(*) from core.article").fetchone() == before == (10,)
        with pytest.raises(duckdb.Error, match="read-only"):
            con.execute("delete from core.article")
    with read_store(lake, owner="a test") as con:
        assert con.execute("select count(*) from core.article").fetchone() == (20,)


def test_reading_brings_an_older_schema_up_to_date_under_the_lock(lake):
    with open_store(lake, owner="run 7") as con:
        con.execute("delete from core.setting where name = 'views_sha256'")
        with (
            pytest.raises(WarehouseLocked, match="written by run 7"),
            read_store(lake, owner="a test", wait_s=0.2),
        ):
            pass
    detach(lake)
    with read_store(lake, owner="a test") as con:
        rows = con.execute("select count(*) from core.setting where name = 'views_sha256'").fetchone()
        assert rows == (1,)


def files_read(con, query):
    """Return how many data files a query opens, by DuckDB's own account."""
    plan = con.execute(f"explain analyze {query}").fetchall()[0][1]
    return [int(n) for n in re.findall(r"Total Files Read:\s*(\d+)", plan)]


def test_a_look_up_by_day_opens_the_files_of_that_day(lake):
    """The generated articles are 20 seconds apart: 4,320 a day."""
    for first in (0, 5_000, 10_000):
        store_batch(lake, batch(first, 20), owner="a test")
    with open_store(lake, owner="a test") as con:
        con.execute(
            "create temp table known as select article_id, seen_on from core.article"
            " where seen_on = date '2026-01-02'"
        )
        for table in DATED:
            by_day = f"select count(*) from core.{table} join known using (article_id, seen_on)"
            assert con.execute(by_day).fetchone()[0] >= 20
            assert files_read(con, by_day) == [1], table
            assert files_read(con, f"select count(*) from core.{table} join known using (article_id)") == [3]


def test_a_lake_of_an_older_schema_gets_its_days(lake):
    store_batch(lake, batch(0, 20), owner="a test")
    store_batch(lake, batch(5_000, 20), owner="a test")
    before = tables_by_day(lake)
    with open_store(lake, owner="a test") as con, transaction(con):
        for table in ("article", *DATED):
            con.execute(f"alter table core.{table} reset partitioned by")
            con.execute(f"alter table core.{table} drop column seen_on")
        con.execute("delete from core.schema_migration where version = 145")
    detach(lake)
    assert store_batch(lake, batch(5_000, 40), owner="a test").n_new == 20
    assert store_batch(lake, batch(0, 20), owner="a test").n_unchanged == 20
    after = tables_by_day(lake)
    assert {day for _, day, _ in after} == {day for _, day, _ in before}
    assert len(after) == len(before)
    with admin_connection(lake.cluster) as admin:
        (n,) = admin.execute(
            "select count(distinct table_id) from ducklake_partition_info where end_snapshot is null"
        ).fetchone()
    assert n == 5
    with open_store(lake, owner="a test") as con:
        findings = [f.sentence for f in check_store(con, datetime.now(UTC)) if f.level is Level.ERROR]
    assert findings == []


def detach(home):
    """Close the lake of this process, as if it had just started."""
    lake_store.detach(home)
    newest._detach(home.cluster)


def tables_by_day(home):
    """Return table, day and number of rows."""
    counts = (
        f"select '{table}' as name, seen_on, count(*) from core.{table} group by all"
        for table in ("article", *DATED)
    )
    with connect(home) as con:
        return con.execute(f"{' union all '.join(counts)} order by all").fetchall()


def test_an_open_reader_sees_one_state(lake):
    store_batch(lake, batch(0, 10), owner="a test")
    with connect(lake) as con:
        con.execute("begin transaction")
        before = con.execute("select count(*) from articles").fetchone()
        store_batch(lake, batch(10, 10), owner="a test")
        assert con.execute("select count(*) from articles").fetchone() == before == (10,)
        con.execute("commit")
        assert con.execute("select count(*) from articles").fetchone() == (20,)


def test_a_reader_cannot_write(lake):
    with connect(lake) as con, pytest.raises(duckdb.Error, match="read-only"):
        con.execute("delete from core.article")


def test_another_data_folder_than_the_lakes(lake, tmp_path):
    folder = tmp_path / "other"
    folder.mkdir()
    catalog = lake.cluster.store.catalog
    home = Home(folder / "data", read_cluster(write_cluster(folder, catalog, "elsewhere")))
    with pytest.raises(ClusterError, match=r"store.data = '.*elsewhere/' is not the folder of the lake"):
        connect(home)


def test_upkeep_deletes_no_file_of_a_load_that_can_still_commit(lake):
    """A writer lost its lock in a load; upkeep takes its files for orphans and must refuse it."""
    store_batch(lake, batch(0, 30), owner="a test")
    now = datetime.now(UTC)
    with (
        pytest.raises(LoadConflict),
        open_store(lake, owner="the stale writer") as con,
        transaction(con),
    ):
        store_articles(con, batch(100, 30))
        end_lock_holders(lake)
        tend(lake, now)
    assert counts(lake) == (30, 30, 30)
    with connect(lake) as con:
        assert con.execute("select count(body) from core.article_text").fetchone() == (30,)


def test_files_are_rewritten_although_small_inserts_have_an_older_schema(lake):
    """DuckLake keeps up to ten rows of an insert in the catalogue, in a table for each schema."""
    store_batch(lake, batch(0, 30), owner="a test")
    store_batch(lake, batch(100, 5), owner="a test")
    with open_store(lake, owner="a test") as con:
        con.execute("alter table core.fetch add column note text")
    store_batch(lake, batch(200, 5), owner="a test")
    with open_store(lake, owner="a test") as con, transaction(con):
        con.execute("delete from core.fetch where url_key = (select min(url_key) from core.fetch)")
        want_compaction(con)
    fetches = "select count(*), count(distinct url_key), count(note) from core.fetch"
    with connect(lake) as con:
        before = con.execute(fetches).fetchone()
        assert before == (39, 39, 0)
        purge_store(lake)
        assert con.execute(fetches).fetchone() == before
    assert counts(lake) == (40, 40, 40)
    store_batch(lake, batch(300, 5), owner="a test")
    purge_store(lake)
    assert counts(lake) == (45, 45, 45)


def test_the_link_of_a_killed_writer_is_removed(lake):
    script = (
        "import os, signal\nfrom warehouse.store.connection import open_store\n"
        "from warehouse.store.home import Home\n"
        "with open_store(Home.of(), owner='a test'):\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", script], env=worker_environment(lake), check=False)
    [left] = lake.state_dir.glob("lake-*")
    with open_store(lake, owner="a test"):
        assert not left.exists()
        assert len(list(lake.state_dir.glob("lake-*"))) == 1


def test_upkeep_does_not_wait_for_an_open_reader(lake):
    """DuckLake would drop a table that the reader's transaction has read, and block every new reader."""
    store_batch(lake, batch(0, 5), owner="a test")
    now = datetime.now(UTC)
    with connect(lake) as con:
        con.execute("begin transaction")
        before = con.execute("select count(*), max(value) from articles, core.setting").fetchone()
        tend(lake, now)
        assert counts(lake) == (5, 5, 5)
        assert con.execute("select count(*), max(value) from articles, core.setting").fetchone() == before

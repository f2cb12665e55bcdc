"""What the analysts' connection refuses."""

import pytest

from tests.support.warehouse_rows import a_home, article, load
from warehouse.connection import connect, publish_snapshot

ATTACKS = [
    "insert into core.setting values ('a', 'b', now())",
    "update core.article set title = 'x'",
    "delete from core.article",
    "drop table core.article",
    "truncate core.article",
    "create table t (a integer)",
    "create view v as select 1",
    "alter table core.article add column z integer",
    "comment on table core.article is 'x'",
    "create macro m() as 1",
    "copy core.article to '{tmp}/out.csv'",
    "copy (select 1) to '{tmp}/out.parquet' (format parquet)",
    "export database '{tmp}/out'",
    "import database '{tmp}/out'",
    "select * from read_csv('/etc/passwd')",
    "select * from read_text('/etc/passwd')",
    "select * from read_blob('/etc/passwd')",
    "select * from sniff_csv('/etc/passwd')",
    "select * from '/etc/passwd'",
    "select * from glob('/*')",
    "select * from read_parquet('http://127.0.0.1:9/x.parquet')",
    "attach '{tmp}/other.duckdb'",
    "create or replace temp view t as from read_csv('/etc/passwd')",
    "install httpfs",
    "load httpfs",
    "create persistent secret (type http)",
    "set enable_external_access = true",
    "set lock_configuration = false",
    "set memory_limit = '100GB'",
    "set TimeZone = 'Asia/Tokyo'",
    "reset memory_limit",
    "pragma enable_profiling = 'json'",
    "pragma profiling_output = '{tmp}/out.json'",
    "select getenv('HOME')",
]


@pytest.fixture(scope="module")
def analyst(tmp_path_factory):
    home = a_home(tmp_path_factory.mktemp("security"))
    load(home, article(1))
    publish_snapshot(home)
    con = connect(home)
    yield con
    con.close()


@pytest.mark.parametrize("attack", ATTACKS)
def test_attacks_are_refused(analyst, attack, tmp_path):
    import duckdb

    with pytest.raises(duckdb.Error):
        analyst.execute(attack.format(tmp=tmp_path)).fetchall()
    assert list(tmp_path.iterdir()) == []
    assert analyst.execute("select title from articles").fetchall() == [("Title 1",)]


def test_several_statements_in_one_are_refused_as_one(analyst):
    import duckdb

    with pytest.raises(duckdb.Error):
        analyst.execute("select 1; drop table core.article; select 2")
    assert analyst.execute("select count(*) from core.article").fetchall() == [(1,)]


def test_a_second_connection_of_the_process_is_locked_too(analyst):
    import duckdb

    settings = analyst.execute(
        "select current_setting('lock_configuration'), current_setting('enable_external_access'),"
        " current_setting('TimeZone')"
    ).fetchall()
    assert settings == [(True, False, "UTC")]
    with pytest.raises(duckdb.Error):
        analyst.cursor().execute("set memory_limit = '100GB'")

"""Refused statements: on the analysts' connection, in `wirehouse sql` and in `wirehouse search`."""

import hashlib
import subprocess
import sys
import threading

import duckdb
import pytest

from flows.cli import run
from tests.support.warehouse_rows import a_home, article, load
from warehouse.publish import publish_snapshot
from warehouse.store.connection import connect

# Refused by the connection, and so by everything that asks over it.
ATTACKS = [
    "insert into core.setting values ('a', 'b', now())",
    "update core.article set title = 'x'",
    "delete from core.article",
    "drop table core.article",
    "truncate core.article",
    "merge into core.setting using (select 'a' as name) as s on core.setting.name = s.name when "
    "matched then delete",
    "begin; delete from core.article; commit",
    "create table t (a integer)",
    "create view v as select 1",
    "create macro m() as 1",
    "create function m() as 1",
    "create type t as enum ('a')",
    "create sequence s",
    "create index i on core.article (url)",
    "alter table core.article add column z integer",
    "comment on table core.article is 'x'",
    "copy core.article to '{tmp}/out.csv'",
    "copy (select 1) to '{tmp}/out.parquet' (format parquet)",
    "copy (select 1) to '{tmp}/out' (format csv, per_thread_output)",
    "copy (select 1) to '{home}/news.duckdb' (format csv, use_tmp_file false)",
    "copy (select 1) to '{home}/news.duckdb' (format csv, use_tmp_file true)",
    "copy (select 1) to '{home}/news.duckdb.wal' (format csv, use_tmp_file false)",
    "copy (select 1) to '{home}/state/warehouse.duckdb' (format csv, use_tmp_file false)",
    "copy (select 1) to '.tmp/out.csv'",
    "copy (select 1) to 'out.csv'",
    "copy (select 1) to '/dev/stdout'",
    "copy (select 1) to '/dev/null'",
    "prepare p as copy (select 1) to '{tmp}/out.csv'; execute p",
    "explain analyze copy (select 1) to '{tmp}/out.csv'",
    "copy core.setting from '/etc/passwd'",
    "export database '{tmp}/out'",
    "import database '{tmp}/out'",
    "pragma import_database('{tmp}')",
    "copy from database news to memory",
    "attach '{tmp}/other.duckdb'",
    "attach '{tmp}/other.duckdb' as o (read_write)",
    "attach '{home}/state/warehouse.duckdb' as o",
    "attach ':memory:' as o",
    "attach '' as o",
    "detach news",
    "use o",
    "select * from '/etc/passwd'",
    "select * from '{home}/state/warehouse.duckdb'",
    "select * from read_csv('/etc/passwd')",
    "select * from read_csv_auto('/etc/passwd')",
    "select * from sniff_csv('/etc/passwd')",
    "select * from read_json('/etc/passwd')",
    "select * from read_json_objects('/etc/passwd')",
    "select * from read_ndjson('/etc/passwd')",
    "select * from read_ndjson_objects('/etc/passwd')",
    "select * from read_text('/etc/passwd')",
    "select * from read_text('{home}/.news.json')",
    "select * from read_blob('/etc/passwd')",
    "select * from read_blob('{home}/news.duckdb')",
    "select * from read_duckdb('{home}/news.duckdb')",
    "select * from read_parquet('/etc/passwd')",
    "select * from parquet_scan('/etc/passwd')",
    "select * from parquet_metadata('/etc/passwd')",
    "select * from parquet_schema('/etc/passwd')",
    "select * from parquet_file_metadata('/etc/passwd')",
    "select * from parquet_kv_metadata('/etc/passwd')",
    "select * from parquet_bloom_probe('/etc/passwd', 'a', 1)",
    "select * from glob('/*')",
    "select * from glob('{home}/*')",
    "select * from query('select * from read_text(''/etc/passwd'')')",
    "select * from query('copy (select 1) to ''{tmp}/out.csv''')",
    "select * from query_table('/etc/passwd')",
    "select * from json_execute_serialized_sql(json_serialize_sql('select * from read_text(''/etc/"
    "passwd'')'))",
    "create or replace temp view t as from read_csv('/etc/passwd')",
    "select * from read_parquet('http://127.0.0.1:9/x.parquet')",
    "select * from read_csv('https://127.0.0.1:9/x.csv')",
    "select * from 's3://bucket/x.parquet'",
    "connect 'quack:127.0.0.1:9'",
    "install httpfs",
    "force install httpfs",
    "install httpfs from 'http://127.0.0.1:9'",
    "load httpfs",
    "load '{tmp}/x.duckdb_extension'",
    "update extensions",
    "call start_ui()",
    "create persistent secret (type http)",
    "drop secret s",
    "select * from duckdb_extensions()",
    "select getenv('HOME')",
    "select * from con",
    "set enable_external_access = true",
    "set lock_configuration = false",
    "set disabled_filesystems = ''",
    "set memory_limit = '100GB'",
    "set threads = 64",
    "set temp_directory = '{tmp}'",
    "set allowed_directories = ['{tmp}']",
    "set secret_directory = '{tmp}'",
    "set extension_directory = '{tmp}'",
    "set home_directory = '{tmp}'",
    "set log_query_path = '{tmp}/log'",
    "set enable_logging = true",
    "set logging_storage = 'file'",
    "set enable_profiling = 'json'",
    "set profiling_output = '{tmp}/out.json'",
    "set python_scan_all_frames = true",
    "set python_enable_replacements = true",
    "set custom_extension_repository = 'http://127.0.0.1:9'",
    "set http_proxy = 'http://127.0.0.1:9'",
    "set TimeZone = 'Asia/Tokyo'",
    "set global TimeZone = 'Asia/Tokyo'",
    "reset memory_limit",
    "reset lock_configuration",
    "reset disabled_filesystems",
    "pragma memory_limit = '100GB'",
    "pragma threads = 64",
    "pragma enable_profiling = 'json'",
    "pragma profiling_output = '{tmp}/out.json'",
    "pragma log_query_path = '{tmp}/log'",
]

# What one of the two engines lets through: no file, nothing that another connection sees. The command
# refuses it.
SETTINGS_OF_THE_SESSION = [
    "call enable_logging()",
    "call enable_logging(storage = 'stdout')",
    "call Enable_Logging(level = 'trace')",
    "call disable_logging()",
    "call truncate_duckdb_logs()",
    "select * from enable_logging()",
    'select 1; from system.main."enable_logging"()',
    "explain analyze from enable_logging ()",
    "from query('from enable_' || 'logging()')",
    "from json_execute_serialized_sql(json_serialize_sql('from enable_' || 'logging()'))",
    "prepare p as call enable_logging(); execute p",
    "call enable_profiling()",
    "call enable_profiling(format = 'json', save_location = '{tmp}/out.json')",
    "from enable_profiling()",
    "pragma enable_profiling",
    "pragma enable_verification",
    "pragma disable_optimizer",
    "pragma enable_progress_bar",
    "pragma force_checkpoint",
    "/* a */ pragma -- b\n disable_checkpoint_on_shutdown",
    "checkpoint",
    "force checkpoint",
    "vacuum",
    "call checkpoint()",
    "call test_all_types()",
    "create secret (type http)",
    "create secret s (type s3, key_id 'a', secret 'b')",
    "select * from duckdb_secrets()",
    "select * from which_secret('s3://a', 's3')",
    "pragma add_parquet_key('k', '0123456789112345')",
]

TO_A_FILE = "call enable_logging(storage = 'file', storage_config = {{'path': '{tmp}/log'}})"

READS = [
    "select 1",
    "from articles",
    "values (1)",
    "summarize articles",
    "describe articles",
    "show tables",
    "pragma table_info('articles')",
    "pragma show_tables",
    "explain select 1",
    "explain analyze select title from articles",
    "pivot (select 1 as a, 2 as b) on a using sum(b)",
    "with a as (select 1 as n) select n from a",
    "create temp table t as select 1 as n; select n from t",
    "create temp macro m(a) as a + 1; select m(1)",
    "set variable day = 1; select getvariable('day')",
    "prepare p as select 1; execute p",
    "select 'enable_logging() and query(''x'')' as words -- enable_logging()",
    "select query from (select 1 as query) where (query) = 1",
    "from search('enable_logging')",
]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = a_home(tmp_path_factory.mktemp("security"))
    load(home, article(1))
    publish_snapshot(home)
    return home


@pytest.fixture
def harmless(home, tmp_path, monkeypatch):
    """Run in an empty folder; afterwards no file is new or changed."""
    monkeypatch.chdir(tmp_path)
    before = _files(home)
    yield lambda sql: sql.format(tmp=tmp_path, home=home.root)
    assert _files(home) == before
    assert list(tmp_path.iterdir()) == []
    with connect(home) as con:
        assert con.execute("select title from articles").fetchall() == [("Title 1",)]


def _files(home):
    return {
        file: hashlib.sha256(file.read_bytes()).hexdigest() for file in home.root.rglob("*") if file.is_file()
    }


def _settings(con):
    """Return the settings that another connection of the process has."""
    with con.cursor() as other:
        return dict(other.execute("select name, value from duckdb_settings()").fetchall())


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_connection_refuses(home, harmless, attack):
    with connect(home) as con:
        before = _settings(con)
        with pytest.raises(duckdb.Error):
            con.execute(harmless(attack)).fetchall()
        assert _settings(con) == before


@pytest.mark.parametrize("attack", [*ATTACKS, *SETTINGS_OF_THE_SESSION, TO_A_FILE])
def test_the_sql_command_refuses(home, harmless, attack, capfd):
    assert run(["sql", harmless(attack), "--home", str(home.root)]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert err


@pytest.mark.parametrize("question", READS)
def test_the_sql_command_answers_what_only_reads(home, harmless, question, capsys):
    assert run(["sql", harmless(question), "--home", str(home.root), "--json"]) == 0
    assert capsys.readouterr().out.startswith("[")


def test_the_search_command_runs_no_sql(home, harmless, capsys):
    """A text that the question's grammar does not accept is an error; any other is searched for as words."""
    for attack in [*ATTACKS[::7], *SETTINGS_OF_THE_SESSION[::7], TO_A_FILE]:
        words = harmless(attack)
        code = run(["search", "--home", str(home.root), "--json", "--", words, f"Title'; {words}; --"])
        out, err = capsys.readouterr()
        assert (code == 0 and out in ("[]\n", "[\n]\n")) or (code == 2 and not out and "position" in err), (
            attack
        )


@pytest.mark.parametrize("statement", SETTINGS_OF_THE_SESSION)
def test_what_the_lock_lets_through_does_no_harm(home, harmless, statement):
    """In a process of its own: it may print, but writes no file, and the next connection is as it was."""
    done = _in_a_process(_HARMLESS, home, harmless(statement))
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("as it was\n")


def test_a_log_in_a_file_writes_none(home, harmless):
    """DuckDB 2 refuses it; 1.5 tries at the end, is refused the file, and may end the calling process."""
    done = _in_a_process(_HARMLESS, home, harmless(TO_A_FILE))
    if duckdb.__version__ >= "2":
        assert done.stdout.startswith("refused")
    assert done.returncode in (0, -6, 1), done.stderr


_HARMLESS = """
import sys
import duckdb
import warehouse

con = warehouse.connect(sys.argv[1])
others = con.execute("select name, value from duckdb_settings() where name not like '%log%'").fetchall()
try:
    con.execute(sys.argv[2]).fetchall()
except duckdb.Error as error:
    print("refused", error)
con.close()
con = warehouse.connect(sys.argv[1])
assert con.execute("select title from articles").fetchall() == [("Title 1",)]
settings = con.execute("select name, value from duckdb_settings() where name not like '%log%'").fetchall()
assert settings == others
con.close()
print("as it was")
"""


def _in_a_process(code, home, *arguments):
    command = [sys.executable, "-c", code, str(home.root), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_several_statements_in_one_are_refused_as_one(home):
    with connect(home) as con:
        with pytest.raises(duckdb.Error):
            con.execute("select 1; drop table core.article; select 2")
        assert con.execute("select count(*) from core.article").fetchall() == [(1,)]


def test_a_second_connection_of_the_process_is_locked_too(home):
    with connect(home) as first, connect(home) as second, second.cursor() as third:
        for con in (first, second, third):
            settings = con.execute(
                "select current_setting('lock_configuration'), current_setting('enable_external_access'),"
                " current_setting('TimeZone')"
            ).fetchall()
            assert settings == [(True, False, "UTC")]
            with pytest.raises(duckdb.Error):
                con.execute("set memory_limit = '100GB'")


def test_threads_that_connect_at_once(home):
    failures = []

    def ask():
        try:
            with connect(home) as con:
                con.execute("select count(*) from articles").fetchall()
        except Exception as error:
            failures.append(error)

    for _ in range(20):
        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failures == []


def test_variables_of_the_asking_program_stay_its_own(home):
    import pyarrow as pa

    rows = pa.table({"a": [1]})
    with connect(home) as con:
        with pytest.raises(duckdb.CatalogException):
            con.execute("select * from rows")
        con.register("given", rows)
        assert con.execute("select a from given").fetchall() == [(1,)]


def test_an_answer_has_to_fit_into_memory(home):
    big = (
        "select count(*) from (select range as a, repeat('x', 200) || range as b from "
        "range(2_000_000) order by b desc)"
    )
    with connect(home, memory_limit="50MB") as con, pytest.raises(duckdb.OutOfMemoryException):
        con.execute(f"create temp table t as {big}").fetchall()

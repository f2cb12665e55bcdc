"""What a reader of the lake cannot do: refused by the connection, else by role and keys."""

import duckdb
import psycopg
import pytest

from tasks.load import store_batch
from tests.support.cluster.lake_readers import (
    ALLOWED,
    BY_CONNECTION,
    BY_KEYS,
    BY_ROLE,
    keys_checked,
    make_reader_keys,
)
from tests.support.cluster.lakes import batch, copy_lake, make_lake
from warehouse.store.connection import connect
from warehouse.store.lake.catalog import catalog_connection


@pytest.mark.parametrize("statement", BY_CONNECTION.values(), ids=BY_CONNECTION)
def test_the_connection_refuses(reader, statement):
    with pytest.raises(duckdb.Error):
        reader.execute(statement).fetchall()


@pytest.fixture(scope="module")
def reader(module_lake):
    with connect(module_lake) as con:
        yield con


@pytest.fixture(scope="module")
def module_lake(lake_template, postgres, tmp_path_factory):
    return copy_lake(lake_template, tmp_path_factory.mktemp("lake"), postgres.admin, "lake_of_readers")


def test_questions_are_answered(reader):
    assert reader.execute("select count(*) from articles").fetchone() == (0,)
    assert reader.execute("select count(*) from search('anything')").fetchone() == (0,)


def test_secrets_are_not_shown(reader):
    shown = reader.execute("select secret_string from duckdb_secrets()").fetchall()
    assert shown
    assert all("password=" not in text or "password=redacted" in text for (text,) in shown)


@pytest.mark.parametrize("statement", BY_ROLE.values(), ids=BY_ROLE)
def test_the_role_refuses(module_lake, statement):
    with (
        catalog_connection(module_lake.cluster, "a test", is_reader=True) as con,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        con.execute(statement)


def test_the_role_reads_tables_that_are_made_later(lake):
    """DuckLake makes a table for small inserts of each table of ours."""
    store_batch(lake, batch(0, 5), owner="a test")
    with connect(lake) as con:
        assert con.execute("select count(*) from articles").fetchone() == (5,)


@pytest.fixture
def reader_keys(object_store, monkeypatch):
    for name, value in make_reader_keys(object_store).items():
        monkeypatch.setenv(name, value)


def test_the_keys_refuse_to_put(database, object_store, bucket, tmp_path, reader_keys):
    """DuckDB lets `copy … to` write inside the lake's folder; the keys do not."""
    more = f'[s3]\nendpoint = "{object_store.endpoint}"\n'
    lake = make_lake(tmp_path, database, f"s3://{bucket}/lake/", more)
    store_batch(lake, batch(0, 20), owner="a test")
    with keys_checked(object_store), connect(lake) as con:
        for statement in ALLOWED.values():
            con.execute(statement).fetchall()
        assert con.execute("select count(*), min(length(title)) > 0 from articles").fetchone() == (20, True)
        with pytest.raises(duckdb.Error, match="disabled by configuration"):
            con.execute("select count(*) from read_text('s3://other/file')").fetchall()
        for statement in BY_KEYS.values():
            with pytest.raises(duckdb.Error, match="403"):
                con.execute(statement.format(data=lake.cluster.data_url)).fetchall()
        with connect(lake) as other:
            assert other.execute("from duckdb_secrets() where name = 'other'").fetchall() == []
    assert not [key for key in object_store.keys(bucket) if "evil" in key]

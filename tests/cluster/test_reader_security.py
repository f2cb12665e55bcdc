"""What a reader of the lake cannot do: refused by the connection, else by role and keys."""

from contextlib import contextmanager

import duckdb
import psycopg
import pytest
import requests

from tasks.load import store_batch
from tests.support.lakes import batch, copy_lake, make_lake
from warehouse.store.connection import connect
from warehouse.store.lake.catalog import catalog_connection

BY_CONNECTION = {
    "file": "select count(*) from read_text('/etc/passwd')",
    "write elsewhere": "copy (select 1) to '/tmp/wirehouse-evil.csv'",
    "insert": "insert into core.setting (name, value, changed_at) values ('a', 'b', now())",
    "delete": "delete from core.article",
    "ddl": "create table core.pwned (n integer)",
    "attach": "attach 'dbname=postgres' as other (type postgres)",
    "expire": "call ducklake_expire_snapshots('warehouse', older_than => now())",
    "orphans": "call ducklake_delete_orphaned_files('warehouse', cleanup_all => true)",
    "settings": "set enable_external_access = true",
    "reset": "reset allowed_directories",
    "secret": "create secret other (type s3, key_id 'a', secret 'b')",
    "extension": "load '/tmp/evil.duckdb_extension'",
    "catalogue": "delete from __ducklake_metadata_warehouse.public.ducklake_snapshot",
    "catalogue by call": "call postgres_execute('__ducklake_metadata_warehouse', 'drop table x')",
}


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


@pytest.mark.parametrize(
    "statement",
    [
        "update ducklake_snapshot set snapshot_id = 0",
        "delete from ducklake_data_file",
        "create table public.pwned (n integer)",
        "select pg_read_file('/etc/passwd')",
        "copy ducklake_snapshot to program 'id'",
        "create role another",
    ],
)
def test_the_role_refuses(module_lake, statement):
    """What `postgres_query` or a client of its own would send as the reader."""
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


READ_ONLY = """{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "*"}]}"""


@pytest.fixture
def reader_keys(object_store, monkeypatch):
    """Put keys into the environment that may read objects and put none."""
    iam = object_store.client("iam")
    iam.create_user(UserName="reader")
    iam.put_user_policy(UserName="reader", PolicyName="read", PolicyDocument=READ_ONLY)
    key = iam.create_access_key(UserName="reader")["AccessKey"]
    monkeypatch.setenv("WIREHOUSE_READER_S3_KEY_ID", key["AccessKeyId"])
    monkeypatch.setenv("WIREHOUSE_READER_S3_SECRET", key["SecretAccessKey"])


@contextmanager
def keys_checked(object_store):
    """Let the server check each request's keys inside the block."""
    switch = f"{object_store.endpoint}/moto-api/reset-auth"
    requests.post(switch, data="0", timeout=60).raise_for_status()
    try:
        yield
    finally:
        requests.post(switch, data="inf", timeout=60).raise_for_status()


def test_the_keys_refuse_to_put(database, object_store, bucket, tmp_path, reader_keys):
    """DuckDB lets `copy … to` write inside the lake's folder; the keys do not."""
    more = f'[s3]\nendpoint = "{object_store.endpoint}"\n'
    lake = make_lake(tmp_path, database, f"s3://{bucket}/lake/", more)
    store_batch(lake, batch(0, 20), owner="a test")
    evil = f"s3://{bucket}/lake/core/article/evil.parquet"
    with keys_checked(object_store), connect(lake) as con:
        assert con.execute("select count(*), min(length(title)) > 0 from articles").fetchone() == (20, True)
        with pytest.raises(duckdb.Error, match="disabled by configuration"):
            con.execute("select count(*) from read_text('s3://other/file')").fetchall()
        with pytest.raises(duckdb.Error, match="403"):
            con.execute(f"copy (select 1 as a) to '{evil}'").fetchall()
    assert not [key for key in object_store.keys(bucket) if "evil" in key]

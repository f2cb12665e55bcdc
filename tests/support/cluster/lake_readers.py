"""What a reader of the lake tries, and keys of the object store that may read and not put.

Refused by the connection, else by the role and the keys: `tests/cluster/test_reader_security.py`
and bar 10 of `python -m bench.cluster`.
"""

from contextlib import contextmanager

import requests

from tests.support.cluster.object_store import ObjectStore

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
    "extension": "load '/tmp/evil.duckdb_extension'",
    "catalogue": "delete from __ducklake_metadata_warehouse.public.ducklake_snapshot",
    "catalogue by call": "call postgres_execute('__ducklake_metadata_warehouse', 'drop table x')",
}

# What `postgres_query` or a client of its own would send as the reader.
BY_ROLE = {
    "change a state": "update ducklake_snapshot set snapshot_id = 0",
    "delete files": "delete from ducklake_data_file",
    "table": "create table public.pwned (n integer)",
    "file of the server": "select pg_read_file('/etc/passwd')",
    "program": "copy ducklake_snapshot to program 'id'",
    "role": "create role another",
}

# DuckDB lets a reader write inside the lake's folder; `{data}` is its URL.
BY_KEYS = {"write into the lake": "copy (select 1 as a) to '{data}core/article/evil.parquet'"}

# Harmless: the role reads the catalogue, and the rest ends with the reader's own connection. It is refused to
# those who ask a server (`warehouse.inspection.question`).
ALLOWED = {
    "catalogue": "select * from postgres_query('__ducklake_metadata_warehouse', 'select 1 as a')",
    "extension that is there": "load httpfs",
    "secret": "create secret other (type s3, key_id 'a', secret 'b')",
}

READ_ONLY = """{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "*"}]}"""


def make_reader_keys(object_store: ObjectStore) -> dict[str, str]:
    """Return the environment of keys that may read objects and put none."""
    iam = object_store.client("iam")
    iam.create_user(UserName="reader")
    iam.put_user_policy(UserName="reader", PolicyName="read", PolicyDocument=READ_ONLY)
    key = iam.create_access_key(UserName="reader")["AccessKey"]
    return {
        "WIREHOUSE_READER_S3_KEY_ID": key["AccessKeyId"],
        "WIREHOUSE_READER_S3_SECRET": key["SecretAccessKey"],
    }


@contextmanager
def keys_checked(object_store: ObjectStore):
    """Let the server check each request's keys inside the block."""
    switch = f"{object_store.endpoint}/moto-api/reset-auth"
    requests.post(switch, data="0", timeout=60).raise_for_status()
    try:
        yield
    finally:
        requests.post(switch, data="inf", timeout=60).raise_for_status()

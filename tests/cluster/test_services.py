"""The services that the tests of the cluster start."""

import psycopg


def test_a_database_of_its_own(database):
    with psycopg.connect(database) as con:
        assert con.execute(
            "select current_user, count(*) from pg_tables where schemaname = 'public'"
        ).fetchall() == [("postgres", 0)]


def test_a_bucket_of_its_own(object_store, bucket):
    object_store.client().put_object(Bucket=bucket, Key="a/b", Body=b"one")
    assert object_store.keys(bucket) == ["a/b"]

"""What a reader of a lake can do, and who refuses the rest: its connection, its role or its keys (bar 10)."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import psycopg

from bench.cluster.lake_bars import BarOutcome
from tasks.load import store_batch
from tests.support.cluster.lake_readers import (
    ALLOWED,
    BY_CONNECTION,
    BY_KEYS,
    BY_ROLE,
    keys_checked,
    make_reader_keys,
)
from tests.support.cluster.lakes import batch
from tests.support.cluster.object_store import KEYS, running_object_store
from warehouse.store.connection import connect
from warehouse.store.home import Home
from warehouse.store.lake.catalog import catalog_connection

N_ARTICLES = 20
NOBODY = "nobody"


def reader_bar(home: Home, new_lake: Callable[..., Home]) -> list[BarOutcome]:
    """Try each statement as a reader of a lake in an S3 server that checks keys; say who refused it."""
    with tempfile.TemporaryDirectory() as folder, running_object_store(Path(folder, "s3")) as objects:
        os.environ |= KEYS
        objects.make_bucket("bench-readers")
        lake = new_lake("readers", "s3://bench-readers/lake/", f'[s3]\nendpoint = "{objects.endpoint}"\n')
        store_batch(lake, batch(0, N_ARTICLES), owner="bench")
        os.environ |= make_reader_keys(objects)
        before = objects.keys("bench-readers")
        with keys_checked(objects), connect(lake) as con:
            outcomes = [
                _outcome(statement, _ask(con, statement), expected)
                for statement, expected in _statements(lake)
            ]
            outcomes += [_outcome(text, _ask_catalog(lake, text), "role") for text in BY_ROLE.values()]
            ((n_articles,),) = con.execute("select count(*) from articles").fetchall()
        is_unchanged = n_articles == N_ARTICLES and objects.keys("bench-readers") == before
    sentence = f"{len(outcomes)} statements; afterwards {n_articles} of {N_ARTICLES} articles and "
    return [*outcomes, BarOutcome(is_unchanged, f"{sentence}{len(before)} objects as before")]


def _statements(lake: Home) -> list[tuple[str, str]]:
    """Return the statements of the reader's connection, and who has to refuse each."""
    assert lake.cluster is not None
    by_keys = [statement.format(data=lake.cluster.data_url) for statement in BY_KEYS.values()]
    return [
        *((statement, "connection") for statement in BY_CONNECTION.values()),
        *((statement, "keys") for statement in by_keys),
        *((statement, NOBODY) for statement in ALLOWED.values()),
    ]


def _ask(con: duckdb.DuckDBPyConnection, statement: str) -> tuple[str, str]:
    """Return who refused a statement of DuckDB, and its words."""
    try:
        con.execute(statement).fetchall()
    except duckdb.Error as error:
        text = str(error)
        if "403" in text:
            return "keys", text
        return ("role" if "permission denied" in text else "connection"), text
    return NOBODY, ""


def _ask_catalog(lake: Home, statement: str) -> tuple[str, str]:
    """Return who refused a statement of the reader's role in PostgreSQL, and its words."""
    assert lake.cluster is not None
    try:
        with catalog_connection(lake.cluster, "bench", is_reader=True) as con:
            con.execute(statement.encode())
    except psycopg.errors.InsufficientPrivilege as error:
        return "role", str(error)
    return NOBODY, ""


def _outcome(statement: str, answer: tuple[str, str], expected: str) -> BarOutcome:
    who, words = answer
    return BarOutcome(
        who == expected, f"{who:10} {statement} | {words.splitlines()[0][:90] if words else ''}"
    )

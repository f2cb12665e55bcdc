"""Steps on warehouses, run in a chosen interpreter: `python -m tests.support.version_steps`.

    home:PATH   the warehouse of the steps that follow
    load:N      load the N-th batch, link its copies, publish
    age:V       turn the store into one that schema version V has written, with the same rows
    tell:       print the warehouse's contents, one line of JSON

In this way, two versions of DuckDB use one file in turn (tests/versions).
"""

import hashlib
import json
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from tasks.load import store_batch
from tests.support import stories
from warehouse.inspection.doctor import Level, check_store
from warehouse.publish import publish_snapshot
from warehouse.reading.filters import Selection
from warehouse.reading.find import ResultQuery, find_articles_page
from warehouse.records.article import Link
from warehouse.records.outcome import Batch
from warehouse.records.page import Fetch
from warehouse.store import migrate
from warehouse.store.connection import Home, connect, open_store
from warehouse.store.engine import attach_file

NOW = datetime(2026, 4, 2, tzinfo=UTC)

# Null in articles that were loaded before the columns existed.
_LATER = "author_kinds, is_partial, tags"
CONTENTS = {
    "articles": f"select * exclude (load_id, checked_at, {_LATER}) from core.article order by article_id",
    "later_columns": f"select article_id, {_LATER} from core.article order by article_id",
    "texts": "select * from core.article_text order by article_id",
    "revisions": "select * exclude (load_id) from core.revision order by article_id, revision_no",
    "links": "select * from core.article_link order by all",
    "fetches": "select url, started_at, outcome from core.fetch order by all",
    "fingerprints": "select * from core.fingerprint order by all",
    "copies": "select url, other_url, relation, similarity from copies order by all",
    "stories": "select story_id, title, n_articles from stories order by all",
}


def load(home: Home, n: int) -> None:
    """Load six articles, a copy of one of them, and a new text of an article of the first batch."""
    own = [stories.article(f"a{n}-{i}", stories.story(10 * n + i), day=n) for i in range(6)]
    copied = stories.article(f"c{n}", own[0].body, day=n, hour=12, source="weekly")
    changed = stories.article("a0-1", stories.story(1) + f"\nCorrected {n}.", fetched=n)
    articles = [replace(one, links=(Link("link", "https://elsewhere.example/", "There"),)) for one in own]
    fetches = [
        Fetch(
            "daily",
            a.url,
            a.url_key,
            None,
            a.url,
            a.fetched_at + timedelta(days=n),
            20,
            200,
            "ok",
            "new",
            100,
        )
        for a in own
    ]
    batch = Batch(f"run {n}", articles=(*articles, copied, *([changed] if n else [])), fetches=tuple(fetches))
    store_batch(home, batch, owner="test")
    publish_snapshot(home)


def age(home: Home, version: int) -> None:
    """Recreate the store with the migrations up to a version, and copy the rows of the old one into it."""
    new = home.state_file.rename(home.state_file.with_suffix(".new"))
    migrate.create_file(home.state_file)
    con = attach_file(home.state_file, {})
    con.execute("set TimeZone = 'UTC'")
    for number in migrate.find_migrations():
        if number <= version:
            migrate.apply_migration(con, number, migrate._read)
    con.execute("create view main.articles as select article_id from core.article")
    con.execute(f"attach '{new}' as new (read_only)")
    for table, columns in _common_columns(con):
        con.execute(f"delete from core.{table}")
        con.execute(f"insert into core.{table} ({columns}) select {columns} from new.core.{table}")
    con.execute(
        "delete from core.setting where name = 'views_sha256' or (name like 'search%' and ? < 20)", [version]
    )
    con.close()
    new.unlink()


def _common_columns(con: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    return con.execute(
        """
        select o.table_name, string_agg(o.column_name, ', ')
        from duckdb_columns() as o
        join duckdb_columns() as n using (schema_name, table_name, column_name)
        where o.database_name = 'warehouse' and n.database_name = 'new' and o.schema_name = 'core'
            and o.table_name <> 'schema_migration'
        group by all
        """
    ).fetchall()


def tell(home: Home) -> dict[str, object]:
    """Return the contents of the warehouse: from the store, the snapshot and the index."""
    with open_store(home, owner="test") as con:
        bad = [f"{f.check}: {f.sentence}" for f in check_store(con, NOW) if f.level is Level.ERROR]
        storage = con.execute(
            "select tags['storage_version'] from duckdb_databases() where database_name = current_database()"
        ).fetchall()[0][0]
        schema = [
            n for (n,) in con.execute("select version from core.schema_migration order by all").fetchall()
        ]
    publish_snapshot(home)
    with connect(home) as con:
        found = {}
        for name, sql in CONTENTS.items():
            rows = con.execute(sql).fetchall()
            found[name] = [len(rows), hashlib.sha256(json.dumps(rows, default=str).encode()).hexdigest()]
        words = {title: body.split()[7].strip(".") for title, body in con.execute(_TEXTS).fetchall()}
        lost = [title for title, word in words.items() if title not in _titles(con, word)]
    return {
        "duckdb": duckdb.__version__,
        "wrong": bad,
        "storage": storage,
        "schema": schema,
        **found,
        "not_found": lost,
    }


_TEXTS = "select title, body from articles join texts using (article_id)"


def _titles(con: duckdb.DuckDBPyConnection, word: str) -> set[str]:
    return {hit.title for hit in find_articles_page(con, ResultQuery(Selection(word), limit=1000)).hits}


def main(steps: list[str]) -> None:
    """Run the steps in order."""
    for step in steps:
        name, _, value = step.partition(":")
        if name == "home":
            home = Home(Path(value))
        elif name == "tell":
            print(json.dumps(tell(home)))
        else:
            {"load": load, "age": age}[name](home, int(value))


if __name__ == "__main__":
    main(sys.argv[1:])

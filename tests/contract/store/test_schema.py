"""The schema: every column documented, migrations in order, unknown versions refused."""

import shutil
from pathlib import Path

import duckdb
import pytest

from tests.support.warehouse_rows import a_home, article, ask, load
from warehouse.errors import SchemaMismatch
from warehouse.publish import publish_snapshot
from warehouse.store import migrate as migrations
from warehouse.store.connection import connect, open_store

ROOT = Path(__file__).parents[3]

# The analysts' contract: these stay.
VIEWS = {
    "articles": "article_id url source source_title source_credit title authors language published_at "
    "published_on "
    "published_local utc_offset_minutes published_precision published_from zone_from "
    "dates_disagree modified_at "
    "first_seen_at sort_at word_count story_id is_representative n_copies n_revisions gone_at",
    "texts": "article_id body",
    "copies": "article_id url other_article_id other_url relation similarity why",
    "stories": "story_id",
    "revisions": "article_id revision_no change title seen_at",
    "origins": "article_id field value origin evidence chosen",
    "rejects": "source feed_url url step error_class reason archive_file archive_offset attempts first_at "
    "last_at "
    "next_try_at",
    "feed_health": "feed_url source",
    "source_daily": "source day seen stored known rejected pending",
    "runs": "run_id flow started_at ended_at status n_entries n_fetched n_new n_revised n_unchanged "
    "n_duplicates "
    "n_rejects n_not_modified",
}

TABLES = [
    "source",
    "feed",
    "feed_state",
    "url_alias",
    "run",
    "load",
    "fetch",
    "entry",
    "article",
    "article_text",
    "revision",
    "field_origin",
    "duplicate_link",
    "story_member",
    "story_alias",
    "fingerprint",
    "recurring_line",
    "reject",
    "schema_migration",
]


@pytest.fixture(scope="module")
def con(tmp_path_factory):
    home = a_home(tmp_path_factory.mktemp("schema"))
    with open_store(home, owner="test") as con:
        yield con


@pytest.mark.parametrize("view", VIEWS)
def test_the_views_have_their_columns(con, view):
    columns = [column[0] for column in con.execute(f"from {view} limit 0").description]
    assert set(VIEWS[view].split()) <= set(columns)


def test_the_tables_are_there(con):
    tables = {name for (name,) in con.execute("select table_name from duckdb_tables()").fetchall()}
    assert set(TABLES) <= tables


def test_everything_has_a_comment(con):
    bare = con.execute(
        """
        select schema_name || '.' || table_name || '.' || column_name
        from duckdb_columns()
        where database_name = current_database() and not internal and coalesce(comment, '') = ''
        union all
        select table_name from duckdb_tables()
        where database_name = current_database() and coalesce(comment, '') = ''
        union all
        select view_name from duckdb_views()
        where database_name = current_database() and not internal and coalesce(comment, '') = ''
        """
    ).fetchall()
    assert bare == []


def test_instants_have_a_zone(con):
    naive = con.execute(
        "select table_name, column_name from duckdb_columns() where database_name = current_database()"
        " and data_type = 'TIMESTAMP' and not internal and column_name <> 'published_local'"
    ).fetchall()
    assert naive == []


def test_large_tables_have_no_index(con):
    assert con.execute("select count(*) from duckdb_indexes()").fetchall() == [(0,)]
    assert (
        con.execute(
            "select table_name from duckdb_constraints() where constraint_type in ('PRIMARY KEY', "
            "'UNIQUE', 'FOREIGN KEY')"
        ).fetchall()
        == []
    )


def test_the_file_has_the_storage_version_that_older_engines_read(con):
    storage = con.execute(
        "select tags['storage_version'] from duckdb_databases() where database_name = current_database()"
    ).fetchall()
    assert storage[0][0].startswith("v1.5")


def test_a_second_opening_changes_nothing(tmp_path):
    home = a_home(tmp_path)
    ask(home, "select 1")
    before = home.state_file.stat().st_mtime_ns
    ask(home, "select 1")
    assert home.state_file.stat().st_mtime_ns == before


@pytest.fixture
def old_code(tmp_path, monkeypatch):
    """Migrations and views of a version that lacks the last migration."""
    code = tmp_path / "code"
    shutil.copytree(migrations._HERE / "migrations", code / "migrations")
    (code / "views").mkdir()
    last = max(migrations.find_migrations().values())
    (code / "migrations" / last.name).unlink()
    monkeypatch.setattr(migrations, "_HERE", code)
    yield code
    monkeypatch.undo()


def insert(home, *articles):
    """Insert articles by the columns that every schema has: today's loading needs today's columns."""
    with open_store(home, owner="test") as con:
        for one in articles:
            con.execute(
                """
                insert into core.article (
                    article_id, url, url_key, source, title, dates_disagree, direction, word_count,
                    content_sha256, extractor, first_seen_at, fetched_at, checked_at, n_revisions, load_id
                )
                values (
                    cast(left(sha256($key), 32) as uuid), $url, $key, $source, $title,
                    false, 'ltr', 4, $sha256,
                    'test 1', now(), now(), now(), 1, 'load'
                )
                """,
                {"key": one.url_key, "url": one.url, "source": one.source, "title": one.title,
                 "sha256": one.content_sha256},
            )  # fmt: skip
            con.execute(
                "insert into core.article_text (article_id, body) "
                "values (cast(left(sha256(?), 32) as uuid), ?)",
                [one.url_key, one.body],
            )


def test_an_earlier_schema_with_data_is_brought_up_to_date(tmp_path, old_code, monkeypatch):
    home = a_home(tmp_path)
    insert(home, article(1), article(2))
    monkeypatch.undo()
    assert ask(home, "select count(*) from articles") == [(2,)]
    assert ask(home, "select body from texts order by body") == [
        ("Body of article 1.",),
        ("Body of article 2.",),
    ]
    (copy,) = home.state_dir.glob("warehouse.schema-*.duckdb")
    with duckdb.connect(str(copy), read_only=True) as con:
        assert con.execute("select count(*) from core.article").fetchall() == [(2,)]


def test_an_index_of_the_full_text_in_its_first_form_is_made_anew(tmp_path, old_code, monkeypatch):
    for name in ("0041_search_rows.sql", "0050_comments.sql"):  # the later comments on its columns as well
        old_code.joinpath("migrations", name).unlink()
    home = a_home(tmp_path)
    insert(home, article(1, body="A harbour."), article(2))
    with open_store(home, owner="test") as con:
        con.execute(
            "insert into core.search_document select row_number() over (), article_id, 7 from core.article"
        )
        con.execute("insert into core.search_segment values (1, 2, 1, 2, now())")
        con.execute("insert into core.search_posting values (1, 'harbour', [1], [200], [[1001]])")
        con.execute("insert into core.setting values ('search_load_id', 'zzz', now())")
    monkeypatch.undo()
    publish_snapshot(home)
    with connect(home) as con:
        assert con.execute("select url from search('harbour')").fetchall() == [(article(1).url,)]


def test_older_code_refuses_a_newer_file(tmp_path, old_code, monkeypatch):
    home = a_home(tmp_path)
    with monkeypatch.context() as now:
        now.setattr(migrations, "_HERE", Path(migrations.__file__).parents[1])
        load(home, article(1))
        publish_snapshot(home)
    with pytest.raises(SchemaMismatch, match="newer wirehouse"):
        load(home, article(2))
    with pytest.raises(SchemaMismatch, match="newer wirehouse"):
        connect(home)


def test_a_migration_that_was_changed_is_refused(tmp_path, old_code):
    home = a_home(tmp_path)
    insert(home, article(1))
    first = old_code / "migrations" / "0001_core.sql"
    first.write_text(first.read_text() + "\n-- an afterthought\n")
    with pytest.raises(SchemaMismatch, match=r"0001_core\.sql differs"):
        load(home, article(2))


def test_a_migration_that_fails_leaves_the_schema_as_it_was(tmp_path, old_code):
    home = a_home(tmp_path)
    insert(home, article(1))
    broken = old_code / "migrations" / "9000_broken.sql"
    broken.write_text("create table core.half (a integer); select nonsense;")
    with pytest.raises(duckdb.Error):
        load(home, article(2))
    broken.unlink()
    assert ask(home, "select count(*) from duckdb_tables() where table_name = 'half'") == [(0,)]
    insert(home, article(2))
    assert ask(home, "select count(*) from core.article") == [(2,)]

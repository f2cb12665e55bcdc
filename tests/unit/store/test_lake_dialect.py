"""Migrations in the SQL that a lake accepts."""

import pytest

from warehouse.store.lake.dialect import for_lake, views_for_lake


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        pytest.param(
            "create table t (n integer check (n in (1, 2)), m text);",
            "create table t (n integer, m text);",
            id="a constraint of a column",
        ),
        pytest.param(
            "create table t (body text not null using compression zstd);",
            "create table t (body text not null);",
            id="compression",
        ),
        pytest.param(
            "-- lake: alter table t set partitioned by (d);\nselect 1;",
            "alter table t set partitioned by (d);\nselect 1;",
            id="a statement for lakes only",
        ),
        pytest.param("-- on a lake: more\nselect 1;", "-- on a lake: more\nselect 1;", id="a comment"),
        pytest.param(
            "comment on table t is 'a check (of it)';",
            "comment on table t is 'a check (of it)';",
            id="a text",
        ),
    ],
)
def test_a_migration_for_a_lake(sql, expected):
    assert for_lake(sql) == expected


def test_views_of_a_lake_have_no_comments_on_columns():
    view = "comment on view v is 'A view.';\ncomment on column v.a is 'It''s a.';\n"
    assert views_for_lake(view) == "comment on view v is 'A view.';\n"

"""A restored store and its archive: names that leave the archive are refused, missing files are named."""

import json

import pytest

from tests.support.warehouse_rows import NOW, a_home, article, load
from warehouse.errors import ExportUnusable
from warehouse.export.backup import export_home, find_missing_pages, restore_home
from warehouse.records.page import ArchiveRef
from warehouse.store.connection import open_store

SUPERSEDED = """
insert into core.superseded (run_id, load_id, article_id, superseded_at, change, parts, rows_before)
values ('r', '1', uuid(), ?, 'replaced', ['body'], ?)
"""


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("/etc/passwd", id="absolute"),
        pytest.param("../outside.warc.gz", id="parent"),
        pytest.param("2026/11/../../../outside.warc.gz", id="parent inside"),
    ],
)
def test_a_name_outside_the_archive_is_refused(tmp_path, name):
    home, back = a_home(tmp_path), a_home(tmp_path / "back")
    load(home, article(1, ref=ArchiveRef(name, 0, 9)))
    export_home(home, tmp_path / "export")
    with pytest.raises(ExportUnusable, match="leads out of the archive"):
        restore_home(back, tmp_path / "export")
    assert not back.state_file.exists()


def test_a_name_in_rows_of_a_rollback_is_refused(tmp_path):
    home, back = a_home(tmp_path), a_home(tmp_path / "back")
    load(home, article(1))
    with open_store(home, owner="test") as con:
        con.execute(SUPERSEDED, [NOW, json.dumps({"article": [{"archive_file": "/etc/passwd"}]})])
    export_home(home, tmp_path / "export")
    with pytest.raises(ExportUnusable, match="leads out of the archive"):
        restore_home(back, tmp_path / "export")


def test_a_log_of_a_killed_restore_is_not_replayed(tmp_path):
    home, back = a_home(tmp_path), a_home(tmp_path / "back")
    load(home, article(1))
    export_home(home, tmp_path / "export")
    back.state_dir.mkdir(parents=True)
    left = back.state_dir / ".restore.duckdb.wal"
    left.write_bytes(b"the log of another file" * 99)
    restore_home(back, tmp_path / "export")
    assert not left.exists()


def test_files_that_are_not_there_yet_are_named(tmp_path):
    home, back = a_home(tmp_path), a_home(tmp_path / "back")
    there, missing = "2026/11/there.warc.gz", "2026/11/missing.warc.gz"
    load(
        home,
        *(article(n, ref=ArchiveRef(missing, n, 9)) for n in (1, 2)),
        article(3, ref=ArchiveRef(there, 3, 9)),
    )
    export_home(home, tmp_path / "export")
    restore_home(back, tmp_path / "export")
    (back.pages_dir / "2026" / "11").mkdir(parents=True)
    (back.pages_dir / there).write_bytes(b"")
    left = find_missing_pages(back)
    assert (left.files, left.n_pages) == ((missing,), 2)

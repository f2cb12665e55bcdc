"""doctor on the files around the store: leftovers are named and removed, work in progress is kept."""

import json
from datetime import UTC, datetime

import pytest
from filelock import FileLock

from tasks.sources import Sources
from tasks.upkeep.doctor import examine_home, fix_home
from tasks.upkeep.rebuild import rebuild
from tests.support.archived_pages import SOURCES, ArchivedNews, articles, news_home
from tests.support.kill_points import InlinePool
from warehouse.inspection.doctor import Level
from warehouse.publish import publish_snapshot
from warehouse.store.backend import store_of
from warehouse.store.connection import open_store


@pytest.fixture
def home(tmp_path):
    news = ArchivedNews(news_home(tmp_path), InlinePool())
    news.store(articles(3))
    publish_snapshot(news.home)
    return news.home


def examine(home):
    return [
        (f.check, f.level, f.sentence)
        for f in examine_home(home, datetime.now(UTC))
        if f.level is not Level.OK
    ]


def fix(home):
    now = datetime.now(UTC)
    fix_home(home, examine_home(home, now), now)
    return examine(home)


def test_a_left_over_rebuild_is_named_and_removed(home):
    left = home.state_dir / "rebuild" / "state"
    left.mkdir(parents=True)
    (left / "warehouse.duckdb").write_bytes(b"half")
    assert examine(home) == [("files", Level.WARNING, "Left behind by a killed process: rebuild.")]
    assert fix(home) == []
    assert not left.exists()


def test_a_rebuild_at_work_is_not_left_over(home):
    left = home.state_dir / "rebuild"
    left.mkdir()
    with store_of(home).exclusive("a rebuild"):
        assert examine(home) == []
    assert left.exists()


def test_the_file_of_a_publisher_at_work_stays(home):
    partial = home.root / ".news.1.tmp"
    partial.write_bytes(b"half")
    with FileLock(home.publish_lock_file):
        assert examine(home) == []
    assert examine(home) == [("files", Level.WARNING, "Left behind by a killed process: .news.1.tmp.")]
    assert fix(home) == []
    assert not partial.exists()


def test_a_forget_that_was_killed_is_finished(home):
    home.forgetting_file.write_text(json.dumps({"at": "2026-03-01T00:00:00+00:00", "old": [], "new": []}))
    ((check, level, sentence),) = examine(home)
    assert (check, level) == ("files", Level.WARNING)
    assert sentence.startswith("A wirehouse forget was killed half-way.")
    assert fix(home) == []
    assert not home.forgetting_file.exists()


def test_a_snapshot_whose_note_was_not_written_yet_is_sound(home):
    old_note = home.snapshot_note.read_text()
    with open_store(home, owner="test") as con:
        con.execute("insert into core.source (name, title, added_at) values ('other', 'Other', now())")
    publish_snapshot(home)
    home.snapshot_note.replace(home.snapshot_note.with_suffix(".next.json"))  # killed before the last rename
    assert examine(home) == []
    home.snapshot_note.write_text(old_note)
    assert examine(home) == []


def test_changes_after_the_last_publication_are_said(home):
    def sentence():
        (found,) = (f for f in examine_home(home, datetime.now(UTC)) if f.check == "snapshot")
        assert found.level is Level.OK
        return found.sentence

    sentence()  # records the run of the fixture as crashed
    publish_snapshot(home)
    assert "has changed" not in sentence()
    with open_store(home, owner="test") as con:
        con.execute("insert into core.source (name, title, added_at) values ('other', 'Other', now())")
    assert sentence().endswith(" The store has changed since: the next run publishes it.")


def test_rows_are_counted_after_a_rebuild(home):
    rebuild(home, Sources(SOURCES), pool=InlinePool())
    assert examine(home) == []
    with open_store(home, owner="test") as con:
        con.execute("delete from core.revision")
    sentences = [sentence for check, _, sentence in examine(home) if check == "loads"]
    assert sentences[0].startswith("core.revision has 0 rows, but had 3 after load ")


def test_an_archive_name_that_leaves_the_archive_is_not_opened(home):
    with open_store(home, owner="test") as con:
        con.execute(
            "update core.article set archive_file = '/etc/passwd', archive_offset = 0, archive_length = 9"
        )
    errors = [sentence for _, level, sentence in examine(home) if level is Level.ERROR]
    assert any("cannot be read, the first in /etc/passwd at byte 0" in sentence for sentence in errors)


def _delete(path):
    path.unlink()


def _cut(path):
    path.write_bytes(path.read_bytes()[:100])


def _overwrite(path):
    path.write_bytes(b"x" * path.stat().st_size)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        pytest.param(_delete, ": the archive has no such file. Their rows stay.", id="deleted"),
        pytest.param(_cut, ": the file ends at byte 100. Their rows stay.", id="cut"),
        pytest.param(_overwrite, "Error: ", id="overwritten"),
    ],
)
def test_the_reason_why_a_page_cannot_be_read_is_named(home, damage, reason):
    for path in home.pages_dir.rglob("*.warc.gz"):
        damage(path)
    (sentence,) = (s for check, level, s in examine(home) if check == "archive" and level is Level.ERROR)
    assert sentence.startswith("3 of 3 archived pages cannot be read, the first in ")
    assert reason in sentence

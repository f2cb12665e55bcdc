"""Small archive files of a day become one; every pointer, also of an older export, still finds its page."""

from datetime import timedelta

import pytest

from tasks.archive.reader import read_page
from tasks.archive.unchecked import find_unchecked_files
from tasks.sources import Sources
from tasks.upkeep.doctor import examine_home
from tasks.upkeep.maintain import UpkeepOptions, maintain_home
from tasks.upkeep.merge import find_mergeable, merge_files
from tasks.upkeep.rebuild import rebuild
from tasks.upkeep.reextract import BatchContext, apply_all
from tasks.upkeep.rollback import roll_back
from tests.support.archived_pages import (
    SOURCES,
    START,
    ArchivedNews,
    Shot,
    html,
    news_home,
    old_rules,
    paragraphs,
)
from tests.support.kill_points import InlinePool
from warehouse.export.backup import export_home, find_missing_pages, restore_home
from warehouse.inspection.doctor import Level, find_archive_refs
from warehouse.pages.stored_pages import Choice
from warehouse.store.connection import Home, open_store

LATER = START + timedelta(days=40)


def day(n, first=0):
    """Return pages of one day."""
    shots = []
    for i in range(first, first + n):
        at = START + timedelta(minutes=i)
        page = html(f"Report {i} of the day", paragraphs(i), at - timedelta(hours=1))
        shots.append(Shot(f"https://herald.example/2026/03/report-{i}", page, at))
    return shots


@pytest.fixture
def news(tmp_path):
    news = ArchivedNews(news_home(tmp_path), InlinePool())
    for i in range(3):  # three runs of one day
        news.store(day(2, first=2 * i))
    return news


def files(home):
    return sorted(path.relative_to(home.pages_dir).as_posix() for path in home.pages_dir.rglob("*.warc.gz"))


def titles(home):
    """Return the page of every pointer."""
    with open_store(home, owner="test") as con:
        refs = find_archive_refs(con)
    return sorted(read_page(home.archive, ref).request.url for ref in refs)


def test_the_files_of_a_past_day_become_one(news):
    before = titles(news.home)
    merged = merge_files(news.home, LATER)
    assert (merged.n_before, merged.n_after) == (3, 1)
    assert len(files(news.home)) == 1
    assert titles(news.home) == before
    assert find_unchecked_files(news.home) == {}
    assert [f.sentence for f in examine_home(news.home, LATER) if f.level is Level.ERROR] == []
    assert merge_files(news.home, LATER).n_before == 0


@pytest.mark.parametrize("age", [timedelta(0), timedelta(days=1)])
def test_files_of_a_young_day_stay(news, age):
    assert find_mergeable(news.home, START + age) == []


def test_a_file_that_is_not_completely_loaded_stays(news):
    with open_store(news.home, owner="test") as con:
        con.execute("delete from core.archive_file where file = ?", [files(news.home)[0]])
    assert find_mergeable(news.home, LATER) == [files(news.home)[1:]]


@pytest.mark.parametrize("has_archive_first", [True, False])
def test_an_older_export_still_finds_its_pages(news, tmp_path, has_archive_first):
    export_home(news.home, tmp_path / "export")
    before = titles(news.home)
    merge_files(news.home, LATER)
    back = Home(tmp_path / "back")
    if has_archive_first:
        news.home.pages_dir.rename(back.pages_dir.parent.mkdir() or back.pages_dir)
        restore_home(back, tmp_path / "export")
    else:
        restore_home(back, tmp_path / "export")
        assert find_missing_pages(back).n_pages == 6
        news.home.pages_dir.rename(back.pages_dir)
    assert find_missing_pages(back).files == ()
    assert titles(back) == before


def test_old_values_come_back_with_their_pages(tmp_path):
    news = ArchivedNews(news_home(tmp_path), InlinePool())
    for i in range(2):
        news.store(day(2, first=2 * i), older=old_rules)
    before = titles(news.home)
    run_id, _ = apply_all(BatchContext(news.home, {s.name: s for s in SOURCES}, news.pool), Choice())
    merge_files(news.home, LATER)
    assert roll_back(news.home, run_id, "test").n_back == 4
    assert titles(news.home) == before


def test_merged_files_can_be_rebuilt_and_merged_again(news):
    before = titles(news.home)
    merge_files(news.home, LATER)
    news.store(day(1, first=9))
    merge_files(news.home, LATER)
    assert len(files(news.home)) == 1
    assert rebuild(news.home, Sources(SOURCES), pool=news.pool).n_articles == 7
    assert len(titles(news.home)) == len(before) + 1
    assert news.query("select count(*) from core.archive_move") == [(5,)]


def test_the_upkeep_merges(news):
    done = maintain_home(news.home, LATER, UpkeepOptions())
    assert (done.merged.n_before, done.merged.n_after) == (3, 1)

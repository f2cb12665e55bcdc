"""A damaged archive file: rebuild, replay and doctor name what is lost and keep the rest."""

import json

import pytest

from flows.cli import run
from tasks.archive.replay import read_unloaded
from tasks.archive.unchecked import find_unchecked_files
from tasks.archive.writer import ArchiveWriter
from tasks.extract import ExtractionPool
from tasks.sources import Sources
from tasks.upkeep.rebuild import rebuild
from tests.support.archived_pages import SOURCES, ArchivedNews, articles, news_home


@pytest.fixture
def news(tmp_path):
    with ExtractionPool(workers=1) as pool:
        yield ArchivedNews(news_home(tmp_path), pool)


def damage(news, number):
    """Overwrite bytes of one stored page; return its URL."""
    rows = news.query("select url, archive_file, archive_offset from core.fetch order by archive_offset")
    url, name, offset = rows[number]
    with (news.home.pages_dir / name).open("r+b") as file:
        file.seek(offset + 40)
        file.write(b"\0" * 8)
    return url


def test_a_rebuild_without_the_old_store_keeps_the_pages_behind_the_damage(news, capsys):
    news.store(articles(5))
    lost = damage(news, 1)
    config = news.home.root / "sources.toml"
    config.write_text("")
    code = run(["rebuild", "--without-old", "--json", "--home", str(news.home.root), "--config", str(config)])
    report = json.loads(capsys.readouterr().out)
    assert code == 1
    assert (report["n_pages"], report["n_articles"], report["n_damaged"]) == (4, 4, 1)
    [(url, reason)] = news.query("select url, reason from rejects where step = 'fetch'")
    assert url == lost
    assert "is damaged at bytes" in reason


def test_a_sound_rebuild_reports_no_damage(news):
    news.store(articles(2))
    assert rebuild(news.home, Sources(SOURCES), without_old=True, pool=news.pool).n_damaged == 0


def test_replay_returns_the_pages_behind_the_damage_and_a_reject(news):
    news.store(articles(1))
    with ArchiveWriter(news.home.pages_dir) as archive:
        pages = [news._write(archive, shot) for shot in articles(4, first=1)]
    with (news.home.pages_dir / pages[1].ref.file).open("r+b") as file:
        file.seek(pages[1].ref.offset)
        file.write(b"\0" * 8)
    [batch] = read_unloaded(news.home, find_unchecked_files(news.home))
    assert [page.request.url for page in batch.pages] == [
        page.request.url for number, page in enumerate(pages) if number != 1
    ]
    [reject] = batch.rejects
    assert (reject.url, reject.error_class) == (pages[1].request.url, "truncated")


def test_doctor_finds_damage_when_it_reads_every_page(news, capsys):
    news.store(articles(3))
    lost = damage(news, 1)
    assert run(["doctor", "--every-page", "--home", str(news.home.root)]) == 1
    out = capsys.readouterr().out
    assert "is damaged at bytes" in out
    assert lost in out

"""Re-extraction and rebuild on a Dask scheduler with two worker processes, one of which is killed."""

import os
import signal
import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from tasks.errors import WorkersUnavailable
from tasks.sources import Sources
from tasks.upkeep import rebuild, reextract
from tasks.upkeep.reextract import BatchContext, apply_all, compare_all
from tasks.upkeep.runner import open_runner
from tasks.workers.extraction_pool import ExtractionPool
from tests.support import archived_pages
from tests.support.archived_pages import START, ArchivedNews, articles, old_rules
from tests.support.cluster.dask_workers import running_dask
from warehouse.cluster.settings import Cluster, RunnerSettings
from warehouse.pages.stored_pages import Choice
from warehouse.store.connection import Home

N_PAGES = 24
ROWS = """
select url_key, title, published_at, authors, content_sha256, extractor
from core.article
order by all
"""
SOURCES = """
[[source]]
name = "herald"
title = "The Harbour Herald"
language = "en"
timezone = "Europe/London"
date_order = "dmy"
[[source.feed]]
url = "https://herald.example/feed"

[[source]]
name = "courier"
title = "The Dale Courier"
language = "en"
timezone = "Europe/London"
date_order = "dmy"
[[source.feed]]
url = "https://courier.example/feed"
"""


@pytest.fixture(scope="module")
def pool():
    with ExtractionPool(workers=1) as pool:
        yield pool


@pytest.fixture(scope="module")
def dask(tmp_path_factory):
    """Yield the scheduler's address and the two worker processes."""
    with running_dask(tmp_path_factory.mktemp("dask")) as running:
        yield running


def news_of(folder, pool, address):
    folder.mkdir()
    (folder / "sources.toml").write_text(SOURCES)
    (folder / "cluster.toml").write_text(f'[runner]\nkind = "dask"\naddress = "{address}"\n')
    cluster = Cluster(file=folder / "cluster.toml", runner=RunnerSettings(kind="dask", address=address))
    news = ArchivedNews(Home(folder / "home", cluster), pool)
    shots = [replace(shot, at=START + timedelta(minutes=n)) for n, shot in enumerate(articles(N_PAGES))]
    news.store(shots, old_rules)
    return news


def test_the_same_as_here_although_a_worker_is_killed(dask, pool, tmp_path, monkeypatch):
    monkeypatch.setattr(reextract, "ITEMS_PER_BATCH", 3)
    address, one, _ = dask
    here, there = (news_of(tmp_path / name, pool, address) for name in ("here", "there"))
    by_name = {source.name: source for source in here.sources}
    expected = compare_all(BatchContext(here.home, by_name, pool), Choice())
    assert expected.n_changed > 0
    apply_all(BatchContext(here.home, by_name, pool), Choice())

    context = BatchContext(there.home, {}, pool)  # the workers have their own sources
    with open_runner(there.home, tmp_path / "there" / "sources.toml") as runner:
        assert compare_all(context, Choice(), runner=runner) == expected
        killer = threading.Thread(target=kill_at_first_load, args=(there, one))
        killer.start()
        _, report = apply_all(context, Choice(), runner=runner)
        killer.join()
    assert one.wait(60) == -signal.SIGKILL
    assert report.n_items == N_PAGES
    assert there.query(ROWS) == here.query(ROWS)
    assert len(there.query(ROWS)) == N_PAGES


def kill_at_first_load(news, worker):
    ends_at = time.monotonic() + 300
    while time.monotonic() < ends_at:
        if news.query("select count(distinct run_id) from core.superseded")[0][0]:
            break
        time.sleep(0.02)
    os.kill(worker.pid, signal.SIGKILL)


class UnusedPool(ExtractionPool):
    def submit(self, jobs, work):
        pytest.fail("pages were extracted on this machine")


def test_a_rebuild_extracts_on_the_workers(dask, pool, tmp_path, monkeypatch):
    monkeypatch.setattr(rebuild, "PAGES_PER_BATCH", 3)
    here, there = (news_of(tmp_path / name, pool, dask[0]) for name in ("here", "there"))
    sources = Sources(archived_pages.SOURCES)
    old = here.query(ROWS)
    expected = rebuild.rebuild(here.home, sources, pool=pool)
    with open_runner(there.home, tmp_path / "there" / "sources.toml") as runner:
        done = rebuild.rebuild(there.home, sources, pool=UnusedPool(1), runner=runner)
    assert (done.n_pages, done.n_articles) == (expected.n_pages, expected.n_articles) == (N_PAGES, N_PAGES)
    assert there.query(ROWS) == here.query(ROWS) != old


def test_a_scheduler_that_does_not_answer_is_named(tmp_path, monkeypatch):
    cluster = Cluster(
        file=tmp_path / "cluster.toml", runner=RunnerSettings(kind="dask", address="tcp://127.0.0.1:1")
    )
    monkeypatch.setattr("tasks.upkeep.dask_runner._CONNECT_S", 1)
    home = Home(tmp_path, cluster)
    with pytest.raises(WorkersUnavailable, match="127.0.0.1:1.*runner.address"), open_runner(home, tmp_path):
        pytest.fail("there is no scheduler")

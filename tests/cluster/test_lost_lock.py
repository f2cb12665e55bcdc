"""Work other than loads loses its locks in each of its transactions: it ends with an error, nothing half.

Another machine loads a batch at that moment, as it may once the lock is free. The same work is then done
again until it gets through.
"""

import itertools
import os
import random
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from flows.cli import run
from tasks.alerts.send import report_changes
from tasks.domain.urls.key import url_key
from tasks.load import store_batch
from tests.support.cluster.lakes import admin_connection, batch
from tests.support.receivers import web_hook
from warehouse.alerts.saved_search import Channel, Each, Recipient, SavedSearch, SavedSearches, Trigger
from warehouse.errors import WarehouseError
from warehouse.inspection.doctor import Level, check_store
from warehouse.publish import publish_snapshot
from warehouse.store.connection import connect, open_store
from warehouse.store.lake import lake_store

N = 20  # articles
ALL = range(1, 100)
POINTS = ALL if os.environ.get("WIREHOUSE_KILL_POINTS") == "all" else (1, random.randint(2, 8))
URLS = "select url from articles order by url"


def end_lock_holders(home):
    with admin_connection(home.cluster) as admin:
        admin.execute(
            "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted"
        )


def news(first, n):
    """Return a batch whose titles have a word in common, under the keys that follow from its URLs."""
    made = batch(first, n)
    articles = [replace(a, title=f"Bridge {a.title}", url_key=url_key(a.url)) for a in made.articles]
    fetches = [replace(f, url_key=a.url_key) for f, a in zip(made.fetches, articles, strict=True)]
    return replace(made, articles=tuple(articles), fetches=tuple(fetches))


class Interference:
    """Takes all locks away in the transaction of a number, and loads a batch as another machine."""

    def __init__(self, home, monkeypatch):
        self.home = home
        self._step = lake_store._step_fence
        self._at = self._n = 0
        self._batches = itertools.count(1)
        self.n_loaded = 0
        monkeypatch.setattr(lake_store, "_step_fence", self._step_and_interfere)

    def at(self, number):
        self._at, self._n = number, 0

    @property
    def has_come(self):
        return self._n >= self._at

    def _step_and_interfere(self, con):
        self._step(con)
        self._n += 1
        if self._n == self._at:
            end_lock_holders(self.home)
            loaded = store_batch(self.home, news(1000 * next(self._batches), 5), owner="another machine")
            self.n_loaded += loaded.n_new


def until_it_gets_through(interference, work):
    """Do some work, disturbed in its first transaction, then in another one, then not; return the refusals.

    WIREHOUSE_KILL_POINTS=all disturbs each transaction in turn.
    """
    n_refused = 0
    for number in POINTS:
        interference.at(number)
        n_refused += not work()
        if not interference.has_come:
            break
    interference.at(0)
    assert work()
    return n_refused


def assert_sound(home, urls):
    with open_store(home, owner="a test") as con:
        findings = list(check_store(con, datetime.now(UTC)))
    assert [f.sentence for f in findings if f.level is Level.ERROR] == []
    with connect(home) as con:
        assert {url for (url,) in con.execute(URLS).fetchall()} >= urls
        assert con.execute("select count(*) - count(distinct url) from articles").fetchone() == (0,)


@pytest.fixture
def urls(lake):
    store_batch(lake, news(0, N), owner="a test")
    publish_snapshot(lake)
    with connect(lake) as con:
        return {url for (url,) in con.execute(URLS).fetchall()}


@pytest.fixture
def interference(lake, urls, monkeypatch):
    return Interference(lake, monkeypatch)


@pytest.fixture
def command(lake, capsys):
    """Return a function that runs a command and says whether it got through; else it must say why not."""

    def command(*arguments):
        capsys.readouterr()
        code = run([*arguments, "--home", str(lake.root), "--cluster", str(lake.cluster.file)])
        said = capsys.readouterr()
        if code:
            assert code == 3, said.err
            assert "Another process wrote the lake at the same time" in said.err or "lock" in said.err
            assert "Traceback" not in said.err
        return code == 0

    return command


def test_upkeep(lake, urls, interference, command):
    assert until_it_gets_through(interference, lambda: command("maintain")) >= 1, POINTS
    assert_sound(lake, urls)


def test_forgetting(lake, urls, interference, command):
    gone = min(urls)
    assert until_it_gets_through(interference, lambda: command("forget", gone, "--yes")) >= 1, POINTS
    assert_sound(lake, urls - {gone})
    with connect(lake) as con:
        assert con.execute("select count(*) from articles where url = ?", [gone]).fetchone() == (0,)


def test_alerts(lake, urls, interference):
    """Each article is reported, and none twice with another key."""
    found = SavedSearch("bridges", "bridge", on=(Trigger.NEW,), each=Each.ARTICLE,
                        recipients=(Recipient(Channel.WEBHOOK, "env:HOOK"),))  # fmt: skip
    with web_hook() as hook:

        def send():
            try:
                report_changes(lake, SavedSearches((found,)), {"HOOK": hook.url})
            except WarehouseError as error:
                assert "Another process wrote the lake" in str(error)
                return False
            return True

        assert send()  # notes how far the search has come
        n_refused = until_it_gets_through(interference, send)
        publish_snapshot(lake)
        assert send()
        reported = [url for _, url, _ in hook.kept()]
    assert n_refused >= 1
    assert len(reported) == len(set(reported)) == interference.n_loaded > 0
    assert_sound(lake, urls)


def test_what_another_machine_loads_before_the_alerts_is_reported_once_it_can_be_searched(lake, urls):
    """Alerts look at an article by the search index, which is made by the next publication."""
    found = SavedSearch("bridges", "bridge", on=(Trigger.NEW,), each=Each.ARTICLE,
                        recipients=(Recipient(Channel.WEBHOOK, "env:HOOK"),))  # fmt: skip
    with web_hook() as hook:
        for first in (None, 500):
            if first is not None:
                store_batch(lake, news(first, 5), owner="another machine")
            report_changes(lake, SavedSearches((found,)), {"HOOK": hook.url})
        assert hook.kept() == []
        publish_snapshot(lake)
        report_changes(lake, SavedSearches((found,)), {"HOOK": hook.url})
        assert len(hook.kept()) == 5

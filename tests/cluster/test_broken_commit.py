"""The connection with the catalogue breaks after PostgreSQL has committed, before its answer arrives."""

from datetime import UTC, datetime

import pytest

from tasks.load import store_batch
from tests.support.cluster.cutting_proxy import CuttingProxy
from tests.support.cluster.lakes import batch, make_lake, write_cluster
from warehouse.cluster.settings import read_cluster
from warehouse.errors import LakeUnreachable
from warehouse.inspection.doctor import Level, check_store
from warehouse.store.connection import connect, open_store
from warehouse.store.home import Home
from warehouse.store.lake import commit
from warehouse.store.lake.engine import DATABASE

COUNTS = (
    "select count(*), count(distinct article_id), (select count(body) from core.article_text) from articles"
)


@pytest.fixture
def proxy(postgres):
    with CuttingProxy(postgres.port) as running:
        yield running


def behind(proxy, home, folder):
    """Return the home of another machine that uses the same lake through the proxy."""
    folder.mkdir()
    store = home.cluster.store
    catalog = " ".join(
        f"port={proxy.port}" if word.startswith("port=") else word for word in store.catalog.split()
    )
    more = f'[s3]\nendpoint = "{home.cluster.s3.endpoint}"\n' if home.cluster.s3.endpoint else ""
    return Home(folder / "data", read_cluster(write_cluster(folder, catalog, home.cluster.data_url, more)))


@pytest.fixture(params=["a folder", "objects"])
def homes(request, proxy, tmp_path):
    """Return the home of a machine with a sound connection, and one behind the proxy."""
    if request.param == "a folder":
        home = request.getfixturevalue("lake")
    else:
        endpoint = request.getfixturevalue("object_store").endpoint
        data = f"s3://{request.getfixturevalue('bucket')}/lake/"
        more = f'[s3]\nendpoint = "{endpoint}"\n'
        home = make_lake(tmp_path, request.getfixturevalue("database"), data, more)
    return home, behind(proxy, home, tmp_path / "behind")


def cut_next_commit(proxy):
    """Cut the connection at the commit of a transaction that writes the catalogue."""
    proxy.cut_at(b"COMMIT\0", after=b"INSERT INTO")


def assert_sound(home, n):
    with connect(home) as con:
        assert con.execute(COUNTS).fetchone() == (n, n, n)
    with open_store(home, owner="a test") as con:
        findings = list(check_store(con, datetime.now(UTC)))
    assert [f.sentence for f in findings if f.level is Level.ERROR] == []


def test_a_load_whose_answer_was_lost_is_stored_once_and_counted(homes, proxy, caplog):
    home, cut = homes
    store_batch(cut, batch(0, 40), owner="a test")
    cut_next_commit(proxy)
    stored = store_batch(cut, batch(40, 40), owner="a test")
    assert proxy.n_cut == 1
    assert (stored.n_new, stored.n_unchanged) == (40, 0)
    assert "broke at a commit, which was stored" in caplog.text
    assert_sound(home, 80)
    assert store_batch(cut, batch(40, 40), owner="a test").n_unchanged == 40
    assert store_batch(cut, batch(80, 40), owner="a test").n_new == 40
    assert_sound(home, 120)


def test_a_merge_whose_answer_was_lost_keeps_every_row(lake, proxy, tmp_path):
    cut = behind(proxy, lake, tmp_path / "behind")
    for first in (0, 20, 40):
        store_batch(cut, batch(first, 20), owner="a test")
    for function, argument in (
        ("merge_adjacent_files", ""),
        ("rewrite_data_files", ", delete_threshold => 0.0"),
    ):
        with pytest.raises(LakeUnreachable), open_store(cut, owner="upkeep") as con:
            con.execute("delete from core.fetch where url_key = (select min(url_key) from core.fetch)")
            cut_next_commit(proxy)
            con.execute(f"call ducklake_{function}('{DATABASE}'{argument})")
        assert_sound(lake, 60)
    assert proxy.n_cut == 2


def test_a_commit_that_was_refused_leaves_nothing_and_can_be_repeated(lake, proxy, tmp_path):
    """The connection is cut before the commit."""
    cut = behind(proxy, lake, tmp_path / "behind")
    proxy.cut_at(b"INSERT INTO", after=b"INSERT INTO")
    with pytest.raises(LakeUnreachable):
        store_batch(cut, batch(0, 40), owner="a test")
    assert proxy.n_cut == 1
    assert_sound(lake, 0)
    assert store_batch(cut, batch(0, 40), owner="a test").n_new == 40
    assert_sound(lake, 40)


def test_an_outcome_that_cannot_be_found_out_is_said(lake, proxy, tmp_path, monkeypatch):
    monkeypatch.setattr(commit, "AWAY_S", 0.0)
    cut = behind(proxy, lake, tmp_path / "behind")
    proxy.closes_after_cut = True
    cut_next_commit(proxy)
    with pytest.raises(LakeUnreachable, match="Whether the last transaction was stored is not known"):
        store_batch(cut, batch(0, 40), owner="a test")
    assert_sound(lake, 40)
    assert store_batch(lake, batch(0, 40), owner="a test").n_unchanged == 40

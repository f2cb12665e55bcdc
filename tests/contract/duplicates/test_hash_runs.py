"""Sorted runs beside a store: the same candidates as from the table, whatever happened to either."""

import logging
import random
import shutil
from contextlib import suppress
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from uuid import UUID

import duckdb
import numpy as np
import pytest

from tasks.deduplicate import unlink_articles
from tasks.domain.urls.key import article_id, url_key
from tests.support.stories import FIRST_DAY, article, cut, dump, load, new_store, relations, story
from warehouse.fingerprints import Hashed, delete_fingerprints, load_fingerprints
from warehouse.hash_runs import build, chain, cover, merge, pairs, run_file
from warehouse.hash_runs.pairs import HashedBatch, find_shared
from warehouse.hash_runs.run_file import UNDATED, pack_ids
from warehouse.records.article import Article
from warehouse.rewrite.compact import compact_store
from warehouse.store.connection import Home, open_store, transaction

WINDOW, RATIO = 3, 0.3
LOADS = [
    [article("base", story(1), day=0), article("moved", story(5), day=0), article("b", story(5), day=1)],
    [article("copy", story(1), day=2), article("undated", story(6), day=None), article("new", story(2))],
    [article("late", story(1), day=9), article("new", story(3), fetched=5), article("c", story(3))],
    [article("moved", story(5), day=8, fetched=3), article("undated-copy", story(6), day=4),
     article("bridge", story(1), day=6), article("cut", cut(story(1), 7), day=5)],
]  # fmt: skip


@pytest.fixture(autouse=True)
def small_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any store has runs; they are full, merged and read in parts with few articles."""
    monkeypatch.setattr(cover, "LEAST_ROWS", 1)
    monkeypatch.setattr(chain, "MOST_ARTICLES", 12)
    monkeypatch.setattr(build, "MOST_ARTICLES", 12)
    monkeypatch.setattr(build, "_SPAN_ROWS", 40)
    monkeypatch.setattr(merge, "_KEYS_AT_ONCE", 30)
    monkeypatch.setattr(pairs, "_MATCHES_AT_ONCE", 7)
    monkeypatch.setattr(run_file, "_BLOCK_KEYS", 5)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Return a home with an empty store: migrating one takes longer than most tests."""
    home = Home(tmp_path_factory.mktemp("empty"))
    with open_store(home, owner="test"):
        return home


@pytest.fixture
def home(tmp_path: Path, empty: Home) -> Home:
    return _copy(empty, tmp_path)


def _copy(home: Home, folder: Path) -> Home:
    copied = Home(folder)
    copied.state_dir.mkdir(parents=True)
    shutil.copyfile(home.state_file, copied.state_file)
    return copied


@cache
def _expected(*places: int) -> tuple[list[tuple[object, ...]], ...]:
    """Return links, stories and fingerprints after some of LOADS, in a store without runs."""
    con = new_store()
    for place in places:
        load(con, LOADS[place])
    return dump(con)


def _load(home: Home, *loads: list[Article]) -> None:
    with open_store(home, owner="test") as con:
        for articles in loads:
            load(con, articles)


def _dump(home: Home) -> tuple[list[tuple[object, ...]], ...]:
    with open_store(home, owner="test") as con:
        return dump(con)


def _run_names(home: Home) -> list[str]:
    return sorted(file.name for file in home.hashes_dir.glob("*.run"))


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 1, 2, 0)])
def test_links_are_those_of_a_store_without_runs(home: Home, order: tuple[int, ...]) -> None:
    _load(home, *(LOADS[place] for place in order))
    assert _dump(home) == _expected(*order)
    assert _run_names(home)


class Model:
    """What the runs must answer, from a plain dictionary."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.stored: dict[str, Hashed] = {}

    def new_batch(self) -> list[Hashed]:
        ids = self.rng.sample([str(UUID(int=n << 64 | n << 8)) for n in range(60)], self.rng.randint(1, 6))
        return [self._hashed(article_id) for article_id in ids]

    def _hashed(self, article_id: str) -> Hashed:
        day = None if self.rng.random() < 0.2 else FIRST_DAY + timedelta(days=self.rng.randrange(12))
        values = sorted(self.rng.sample(range(0, 2**40, 2**34), self.rng.randint(1, 8)))
        return Hashed(article_id, FIRST_DAY, day, np.array(values, dtype=np.uint64))

    def pairs(self, batch: list[Hashed]) -> set[tuple[int, str]]:
        return {
            (place, other.article_id)
            for place, one in enumerate(batch)
            for other in self.stored.values()
            if _are_candidates(one, other)
        }


def _are_candidates(one: Hashed, other: Hashed) -> bool:
    n_shared = len(set(one.hashes.tolist()) & set(other.hashes.tolist()))
    if one.published_on is None or other.published_on is None:
        return n_shared > 0
    is_near = abs((one.published_on - other.published_on).days) <= WINDOW
    return is_near and n_shared > 0 and n_shared >= RATIO * min(len(one.hashes), len(other.hashes))


def _found(con: duckdb.DuckDBPyConnection, batch: list[Hashed]) -> set[tuple[int, str]]:
    sizes = [len(hashed.hashes) for hashed in batch]
    wanted = HashedBatch(
        pack_ids(hashed.article_id for hashed in batch),
        np.array([_day(hashed.published_on) for hashed in batch], dtype=np.int32),
        np.array(sizes, dtype=np.int32),
        np.repeat(np.arange(len(batch)), sizes),
        np.concatenate([hashed.hashes for hashed in batch]),
    )
    shared = find_shared(cover.open_index(con), wanted, window_days=WINDOW, least_ratio=RATIO)
    found = [(at, shared.others[place]) for at, place in zip(shared.at, shared.other_at, strict=True)]
    assert len(found) == len(set(found))
    return {(int(at), other) for at, other in found}


def _day(day: date | None) -> int:
    return UNDATED if day is None else day.toordinal() - date(1970, 1, 1).toordinal()


@pytest.mark.parametrize("seed", range(2))
def test_pairs_after_any_changes(home: Home, seed: int) -> None:
    model = Model(seed)
    with open_store(home, owner="test") as con:
        for _ in range(30):
            with transaction(con):
                _change(con, model)
            looked_up = model.new_batch()
            assert _found(con, looked_up) == model.pairs(looked_up)


def _change(con: duckdb.DuckDBPyConnection, model: Model) -> None:
    if model.stored and model.rng.random() < 0.25:
        removed = model.rng.sample(sorted(model.stored), min(3, len(model.stored)))
        delete_fingerprints(con, removed)
        model.stored = {key: hashed for key, hashed in model.stored.items() if key not in removed}
        return
    batch = model.new_batch()
    replaced = {h.article_id: FIRST_DAY for h in batch if h.article_id in model.stored}
    load_fingerprints(con, batch, replaced)
    model.stored |= {hashed.article_id: hashed for hashed in batch}


def test_many_loads_leave_few_runs(home: Home) -> None:
    model = Model(1)
    with open_store(home, owner="test") as con:
        for n in range(40):
            with transaction(con):
                hashes = np.arange(n, n + 3, dtype=np.uint64)
                load_fingerprints(con, [Hashed(str(UUID(int=n)), FIRST_DAY, FIRST_DAY, hashes)], {})
                cover.open_index(con)
        assert _found(con, model.new_batch()) == set()
    assert 40 / 12 <= len(_listed(home)) <= 10


def test_an_article_that_was_removed_is_no_candidate(home: Home) -> None:
    _load(home, [article("a", story(1))])
    removed = article_id(url_key("https://daily.example.org/a"))
    with open_store(home, owner="test") as con, transaction(con):
        unlink_articles(con, [removed])
        con.execute("delete from core.article where article_id = ?", [removed])
    _load(home, [article("b", story(1), day=1)])
    with open_store(home, owner="test") as con:
        assert relations(con) == set()


def test_what_was_rolled_back_does_not_count(home: Home) -> None:
    _load(home, *LOADS[:2])
    before = _run_names(home)
    with open_store(home, owner="test") as con, suppress(RuntimeError), transaction(con):
        for hashed in Model(3).new_batch():
            load_fingerprints(con, [hashed], {})
        raise RuntimeError
    assert _run_names(home) != before
    _load(home, *LOADS[2:])
    assert _dump(home) == _expected(0, 1, 2, 3)


def test_a_list_that_was_not_replaced_in_time_leaves_the_old_runs(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    _load(home, *LOADS[:2])
    before = _run_names(home)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(cover, "write_chain", killed)
        with pytest.raises(KeyboardInterrupt):
            _load(home, LOADS[2])
    assert len(_run_names(home)) == len(before) + 1
    (home.hashes_dir / "runs.json.tmp").write_text("[")
    monkeypatch.setattr(cover, "build_chain", None)
    _load(home, *LOADS[2:])
    assert _dump(home) == _expected(0, 1, 2, 3)
    assert set(_run_names(home)) == _listed(home)
    assert not (home.hashes_dir / "runs.json.tmp").exists()


def _listed(home: Home) -> set[str]:
    return {entry.name for entry in chain._read_list(home.hashes_dir)}


def _truncate(folder: Path) -> None:
    for file in folder.glob("*.run"):
        file.write_bytes(file.read_bytes()[:-8])


def _garble(folder: Path) -> None:
    (folder / "runs.json").write_bytes(b"\x00\xff{")


def _other_format(folder: Path) -> None:
    file = folder / "runs.json"
    file.write_text(file.read_text().replace('"format": 1', '"format": 0'))


def _no_runs(folder: Path) -> None:
    for file in folder.glob("*.run"):
        file.unlink()


@pytest.mark.parametrize("damage", [_truncate, _garble, _other_format, _no_runs, shutil.rmtree])
def test_damaged_runs_are_built_again(home: Home, damage: object) -> None:
    _load(home, *LOADS[:2])
    assert callable(damage)
    damage(home.hashes_dir)
    _load(home, *LOADS[2:])
    assert _dump(home) == _expected(0, 1, 2, 3)
    assert set(_run_names(home)) == _listed(home)


def test_a_store_that_was_put_back_is_not_searched_by_later_runs(home: Home, tmp_path: Path) -> None:
    _load(home, LOADS[0])
    kept = tmp_path / "kept"
    shutil.copyfile(home.state_file, kept)
    _load(home, LOADS[1])
    kept.replace(home.state_file)
    _load(home, *LOADS[2:])
    assert _dump(home) == _expected(0, 2, 3)


def test_rows_that_another_program_deleted_are_noticed(home: Home) -> None:
    _load(home, *LOADS[:2])
    before = _run_names(home)
    with open_store(home, owner="test") as con:
        con.execute("delete from core.fingerprint where hash = (select min(hash) from core.fingerprint)")
        with transaction(con):
            cover.open_index(con)
    assert not set(before) & set(_run_names(home))


def test_compaction_removes_the_runs(home: Home) -> None:
    _load(home, *LOADS[:2])
    compact_store(home)
    assert not home.hashes_dir.exists()
    _load(home, *LOADS[2:])
    assert _dump(home) == _expected(0, 1, 2, 3)


def test_a_folder_that_cannot_be_written_costs_only_time(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    home.hashes_dir.write_text("not a folder")
    with caplog.at_level(logging.WARNING, "wirehouse.store"):
        _load(home, *LOADS)
    assert _dump(home) == _expected(0, 1, 2, 3)
    assert "cannot be used" in caplog.text


def test_a_small_store_has_no_runs(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cover, "LEAST_ROWS", 10_000)
    _load(home, *LOADS)
    assert not home.hashes_dir.exists()


def test_a_store_in_memory_has_no_runs() -> None:
    con = new_store()
    load(con, LOADS[0])
    assert cover.open_index(con) == []

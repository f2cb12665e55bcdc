"""Old data that nothing refers to is removed; articles, the ledger and known keys are unchanged."""

import json
import os
import shutil
from dataclasses import replace
from datetime import timedelta

import pytest

import tasks.upkeep.prune
from flows.cli import run
from tasks.errors import UsageError
from tasks.upkeep.maintain import UpkeepOptions, export, maintain_home
from tasks.upkeep.prune import find_old_exports, prune
from tests.support.warehouse_rows import (
    FEED,
    NOW,
    a_home,
    article,
    ask,
    entry,
    fetch,
    key,
    load,
    poll,
    polled,
    reject,
    url,
)
from warehouse.errors import WarehouseLocked
from warehouse.export.backup import export_home, restore_home
from warehouse.export.export import table_hash
from warehouse.feeds import find_known_keys
from warehouse.pages.pages import find_pending
from warehouse.pages.past import find_done_keys, find_unstored_pages
from warehouse.publish import publish_snapshot
from warehouse.records.outcome import Reject, Step
from warehouse.records.page import ArchiveRef
from warehouse.store.backend import store_of
from warehouse.store.connection import Home, connect, open_store

DAY = timedelta(days=1)
LATER = NOW + 400 * DAY
VIEWS = (
    "articles",
    "texts",
    "copies",
    "stories",
    "revisions",
    "edits",
    "origins",
    "rejects",
    "source_daily",
    "feed_health",
)
KEPT = ("article", "article_text", "revision", "field_origin", "article_link", "entry", "duplicate_link",
        "story_member", "story_alias", "url_alias", "source", "feed", "feed_state", "load",
        "archive_file")  # fmt: skip


@pytest.fixture
def home(made, tmp_path):
    home = a_home(tmp_path)
    shutil.copytree(made.root, home.root)
    return home


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A year of data: failures that succeeded later, copies, an unchanged page, a dead link."""
    home = a_home(tmp_path_factory.mktemp("made"))
    lost = Reject(
        "alpha",
        Step.POLL,
        "bad_url",
        "It leads nowhere.",
        url="https://news.example/%%",
        feed_url=FEED,
        at=NOW,
    )
    poll(home, replace(polled(entry(1), entry(2), entry(3), entry(4)), lost=(lost,)))
    poll(home, polled(at=NOW + DAY, outcome="timeout"))
    poll(home, polled(entry(1), at=NOW + 2 * DAY))
    load(
        home, rejects=(reject(1), reject(3), reject(4)), fetches=(fetch(1, outcome="timeout", at=NOW - DAY),)
    )
    text = "The council met on Monday and agreed on what it had put off for a year, " * 9
    load(home, article(1, body=text), article(2, body=text), fetches=(page(1, NOW), page(2, NOW)))
    load(home, fetches=tuple(not_modified(1, NOW + n * DAY) for n in range(1, 5)))
    load(home, article(1, body=text + "Changed.", at=NOW + 9 * DAY), fetches=(page(1, NOW + 9 * DAY),))
    load(home, article(3, at=NOW + 10 * DAY), fetches=(fetch(3, at=NOW + 10 * DAY),))
    poll(home, polled(entry(5), at=LATER - DAY))
    load(home, article(5, at=LATER - DAY), fetches=(fetch(5, at=LATER - DAY),))
    ask(home, "insert into core.superseded select 'old run', l, uuid(), ?::timestamptz, 'replaced', "
        "['title'],"
        " 's', 'u', 't', null, null, 'b', 'e', null, '{}' from range(3) as r(l)", NOW)  # fmt: skip
    ask(home, "insert into core.superseded select 'new run', l, uuid(), ?::timestamptz, 'replaced', "
        "['title'],"
        " 's', 'u', 't', null, null, 'b', 'e', null, '{}' from (values (?::timestamptz), (?)) as r(l)",
        NOW, NOW, LATER)  # fmt: skip
    ask(home, "update core.superseded set superseded_at = load_id::timestamptz where run_id = 'new run'")
    publish_snapshot(home)
    return home


def page(n, at):
    """Return a request whose page is in the archive."""
    ref = ArchiveRef("2026/11/a.warc.gz", 1_000 * n + at.day, 500)
    return replace(fetch(n, at=at), ref=ref, body_sha256=f"body {n}", etag='"1"')


def not_modified(n, at):
    return replace(
        fetch(n, at=at, outcome="not_modified", status=304), body_sha256=f"body {n}", etag=f'"{at.day}"'
    )


def hashes(home):
    """Return rows and hash of every view and table that a prune must not change."""
    with open_store(home, owner="test") as con:
        found = {}
        for relation in (*VIEWS, *(f"core.{table}" for table in KEPT)):
            described = con.execute(f"select * from {relation} limit 0").description
            found[relation] = table_hash(con, relation, [column[0] for column in described])
        return found


def asked_for(home, at=LATER):
    with open_store(home, owner="test") as con:
        pending = find_pending(con, source_names=["alpha"], now=at, limit_per_source=100)
        keys = [key(n) for n in range(9)]
        return (
            pending,
            find_known_keys(con, keys),
            find_done_keys(con, keys, at),
            find_unstored_pages(con, "alpha"),
        )


def test_what_goes_and_what_stays(home):
    before, asked = hashes(home), asked_for(home)
    told = prune(home, LATER, 100)
    done = prune(home, LATER, 100, apply=True)
    # three polls, a failure, four 304 responses before the page changed, a request without a page
    assert done.rows == told.rows == {"fetch": 9, "reject": 3, "superseded": 3}
    assert hashes(home) == before
    assert asked_for(home) == asked
    left = ask(
        home, "select url_key, outcome from core.fetch where started_at < ? order by all", LATER - 100 * DAY
    )
    assert left == [(key(1), "ok"), (key(1), "ok"), (key(2), "ok")]
    assert ask(home, "select item, resolved_at is null from core.reject order by 1") == [
        ("https://news.example/%%", True),
        (key(4), True),
    ]


def test_the_validators_of_a_page_stay(home):
    """The latest 304 response of a page holds the validators of the next request."""
    load(home, fetches=(not_modified(2, NOW + 20 * DAY),))
    prune(home, LATER, 100, apply=True)
    poll(home, polled(entry(2, title="Another title"), at=LATER))
    (pending,) = [p for p in asked_for(home, LATER + DAY)[0] if p.url == url(2)]
    assert pending.known.etag == '"21"'


def test_a_report_removes_nothing(home):
    before = ask(home, "select count(*) from core.fetch")
    told = prune(home, LATER, 100)
    assert not told.is_applied
    assert ask(home, "select count(*) from core.fetch") == before
    assert ask(home, "select count(*) from core.run where flow = 'prune'") == [(0,)]


def test_what_went_is_recorded_and_a_second_prune_finds_nothing(home):
    done = prune(home, LATER, 100, apply=True)
    ((parameters, removed, status),) = ask(
        home, "select parameters, removed, status from core.run where flow = 'prune'"
    )
    assert json.loads(parameters) == {"older_than_days": 100}
    assert json.loads(removed)["rows"] == done.rows
    assert status == "completed"
    with connect(home) as con:
        assert con.execute("select removed is not null from runs where flow = 'prune'").fetchall() == [
            (True,)
        ]
    again = prune(home, LATER, 100, apply=True)
    assert (again.n_rows, again.files, again.run_id) == (0, {}, None)
    assert ask(home, "select count(*) from core.run where flow = 'prune'") == [(1,)]


def test_killed_half_way_the_store_is_whole(home, monkeypatch):
    before = ask(home, "select count(*) from core.fetch")

    def fails(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(tasks.upkeep.prune, "record_prune", fails)
        with pytest.raises(KeyboardInterrupt):
            prune(home, LATER, 100, apply=True)
    assert ask(home, "select count(*) from core.fetch") == before
    assert prune(home, LATER, 100, apply=True).n_rows == 15


def test_nothing_that_a_run_looks_back_to(home):
    with pytest.raises(UsageError, match="minimum 31"):
        prune(home, LATER, 30, apply=True)
    with pytest.raises(UsageError, match="minimum 31"):
        maintain_home(home, LATER, UpkeepOptions(prune_after_days=7))


def test_other_work_is_not_crossed(home):
    with (
        store_of(home).exclusive("a rebuild"),
        pytest.raises(WarehouseLocked, match="rebuild is in progress"),
    ):
        prune(home, LATER, 100)


def age(path, at):
    os.utime(path, (at.timestamp(), at.timestamp()))


def test_copies_that_are_old_go(home):
    old, young = (
        home.state_dir / "warehouse.schema-0003.duckdb",
        home.state_dir / "warehouse.schema-0020.duckdb",
    )
    left = home.root / ".news.17.tmp"
    for path in (old, young, left):
        path.write_bytes(b"x" * 100)
        age(path, LATER if path is young else NOW)
    told = prune(home, LATER, 100)
    assert told.files == {str(old): 100, str(left): 100}
    assert old.exists()
    done = prune(home, LATER, 100, apply=True)
    assert [path.exists() for path in (old, young, left)] == [False, True, False]
    assert done.files == told.files
    assert home.state_file.exists() and home.snapshot_file.exists()


def test_killed_before_the_files_the_next_prune_takes_them(home, monkeypatch):
    old = home.state_dir / "warehouse.schema-0003.duckdb"
    old.write_bytes(b"x")
    age(old, NOW)

    def fails(path):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(tasks.upkeep.prune, "remove", fails)
        with pytest.raises(KeyboardInterrupt):
            prune(home, LATER, 100, apply=True)
    assert old.exists()
    done = prune(home, LATER, 100, apply=True)
    assert (done.n_rows, list(done.files)) == (0, [str(old)])
    assert not old.exists()


def exports_of(home, place, days, whole_every):
    for day in days:
        at = NOW + day * DAY
        load(home, article(100 + day, at=at, published=None))
        folder = export(home, place, at, whole_every)
        file = place / folder / "manifest.json"
        data = json.loads(file.read_text())
        file.write_text(json.dumps({**data, "exported_at": at.isoformat()}))
    return sorted(path.name for path in place.iterdir())


def test_old_exports_go_but_none_that_another_rests_on(home, tmp_path):
    place = tmp_path / "exports"
    names = exports_of(home, place, (1, 2, 3, 4, 5, 6, 7), 3)
    (place / "by hand").mkdir()
    for n, (last, gone) in enumerate(((7.5, 6), (6.5, 6), (5.5, 3), (3.5, 3), (2.5, 0))):
        old = find_old_exports(place, NOW + last * DAY)
        assert [path.name for path in old] == names[:gone], n
    prune(home, NOW + 105 * DAY, 100, exports=place, apply=True)
    assert sorted(path.name for path in place.iterdir()) == [*names[3:], "by hand"]
    restore_home(Home(tmp_path / "back"), place)
    assert ask(Home(tmp_path / "back"), "select count(*) from core.article") == ask(
        home, "select count(*) from core.article"
    )


def test_the_upkeep_exports_changes_between_whole_ones(home, tmp_path):
    place = tmp_path / "exports"
    names = exports_of(home, place, (1, 2, 3, 4), 3)
    whole = [json.loads((place / name / "manifest.json").read_text())["since_load"] is None for name in names]
    assert whole == [True, False, False, True]


def test_after_a_prune_exports_follow_and_doctor_is_content(home, tmp_path):
    ask(home, "update core.article set archive_file = null; update core.revision set archive_file = null;"
        "update core.fetch set archive_file = null")  # fmt: skip
    export_home(home, tmp_path / "whole")
    prune(home, LATER, 100, apply=True)
    changes = export_home(home, tmp_path / "changes", since=tmp_path / "whole")
    back = Home(tmp_path / "back")
    restore_home(back, tmp_path / "whole", tmp_path / "changes")
    assert export_home(back, tmp_path / "again").export_id == changes.export_id
    assert run(["doctor", "--home", str(home.root)]) == 0


def test_the_commands(home, tmp_path, capsys):
    at = ["--home", str(home.root)]
    assert run(["prune", *at, "--older-than", "7"]) == 2
    assert run(["prune", *at]) == 2
    capsys.readouterr()
    assert run(["prune", *at, "--older-than", "100", "--exports", str(tmp_path)]) == 0
    said = capsys.readouterr()
    assert "would be removed" in said.out or "0 requests" in said.out
    assert run(["prune", *at, "--older-than", "100", "--apply", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["is_applied"] is True
    assert run(["maintain", *at, "--prune-after-days", "60", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["pruned"]["is_applied"] is True
    assert run(["maintain", *at, "--prune-after-days", "6"]) == 2

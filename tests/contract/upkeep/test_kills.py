"""Whole-store operations, killed at each change of the disk: all or nothing; the same command resumes.

In each run the process is killed at a few random points. `make test-kills` (WIREHOUSE_KILL_POINTS=all) tries
what a kill leaves at every point: copies of the home that are taken during one run.
"""

import hashlib
import os
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest

from tasks.archive.reader import read_page
from tasks.recurring import learn_lines
from tasks.sources import Sources
from tasks.upkeep.doctor import examine_home
from tasks.upkeep.forget import forget
from tasks.upkeep.maintain import UpkeepOptions, maintain_home
from tasks.upkeep.prune import prune
from tasks.upkeep.rebuild import rebuild
from tasks.upkeep.reextract import BatchContext, apply_and_publish
from tasks.upkeep.rename import rename
from tests.support.archived_pages import (
    SOURCES,
    START,
    ArchivedNews,
    Shot,
    articles,
    html,
    old_rules,
    paragraphs,
)
from tests.support.kill_points import InlinePool, copy_states, find_points, run_in_child, run_killed
from warehouse.errors import ExportUnusable
from warehouse.export.backup import export_home, restore_home
from warehouse.inspection.doctor import Level, find_archive_refs
from warehouse.pages.stored_pages import Choice
from warehouse.publish import publish_snapshot
from warehouse.rewrite.compact import want_compaction
from warehouse.store import migrate
from warehouse.store.connection import Home, connect, open_store

SAMPLE = os.environ.get("WIREHOUSE_KILL_POINTS", "2")
LATER = START + timedelta(days=200)
BY_NAME = {source.name: source for source in SOURCES}


@dataclass(frozen=True, slots=True)
class Work:
    """One command, and what must hold after it was killed."""

    run: Callable[[Home], object]
    is_atomic: bool = True  # the store is as before or as after; else each batch by itself
    prepare: Callable[[Home], object] = lambda home: None
    enter: Callable[[], object] = lambda: None  # at the start of each process after the preparation


def _fill(home: Home) -> None:
    """Store articles of older rules, with a copy, a revision, a refused page and recurring lines."""
    news = ArchivedNews(home, InlinePool())
    tail = ("Read more on our website and subscribe to the letter.",)
    news.store(articles(6, tail=tail), older=old_rules)
    again = articles(1, tail=tail)[0]
    page = html("Harbour again", [*paragraphs(0), "One more line was added later."], again.at)
    news.store([Shot(again.url, page, again.at + timedelta(days=1))])
    news.store(articles(2, source="courier", first=8))
    news.store([Shot("https://herald.example/2026/03/empty", b"<html><body></body></html>", START)])
    with open_store(home, owner="test") as con:
        con.execute(
            "insert into core.fetch (load_id, run_id, source, url, started_at, duration_ms, outcome, n_bytes)"
            " select 'x', 'x', 'herald', 'https://herald.example/feed', ?, 1, 'not_modified', 0",
            [START],
        )
    learn_lines(home, LATER)
    publish_snapshot(home)


def _know_next_migration() -> None:
    """Be a later version of wirehouse, with one more migration."""
    folder = Path(tempfile.mkdtemp())
    file = folder / "9000_next.sql"
    file.write_text(
        "create table core.next (n integer not null); insert into core.next values (1);"
        "alter table core.source add column note text;"
    )
    known = migrate.find_migrations()
    migrate.find_migrations = lambda: {**known, 9000: file}


def _migrate(home: Home) -> None:
    with open_store(home, owner="test"):
        pass
    publish_snapshot(home)


def _restore(home: Home) -> None:
    """Restore the export beside the home, unless the killed command had finished."""
    try:
        restore_home(home, home.root.parent / "export")
    except ExportUnusable:
        publish_snapshot(home)


def _export_and_empty(home: Home) -> None:
    export_home(home, home.root.parent / "export")
    shutil.rmtree(home.state_dir)
    home.snapshot_file.unlink()


def _maintain(home: Home) -> None:
    maintain_home(home, LATER, UpkeepOptions(export_to=home.root.parent / "exports", prune_after_days=31))


def _wish_compaction(home: Home) -> None:
    with open_store(home, owner="test") as con:
        want_compaction(con)


def _rename(home: Home) -> None:
    with open_store(home, owner="test") as con:
        is_done = not con.execute("select 1 from core.source where name = 'courier'").fetchall()
    if not is_done:
        rename(home, "courier", "post")
    publish_snapshot(home)


def _rebuild(home: Home) -> None:
    rebuild(home, Sources(SOURCES), pool=InlinePool())


def _reextract(home: Home) -> None:
    apply_and_publish(BatchContext(home, BY_NAME, InlinePool()), Choice())


def _forget(home: Home) -> None:
    forget(home, articles(2)[1].url)


WORKS = {
    "rebuild": Work(_rebuild),
    "restore": Work(_restore, prepare=_export_and_empty),
    "maintain": Work(_maintain, is_atomic=False, prepare=_wish_compaction),
    "prune": Work(lambda home: prune(home, LATER, 31, apply=True)),
    "reextract": Work(_reextract, is_atomic=False),
    "rename": Work(_rename),
    "migration": Work(_migrate, enter=_know_next_migration),
    "forget": Work(_forget),
}


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A home that is copied for each kill; filled in a child, so that this process can fork."""
    import_module("tasks.workers.extract_warm")  # extracts a page, so that no child pays for the first
    folder = tmp_path_factory.mktemp("kills")
    run_in_child(lambda: _fill(Home(folder / "home")))
    return folder


@pytest.mark.parametrize("name", WORKS)
def test_a_killed_command_is_finished_by_the_same_command(name, template, tmp_path):
    work = WORKS[name]
    start = tmp_path / "start"
    shutil.copytree(template, start)
    run_in_child(lambda: work.prepare(Home(start / "home")))
    before = run_in_child(lambda: state(Home(start / "home")))

    def entered(act):
        return lambda: (work.enter(), act(Home(tmp_path / "work" / "home")))[1]

    def repeat(home):
        work.run(home)
        return {"state": state(home), "faults": faults(home)}

    folder = _copy(start, tmp_path / "work")
    is_whole = SAMPLE == "all"
    points = (
        copy_states(entered(work.run), folder, tmp_path / "killed")
        if is_whole
        else find_points(entered(work.run))
    )
    after = run_in_child(entered(state))
    assert points, "the command changes nothing"
    assert run_in_child(entered(faults)) == []

    killed = _copied(tmp_path, len(points)) if is_whole else _killed(entered(work.run), start, folder, points)
    n_states = 0
    for number in killed:
        n_states += 1
        point = f"{name}, point {number} of {len(points)}: {points[number - 1]}"
        if work.is_atomic:
            found = run_in_child(entered(state))
            assert found["store"] in (before["store"], after["store"]), point
            assert found["pages"] in (before["pages"], after["pages"]), point
        assert run_in_child(entered(repeat)) == {"state": after, "faults": []}, point
    print(f"{name}: {len(points)} points, {n_states} states of the disk")


def _copied(tmp_path: Path, n_points: int) -> Iterator[int]:
    """Put each copy in the place of the folder that was worked on; give the number of its point."""
    for number in range(1, n_points + 1):
        copy = tmp_path / "killed" / str(number)
        if copy.exists():
            shutil.rmtree(tmp_path / "work")
            copy.rename(tmp_path / "work")
            yield number


def _killed(work: Callable[[], object], start: Path, folder: Path, points: Sequence[str]) -> Iterator[int]:
    """Kill the work at a few random points; give the number of each that was reached."""
    for number in sorted(random.sample(range(1, len(points) + 1), min(int(SAMPLE), len(points)))):
        shutil.rmtree(folder)
        _copy(start, folder)
        if run_killed(work, number):  # the order of some calls varies: a run may have fewer
            yield number


def _copy(source: Path, target: Path) -> Path:
    shutil.copytree(source, target)
    return target


def faults(home: Home) -> list[str]:
    """Return what `doctor` finds wrong."""
    return [
        finding.sentence
        for finding in examine_home(home, LATER, every_page=True)
        if finding.level is not Level.OK and finding.check not in ("clock", "disk")
    ]


QUERIES = (
    "select article_id, url, source, title, published_at, story_id, n_revisions, first_seen_at, extractor "
    "from articles order by all",
    "select article_id, md5(body) from texts order by all",
    "select article_id, revision_no, title, change, seen_at, md5(coalesce(body, '')) from "
    "core.revision order by all",
    "select article_id, field, value, origin, chosen from core.field_origin order by all",
    "select article_id, other_article_id, relation from copies order by all",
    "select source, item, step, reason, resolved_at is null from core.reject order by all",
    "select source, url, started_at, outcome from core.fetch order by all",
    "select name from core.source order by all",
    "select source, line from core.recurring_line order by all",
    "select article_id, change, parts, md5(coalesce(body, '')) from core.superseded order by all",
    "select url_key from core.forgotten order by all",
    "select version from core.schema_migration order by all",
)


def state(home: Home) -> dict[str, object]:
    """Return everything that must be equal after any interruption; None for a home without a store."""
    if not home.state_file.exists():
        return {"store": None, "pages": None}
    with open_store(home, owner="test") as con:
        rows = [con.execute(query).fetchall() for query in QUERIES]
        refs = find_archive_refs(con)
    pages = sorted(hashlib.sha256(read_page(home.archive, ref).body).hexdigest() for ref in refs)
    return {"store": rows, "pages": pages, "found": _search(home), "exports": _exports(home)}


def _exports(home: Home) -> list[str]:
    """Return the files of all exports, unfinished ones included."""
    folder = home.root.parent / "exports"
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def _search(home: Home) -> object:
    """Return what a reader of the snapshot finds."""
    if not home.snapshot_file.exists():
        return None
    with connect(home) as con:
        return con.execute("select article_id from search('district') order by all").fetchall()

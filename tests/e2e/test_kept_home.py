"""A real home, exported, pruned and restored elsewhere: each continues as before."""

import shutil
from datetime import UTC, datetime, timedelta

import pytest

from demo.site import DemoSite
from flows.cli import run
from tasks.upkeep.prune import prune
from warehouse.export.backup import export_home, restore_home
from warehouse.store.connection import Home, connect

VIEWS = ("articles", "texts", "copies", "stories", "revisions", "origins", "source_daily", "rejects")


def shown(home):
    """Return what analysts see, without the times of the latest requests."""
    with connect(home) as con:
        found = {}
        for view in VIEWS:
            names = [c[0] for c in con.execute(f"select * from {view} limit 0").description]
            listed = ", ".join(
                n for n in names if n not in ("checked_at", "last_seen_at", "last_at", "attempts")
            )
            found[view] = sorted(map(repr, con.execute(f"select {listed} from {view}").fetchall()))
        return found


@pytest.fixture(scope="module")
def told(prefect_api, tmp_path_factory):
    from flows.ingest import ingest

    folder = tmp_path_factory.mktemp("kept")
    home, back = Home(folder / "home"), Home(folder / "back")
    config = folder / "sources.toml"

    with DemoSite() as site:
        config.write_text(site.sources_toml(), encoding="utf-8")

        def ingest_into(where):
            n = len(site.requests)
            ingest(every_feed=True, home=str(where.root), config=str(config))
            return sorted(r.path for r in site.requests[n:] if r.path != "/robots.txt")

        ingest_into(home)
        export_home(home, folder / "whole")
        again = ingest_into(home)  # what a run asks for when nothing is new
        before = shown(home)
        pruned = prune(home, datetime.now(UTC) + timedelta(days=400), 100, apply=True)
        after_prune = shown(home)
        changes = export_home(home, folder / "changes", since=folder / "whole")
        after = ingest_into(home)
        restore_home(back, folder / "whole", folder / "changes")
        shutil.copytree(home.pages_dir, back.pages_dir)
        restored = shown(back)
        yield {
            "again": again, "after": after, "elsewhere": ingest_into(back), "before": before,
            "pruned": pruned,
            "after_prune": after_prune, "restored": restored, "changes": changes, "home": home, "back": back,
        }  # fmt: skip


def test_a_prune_changes_nothing_that_analysts_see(told):
    assert told["pruned"].rows["fetch"] > 10
    assert told["after_prune"] == told["before"]


def test_the_next_run_fetches_nothing_anew(told):
    assert told["after"] == told["again"]
    assert shown(told["home"]) == told["before"]


def test_a_restored_home_goes_on(told):
    assert told["restored"] == told["before"]
    assert told["elsewhere"] == told["again"]
    assert shown(told["back"]) == told["before"]


def test_doctor_is_content_with_both(told):
    for home in (told["home"], told["back"]):
        assert run(["doctor", "--home", str(home.root), "--every-page"]) == 0


def test_a_rebuild_still_finds_every_page(told, tmp_path):
    home = Home(tmp_path / "home")
    shutil.copytree(told["home"].root, home.root)
    config = told["home"].root.parent / "sources.toml"
    assert run(["rebuild", "--home", str(home.root), "--config", str(config)]) == 0
    assert shown(home)["texts"] == told["before"]["texts"]
    assert len(shown(home)["articles"]) == len(told["before"]["articles"])

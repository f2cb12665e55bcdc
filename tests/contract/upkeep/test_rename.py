"""Changed source names and URL keys with unchanged articles, through commands and the nightly upkeep."""

from datetime import UTC, datetime

import pytest

import tasks.upkeep.rename
from flows.cli import run
from tasks.domain.duplicates.fingerprint import content_sha256
from tasks.errors import UsageError
from tasks.upkeep.rename import RenamePlan, plan_rename
from warehouse.articles import load_batch
from warehouse.records.article import Article
from warehouse.records.outcome import Batch
from warehouse.store.connection import Home, connect, open_store

BODY = "The bridge will close on Monday. Repairs take nine weeks."


@pytest.fixture
def home(tmp_path):
    article = Article(
        source="old", url="https://a.example/x", url_key="a.example/x", title="T", body=BODY,
        content_sha256=content_sha256(BODY), fetched_at=datetime(2026, 11, 20, tzinfo=UTC), extractor="x",
    )  # fmt: skip
    with open_store(Home(tmp_path), owner="test") as con:
        load_batch(con, Batch("run", articles=(article,)))
    return Home(tmp_path)


def test_a_renamed_source_keeps_its_articles(home, capsys):
    assert run(["sources", "rename", "old", "new", "--home", str(home.root)]) == 0
    with connect(home) as con:
        assert con.execute("select source from articles").fetchall() == [("new",)]
    assert "1 article" in capsys.readouterr().out


def test_merging_two_sources_is_confirmed(home, capsys):
    with open_store(home, owner="test") as con:
        con.execute("insert into core.source (name, title, added_at) values ('new', 'New', now())")
    assert run(["sources", "rename", "old", "new", "--home", str(home.root)]) == 2
    said = capsys.readouterr().err
    assert "The source 'new' exists and has 0 articles; it takes over 1 article of 'old'." in said
    assert "add --yes" in said
    assert run(["sources", "rename", "old", "new", "--home", str(home.root), "--yes"]) == 0


def test_a_source_that_has_nothing_is_told(home, capsys):
    assert run(["sources", "rename", "nobody", "new", "--home", str(home.root)]) == 2
    assert "No source 'nobody' is stored" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("new", "reason"),
    [
        pytest.param("old", "The source is called 'old' already.", id="its own name"),
        pytest.param("New Name", "'New Name' cannot be the name of a source", id="not a name"),
        pytest.param("new\n", "cannot be the name of a source", id="a line end"),
        pytest.param("n" * 65, "cannot be the name of a source", id="too long"),
    ],
)
def test_a_name_that_a_source_cannot_have_changes_nothing(home, capsys, new, reason):
    assert run(["sources", "rename", "old", new, "--home", str(home.root), "--yes"]) == 2
    assert reason in capsys.readouterr().err
    with open_store(home, owner="test") as con:
        assert con.execute("select source from core.article").fetchall() == [("old",)]
        assert con.execute("select name from core.source").fetchall() == [("old",)]


def test_a_new_rule_of_the_key_is_applied_once(home, monkeypatch):
    assert tasks.upkeep.rename.rekey_if_outdated(home) == 0
    monkeypatch.setattr(tasks.upkeep.rename, "URL_KEY_VERSION", 3)
    monkeypatch.setattr(tasks.upkeep.rename, "url_key", lambda url: "a.example/y")
    assert tasks.upkeep.rename.rekey_if_outdated(home) == 1
    assert tasks.upkeep.rename.rekey_if_outdated(home) == 0
    with open_store(home, owner="test") as con:
        assert con.execute("select url_key from core.article").fetchall() == [("a.example/y",)]


def test_the_plan_says_what_merges(home):
    assert plan_rename(home, "old", "new") == RenamePlan("old", "new", 1, None)
    with open_store(home, owner="test") as con:
        con.execute("insert into core.source (name, title, added_at) values ('new', 'New', now())")
    assert plan_rename(home, "old", "new") == RenamePlan("old", "new", 1, 0)
    with pytest.raises(UsageError, match="No source 'nobody'"):
        plan_rename(home, "nobody", "new")

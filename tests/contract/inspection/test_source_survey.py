"""`wirehouse sources check`: feeds that fail, and feeds that moved, asked on a local site."""

import json

import pytest

from flows.cli import run
from tasks.sources import read_sources
from tests.support.behaviours import BehaviourServer, answer, fixed, redirect
from tests.support.warehouse_rows import a_home, store
from warehouse.publish import publish_snapshot
from warehouse.sources import load_sources

RSS = (
    b"<rss version='2.0'><channel><title>T</title>"
    b"<item><title>A</title><link>https://a.example/1</link></item></channel></rss>"
)
SOURCE = """
# {name}
[[source]]
name = "{name}"
title = "{name}"
[[source.feed]]
url = "{base}/{name}"  # main
[source.pace]
delay_s = 0
allow = ["{authority}"]
"""


@pytest.fixture
def server():
    with BehaviourServer() as running:
        running.behaviours["/good"] = fixed(answer(RSS, content_type="application/rss+xml"))
        running.behaviours["/moved"] = fixed(redirect("/good", status="301 Moved Permanently"))
        running.behaviours["/shifted"] = fixed(redirect("/new", status="308 Permanent Redirect"))
        running.behaviours["/new"] = running.behaviours["/good"]
        running.behaviours["/lent"] = fixed(redirect("/good", status="302 Found"))
        running.behaviours["/dead"] = fixed(answer(b"", status="404 Not Found"))
        yield running


@pytest.fixture
def check(tmp_path, server, capsys):
    """Return a call of `sources check` on sources with these names; it gives code and output."""
    path = tmp_path / "sources.toml"

    def call(*names, options=()):
        if names:
            path.write_text(
                "".join(SOURCE.format(name=n, base=server.base, authority=server.authority) for n in names)
            )
        code = run(["sources", "check", *options, "--config", str(path), "--home", str(tmp_path / "home")])
        return code, capsys.readouterr()

    call.path = path
    return call


def test_feeds_that_answer(check, server):
    code, output = check("good", "lent")
    assert code == 0
    assert "Feeds that can be read: 2 of 2." in output.out
    assert "Saved pages" not in output.out  # there are none
    assert "moved" not in output.out


def test_a_feed_that_fails_is_named(check, server):
    code, output = check("good", "dead")
    assert code == 1
    assert f"! dead: {server.base}/dead: " in output.out
    assert "Feeds that can be read: 1 of 2." in output.out


def test_a_feed_that_moved_is_proposed_and_applied(check, server):
    code, output = check("shifted", "lent")
    assert code == 0
    assert f"shifted: {server.base}/shifted has moved permanently to {server.base}/new\n" in output.out
    assert "wirehouse sources check --apply" in output.out
    before = check.path.read_text()
    code, output = check(options=["--apply"])
    assert (code, "1 URL of feeds changed" in output.err) == (0, True)
    assert check.path.read_text() == before.replace("/shifted", "/new")


def test_a_feed_that_moved_to_a_listed_one_is_left(check, server):
    code, output = check("good", "moved", options=["--apply"])
    assert code == 0
    assert "'good' lists it already, so remove one of them" in output.out
    assert "0 URLs of feeds changed" in output.err


def test_what_runs_remember_is_proposed_without_a_request(check, server, tmp_path):
    check("shifted", options=["--offline"])
    home = a_home(tmp_path)
    with store(home) as con:
        load_sources(con, read_sources(check.path).sources)
        con.execute(
            "insert into core.feed_state (feed_url, source, kind, n_failures, overlap_lost, moved_to_url, "
            "n_moved_polls) values (?, 'shifted', 'rss', 0, false, ?, 3)",
            [f"{server.base}/shifted", f"{server.base}/new"],
        )
    publish_snapshot(home)
    code, output = check(options=["--offline", "--json"])
    assert code == 0
    (moved,) = json.loads(output.out)["moved"]
    assert moved["new_url"] == f"{server.base}/new"
    assert server.requests == []


def test_disabled_sources_are_not_asked(check, server):
    check("good", options=["--offline"])
    check.path.write_text(check.path.read_text().replace("title =", "enabled = false\ntitle ="))
    assert check()[0] == 0
    assert server.requests == []


def test_without_a_network_no_feed_is_asked_and_none_fails(check, server):
    check("good", options=["--offline"])
    check.path.write_text(check.path.read_text().replace(server.base, "https://no-such-host.invalid"))
    code, output = check()
    assert code == 0
    assert "No host name of the feeds resolves" in output.err

"""Errors as users see them: one clear message, the right exit code, nothing lost."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest
from filelock import FileLock

from tests.support.small_site import SmallSite
from warehouse.store.connection import connect

ROOT = Path(__file__).parents[2]

ARTICLE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>
<body><nav><a href="/">Home</a></nav><article><h1>{title}</h1>{date}
{paragraphs}</article><footer>All rights reserved.</footer></body></html>"""

PARAGRAPHS = "".join(
    f"<p>{text}</p>"
    for text in (
        "The harbour board of Port Ellery approved a new tide gate on Monday after three years of dispute.",
        "Engineers told the meeting that the old gate had failed to close twice during last winter's storms.",
        "Residents of the lower town, who have paid for pumps of their own, called the decision overdue.",
        "Work is to begin in spring and will take eleven months, the board's chair, Maren Holt, said.",
    )
)


def page(title, date='<time datetime="2026-10-05T09:30:00+01:00">5 October 2026</time>'):
    return (
        "text/html; charset=utf-8",
        ARTICLE.format(title=title, date=date, paragraphs=PARAGRAPHS).encode(),
    )


def feed(base, paths):
    items = "".join(f"<item><title>{p}</title><link>{base}{p}</link></item>" for p in paths)
    return (
        "application/rss+xml",
        f'<rss version="2.0"><channel><title>x</title>{items}</channel></rss>'.encode(),
    )


def source(name, url, port):
    return (
        f'[[source]]\nname = "{name}"\ntitle = "{name}"\n[[source.feed]]\nurl = "{url}"\n'
        f'[source.pace]\ndelay_s = 0\nallow = ["127.0.0.1:{port}"]\n'
    )


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    """One Prefect API for all commands of this file: starting one per command would take ten seconds each."""
    from tests.support.prefect_server import prefect_server

    with prefect_server(tmp_path_factory.mktemp("api")) as env:
        yield env | {"PYTHONPATH": str(ROOT)}


def wirehouse(env, folder, *arguments, check=None):
    done = subprocess.run(
        [sys.executable, "-m", "flows.cli", *arguments, "--home", str(folder / "home"), "--config",
            str(folder / "sources.toml")],
        env=env, cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=600,
    )  # fmt: skip
    if check is not None:
        assert done.returncode == check, done.stdout + done.stderr
    return done


def one_message(done):
    """Return the output; assert that it is a message, not a traceback."""
    assert "Traceback" not in done.stderr, done.stderr
    return done.stderr.strip()


def test_an_unknown_source_is_named_before_anything_starts(api, tmp_path):
    (tmp_path / "sources.toml").write_text('[[source]]\nname = "a"\ntitle = "A"\n')
    said = one_message(wirehouse(api, tmp_path, "ingest", "--source", "b", check=2))
    assert said == "wirehouse: unknown source 'b'. Known: a."
    assert not (tmp_path / "home").exists()


def test_malformed_toml_names_file_and_line(api, tmp_path):
    (tmp_path / "sources.toml").write_text('[[source]\nname = "a"\n')
    said = one_message(wirehouse(api, tmp_path, "ingest", check=2))
    assert str(tmp_path / "sources.toml") in said
    assert "line 1" in said


def test_bad_pages_and_feeds_are_rejects_and_stop_nothing(api, tmp_path):
    with SmallSite({}) as site:
        base = site.base
        site.documents |= {
            "/feed.xml": feed(base, ["/good", "/undated", "/empty", "/absent"]),
            "/good": page("Tide gate approved"),
            "/undated": page("Tide gate approved again", date=""),
            "/empty": ("text/html", b""),
            "/home.html": (
                "text/html",
                b"<html><head><title>Home</title></head><body><p>Welcome</p></body></html>",
            ),
        }
        text = source("good", f"{base}/feed.xml", site.port)
        text += source("homepage", f"{base}/home.html", site.port)
        text += source("unreachable", "http://127.0.0.1:1/feed.xml", 1)
        (tmp_path / "sources.toml").write_text(text)
        done = wirehouse(api, tmp_path, "ingest", check=1)
    one_message(done)
    with connect(tmp_path / "home") as con:
        stored = dict(con.execute("select url, published_at is not null from articles").fetchall())
        rejects = {
            (name, step, kind): reason
            for name, step, kind, reason in con.execute(
                "select source, step, error_class, reason from rejects"
            ).fetchall()
        }
    assert stored == {f"{base}/good": True, f"{base}/undated": False}
    assert set(rejects) == {
        ("good", "fetch", "empty"),
        ("good", "fetch", "not_found"),
        ("homepage", "poll", "not_a_feed"),
        ("unreachable", "poll", "connection"),
    }
    assert all(reason.endswith(".") for reason in rejects.values())


def test_a_locked_warehouse_names_its_holder(api, tmp_path):
    (tmp_path / "sources.toml").write_text('[[source]]\nname = "a"\ntitle = "A"\n')
    state = tmp_path / "home" / "state"
    state.mkdir(parents=True)
    with FileLock(state / "warehouse.lock"):
        done = wirehouse(api | {"WIREHOUSE_LOCK_WAIT_S": "1"}, tmp_path, "ingest", check=3)
    assert "is being written by" in one_message(done)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        pytest.param(
            lambda file: file.write_bytes(b"no database at all" * 999), "is damaged or no", id="corrupt"
        ),
        pytest.param(lambda file: newer(file), "newer wirehouse", id="newer schema"),
    ],
)
def test_an_unusable_file_is_refused_and_left_as_it_is(api, tmp_path, spoil, words):
    (tmp_path / "sources.toml").write_text('[[source]]\nname = "a"\ntitle = "A"\n')
    wirehouse(api, tmp_path, "ingest", check=0)
    file = tmp_path / "home" / "state" / "warehouse.duckdb"
    spoil(file)
    before = file.read_bytes()
    said = one_message(wirehouse(api, tmp_path, "ingest", check=3))
    assert words in said
    assert file.read_bytes() == before


def newer(file):
    with duckdb.connect(str(file)) as con:
        con.execute(
            "insert into core.schema_migration select * replace (9999 as version) from "
            "core.schema_migration limit 1"
        )


@pytest.mark.parametrize("has_server", [True, False], ids=["Prefect tasks", "threads"])
def test_ctrl_c_keeps_what_was_loaded_and_the_next_run_goes_on(api, tmp_path, has_server):
    env = api if has_server else {name: value for name, value in api.items() if name != "PREFECT_API_URL"}
    slow = "".join(f"/p{n}," for n in range(60)).rstrip(",").split(",")
    with SmallSite({}) as site:
        site.documents |= {"/feed.xml": feed(site.base, slow)}
        site.documents |= {path: page(f"Tide gate approved {path}") for path in slow}
        site.delay_s = 0.2
        (tmp_path / "sources.toml").write_text(source("a", f"{site.base}/feed.xml", site.port))
        command = [
            sys.executable,
            "-m",
            "flows.cli",
            "ingest",
            "--home",
            str(tmp_path / "home"),
            "--config",
            str(tmp_path / "sources.toml"),
        ]
        process = subprocess.Popen(
            command, env=env, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=True, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        deadline = time.monotonic() + 300
        while not any(path.startswith("/p") for path in site.requests) and time.monotonic() < deadline:
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=300)
        assert process.returncode == 130, errors
        assert "Traceback" not in errors, errors
        assert "Stopped." in errors
        site.delay_s = 0
        wirehouse(env, tmp_path, "ingest", "--all", check=0)
    with connect(tmp_path / "home") as con:
        n, n_distinct = con.execute("select count(*), count(distinct url) from articles").fetchall()[0]
    assert (n, n_distinct) == (60, 60)

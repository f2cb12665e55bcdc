"""`wirehouse browse` and `wirehouse report` on the command line."""

import json
import re
import signal
import subprocess
import sys
from datetime import UTC, date, datetime

import pytest
import requests

from flows.cli import run
from tasks.deduplicate import link_articles
from tests.support.stories import story
from tests.support.warehouse_rows import SOURCE, a_home, article, store
from tests.support.web_home import on
from tests.support.web_server import web_server
from warehouse.articles import load_batch
from warehouse.publish import publish_snapshot
from warehouse.records.article import Moment, Precision
from warehouse.records.outcome import Batch
from warehouse.sources import load_sources
from warehouse.store.connection import transaction
from warehouse.store.days import find_days


def test_browse_serves_until_it_is_stopped(web_home):
    command = [sys.executable, "-u", "-m", "flows.cli", "browse", "--home", str(web_home.root), "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        line = server.stdout.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+/", line)[0]
        assert requests.get(address, timeout=60).status_code == 200
        server.send_signal(signal.SIGINT)
        _, errors = server.communicate(timeout=30)
        assert "Traceback" not in errors
    finally:
        server.kill()
        server.communicate()


def test_without_a_snapshot_it_says_what_to_do(tmp_path, capsys):
    assert run(["browse", "--home", str(a_home(tmp_path).root), "--port", "0"]) == 3
    assert "Load something first: wirehouse ingest or import." in capsys.readouterr().err


def test_an_empty_warehouse_says_what_to_do(tmp_path):
    home = a_home(tmp_path)
    with store(home) as con, transaction(con):
        load_sources(con, [SOURCE])
    publish_snapshot(home)
    with web_server(home) as address:
        first = requests.get(f"{address}/", timeout=60).text
        filtered = requests.get(f"{address}/?lang=de", timeout=60).text
    assert "The warehouse has no articles yet. <code>wirehouse ingest</code>" in first
    assert "No articles match these filters." in filtered
    assert "All words must occur" not in first + filtered


def test_a_taken_port_is_named(web_home, base, capsys):
    port = base.rsplit(":", 1)[1]
    assert run(["browse", "--home", str(web_home.root), "--port", port]) == 2
    assert f"Cannot listen on 127.0.0.1, port {port}: " in capsys.readouterr().err


def test_a_report_is_one_file_that_loads_nothing(web_home, tmp_path, capsys):
    file = tmp_path / "new" / "report.html"
    assert run(["report", "--home", str(web_home.root), "--to", str(file)]) == 0
    page = file.read_text(encoding="utf-8")
    assert str(file) in capsys.readouterr().out
    assert re.findall(r"<(script|link|img|iframe|object)\b", page) == []
    assert re.findall(r"(?:src|href)=", page) == []
    assert "default-src 'none'; style-src 'sha256-" in page
    assert "<script>alert" not in page
    assert "Harbour bridge reopens" in page


@pytest.mark.parametrize(
    ("options", "n_articles"),
    [
        pytest.param(["--query", "bridge"], 2, id="a question"),
        pytest.param(["--source", "alpha"], 5, id="a source"),
        pytest.param(["--since", "2026-11-02", "--until", "2026-11-03"], 2, id="days"),
        pytest.param(["--language", "ar"], 1, id="a language"),
        pytest.param(["--query", "nowhere"], 0, id="nothing"),
    ],
)
def test_the_sums_of_a_report(web_home, capsys, options, n_articles):
    assert run(["report", "--json", "--home", str(web_home.root), *options]) == 0
    sums = json.loads(capsys.readouterr().out)
    assert sums["totals"]["n_articles"] == n_articles


def test_a_report_has_edits_and_certainty(web_home, capsys):
    assert run(["report", "--json", "--home", str(web_home.root), "--source", "alpha"]) == 0
    sums = json.loads(capsys.readouterr().out)
    assert [(edit["title_before"], edit["title"], edit["change"]) for edit in sums["latest_edits"]] == [
        ("Twelve hurt in blast", "Twelve hurt in blast", "body"),
        ("Ten hurt in blast", "Twelve hurt in blast", "both"),
    ]
    assert [(count["source"], count["n_edits"], count["n_stealth"]) for count in sums["edits"]] == [
        ("alpha", 2, 2)
    ]
    assert [(month["month"], month["n_rated"]) for month in sums["months"]] == [("2026-11-01", 0)]
    assert run(["report", "--json", "--home", str(web_home.root), "--source", "beta"]) == 0
    assert json.loads(capsys.readouterr().out)["edits"] == []


def test_a_day_without_a_time_does_not_stretch_a_story(tmp_path, capsys):
    home = a_home(tmp_path)
    text, seen_at = story(1), datetime(2026, 11, 28, tzinfo=UTC)
    day_only = Moment(None, date(2026, 11, 1), None, None, Precision.DAY, "visible_text", None, "1 Nov 2026")
    articles = [
        article(1, body=text, published=on(1)),
        article(2, body=text, published=day_only, at=seen_at),
        article(3, body=text, published=None, at=seen_at),
    ]
    with store(home) as con, transaction(con):
        load_sources(con, [SOURCE])
        loaded = load_batch(con, Batch("run", articles=tuple(articles)))
        link_articles(con, find_days(con, loaded.changed_ids), loaded.load_id)
    publish_snapshot(home)
    assert run(["report", "--json", "--home", str(home.root)]) == 0
    (largest,) = json.loads(capsys.readouterr().out)["stories"]
    assert (largest["n_articles"], largest["published_on"]) == (3, "2026-11-01")
    assert largest["instants"] == ["2026-11-01T09:00:00+00:00"]
    file = tmp_path / "report.html"
    assert run(["report", "--home", str(home.root), "--to", str(file)]) == 0
    assert "no other time of publication is known" in file.read_text(encoding="utf-8")


def test_a_report_that_cannot_be_written_says_so(web_home, tmp_path, capsys):
    assert run(["report", "--home", str(web_home.root), "--to", str(tmp_path)]) == 2
    assert f"Cannot write {tmp_path}" in capsys.readouterr().err

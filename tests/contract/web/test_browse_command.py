"""`wirehouse browse` and `wirehouse report` on the command line."""

import re
import signal
import subprocess
import sys

import pytest
import requests

from flows.cli import run
from tests.support.warehouse_rows import a_home


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
        pytest.param(["--source", "alpha"], 4, id="a source"),
        pytest.param(["--since", "2026-11-02", "--until", "2026-11-03"], 2, id="days"),
        pytest.param(["--language", "ar"], 1, id="a language"),
        pytest.param(["--query", "nowhere"], 0, id="nothing"),
    ],
)
def test_the_sums_of_a_report(web_home, capsys, options, n_articles):
    import json

    assert run(["report", "--json", "--home", str(web_home.root), *options]) == 0
    sums = json.loads(capsys.readouterr().out)
    assert sums["totals"]["n_articles"] == n_articles


def test_a_report_has_edits_and_certainty(web_home, capsys):
    import json

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


def test_a_report_that_cannot_be_written_says_so(web_home, tmp_path, capsys):
    assert run(["report", "--home", str(web_home.root), "--to", str(tmp_path)]) == 2
    assert f"Cannot write {tmp_path}" in capsys.readouterr().err

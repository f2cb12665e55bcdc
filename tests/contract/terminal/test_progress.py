"""Long commands draw a bar in a terminal and nothing in a pipe; `import -` reads standard input."""

import gzip
import io
import json
import os
import pty
import re
import subprocess
import sys

import pytest

from flows.cli import run
from flows.terminal.standard_input import ending_of

ROWS = "".join(
    json.dumps(
        {"url": f"https://news.example/{n}", "title": f"Title {n}", "body": f"Text number {n} " * 30}
        | {"published": "2026-03-01T10:00:00Z", "source": "news", "language": "en"}
    )
    + "\n"
    for n in range(40)
).encode()
CSV = b"url,title,body\nhttps://news.example/1,One,The text of one is here.\n"


@pytest.fixture
def file(tmp_path):
    file = tmp_path / "rows.jsonl"
    file.write_bytes(ROWS)
    return file


def command(tmp_path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "flows.cli", *arguments, "--home", str(tmp_path / "home")]


def in_a_terminal(command: list[str]) -> str:
    """Return what a command writes to standard error when that is a terminal."""
    mine, its = pty.openpty()
    child = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=its,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "100"},
    )  # fmt: skip
    os.close(its)
    said = b""
    while True:
        try:
            block = os.read(mine, 65_536)
        except OSError:  # how a terminal ends whose other side is closed
            break
        if not block:
            break
        said += block
    os.close(mine)
    assert child.wait(60) == 0, said
    return said.decode()


def test_a_terminal_gets_a_bar_with_count_rate_and_remaining_time(tmp_path, file):
    said = in_a_terminal(command(tmp_path, "import", str(file)))
    assert re.search(r"rows .*40/40", said)
    tables = in_a_terminal(command(tmp_path, "export", "--to", str(tmp_path / "export")))
    assert re.search(r"tables .*\d+/\d+.* [\d.,]+/s .*\d:\d\d:\d\d", tables)


def test_a_pipe_gets_no_bar(tmp_path, file):
    for arguments in (["import", str(file)], ["export", "--to", str(tmp_path / "export")]):
        done = subprocess.run(command(tmp_path, *arguments), capture_output=True, text=True, check=True)
        assert "\x1b" not in done.stdout + done.stderr
        assert "\r" not in done.stdout + done.stderr
        assert "/s" not in done.stderr


@pytest.mark.parametrize(
    ("given", "ending", "n_rows"),
    [
        pytest.param(ROWS, ".jsonl", 40, id="JSON lines"),
        pytest.param(gzip.compress(ROWS), ".jsonl.gz", 40, id="compressed JSON lines"),
        pytest.param(b"\xef\xbb\xbf" + CSV, ".csv", 1, id="CSV with a byte order mark"),
    ],
)
def test_standard_input_is_imported(tmp_path, monkeypatch, capsys, given, ending, n_rows):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))
    assert run(["import", "-", "--json", "--home", str(tmp_path)]) == 0
    assert json.loads(capsys.readouterr().out)["new"] == n_rows
    assert ending_of(given) == ending


@pytest.mark.parametrize(
    ("head", "ending"),
    [
        (b"PAR1\x15\x04", ".parquet"),
        (b"WARC/1.1\r\nWARC-Type: warcinfo", ".warc"),
        (gzip.compress(b"WARC/1.0\r\n", mtime=0), ".warc.gz"),
        (b"url\ttitle\tbody\n", ".tsv"),
        (b'\n {"url": 1}', ".jsonl"),
    ],
)
def test_the_kind_is_told_by_the_beginning(head, ending):
    assert ending_of(head) == ending


@pytest.mark.parametrize(
    ("arguments", "given", "reason"),
    [
        pytest.param(["-"], b"", "'-': standard input is empty.", id="nothing"),
        pytest.param(["-", "-"], b"", "'-' is standard input and can be read once.", id="twice"),
        pytest.param(["-"], b"\x1f\x8bno gzip", "'-': standard input is damaged gzip: ", id="damaged"),
    ],
)
def test_what_standard_input_cannot_be(tmp_path, monkeypatch, capsys, arguments, given, reason):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))
    assert run(["import", *arguments, "--home", str(tmp_path)]) == 2
    assert reason in capsys.readouterr().err

"""Commands whose caller closed the standard streams, or whose locale has no more than ASCII."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.warehouse_rows import a_home, article, load
from warehouse.publish import publish_snapshot

ROOT = Path(__file__).parents[3]
ASCII_ONLY = {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.fixture
def home(tmp_path):
    home = a_home(tmp_path)
    load(home, article(1))
    publish_snapshot(home)
    return home


def wirehouse(*arguments, redirect="", **env):
    """Run the command in a shell that redirects its streams."""
    return subprocess.run(
        ["sh", "-c", f'exec "$0" -m flows.cli "$@" {redirect}', sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), **env}, capture_output=True, timeout=120,
    )  # fmt: skip


@pytest.mark.parametrize("redirect", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_closed_stream_changes_nothing_else(home, redirect):
    done = wirehouse("status", "--home", str(home.root), redirect=redirect)
    assert (done.returncode, done.stderr) == (0, b"")
    assert bool(done.stdout) == (">&-" not in redirect.replace("2>&-", ""))


def test_no_file_takes_the_number_of_a_closed_stream(tmp_path):
    report = tmp_path / "numbers"
    program = (
        "import os, pathlib, sys; from flows.startup import open_standard_streams; open_standard_streams();"
        "pathlib.Path(sys.argv[1]).write_text(' '.join(os.readlink(f'/proc/self/fd/{n}') for n in range(3)))"
    )
    done = subprocess.run(
        ["sh", "-c", 'exec "$0" -c "$1" "$2" <&- >&- 2>&-', sys.executable, program, str(report)],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=120, check=True,
    )  # fmt: skip
    assert done.returncode == 0
    assert report.read_text().split() == ["/dev/null"] * 3


@pytest.mark.parametrize("env", [ASCII_ONLY, {"PYTHONIOENCODING": "ascii"}], ids=["locale", "streams"])
def test_text_is_utf_8_where_the_locale_has_only_ascii(home, env):
    done = wirehouse("sql", "select 'Вести — 東京' as x", "--json", "--home", str(home.root), **env)
    assert (done.returncode, done.stdout.decode()) == (0, '[\n{"x": "Вести — 東京"}\n]\n')


def test_other_encodings_of_the_output_lose_characters_not_the_command(home):
    done = wirehouse("sql", "select 'é 東' as x", "--home", str(home.root), PYTHONIOENCODING="latin-1")
    assert (done.returncode, done.stdout.split()[-2:]) == (0, [b"\xe9", b"?"])


def test_an_argument_that_is_not_utf_8_is_kept_as_its_bytes():
    done = wirehouse("url", b"http://news.example/\xff", "--json")
    assert (done.returncode, done.stderr) == (0, b"")

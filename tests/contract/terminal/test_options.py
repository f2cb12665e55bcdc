"""Options that commands share: the log, filters that can match nothing, help and version."""

import json
import logging
import re
import subprocess
import sys
from pathlib import Path

import pytest

from flows.cli import run
from manual.commands import walk_commands
from tests.support.warehouse_rows import a_home, article, load, reject
from warehouse.publish import publish_snapshot

ROOT = Path(__file__).parents[3]


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # no sources.toml there
    home = a_home(tmp_path)
    load(home, article(1), rejects=(reject(2),))
    publish_snapshot(home)
    return home


@pytest.fixture(autouse=True)
def wirehouse_logger():
    logger = logging.getLogger("wirehouse")
    before = (logger.handlers, logger.level, logger.propagate)
    yield logger
    for handler in logger.handlers:
        handler.close()
    logger.handlers, logger.level, logger.propagate = before


def wirehouse(capsys, home, *arguments):
    code = run([*arguments, "--home", str(home.root)])
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("rejects", "list", "--source", "alpa"), "--source: unknown source 'alpa'. Did you mean 'alpha'?"),
        (("rejects", "retry", "--source", "alpa"), "--source: unknown source 'alpa'. Did you mean 'alpha'?"),
        (("search", "bridge", "--source", "alpa"), "--source: unknown source 'alpa'. Did you mean 'alpha'?"),
        (("search", "bridge -source:alpa"), "source: unknown source 'alpa'. Did you mean 'alpha'?"),
        (("report", "--query", "source:alpa"), "source: unknown source 'alpa'. Did you mean 'alpha'?"),
        (("report", "--source", "alpa"), "--source: unknown source 'alpa'. Did you mean 'alpha'?"),
        (("search", "bridge", "--since", "2022"), "'2022' is not a date (expected YYYY-MM-DD)"),
        (("rejects", "list", "--step", "fetsch"), "--step: unknown step 'fetsch'. Did you mean 'fetch'?"),
    ],
    ids=["rejects list", "rejects retry", "search", "question", "report of", "report", "day", "step"],
)
def test_a_filter_that_can_match_nothing_is_an_error(capsys, home, arguments, message):
    code, _, said = wirehouse(capsys, home, *arguments)
    assert code == 2
    assert message in said


def test_a_source_that_is_listed_but_not_stored_matches_nothing(capsys, home, tmp_path):
    (tmp_path / "sources.toml").write_text('[[source]]\nname = "brand-new"\ntitle = "New"\n')
    assert wirehouse(capsys, home, "rejects", "list", "--source", "brand-new")[0] == 0


def test_rejects_lists_without_the_name_of_the_command(capsys, home):
    code, out, _ = wirehouse(capsys, home, "rejects", "--json")
    assert code == 0
    assert len(json.loads(out)) == 1


def test_the_log_goes_to_a_file(capsys, home, tmp_path):
    log = tmp_path / "upkeep.log"
    code, _, said = wirehouse(capsys, home, "maintain", "--log-file", str(log))
    assert code == 0
    assert "INFO" in log.read_text()
    assert said == ""


def test_a_log_on_a_full_disk_is_said_once(home):
    command = [sys.executable, "-m", "flows.cli", "maintain", "--home", str(home.root)]
    log = ["--log-level", "debug", "--log-file", "/dev/full"]
    done = subprocess.run([*command, *log], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0
    assert done.stderr == (
        "wirehouse: --log-file: '/dev/full' cannot be written: No space left on device. "
        "The run goes on, and its log has gaps until there is space again.\n"
    )


def test_the_level_of_the_log_comes_from_the_environment(capsys, home, monkeypatch):
    monkeypatch.setenv("WIREHOUSE_LOG_LEVEL", "error")
    assert wirehouse(capsys, home, "maintain")[2] == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--log-level", "inof"), "--log-level: unknown level 'inof'. Did you mean 'info'?"),
        (
            ("--log-file", "/no/folder/x.log"),
            "--log-file: '/no/folder/x.log' cannot be written: No such file",
        ),
    ],
    ids=["level", "file"],
)
def test_a_log_that_cannot_be_written_is_bad_usage(capsys, home, arguments, message):
    code, _, said = wirehouse(capsys, home, "maintain", *arguments)
    assert code == 2
    assert message in said


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("metrics", "--to", "/no/folder/x.prom"), "--to: the folder '/no/folder' does not exist."),
        (("export", "--to", "/proc/no/folder"), "'/proc/no"),
    ],
    ids=["metrics", "export"],
)
def test_a_path_that_cannot_be_written_is_named(capsys, home, arguments, message):
    code, _, said = wirehouse(capsys, home, *arguments)
    assert code != 0
    assert message in said
    assert "[Errno" not in said


def test_a_home_that_cannot_be_made_is_named(capsys, tmp_path):
    (tmp_path / "s.toml").write_text('[[source]]\nname = "a"\ntitle = "A"\n')
    assert run(["ingest", "--home", "/proc/no/home", "--config", str(tmp_path / "s.toml")]) == 2
    assert "--home: '/proc/no/home' cannot be created" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["--version"], ["-h"], ["ingest", "-h"], ["rejects", "-h"]], ids=" ".join
)
def test_help_and_version(capsys, arguments):
    assert run(arguments) == 0
    assert "wirehouse" in capsys.readouterr().out


def test_help_is_wrapped_to_the_terminal(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert run(["import", "--help"]) == 0
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    start = next(number for number, line in enumerate(lines) if line.startswith("Rows have"))
    *full, last = lines[start : lines.index("", start)]
    assert last.endswith("changes nothing.")
    assert min(len(line) for line in full) > 60


def test_help_lists_commands_and_shared_options_under_headings(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    assert run(["--help"]) == 0
    commands = capsys.readouterr().out
    assert commands.index("Run the pipeline") < commands.index("ingest") < commands.index("Search and query")
    assert run(["ingest", "--help"]) == 0
    options = capsys.readouterr().out
    assert options.index("--recheck") < options.index("Common options") < options.index("--home")


def test_arguments_have_names_in_capitals_without_dots():
    arguments = [
        p for _, command in walk_commands() for p in command.params if p.param_type_name == "argument"
    ]
    assert len(arguments) > 20
    assert [p.metavar for p in arguments if not re.fullmatch(r"[A-Z|]+(\.opml)?", p.metavar or "")] == []


def test_url_offers_no_option_that_it_ignores(capsys):
    assert run(["url", "https://a.example/x", "--home", "/tmp"]) == 2
    assert "No such option" in capsys.readouterr().err

"""Rules of a source, tried on saved pages."""

import json
import shutil
from pathlib import Path

import pytest

from flows.cli import run
from tasks.errors import SourcesError
from tasks.inspection.source_check import check_source
from tasks.sources import read_sources

ROOT = Path(__file__).parents[3]


@pytest.fixture
def saved(tmp_path):
    shutil.copytree(ROOT / "checks", tmp_path / "checks")
    shutil.copy(ROOT / "sources.toml", tmp_path / "sources.toml")
    return tmp_path


def agency():
    return read_sources(ROOT / "sources.toml").by_name()["oreanda"]


def test_the_repositorys_saved_pages_come_out_right(saved, capsys):
    assert run(["sources", "check", "--offline", "--config", str(saved / "sources.toml"), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["pages"] >= 1
    assert answer["problems"] == []


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        pytest.param("title", "Another", "title: expected 'Another'", id="title"),
        pytest.param(
            "published", "2022-03-18T00:35:00+00:00", "found '2022-03-17T21:35:00+00:00'", id="instant"
        ),
        pytest.param("last", "No such end.", "the body ends with", id="end of the body"),
        pytest.param("lacks", ["ferry"], "the body contains 'ferry'", id="text that must be absent"),
        pytest.param("error_class", "paywall", "found an article", id="expected reject"),
    ],
)
def test_a_difference_is_told(saved, key, value, words, capsys):
    file = saved / "checks" / "oreanda" / "report.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {key: value}))
    assert run(["sources", "check", "--offline", "--config", str(saved / "sources.toml")]) == 1
    assert words in capsys.readouterr().out


def test_a_page_without_expectation_is_an_error(saved):
    (saved / "checks" / "oreanda" / "report.json").unlink()
    with pytest.raises(SourcesError, match=r"report\.json': no such file"):
        list(check_source(saved / "checks" / "oreanda", agency()))


def test_an_unknown_key_is_an_error(saved):
    (saved / "checks" / "oreanda" / "report.json").write_text(
        '{"url": "https://a.example/", "colour": "red"}'
    )
    with pytest.raises(SourcesError, match="known keys are url"):
        list(check_source(saved / "checks" / "oreanda", agency()))

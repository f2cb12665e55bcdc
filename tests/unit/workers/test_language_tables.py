"""The unpacked tables of the language model: written once, mapped, and never trusted when damaged."""

import sys

import numpy as np
import pytest

from tasks.domain.text.language_model import ModelTables
from tasks.workers.language_tables import map_tables, read_tables

CODES = ["de", "en"]


@pytest.fixture(scope="module")
def tables():
    return ModelTables.unpack(CODES)


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """Return a folder that stands for a Python environment; the user's cache folder is beside it."""
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "environment"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user"))
    return tmp_path / "environment"


def folders(root):
    return list(root.rglob("language-model-*"))


def are_equal(a, b):
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in a.__slots__)


def is_mapped(tables):
    return not tables.weights.flags.writeable


def test_tables_are_written_once_and_mapped(environment, tables):
    first = read_tables(CODES)
    (folder,) = folders(environment)
    written_ns = (folder / "weights.npy").stat().st_mtime_ns
    second = read_tables(CODES)
    assert is_mapped(first) and is_mapped(second)
    assert are_equal(first, tables) and are_equal(second, tables)
    assert folders(environment) == [folder]
    assert (folder / "weights.npy").stat().st_mtime_ns == written_ns
    assert [path for path in folder.parent.iterdir() if path != folder] == []


def test_other_languages_have_files_of_their_own(environment):
    read_tables(CODES)
    assert read_tables(["el", "fa"]).codes.tolist() == ["el", "fa"]
    assert len(folders(environment)) == 2


@pytest.mark.parametrize("content", [b"", b"\x93NUMPY\x01\x00", None], ids=["empty", "cut", "missing"])
def test_damaged_files_are_written_again(environment, tables, content):
    read_tables(CODES)
    (folder,) = folders(environment)
    (folder / "features.npy").unlink()
    if content is not None:
        (folder / "features.npy").write_bytes(content)
    assert are_equal(read_tables(CODES), tables)
    assert are_equal(map_tables(folder), tables)


def test_files_that_do_not_fit_together_are_written_again(environment, tables):
    read_tables(CODES)
    (folder,) = folders(environment)
    np.save(folder / "features.npy", tables.features[:-1])
    assert are_equal(read_tables(CODES), tables)
    assert are_equal(map_tables(folder), tables)


def test_where_the_environment_cannot_be_written_the_users_cache_holds_them(environment, tmp_path, tables):
    environment.write_text("no folder")
    assert are_equal(read_tables(CODES), tables)
    (folder,) = folders(tmp_path / "user")
    assert are_equal(map_tables(folder), tables)


def test_where_nothing_can_be_written_the_tables_are_in_memory(environment, tmp_path, tables):
    environment.write_text("no folder")
    (tmp_path / "user").write_text("no folder")
    assert are_equal(read_tables(CODES), tables)

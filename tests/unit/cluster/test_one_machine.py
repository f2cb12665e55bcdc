"""Without cluster.toml nothing of a cluster is imported."""

import pytest

from tests.support.cluster.imported_modules import COMMANDS, imported_modules


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
def test_one_machine_imports_nothing_more(arguments, tmp_path, monkeypatch):
    monkeypatch.delenv("WIREHOUSE_CLUSTER", raising=False)
    assert imported_modules(arguments, tmp_path) == "[]"

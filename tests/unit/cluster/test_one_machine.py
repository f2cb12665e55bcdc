"""Without cluster.toml nothing of a cluster is imported."""

import subprocess
import sys

import pytest

COMMANDS = {
    "sql": ["sql", "select 1"],
    "ingest": ["ingest", "--json"],
    "status": ["status"],
    "doctor": ["doctor"],
}
SCRIPT = """
import sys
from flows.cli import run
run(sys.argv[1:])
foreign = {"psycopg", "obstore", "dask", "distributed", "prefect_dask", "duckdb_extension_ducklake"}
heavy = {"warehouse.cluster.settings", "warehouse.store.lake.lake_store"}
print("imported:", sorted((foreign | heavy) & set(sys.modules)))
"""


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
def test_one_machine_imports_nothing_more(arguments, tmp_path, monkeypatch):
    monkeypatch.delenv("WIREHOUSE_CLUSTER", raising=False)
    (tmp_path / "sources.toml").write_text("")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout.splitlines()[-1] == "imported: []", done.stderr

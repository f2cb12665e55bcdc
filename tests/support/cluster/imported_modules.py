"""Which modules of a cluster a command imports on one machine."""

import subprocess
import sys
from pathlib import Path

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


def imported_modules(arguments: list[str], folder: Path) -> str:
    """Run a command in a folder without cluster.toml; return the modules of a cluster, as a list's text."""
    (folder / "sources.toml").write_text("")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )
    last = done.stdout.splitlines()[-1:]
    assert last and last[0].startswith("imported: "), done.stderr
    return last[0].removeprefix("imported: ")

"""Lakes for tests: settings, creation, and the loads that race in processes of their own."""

import json
import os
import shutil
import sys
from pathlib import Path

import psycopg

from bench.stores import warehouse_data
from warehouse.cluster.settings import Cluster, read_cluster
from warehouse.store.home import Home
from warehouse.store.lake.create import create_lake

ADMIN = "user=postgres"


def write_cluster(folder: Path, conninfo: str, data: str = "lake", more: str = "") -> Path:
    """Write a cluster.toml for a lake; `conninfo` is the fixture's, of which the user is left out."""
    catalog = " ".join(word for word in conninfo.split() if not word.startswith("user="))
    file = folder / "cluster.toml"
    file.write_text(f'[store]\ncatalog = "{catalog}"\ndata = "{data}"\n{more}', encoding="utf-8")
    return file


def make_lake(folder: Path, conninfo: str, data: str = "lake", more: str = "") -> Home:
    """Create a lake and return the home of a machine that uses it."""
    cluster = read_cluster(write_cluster(folder, conninfo, data, more))
    create_lake(cluster, ADMIN)
    return Home(folder / "data", cluster)


def copy_lake(template: Home, folder: Path, admin: str, name: str) -> Home:
    """Return the home of a copy of a lake without rows: faster than creating one.

    `admin` is the superuser's connection string, `name` that of the new database.
    """
    catalog = template.cluster.store.catalog
    source = catalog.rpartition("dbname=")[2].split()[0]
    with psycopg.connect(admin, autocommit=True) as con:
        con.execute(f"create database {name} template {source} owner wh_writer")
    cluster = read_cluster(write_cluster(folder, catalog.replace(f"dbname={source}", f"dbname={name}")))
    shutil.copytree(template.cluster.data_url, cluster.data_url)
    with admin_connection(cluster) as con:
        con.execute("update ducklake_metadata set value = %s where key = 'data_path'", [cluster.data_url])
    return Home(folder / "data", cluster)


def admin_connection(cluster: Cluster) -> psycopg.Connection:
    """Return a connection of the superuser with the catalogue."""
    return psycopg.connect(f"{cluster.store.catalog} {ADMIN}", autocommit=True)


def batch(first: int, size: int):
    """Return a batch of articles whose keys follow from their numbers, with texts of their own."""
    warehouse_data.N_PARAGRAPHS = 10**9
    return warehouse_data.batch("race", first, size)


def worker_command(role: str, **arguments: object) -> list[str]:
    """Return the command of a process that loads or reads the lake of WIREHOUSE_CLUSTER."""
    return [sys.executable, "-m", "tests.support.cluster.lake_worker", role, json.dumps(arguments)]


def worker_environment(home: Home) -> dict[str, str]:
    """Return the environment of such a process."""
    root = str(Path(__file__).parents[3])
    return dict(os.environ) | {
        "WIREHOUSE_CLUSTER": str(home.cluster.file),
        "WIREHOUSE_HOME": str(home.root),
        "PYTHONPATH": root,
        "PYTHONUNBUFFERED": "1",
    }

"""What the tests of the cluster share: one PostgreSQL server and one S3 server for all of them."""

import itertools

import psycopg
import pytest

from tests.support.cluster.lakes import copy_lake, make_lake
from tests.support.cluster.object_store import KEYS, running_object_store
from tests.support.cluster.postgres import running_postgres

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session", autouse=True)
def owner_keys():
    """Keep the keys of the buckets' owner in the environment, as the workers' server copies it only once."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in KEYS.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="session")
def postgres():
    with running_postgres() as server:
        yield server


@pytest.fixture
def database(postgres):
    """Return the connection string of a new, empty database."""
    name = f"test_{next(_NUMBERS)}"
    with psycopg.connect(postgres.admin, autocommit=True) as admin:
        admin.execute(f"create database {name}")
    return postgres.conninfo(name, user="postgres")


@pytest.fixture(scope="session")
def lake_template(postgres, tmp_path_factory):
    """Return the home of a lake without rows, which nobody is connected with."""
    with psycopg.connect(postgres.admin, autocommit=True) as admin:
        admin.execute("create database lake_template")
    return make_lake(tmp_path_factory.mktemp("template"), postgres.conninfo("lake_template"))


@pytest.fixture
def lake(lake_template, postgres, tmp_path):
    """Return the home of a lake without rows."""
    return copy_lake(lake_template, tmp_path, postgres.admin, f"lake_{next(_NUMBERS)}")


@pytest.fixture(scope="session")
def object_store(tmp_path_factory):
    with running_object_store(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def bucket(object_store):
    """Return the name of a new bucket."""
    name = f"bucket-{next(_NUMBERS)}"
    object_store.make_bucket(name)
    return name

"""cluster.toml: what is accepted, and what is said about what is not."""

import tomllib
from pathlib import Path

import pytest

from warehouse.cluster.place import find_cluster, find_cluster_file
from warehouse.cluster.settings import parse_cluster
from warehouse.errors import ClusterError

FILE = Path("/etc/wirehouse/cluster.toml")
FULL = """
[store]
engine = "ducklake"
catalog = "host=db dbname=wirehouse"
data = "s3://wh/lake"
load_rows = 4000
[archive]
url = "s3://wh/pages/"
part_pages = 100
spool = "/var/lib/wirehouse/spool"
[pace]
url = "host=db dbname=wirehouse"
lease_s = 90
[shards]
n = 16
[runner]
kind = "dask"
address = "tcp://scheduler:8786"
[s3]
endpoint = "http://s3:9000"
region = "eu-central-1"
path_style = false
[upkeep]
merge_every_min = 30
expire_after_h = 48
"""


def parsed(text: str):
    return parse_cluster(tomllib.loads(text), FILE)


def test_every_section_is_read():
    cluster = parsed(FULL)
    assert (cluster.store.catalog, cluster.store.load_rows) == ("host=db dbname=wirehouse", 4000)
    assert cluster.data_url == "s3://wh/lake/"
    assert (cluster.archive.url, cluster.archive.part_pages) == ("s3://wh/pages/", 100)
    assert cluster.spool_dir == Path("/var/lib/wirehouse/spool")
    assert (cluster.pace.lease_s, cluster.shards.n) == (90, 16)
    assert (cluster.runner.kind, cluster.runner.address) == ("dask", "tcp://scheduler:8786")
    assert (cluster.s3.endpoint, cluster.s3.region, cluster.s3.path_style) == (
        "http://s3:9000", "eu-central-1", False,
    )  # fmt: skip
    assert (cluster.upkeep.merge_every_min, cluster.upkeep.expire_after_h) == (30, 48)


def test_what_is_left_out_stays_as_on_one_machine():
    cluster = parsed('[store]\ncatalog = "dbname=wirehouse"\ndata = "lake"\n')
    assert (cluster.archive, cluster.pace, cluster.shards.n, cluster.runner.kind) == (
        None,
        None,
        1,
        "threads",
    )
    assert (cluster.store.writer, cluster.store.reader) == ("wh_writer", "wh_reader")
    assert cluster.data_url == "/etc/wirehouse/lake/"


STORE = '[store]\ncatalog = "dbname=w"\ndata = "lake"\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[store]\ndata = "lake"', "store.catalog: this key is required"),
        ('[store]\ncatalog = "dbname=w"\ndata = "l"\ncolour = 1', "store.colour = 1: unknown key"),
        ('[store]\ncatalog = "host=db"\ndata = "l"', "'host=db': names no database"),
        ('[store]\ncatalog = "dbname=w password=x"\ndata = "l"', "contains a password"),
        ('[store]\ncatalog = "dbname=w"\ndata = "gs://b/l"', "neither a folder nor an s3"),
        ('[store]\ncatalog = "dbname=w"\ndata = "s3://"', "not a valid s3:// URL"),
        ('[store]\ncatalog = "dbname=w"\ndata = "l"\nengine = "iceberg"', "store.engine = 'iceberg': Input"),
        (STORE + '[archive]\nurl = "pages/"', "archive.url = 'pages/': not an s3:// URL"),
        (STORE + "[upkeep]\nexpire_after_h = 1", "upkeep.expire_after_h = 1: Input should be"),
        (STORE + "[shards]\nn = 4", "[shards] n = 4 requires [pace]"),
        ('[pace]\nurl = "dbname=w"\n[shards]\nn = 4', "[shards] requires [store]"),
        ('[archive]\nurl = "s3://b/p"', "[archive] requires [store]"),
        (STORE + '[runner]\nkind = "dask"', "runner.address: required with kind"),
        (STORE + '[s3]\nendpoint = "http://key:secret@s3"', "s3.endpoint"),
        ("file = 'x'", "file: unknown key"),
    ],
    ids=[
        "missing key", "unknown key", "no database", "password", "other scheme", "no bucket", "other engine",
        "archive in files", "expiry under a day", "shards without pace", "shards without store",
        "archive without store", "dask without address", "key in endpoint", "reserved name",
    ],
)  # fmt: skip
def test_problems_name_file_key_and_fix(text, message):
    with pytest.raises(ClusterError) as caught:
        parsed(text)
    assert str(caught.value).startswith(f"{FILE}: ")
    assert message in str(caught.value)


def test_the_environment_names_the_file(tmp_path, monkeypatch):
    monkeypatch.setenv("WIREHOUSE_CLUSTER", str(tmp_path / "mine.toml"))
    assert find_cluster_file() == tmp_path / "mine.toml"
    with pytest.raises(ClusterError, match="mine.toml: no such file. Create it"):
        find_cluster()


def test_the_file_beside_the_source_list(tmp_path, monkeypatch):
    monkeypatch.delenv("WIREHOUSE_CLUSTER", raising=False)
    monkeypatch.setenv("WIREHOUSE_CONFIG", str(tmp_path / "sources.toml"))
    assert find_cluster() is None
    (tmp_path / "cluster.toml").write_text("[shards]\nn = 1\n")
    assert find_cluster().file == tmp_path / "cluster.toml"

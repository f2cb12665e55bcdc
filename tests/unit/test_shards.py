"""Shards: which sources belong to one, how they are written, and the deployments of a cluster."""

from collections import Counter
from pathlib import Path

import pytest
import yaml

from flows.serving.shard_deployments import find_stale, with_shards, worker_queues
from tasks.errors import UsageError
from tasks.shards import (
    Shard,
    held_shard,
    parse_numbers,
    parse_shard,
    select_shard,
    source_slot,
    source_slots,
)
from warehouse.cluster.settings import parse_cluster
from warehouse.records.source import Feed, Source

ROOT = Path(__file__).parents[2]


def source(url, name="s"):
    return Source(name, name, feeds=(Feed(url),))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("https://news.example.com/rss", "http://m.example.com/b.xml", id="hosts of one domain"),
        pytest.param(
            "https://a.example.co.uk/rss", "https://b.example.co.uk/rss", id="public suffix of two labels"
        ),
    ],
)
def test_one_domain_is_one_slot(one, other):
    assert source_slot(source(one)) == source_slot(source(other))


def test_slots_do_not_change():
    """They are stored; 0xb6fa4eb9 is the CRC-32 of "example.com"."""
    assert source_slot(source("https://news.example.com/rss")) == 0xEB9
    assert source_slot(source("http://127.0.0.1:8000/rss")) == 1960
    assert source_slot(Source("alone", "Without a feed and a homepage")) == 3768


def test_every_source_is_in_one_shard_and_they_are_even():
    sources = [source(f"https://site{n}.example/rss", f"s{n}") for n in range(4000)]
    slots = source_slots(sources)
    shards = [select_shard(sources, slots, Shard(number, 16)) for number in range(16)]
    assert Counter(s.name for shard in shards for s in shard) == Counter(s.name for s in sources)
    assert all(180 < len(shard) < 320 for shard in shards)


@pytest.mark.parametrize(("text", "shard"), [("0/1", Shard(0, 1)), (" 15/16 ", Shard(15, 16))])
def test_a_shard_is_a_number_and_their_count(text, shard):
    assert parse_shard(text) == shard
    assert str(shard) == text.strip()


@pytest.mark.parametrize("text", ["16/16", "3", "3/0", "-1/4", "a/b", "", "1/2/3"])
def test_what_is_no_shard_is_refused(text):
    with pytest.raises(UsageError, match="such as 3/16"):
        parse_shard(text)


@pytest.mark.parametrize(
    ("text", "numbers"), [("0-3", (0, 1, 2, 3)), ("5", (5,)), ("0-1, 7,1-2", (0, 1, 2, 7))]
)
def test_numbers_and_ranges(text, numbers):
    assert parse_numbers(text, 8) == numbers


@pytest.mark.parametrize("text", ["8", "3-1", "x", "1,", "0-8"])
def test_numbers_that_are_no_shards(text):
    with pytest.raises(UsageError, match="--shards: '"):
        parse_numbers(text, 8)


def test_a_shard_needs_a_cluster(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("WIREHOUSE_CLUSTER", raising=False)
    with pytest.raises(UsageError, match="cluster.toml"), held_shard(Shard(0, 2)):
        pytest.fail("without a cluster nothing keeps two runs apart")


def test_without_a_shard_nothing_is_asked(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with held_shard(None) as is_held:
        assert is_held


@pytest.fixture(scope="module")
def document():
    return yaml.safe_load((ROOT / "prefect.yaml").read_text())


def test_ingest_is_deployed_once_a_shard(document):
    sharded = with_shards(document, 4)["deployments"]
    ingests = [d for d in sharded if d["entrypoint"] == "flows.ingest.ingest"]
    assert [d["name"] for d in ingests] == ["shard-0", "shard-1", "shard-2", "shard-3"]
    assert [d["parameters"]["shard"] for d in ingests] == ["0/4", "1/4", "2/4", "3/4"]
    assert [d["work_pool"]["work_queue_name"] for d in ingests] == [d["name"] for d in ingests]
    assert [d["schedules"][0]["anchor_date"][14:19] for d in ingests] == ["00:00", "02:30", "05:00", "07:30"]
    assert not any("concurrency_limit" in d for d in ingests)
    others = [d for d in sharded if d not in ingests]
    assert {d["name"] for d in others} == {"backfill", "maintain", "reextract"}
    assert {d["work_pool"]["work_queue_name"] for d in others} == {"upkeep"}
    assert all("WIREHOUSE_CLUSTER" in d["work_pool"]["job_variables"]["env"] for d in sharded)


def test_the_file_itself_stays_as_it_is(document):
    with_shards(document, 4)
    assert document == yaml.safe_load((ROOT / "prefect.yaml").read_text())


CLUSTER = parse_cluster(
    {
        "store": {"catalog": "dbname=x", "data": "lake"},
        "pace": {"url": "dbname=x"},
        "shards": {"n": 4},
    },
    Path("cluster.toml"),
)


@pytest.mark.parametrize(
    ("cluster", "shards", "upkeep", "queues"),
    [
        pytest.param(CLUSTER, "0-1,3", False, ["shard-0", "shard-1", "shard-3"], id="some shards"),
        pytest.param(CLUSTER, "2", True, ["shard-2", "upkeep"], id="a shard and upkeep"),
        pytest.param(CLUSTER, None, True, ["upkeep"], id="upkeep alone"),
        pytest.param(CLUSTER, None, False, [], id="all queues"),
        pytest.param(None, None, True, [], id="one machine has one queue"),
    ],
)
def test_a_worker_takes_the_queues_of_its_shards(cluster, shards, upkeep, queues):
    assert worker_queues(cluster, shards, upkeep=upkeep) == queues


@pytest.mark.parametrize(("cluster", "shards"), [(CLUSTER, "4"), (None, "0")])
def test_a_worker_of_shards_that_there_are_not_is_refused(cluster, shards):
    with pytest.raises(UsageError, match="--shards"):
        worker_queues(cluster, shards, upkeep=False)


@pytest.mark.parametrize(
    ("n", "stale"),
    [
        pytest.param(2, ["ingest", "shard-2", "shard-10"], id="fewer shards"),
        pytest.param(16, ["ingest"], id="more shards"),
        pytest.param(0, ["shard-0", "shard-1", "shard-2", "shard-10"], id="one machine again"),
    ],
)
def test_deployments_of_another_number_of_shards_are_stale(n, stale):
    names = ["ingest", "maintain", "shard-0", "shard-1", "shard-2", "shard-10"]
    assert find_stale(names, n) == stale

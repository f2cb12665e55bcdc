"""Races on a lake: processes that load the same keys, loaders that are killed; with counts of what raced."""

import json
import random
import subprocess
import time
from dataclasses import dataclass

from tests.support.lakes import worker_command, worker_environment
from warehouse.store.connection import connect
from warehouse.store.home import Home

SIZE, STEP = 60, 30  # of a batch, and how far the next one begins behind it: each overlaps the one before


@dataclass(frozen=True)
class Race:
    """What came of two writers and a reader."""

    expected: int  # articles that the acknowledged loads have together
    rows: int
    keys: int
    texts: int
    n_loads: int
    raced: int  # batches that both writers loaded
    conflicts: int
    reads: int
    wrong_reads: int
    read_errors: list[str]
    read_p95_s: float


@dataclass(frozen=True)
class Kills:
    """What came of loaders that were killed."""

    kills: int
    acknowledged: int
    in_flight: int  # kills between the begin of a load and its acknowledgement
    lost: list[int]  # acknowledged batches that are not there
    half: list[int]  # batches of which a part is there


def race(home: Home, *, seconds: float, has_lock: bool = True) -> Race:
    """Let two processes load the same keys while a third reads."""
    arguments = {"seconds": seconds, "size": SIZE, "step": STEP, "has_lock": has_lock}
    commands = [worker_command("load", **arguments)] * 2 + [worker_command("read", seconds=seconds)]
    processes = [_start(command, home) for command in commands]
    answers = [json.loads(process.communicate()[0].splitlines()[-1]) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    *writers, reader = answers
    firsts = [{load["first"] for load in writer["loads"]} for writer in writers]
    expected = {n for first in set.union(*firsts) for n in range(first, first + SIZE)}
    rows, keys, texts = _count(home)
    walls = reader["seconds"]
    return Race(
        expected=len(expected),
        rows=rows,
        keys=keys,
        texts=texts,
        n_loads=sum(len(writer["loads"]) for writer in writers),
        raced=len(set.intersection(*firsts)),
        conflicts=sum(writer["conflicts"] for writer in writers),
        reads=reader["reads"],
        wrong_reads=reader["wrong"],
        read_errors=reader["errors"],
        read_p95_s=walls[int(len(walls) * 0.95)],
    )


def kill_loaders(home: Home, *, kills: int, seed: int = 5) -> Kills:
    """Kill a loader at a random moment, again and again; look for what was lost or stored by half."""
    rng = random.Random(seed)
    acknowledged: list[int] = []
    first = in_flight = 0
    for _ in range(kills):
        process = _start(worker_command("endless", first=first, size=SIZE), home)
        n_lines = rng.choice((1, 3))
        lines = [process.stdout.readline().split() for _ in range(n_lines)]  # the last one begins a load
        time.sleep(rng.random() * 2)
        process.kill()
        lines += [line.split() for line in process.communicate()[0].splitlines()]
        loaded = [int(number) for word, number in lines if word == "loaded"]
        in_flight += lines[-1][0] == "begin"
        acknowledged += loaded
        first = int(lines[-1][1]) + SIZE  # the batch in flight may be there or not, but whole
    sizes = _batch_sizes(home)
    return Kills(
        kills=kills,
        acknowledged=len(acknowledged),
        in_flight=in_flight,
        lost=[number for number in acknowledged if sizes.get(number) != SIZE],
        half=[number for number, size in sizes.items() if size != SIZE],
    )


def _start(command: list[str], home: Home) -> subprocess.Popen:
    return subprocess.Popen(command, env=worker_environment(home), stdout=subprocess.PIPE, text=True)


def _count(home: Home) -> tuple[int, int, int]:
    with connect(home) as con:
        (row,) = con.execute(
            "select (select count(*) from core.article),"
            " (select count(distinct article_id) from core.article), (select count(*) from core.article_text)"
        ).fetchall()
    return row


def _batch_sizes(home: Home) -> dict[int, int]:
    """Return how many articles of each batch have a row and a text, by the batch's first number."""
    with connect(home) as con:
        rows = con.execute(
            "select cast(regexp_extract(a.url, '/(\\d+)-', 1) as bigint) // ? * ? as first, count(*)"
            " from core.article as a join core.article_text as t using (article_id) group by first",
            [SIZE, SIZE],
        ).fetchall()
    return dict(rows)

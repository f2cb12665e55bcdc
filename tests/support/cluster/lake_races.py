"""Races on a lake: processes that load the same keys, loaders that are killed; with counts of what raced."""

import json
import random
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Thread

from tests.support.cluster.lakes import worker_command, worker_environment
from warehouse.store.connection import connect
from warehouse.store.home import Home

SIZE, STEP = 60, 30  # of a batch, and how far the next one begins behind it: each overlaps the one before


@dataclass(frozen=True)
class Race:
    """What came of two writers and a reader."""

    expected: int  # articles that the acknowledged loads have together
    n_loads: int
    raced: int  # batches that both writers loaded
    conflicts: int  # loads that were refused
    repeated: int  # batches that a writer loaded after they had been refused
    reads: int
    wrong_reads: int
    read_errors: list[str]
    read_p95_s: float
    rows: int = 0
    keys: int = 0
    texts: int = 0


@dataclass(frozen=True)
class Kills:
    """What came of loaders that were killed."""

    kills: int
    acknowledged: int
    in_flight: int  # kills between the begin of a load and its acknowledgement
    lost: list[int]  # acknowledged batches that are not there
    half: list[int]  # batches of which a part is there


def race(
    home: Home,
    *,
    has_lock: bool = True,
    seconds: float = 0,
    is_enough: Callable[[Race], bool] = lambda _: True,
    limit_s: float = 300,
) -> Race:
    """Let two processes load the same keys while a third reads.

    They go on for `seconds` and until `is_enough` of what was counted so far (its rows are not), at most
    `limit_s`. Only rows of this race are counted; it begins behind those of races before it.
    """
    before = _count(home)
    arguments = {"first": before[0], "size": SIZE, "step": STEP, "has_lock": has_lock}
    commands = [worker_command("load", **arguments)] * 2 + [worker_command("read")]
    begun_at = time.monotonic()
    racers = [_Racer(command, home) for command in commands]
    try:
        while (elapsed_s := time.monotonic() - begun_at) < limit_s:
            if elapsed_s >= seconds and is_enough(_outcome(racers)):
                break
            if any(racer.process.poll() is not None for racer in racers):
                break  # its exit code says more
            time.sleep(0.1)
    finally:
        codes = [racer.end() for racer in racers]
    assert codes == [0, 0, 0]
    rows, keys, texts = (n - n_before for n, n_before in zip(_count(home), before, strict=True))
    return replace(_outcome(racers), rows=rows, keys=keys, texts=texts)


class _Racer:
    """A process of the race and what it has said so far."""

    def __init__(self, command: list[str], home: Home) -> None:
        self.process = _start(command, home)
        self.said: list[list] = []
        self._listener = Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        self.said.extend(json.loads(line) for line in self.process.stdout)

    def end(self) -> int:
        """Let the process end what it is doing; return its exit code."""
        self.process.stdin.close()
        code = self.process.wait()
        self._listener.join()
        self.process.stdout.close()
        return code

    def find(self, word: str) -> list[list]:
        """Return what it said after this word."""
        return [rest for first, *rest in list(self.said) if first == word]


def _outcome(racers: list[_Racer]) -> Race:
    *writers, reader = racers
    firsts = [[first for (first,) in writer.find("loaded")] for writer in writers]
    expected = {n for first in set().union(*firsts) for n in range(first, first + SIZE)}
    refused = [writer.find("refused") for writer in writers]
    reads = reader.find("read")
    walls = sorted(wall for wall, _ in reads)
    return Race(
        expected=len(expected),
        n_loads=sum(map(len, firsts)),
        raced=len(set(firsts[0]) & set(firsts[1])),
        conflicts=sum(map(len, refused)),
        repeated=sum(
            len({first for first, _ in of} & set(done)) for of, done in zip(refused, firsts, strict=True)
        ),
        reads=len(reads),
        wrong_reads=sum(not is_right for _, is_right in reads),
        read_errors=[text for (text,) in reader.find("failed")],
        read_p95_s=walls[int(len(walls) * 0.95)] if walls else 0.0,
    )


def kill_loaders(home: Home, *, kills: int, in_flight: int, limit_s: float = 300, seed: int = 5) -> Kills:
    """Kill a loader at a random moment, again and again; look for what was lost or stored by half.

    Goes on after `kills` until so many were killed in the middle of a load (`in_flight`), at most `limit_s`.
    """
    rng = random.Random(seed)
    acknowledged: list[int] = []
    first = n_kills = n_in_flight = 0
    begun_at = time.monotonic()
    while n_kills < kills or (n_in_flight < in_flight and time.monotonic() - begun_at < limit_s):
        process = _start(worker_command("endless", first=first, size=SIZE), home)
        n_lines = rng.choice((1, 3))
        lines = [json.loads(process.stdout.readline()) for _ in range(n_lines)]  # the last one begins a load
        time.sleep(rng.random() * 2)
        process.kill()
        # Not by communicate(), which loses what readline() has read ahead; without a truncated last line.
        lines += [json.loads(line) for line in process.stdout.read().split("\n")[:-1]]
        process.communicate()
        n_kills += 1
        n_in_flight += lines[-1][0] == "begin"
        acknowledged += [number for word, number in lines if word == "loaded"]
        first = lines[-1][1] + SIZE  # the batch in flight may be there or not, but whole
    sizes = _batch_sizes(home)
    return Kills(
        kills=n_kills,
        acknowledged=len(acknowledged),
        in_flight=n_in_flight,
        lost=[number for number in acknowledged if sizes.get(number) != SIZE],
        half=[number for number, size in sizes.items() if size != SIZE],
    )


def _start(command: list[str], home: Home) -> subprocess.Popen:
    return subprocess.Popen(
        command, env=worker_environment(home), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


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

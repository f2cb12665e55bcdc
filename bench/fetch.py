"""Time to poll and parse 1,000 feeds on 1,000 hosts, compared with a plain requests + feedparser loop.

    python -m bench.fetch [--feeds N] [--plain N] [--latency SECONDS]

Both ask the same server, in a process of its own, on loopback addresses 127.1.x.y, so that each feed has
its own host. wirehouse also asks each host for its robots.txt, keeps pace files, bounds and checks
everything, and parses feeds in worker processes; the loop does none of this. The second round is all 304.
With `--latency` the server waits before each answer, as the web does; the loop, one feed after the other, may
then poll the first `--plain` feeds only. CPU is that of the polling process. Bar for 10,000 feeds that answer
304 after 20 ms: .8 of the loop's CPU and 9 times its speed.
"""

import argparse
import asyncio
import multiprocessing
import os
import tempfile
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

import feedparser
import requests

from bench.comparison.ratios import note
from tasks.domain.feeds.polling import FeedAnswer, FeedPoll, next_state
from tasks.errors import ErrorClass
from tasks.http_client.client import HttpClient
from tasks.poll import poll_feeds
from tasks.workers.feed_parser import FeedParser
from warehouse.records.feed import FeedState
from warehouse.records.source import Feed, Source

N_ITEMS = 30
SENTENCE = "The harbour office said on Tuesday that the new pier would open a week later than planned. "


def feed_body() -> bytes:
    """Return a feed of about 25 KB, a usual size for news feeds."""
    items = "".join(
        f"<item><title>Headline number {n} of the day</title><link>https://news.example/2026/11/{n}</link>"
        f"<guid>https://news.example/?p={n}</guid>"
        f"<pubDate>Tue, 24 Nov 2026 {n % 24:02}:{n:02}:00 GMT</pubDate>"
        f"<description>{SENTENCE * 6}</description></item>"
        for n in range(N_ITEMS)
    )
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{items}</channel></rss>'.encode()
    )


def serve(port: "Synchronized[int]", latency_s: float) -> None:
    """Serve feeds with an ETag, 304 to requests that send it, and 404 for robots.txt."""
    body = feed_body()
    head = (
        f'HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nETag: "v1"\r\nContent-Length: {len(body)}'
    )
    whole = head.encode() + b"\r\nConnection: close\r\n\r\n" + body
    same = b'HTTP/1.1 304 Not Modified\r\nETag: "v1"\r\nConnection: close\r\n\r\n'
    nothing = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(latency_s)
        is_robots = request.startswith(b"GET /robots.txt")
        writer.write(nothing if is_robots else same if b"If-None-Match" in request else whole)
        await writer.drain()
        writer.close()

    async def run() -> None:
        server = await asyncio.start_server(answer, "0.0.0.0", 0, backlog=1024)
        port.value = server.sockets[0].getsockname()[1]
        await server.serve_forever()

    asyncio.run(run())


def sources(n: int, port: int) -> list[Source]:
    """Return sources with one feed each, each on its own address."""
    hosts = [f"127.1.{i // 250}.{i % 250 + 1}:{port}" for i in range(n)]
    return [
        Source(f"s{i}", f"S{i}", feeds=(Feed(f"http://{host}/feed"),), delay_s=0.0, allow=(host,))
        for i, host in enumerate(hosts)
    ]


@dataclass(frozen=True, slots=True)
class PollingCost:
    """What one feed costs, in wall and CPU seconds."""

    wall_s: float
    cpu_s: float

    def __str__(self) -> str:
        return f"{1 / self.wall_s:6.0f} feeds/s, {self.cpu_s * 1000:5.2f} CPU ms a feed"


def poll_wirehouse(
    polls: list[FeedPoll], hosts_dir: Path, parser: FeedParser, expected: ErrorClass
) -> tuple[PollingCost, list[FeedAnswer]]:
    """Return the cost of a feed and the responses of one round; fail when a response is not as expected."""
    begun, cpu = time.perf_counter(), time.process_time()
    with HttpClient(hosts_dir=hosts_dir, contact="https://example.org/bench") as client:
        answers = poll_feeds(polls, client, datetime.now(UTC), parser)
    wall_s, cpu_s = time.perf_counter() - begun, time.process_time() - cpu
    assert all(answer.outcome is expected for answer in answers), answers[0].reason
    return PollingCost(wall_s / len(polls), cpu_s / len(polls)), answers


def remembered(poll: FeedPoll, answer: FeedAnswer) -> FeedState:
    """Return the feed state after a poll."""
    return next_state(
        None, poll.feed, poll.source.name, answer, n_known=0, n_new=N_ITEMS, now=datetime.now(UTC)
    )


def poll_plainly(urls: list[str], headers: dict[str, str]) -> PollingCost:
    """Return what a feed costs the plain loop."""
    begun, cpu = time.perf_counter(), time.process_time()
    for url in urls:
        answer = requests.get(url, headers=headers, timeout=30)
        if answer.status_code == 200:
            assert len(feedparser.parse(answer.content).entries) == N_ITEMS
    wall_s, cpu_s = time.perf_counter() - begun, time.process_time() - cpu
    return PollingCost(wall_s / len(urls), cpu_s / len(urls))


def report(what: str, ours: PollingCost, theirs: PollingCost) -> None:
    """Print one comparison."""
    note(f"polls, {what}", "feeds/s", 1 / ours.wall_s, "requests in a plain loop", 1 / theirs.wall_s)
    note(f"polls, {what}", "CPU ms a feed", ours.cpu_s * 1000, "the same", theirs.cpu_s * 1000)
    print(
        f"{what:<11} wirehouse {ours}   plain loop {theirs}   wirehouse / plain loop: "
        f"speed {theirs.wall_s / ours.wall_s:.2f}, CPU {ours.cpu_s / theirs.cpu_s:.2f}"
    )


def main() -> None:
    """Run both on both rounds."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--feeds", type=int, default=1000)
    options.add_argument("--plain", type=int, help="feeds that the plain loop polls; all without it")
    options.add_argument("--latency", type=float, default=0.0)
    chosen = options.parse_args()
    port = multiprocessing.Value("i", 0)
    server = multiprocessing.Process(target=serve, args=(port, chosen.latency), daemon=True)
    server.start()
    while not port.value:
        time.sleep(0.01)
    os.environ["NO_PROXY"] = "*"  # the plain loop would ask a proxy of the environment for loopback hosts
    with tempfile.TemporaryDirectory() as folder, FeedParser() as parser:
        run(chosen, port.value, Path(folder), parser)
    server.terminate()


def run(chosen: argparse.Namespace, port: int, hosts_dir: Path, parser: FeedParser) -> None:
    """Poll everything twice with both, and print the ratios."""
    found = sources(chosen.feeds, port)
    polls = [FeedPoll(source, source.feeds[0], None) for source in found]
    urls = [poll.feed.url for poll in polls[: chosen.plain]]
    size_kb, latency_ms = len(feed_body()) / 1000, chosen.latency * 1000
    print(f"{len(polls)} feeds of {size_kb:.0f} KB on as many hosts, server latency {latency_ms:.0f} ms")
    poll_wirehouse(polls[:1], hosts_dir / "warm", parser, ErrorClass.OK)  # starts the worker processes
    cold, answers = poll_wirehouse(polls, hosts_dir, parser, ErrorClass.OK)
    report("first poll", cold, poll_plainly(urls, {}))
    again = [
        replace(poll, state=remembered(poll, answer)) for poll, answer in zip(polls, answers, strict=True)
    ]
    warm, _ = poll_wirehouse(again, hosts_dir, parser, ErrorClass.NOT_MODIFIED)
    report("all 304", warm, poll_plainly(urls, {"If-None-Match": '"v1"'}))


if __name__ == "__main__":
    main()

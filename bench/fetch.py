"""Time to poll and parse 1,000 feeds on 1,000 hosts, compared with a plain requests + feedparser loop.

    python -m bench.fetch [--feeds N] [--latency SECONDS]

Both ask the same server, in a process of its own, on loopback addresses 127.1.x.y, so that each feed has
its own host. wirehouse also asks each host for its robots.txt, keeps pace files, bounds and checks
everything, and parses feeds in worker processes; the loop does none of this. The second round is all 304.
With `--latency` the server waits before each answer, as the web does.
"""

import argparse
import asyncio
import multiprocessing
import os
import tempfile
import time
from dataclasses import replace
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
from warehouse.records import Feed, FeedState, Source

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


def poll_wirehouse(
    polls: list[FeedPoll], hosts_dir: Path, parser: FeedParser, expected: ErrorClass
) -> tuple[float, list[FeedAnswer]]:
    """Return seconds and responses of one round; fail when a response is not as expected."""
    begun = time.perf_counter()
    with HttpClient(hosts_dir=hosts_dir, contact="https://example.org/bench") as client:
        answers = poll_feeds(polls, client, datetime.now(UTC), parser)
    seconds = time.perf_counter() - begun
    assert all(answer.outcome is expected for answer in answers), answers[0].reason
    return seconds, answers


def remembered(poll: FeedPoll, answer: FeedAnswer) -> FeedState:
    """Return the feed state after a poll."""
    return next_state(
        None, poll.feed, poll.source.name, answer, n_known=0, n_new=N_ITEMS, now=datetime.now(UTC)
    )


def poll_plainly(urls: list[str], headers: dict[str, str]) -> float:
    """Return the seconds that the plain loop takes."""
    begun = time.perf_counter()
    for url in urls:
        answer = requests.get(url, headers=headers, timeout=30)
        if answer.status_code == 200:
            assert len(feedparser.parse(answer.content).entries) == N_ITEMS
    return time.perf_counter() - begun


def report(what: str, n: int, ours_s: float, theirs_s: float) -> None:
    """Print one comparison."""
    note(f"polls, {what}", "feeds/s", n / ours_s, "requests in a plain loop", n / theirs_s)
    print(
        f"{what:<22} wirehouse {ours_s:6.2f} s ({n / ours_s:6.0f} feeds/s)   "
        f"plain loop {theirs_s:6.2f} s ({n / theirs_s:6.0f} feeds/s)   "
        f"plain / wirehouse {theirs_s / ours_s:.2f}"
    )


def main() -> None:
    """Run both on both rounds."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--feeds", type=int, default=1000)
    options.add_argument("--latency", type=float, default=0.0)
    chosen = options.parse_args()
    port = multiprocessing.Value("i", 0)
    server = multiprocessing.Process(target=serve, args=(port, chosen.latency), daemon=True)
    server.start()
    while not port.value:
        time.sleep(0.01)
    os.environ["NO_PROXY"] = "*"  # the plain loop would ask a proxy of the environment for loopback hosts
    with tempfile.TemporaryDirectory() as folder, FeedParser() as parser:
        run(chosen.feeds, port.value, chosen.latency, Path(folder), parser)
    server.terminate()


def run(n: int, port: int, latency_s: float, hosts_dir: Path, parser: FeedParser) -> None:
    """Poll everything twice with both, and print the ratios."""
    found = sources(n, port)
    polls = [FeedPoll(source, source.feeds[0], None) for source in found]
    urls = [poll.feed.url for poll in polls]
    size_kb, latency_ms = len(feed_body()) / 1000, latency_s * 1000
    print(f"{n} feeds of {size_kb:.0f} KB on {n} hosts, server latency {latency_ms:.0f} ms")
    poll_wirehouse(polls[:1], hosts_dir / "warm", parser, ErrorClass.OK)  # starts the worker processes
    cold_s, answers = poll_wirehouse(polls, hosts_dir, parser, ErrorClass.OK)
    report("first poll", n, cold_s, poll_plainly(urls, {}))
    again = [
        replace(poll, state=remembered(poll, answer)) for poll, answer in zip(polls, answers, strict=True)
    ]
    warm_s, _ = poll_wirehouse(again, hosts_dir, parser, ErrorClass.NOT_MODIFIED)
    report("all 304", n, warm_s, poll_plainly(urls, {"If-None-Match": '"v1"'}))


if __name__ == "__main__":
    main()

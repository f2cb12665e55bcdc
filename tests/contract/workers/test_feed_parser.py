"""Feed documents in worker processes: limits hold, and one bad document leaves the others alone."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from tasks.domain.dates.context import DateContext
from tasks.errors import ErrorClass, FeedFormatError
from tasks.workers.feed_parser import FeedParser
from tasks.workers.feed_worker import FeedJob
from warehouse.records.feed import FeedDocument, ParsedFeed

NOW = datetime(2026, 1, 12, tzinfo=UTC)
GOOD = b"<rss><channel><item><title>T</title><link>https://a.example/1</link></item></channel></rss>"


@pytest.fixture(scope="module")
def parser() -> Iterator[FeedParser]:
    with FeedParser(2, limit_s=3) as parser:
        yield parser


def job(body: bytes) -> FeedJob:
    return FeedJob(body, "https://a.example/feed", DateContext(NOW))


def hang(job: FeedJob) -> ParsedFeed:
    while True:
        time.sleep(1)


def die(job: FeedJob) -> ParsedFeed:
    os._exit(7)


def hoard(job: FeedJob) -> object:
    from tasks.workers.feed_worker import _guarded

    return _guarded(lambda: bytearray(8_000_000_000))


def test_a_feed_and_a_broken_document_are_values(parser):
    feed = parser.parse(job(GOOD))
    assert isinstance(feed, FeedDocument)
    assert [entry.url for entry in feed.entries] == ["https://a.example/1"]
    error = parser.parse(job(b"nothing of the kind"))
    assert isinstance(error, FeedFormatError)
    assert (error.error_class, error.url) == (ErrorClass.NOT_A_FEED, "https://a.example/feed")


@pytest.mark.parametrize(
    ("work", "error_class", "word"),
    [
        pytest.param(hang, ErrorClass.TIMEOUT, "longer than 3 s", id="hangs"),
        pytest.param(die, ErrorClass.WORKER_KILLED, "died", id="kills its process"),
        pytest.param(hoard, ErrorClass.WORKER_KILLED, "more memory", id="takes all memory"),
    ],
)
def test_a_document_that_harms_its_worker_is_an_error_and_the_next_one_is_read(
    parser, work, error_class, word
):
    error = parser._run(work, job(GOOD))
    assert isinstance(error, FeedFormatError)
    assert error.error_class is error_class
    assert word in error.reason
    assert isinstance(parser.parse(job(GOOD)), FeedDocument)


def test_many_threads_share_the_workers(parser):
    bodies = [GOOD.replace(b"/1<", f"/{n}<".encode()) for n in range(40)]
    with ThreadPoolExecutor(8) as threads:
        feeds = list(threads.map(lambda body: parser.parse(job(body)), bodies))
    urls = [feed.entries[0].url for feed in feeds if isinstance(feed, FeedDocument)]
    assert urls == [f"https://a.example/{n}" for n in range(40)]


def test_a_parser_that_reads_nothing_starts_no_process():
    start = time.perf_counter()
    with FeedParser():
        pass
    assert time.perf_counter() - start < 1

"""Worker processes: a page that hangs, crashes or exhausts memory fails alone."""

from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from tasks.archive.writer import ArchiveWriter
from tasks.errors import ErrorClass
from tasks.extract import Extracted, PageExtractor, extract_pages
from tasks.fetch import archived_pages
from tasks.workers.extract_worker import PageJob, reject_of
from tasks.workers.extraction_pool import ExtractionPool
from tasks.workers.fair_share import SourceBudget
from tasks.workers.limits import Failure
from tests.support.extract_work import behave
from warehouse.archive.files import FileArchive
from warehouse.records.feed import FeedEntry
from warehouse.records.outcome import Step
from warehouse.records.page import ArchiveRef, Page, PageRequest
from warehouse.records.source import Source

AT = datetime(2022, 1, 11, 8, 0, tzinfo=UTC)
SOURCES = {"s": Source("s", "The Source", timezone="Europe/Moscow", date_order="dmy", language="en")}
GOOD = """<html><head><title>Council votes</title></head><body><p>10.01.2022, 16:58</p><h1>Council votes</h1>
<p>The council of the town has voted on the budget of the coming year, after a debate of six hours.</p>
<p>Nobody was against it, the mayor said on Monday, and nobody had expected that.</p></body></html>"""


@pytest.fixture(scope="module")
def pool():
    with ExtractionPool(2, limit_s=1.0) as pool:
        yield pool


@pytest.mark.parametrize(
    ("misdeed", "error_class"),
    [("hang", ErrorClass.TIMEOUT), ("die", ErrorClass.WORKER_KILLED), ("eat", ErrorClass.WORKER_KILLED)],
)
def test_a_misdeed_costs_its_own_page_only(pool, misdeed, error_class):
    jobs = ["a", "b", misdeed, *"cdefghij"]
    results = pool.run(jobs, behave)
    failure = results.pop(2)
    assert results == ["a", "b", *"cdefghij"]
    assert isinstance(failure, Failure)
    assert failure.error_class is error_class
    assert failure.reason.endswith(".")


def test_workers_are_recycled_and_order_is_kept():
    with ExtractionPool(1, max_tasks=1) as pool:
        names = [str(n) for n in range(30)]
        assert pool.run(names, behave) == names


def stored(writer: ArchiveWriter, name: str, html: bytes) -> Page:
    url = f"https://daily.example/{name}"
    request = PageRequest("s", url, f"daily.example/{name}", FeedEntry(url, title="From the feed"))
    return writer.write_imported(request, html, content_type="text/html; charset=utf-8", at=AT)


def test_pages_become_articles_and_rejects(pool, tmp_path):
    with ArchiveWriter(tmp_path) as writer:
        pages = [
            stored(writer, "good", GOOD.encode()),
            stored(writer, "gone", b"<title>Page not found</title><h1>Page not found</h1><p>Sorry.</p>"),
        ]
    lost = Page(
        pages[0].request, pages[0].final_url, 200, AT, ArchiveRef("2022/01/none.warc.gz", 0, 10), "0" * 64
    )
    extracted = extract_pages([*pages, lost], SOURCES, FileArchive(tmp_path), pool)
    (article,) = extracted.articles
    assert article.title == "Council votes"
    assert article.published is not None
    assert article.published.at == datetime(2022, 1, 10, 13, 58, tzinfo=UTC)
    assert article.ref == pages[0].ref
    assert article.fetched_at == AT
    gone, missing = extracted.rejects
    assert (gone.step, gone.error_class, gone.ref, gone.url) == (
        Step.EXTRACT, "soft_404", pages[1].ref, "https://daily.example/gone",
    )  # fmt: skip
    assert missing.error_class == "internal"


def test_an_unknown_source_is_read_without_settings(pool, tmp_path):
    with ArchiveWriter(tmp_path) as writer:
        page = stored(writer, "good", GOOD.encode())
    (article,) = extract_pages([page], {}, FileArchive(tmp_path), pool).articles
    assert article.source == "s"
    assert article.published is not None
    assert article.published.at is None  # no zone on the page, none configured: none invented
    assert article.published.local == datetime(2022, 1, 10, 16, 58)


@dataclass(frozen=True, slots=True)
class Named:
    """A job of a source for `behave`."""

    name: str
    source: Source


def named(jobs, limit_s):
    return behave(tuple(job.name for job in jobs), limit_s)


def test_pages_of_a_bad_source_are_deferred_and_others_are_extracted():
    bad, good = Source("bad", "Bad"), Source("good", "Good")
    jobs = [Named("die", bad) for _ in range(8)] + [Named(str(n), good) for n in range(8)]
    with ExtractionPool(2, budget=SourceBudget()) as pool:
        results = pool.run(jobs, named)
    assert results[8:] == [str(n) for n in range(8)]
    assert [result.is_deferred for result in results[:8]] == [False] * 3 + [True] * 5
    assert "3 of 3 pages of 'bad' exceeded their limit" in results[7].reason


def test_a_page_that_takes_long_is_extracted_after_its_trial():
    source = Source("s", "S")
    jobs = [Named("toil", source), *(Named(str(n), source) for n in range(5))]
    with ExtractionPool(1, budget=SourceBudget(trial_s=0.2)) as pool:
        toil, *others = pool.submit(jobs, named)
        assert toil.result() == "toil"
        assert all(future.done() for future in others)


def test_a_deferred_page_is_tried_again_in_an_hour(tmp_path):
    with ArchiveWriter(tmp_path) as writer:
        page = stored(writer, "a", b"<p>A</p>")
    job = PageJob(page, SOURCES["s"], FileArchive(tmp_path))
    assert reject_of(job, Failure(ErrorClass.TIMEOUT, "It is late.")).next_try_at is None
    deferred = reject_of(job, Failure(ErrorClass.TIMEOUT, "It is late.", is_deferred=True))
    assert deferred.next_try_at == AT + timedelta(hours=1)


def test_a_page_that_is_not_ready_keeps_its_row_for_a_later_batch(tmp_path):
    with ArchiveWriter(tmp_path) as writer:
        pages = tuple(stored(writer, name, GOOD.encode()) for name in ("a", "b"))
    late, ready = Future(), Future()
    ready.set_result(Failure(ErrorClass.EMPTY, "It is empty."))
    futures = iter((late, ready))

    class Pool:
        def submit(self, jobs, work):
            return [next(futures) for _ in jobs]

    extractor = PageExtractor(SOURCES, FileArchive(tmp_path), Pool(), patience_s=0.01)
    first = extractor.extract_ready(archived_pages(pages))
    assert [row.ref for row in first.fetched.fetches] == [pages[1].ref]
    assert (first.extracted.articles, len(first.extracted.rejects), extractor.n_late) == ((), 1, 1)
    late.set_result(Failure(ErrorClass.EMPTY, "It is empty."))
    second = extractor.extract_ready(archived_pages(()))
    assert [row.ref for row in second.fetched.fetches] == [pages[0].ref]
    assert extractor.n_late == 0


def test_a_page_is_begun_before_its_batch_and_comes_with_it_once(tmp_path):
    with ArchiveWriter(tmp_path) as writer, ExtractionPool(1) as pool:
        extractor = PageExtractor(SOURCES, FileArchive(tmp_path), pool)
        pages = tuple(stored(writer, name, GOOD.encode()) for name in ("a", "b"))
        extractor.begin(pages[0])
        ready = extractor.extract_ready(archived_pages(pages))
        assert [row.ref for row in ready.fetched.fetches] == [page.ref for page in pages]
        assert len(ready.extracted.articles) == 2
        assert extractor.extract_ready(archived_pages(())).extracted == Extracted((), ())

"""Worker processes: a page that hangs, dies or eats memory fails alone."""

from datetime import UTC, datetime

import pytest

from tasks.archive.writer import ArchiveWriter
from tasks.errors import ErrorClass
from tasks.extract import extract_pages
from tasks.workers.extraction_pool import ExtractionPool
from tasks.workers.limits import Failure
from tests.support.extract_work import behave
from warehouse.records import ArchiveRef, FeedEntry, Page, PageRequest, Source, Step

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
    extracted = extract_pages([*pages, lost], SOURCES, tmp_path, pool)
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
    (article,) = extract_pages([page], {}, tmp_path, pool).articles
    assert article.source == "s"
    assert article.published is not None
    assert article.published.at is None  # no zone on the page, none configured: none invented
    assert article.published.local == datetime(2022, 1, 10, 16, 58)

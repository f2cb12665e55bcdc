"""Batches of pages: each request ends as a page in the archive, a reject with its reason, or gone."""

from dataclasses import replace
from datetime import timedelta
from queue import SimpleQueue

import pytest

from tasks.archive.reader import read_page
from tasks.archive.writer import ArchiveWriter
from tasks.fetch import PageFetcher, fetch_row
from tasks.http_client.client import HttpClient, Limits
from tasks.http_client.host_time import HostTime
from tests.support.behaviours import BehaviourServer, answer, dripping, fixed
from warehouse.archive.files import FileArchive
from warehouse.records.feed import FeedEntry
from warehouse.records.outcome import Step
from warehouse.records.page import FetchReason, KnownPage, PageRequest
from warehouse.records.source import ArticleRules, BodyFrom, Source

DAY = "Sun, 01 Nov 2026 12:00:00 GMT"
LIMITS = Limits(connect_s=1, read_s=1, page_s=2)


@pytest.fixture
def server():
    with BehaviourServer() as running:
        for n in range(20):
            running.behaviours[f"/{n}"] = fixed(answer(b"<html><p>Page %d</p></html>" % n))
        yield running


@pytest.fixture
def run(tmp_path, server):
    """Return a function that fetches paths of the server."""
    source = Source("daily", "Daily", delay_s=0.0, allow=(server.authority,))

    def fetch(*paths, rules=None, **fields):
        sources = {"daily": replace(source, article=rules or source.article)}
        requests = [request(server.base + path, **fields) for path in paths]
        client = HttpClient(
            hosts_dir=tmp_path / "hosts", contact=None, limits=LIMITS, sleep=lambda seconds: None
        )
        with client, ArchiveWriter(tmp_path / "pages") as archive:
            return PageFetcher(sources, client, archive).fetch_all(requests)

    return fetch


def request(url, reason=FetchReason.NEW, n_attempts=0, known=None, entry=None):
    key, entry = url.partition("://")[2], entry or FeedEntry(url)
    return PageRequest("daily", url, key, entry, "http://feed.example/", reason, n_attempts, known)


ENTRY = FeedEntry("http://a.example/", "Ferry returns", content="<p>The whole text.</p>")


def test_an_entry_with_the_whole_text_stands_in_for_a_page_that_is_refused(run, server, tmp_path):
    server.behaviours["/wall"] = fixed(answer(b"<html>No</html>", status="403 Forbidden"))
    fetched = run("/wall", "/nowhere", entry=ENTRY)
    (page,) = fetched.pages
    assert (page.request.url, page.request.reason) == (f"{server.base}/wall", FetchReason.FEED)
    assert b"<p>The whole text.</p>" in read_page(FileArchive(tmp_path / "pages"), page.ref).body
    assert [(row.outcome, row.reason, row.status) for row in fetched.fetches] == [
        ("forbidden", "new", 403),
        ("ok", "feed", 200),
        ("not_found", "new", 404),
    ]
    assert [reject.error_class for reject in fetched.rejects] == ["not_found"]

    known = KnownPage(body_sha256=page.body_sha256)
    again = run("/wall", entry=ENTRY, known=known, reason=FetchReason.RECHECK)
    assert (again.pages, again.rejects) == ((), ())
    assert [(row.outcome, row.body_sha256) for row in again.fetches] == [
        ("forbidden", None),
        ("not_modified", page.body_sha256),
    ]

    server.behaviours["/wall"] = fixed(answer(b"<html>The page is back.</html>"))
    back = run("/wall", entry=ENTRY, known=known, reason=FetchReason.RECHECK)
    assert [page.request.reason for page in back.pages] == [FetchReason.RECHECK]


def test_a_source_that_prefers_its_feed_is_not_asked_for_pages(run, server):
    fetched = run("/0", entry=ENTRY, rules=ArticleRules(body_from=BodyFrom.FEED))
    assert [page.request.reason for page in fetched.pages] == [FetchReason.FEED]
    assert len(fetched.fetches) == 1
    assert server.requests == []


def test_pages_are_archived_in_the_order_asked(run, server, tmp_path):
    fetched = run("/0", "/1", "/2")
    assert [page.request.url for page in fetched.pages] == [f"{server.base}/{n}" for n in range(3)]
    assert [read_page(FileArchive(tmp_path / "pages"), page.ref).body for page in fetched.pages] == [
        b"<html><p>Page %d</p></html>" % n for n in range(3)
    ]
    assert fetched.rejects == fetched.gone == ()
    for page, fetch in zip(fetched.pages, fetched.fetches, strict=True):
        assert fetch == fetch_row(page)
        assert (fetch.outcome, fetch.reason, fetch.status, fetch.ref) == ("ok", "new", 200, page.ref)


def test_nothing_is_lost_whatever_the_site_does(run, server):
    server.behaviours |= {
        "/cut": fixed(answer(b"<html>", length=99)),
        "/empty": fixed(answer(b"")),
        "/pdf": fixed(answer(b"%PDF-", content_type="application/pdf")),
        "/error": fixed(answer(b"", status="500 Oops")),
        "/gone": fixed(answer(b"", status="410 Gone")),
    }
    paths = ["/0", "/cut", "/1", "/empty", "/pdf", "/error", "/gone", "/nowhere", "/2"]
    fetched = run(*paths)
    assert len(fetched.pages) == 3
    assert {reject.url.rpartition("/")[2]: reject.error_class for reject in fetched.rejects} == {
        "cut": "truncated",
        "empty": "empty",
        "pdf": "content_type",
        "error": "server_error",
        "gone": "gone",
        "nowhere": "not_found",
    }
    assert len(fetched.fetches) == len(paths)
    for reject in fetched.rejects:
        assert (reject.source, reject.step, reject.feed_url) == ("daily", Step.FETCH, "http://feed.example/")
        assert reject.reason
        assert reject.at is not None


def test_what_may_pass_is_tried_again_later_and_what_will_not_is_left(run, server):
    server.behaviours["/error"] = fixed(answer(b"", status="500 Oops"))
    server.behaviours["/pdf"] = fixed(answer(b"%PDF-", content_type="application/pdf"))
    first, second = run("/error", "/pdf").rejects
    assert first.next_try_at == first.at + timedelta(minutes=10)
    assert second.next_try_at is None
    [later] = run("/error", n_attempts=3).rejects
    assert later.next_try_at == later.at + timedelta(hours=12)
    [last] = run("/error", n_attempts=7).rejects
    assert last.next_try_at is None


@pytest.mark.parametrize(
    ("reason", "n_rejects"), [(FetchReason.RECHECK, 0), (FetchReason.UPDATED, 0), (FetchReason.RETRY, 1)]
)
def test_a_stored_page_that_is_gone_is_news_and_no_failure(reason, n_rejects, run, server):
    fetched = run("/nowhere", reason=reason)
    assert [gone.url for gone in fetched.gone] == [f"{server.base}/nowhere"]
    assert len(fetched.rejects) == n_rejects
    assert len(fetched.fetches) == 1


def test_a_recheck_of_an_unchanged_page_is_a_304_and_writes_nothing(run, server, tmp_path):
    def revalidate(asked):
        if asked.headers.get("if-none-match") == '"v1"':
            yield b'HTTP/1.1 304 Not Modified\r\nETag: "v1"\r\nConnection: close\r\n\r\n'
        else:
            yield answer(b"<html><p>Page</p></html>", 'ETag: "v1"', f"Last-Modified: {DAY}")

    server.behaviours["/page"] = revalidate
    [page] = run("/page").pages
    assert (page.etag, page.last_modified) == ('"v1"', DAY)
    known = KnownPage(page.etag, page.last_modified, page.body_sha256)
    again = run("/page", reason=FetchReason.RECHECK, known=known)
    assert (again.pages, again.rejects, again.gone) == ((), (), ())
    [fetch] = again.fetches
    assert (fetch.status, fetch.outcome, fetch.ref, fetch.n_bytes) == (304, "not_modified", None, 0)
    assert (fetch.etag, fetch.last_modified, fetch.body_sha256) == ('"v1"', DAY, page.body_sha256)
    assert len(list((tmp_path / "pages").rglob("*.warc.gz"))) == 1


@pytest.mark.parametrize("reason", [FetchReason.RECHECK, FetchReason.UPDATED])
def test_a_page_that_came_again_byte_for_byte_is_not_stored_twice(reason, run):
    [page] = run("/0").pages
    again = run("/0", reason=reason, known=KnownPage(body_sha256=page.body_sha256))
    assert again.pages == again.rejects == ()
    assert [(fetch.status, fetch.outcome) for fetch in again.fetches] == [(200, "not_modified")]


def test_a_page_that_its_feed_calls_changed_is_asked_for_in_full(run, server):
    known = KnownPage('"v1"', DAY, "another hash")
    [page] = run("/0", reason=FetchReason.UPDATED, known=known).pages
    assert page.status == 200
    assert "if-none-match" not in server.requests[-1].headers


def test_validators_are_read_back_from_the_archive(run, server, tmp_path):
    server.behaviours["/page"] = fixed(answer(b"<html><p>Page</p></html>", 'ETag: W/"v1"'))
    [page] = run("/page").pages
    assert read_page(FileArchive(tmp_path / "pages"), page.ref).page(page.ref) == page


def test_a_host_that_is_down_is_not_asked_for_each_page(run, server, tmp_path):
    server.__exit__()
    fetched = run(*(f"/{n}" for n in range(10)))
    assert len(fetched.rejects) == 10
    assert {reject.error_class for reject in fetched.rejects} == {"connection"}
    assert len(fetched.fetches) == 2
    assert all(reject.next_try_at for reject in fetched.rejects)


def test_after_429_the_rest_of_the_batch_waits(run, server):
    server.behaviours["/busy"] = fixed(answer(b"", "Retry-After: 3600", status="429 Slow down"))
    fetched = run("/0", "/busy", "/1", "/2")
    assert len(fetched.pages) == 1
    assert {reject.error_class for reject in fetched.rejects} == {"rate_limited"}
    assert [visit.path for visit in server.visits] == ["/robots.txt", "/0", "/busy"]
    for reject in fetched.rejects:
        assert reject.next_try_at >= reject.at + timedelta(seconds=3590)


def test_a_url_that_is_none_is_a_reject(tmp_path):
    bad = PageRequest("daily", "http://[broken/", "x", FeedEntry("http://[broken/"))
    client = HttpClient(hosts_dir=tmp_path / "hosts", contact=None)
    with client, ArchiveWriter(tmp_path / "pages") as archive:
        fetched = PageFetcher({}, client, archive).fetch_all([bad])
    assert [reject.error_class for reject in fetched.rejects] == ["bad_url"]


def test_a_slow_page_does_not_hold_up_its_batch(server, tmp_path):
    with BehaviourServer() as slow:
        slow.behaviours["/slow"] = lambda request: dripping(answer(b"<p>Slow</p>"), 0.02)
        source = Source("daily", "Daily", delay_s=0.0, allow=(server.authority, slow.authority))
        client = HttpClient(hosts_dir=tmp_path / "hosts", contact=None, limits=Limits(page_s=20))
        with client, ArchiveWriter(tmp_path / "pages") as archive:
            fetcher = PageFetcher({"daily": source}, client, archive, patience_s=0.5)
            batch = [request(slow.base + "/slow"), request(server.base + "/0")]
            urls = [page.request.url for page in fetcher.fetch_ready(batch).pages]
            assert urls == [server.base + "/0"]
            assert fetcher.n_late == 1
            while fetcher.n_late:
                urls += [page.request.url for page in fetcher.fetch_ready(()).pages]
    assert urls == [server.base + "/0", slow.base + "/slow"]


def test_a_page_is_announced_when_it_can_be_read_while_its_batch_goes_on(server, tmp_path):
    announced = SimpleQueue()
    with BehaviourServer() as slow:
        slow.behaviours["/slow"] = lambda request: dripping(answer(b"<p>Slow</p>"), 0.02)
        source = Source("daily", "Daily", delay_s=0.0, allow=(server.authority, slow.authority))
        client = HttpClient(hosts_dir=tmp_path / "hosts", contact=None, limits=Limits(page_s=20))
        with client, ArchiveWriter(tmp_path / "pages") as archive:

            def on_archived(page):
                announced.put(read_page(FileArchive(tmp_path / "pages"), page.ref).body)

            fetcher = PageFetcher({"daily": source}, client, archive, on_archived=on_archived)
            fetcher.fetch_ready([request(slow.base + "/slow"), request(server.base + "/0")])
            bodies = [announced.get(timeout=60) for _ in range(2)]
    assert bodies == [b"<html><p>Page 0</p></html>", b"<p>Slow</p>"]


def test_pages_of_a_host_that_has_used_its_time_are_left_without_a_record(server, tmp_path):
    source = Source("daily", "Daily", delay_s=0.2, allow=(server.authority,))
    client = HttpClient(hosts_dir=tmp_path / "hosts", contact=None)
    with client, ArchiveWriter(tmp_path / "pages") as archive:
        fetcher = PageFetcher({"daily": source}, client, archive, host_time=HostTime(limit_s=0.4))
        ready = [fetcher.fetch_ready([request(f"{server.base}/{n}") for n in range(20)])]
        while fetcher.n_late:
            ready.append(fetcher.fetch_ready(()))
    asked = [visit.path for visit in server.visits if visit.path != "/robots.txt"]
    assert 1 <= len(asked) <= 2  # a slow response counts for more than the gap
    assert [page.request.url for fetched in ready for page in fetched.pages] == [
        server.base + path for path in asked
    ]
    assert sum(len(fetched.fetches) for fetched in ready) == len(asked)
    assert not any(fetched.rejects or fetched.gone for fetched in ready)

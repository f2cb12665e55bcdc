"""The raw archive: records can be read back, by us and by warcio, and survive a crash."""

import errno
import fcntl
import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import brotli
import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from tasks.archive.reader import iter_pages, read_page
from tasks.archive.writer import ArchiveWriter
from tasks.errors import ErrorClass
from tasks.http_client.result import FetchResult, Hop
from warehouse.archive.files import FileArchive
from warehouse.errors import DiskFull
from warehouse.records.feed import FeedEntry
from warehouse.records.page import ArchiveRef, FetchReason, PageRequest

ROOT = Path(__file__).parents[3]
AT = datetime(2026, 11, 24, 23, 59, 58, 123456, tzinfo=UTC)
PAGE = "<html><p>Neues aus Köln</p></html>".encode()
ENTRY = FeedEntry(
    "https://news.example/a?x=1",
    title="Hafen ‘offen’ \ud800",
    guid="tag:1",
    published_at=datetime(2026, 11, 24, 12, 0, tzinfo=UTC),
    published_raw="24.11.2026 13:00",
    updated_at=datetime(2026, 11, 24, 12, 30, tzinfo=UTC),
    summary="kurz",
    authors=("A. B.", "C"),
    language="de",
)
REQUEST = PageRequest(
    "daily", ENTRY.url, "news.example/a?x=1", ENTRY, "https://news.example/feed", FetchReason.UPDATED, 2
)


def fetched(body=PAGE, wire_body=None, *fields, at=AT):
    head = "\r\n".join(
        ["HTTP/1.1 200 OK", "Content-Type: text/html; charset=utf-8", *fields, "", ""]
    ).encode()
    return FetchResult(
        ENTRY.url,
        "https://www.news.example/a",
        ErrorClass.OK,
        "",
        at,
        duration_ms=42,
        hops=(Hop(ENTRY.url, 301, "https://www.news.example/a"),),
        status=200,
        headers=(("Content-Type", "text/html; charset=utf-8"),),
        body=body,
        wire_body=body if wire_body is None else wire_body,
        request_head=b"GET /a HTTP/1.1\r\nHost: www.news.example\r\n\r\n",
        response_head=head,
    )


def write(tmp_path, n=1, **settings):
    with ArchiveWriter(tmp_path, **settings) as archive:
        return [archive.write(REQUEST, fetched(PAGE + b"%d" % number)) for number in range(n)]


def test_a_page_comes_back_as_it_was(tmp_path):
    [page] = write(tmp_path)
    stored = read_page(FileArchive(tmp_path), page.ref)
    assert stored.request == REQUEST
    assert stored.body == PAGE + b"0"
    assert (stored.final_url, stored.status) == ("https://www.news.example/a", 200)
    assert (stored.fetched_at, stored.content_type) == (AT, "text/html; charset=utf-8")
    assert stored.page(page.ref) == page
    assert page.body_sha256 == hashlib.sha256(PAGE + b"0").hexdigest()
    assert page.ref.file.startswith("2026/11/20261124T235958-")


@pytest.mark.parametrize(
    ("wire_body", "fields"),
    [
        pytest.param(gzip.compress(PAGE), ("Content-Encoding: gzip",), id="gzip"),
        pytest.param(brotli.compress(gzip.compress(PAGE)), ("Content-Encoding: gzip, br",), id="two codings"),
        pytest.param(PAGE, ("Transfer-Encoding: chunked",), id="chunk framing is removed"),
    ],
)
def test_the_bytes_of_the_wire_are_kept(wire_body, fields, tmp_path):
    with ArchiveWriter(tmp_path) as archive:
        page = archive.write(REQUEST, fetched(PAGE, wire_body, *fields))
    assert read_page(FileArchive(tmp_path), page.ref).body == PAGE
    [record] = [r for r in records(tmp_path / page.ref.file) if r["WARC-Type"] == "response"]
    assert record["block"].endswith(b"\r\n\r\n" + wire_body)
    assert b"\r\nTransfer-Encoding:" not in record["block"]


def records(path):
    """Yield each record's headers and block, as read by warcio."""
    found = []
    with path.open("rb") as file:
        for record in ArchiveIterator(file, no_record_parse=True):
            found.append({**dict(record.rec_headers.headers), "block": record.raw_stream.read()})
    return found


def test_warcio_reads_it_and_finds_every_digest_right(tmp_path, capsys):
    pages = write(tmp_path, 3)
    path = tmp_path / pages[0].ref.file

    class Arguments:
        inputs = (str(path),)
        verbose = False

    assert not Checker(Arguments()).process_all(), capsys.readouterr().out
    kinds = [record["WARC-Type"] for record in records(path)]
    assert kinds == ["warcinfo"] + ["request", "response", "metadata"] * 3
    with path.open("rb") as file:
        bodies = [r.content_stream().read() for r in ArchiveIterator(file) if r.rec_type == "response"]
    assert bodies == [PAGE + b"%d" % n for n in range(3)]


def test_the_three_records_of_a_page_belong_together(tmp_path):
    [page] = write(tmp_path)
    _, request, response, metadata = records(tmp_path / page.ref.file)
    assert request["WARC-Concurrent-To"] == metadata["WARC-Concurrent-To"] == response["WARC-Record-ID"]
    assert {r["WARC-Target-URI"] for r in (request, response, metadata)} == {"https://www.news.example/a"}
    assert {r["WARC-Date"] for r in (request, response, metadata)} == {"2026-11-24T23:59:58.123456Z"}
    said = json.loads(metadata["block"])
    assert said["feed_url"] == "https://news.example/feed"
    assert said["entry"]["published_raw"] == "24.11.2026 13:00"
    assert said["hops"] == ["https://news.example/a?x=1"]


def test_each_record_is_a_gzip_member_of_its_own(tmp_path):
    pages = write(tmp_path, 4)
    data = (tmp_path / pages[0].ref.file).read_bytes()
    for page in pages:
        member = data[page.ref.offset : page.ref.offset + page.ref.length]
        assert gzip.decompress(member).startswith(b"WARC/1.1\r\nWARC-Type: response")


def test_a_record_has_left_the_process_when_write_returns(tmp_path):
    with ArchiveWriter(tmp_path) as archive:
        page = archive.write(REQUEST, fetched())
        assert read_page(FileArchive(tmp_path), page.ref).body == PAGE


def test_killed_between_two_pages_the_first_is_whole(tmp_path):
    script = f"""
import os, sys
sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from tasks.archive.writer import ArchiveWriter
from tests.contract.archive.test_writer import REQUEST, fetched
archive = ArchiveWriter(Path({str(tmp_path)!r}))
archive.write(REQUEST, fetched())
os.kill(os.getpid(), 9)
"""
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == -9
    [path] = tmp_path.rglob("*.warc.gz")
    [(ref, stored)] = iter_pages(FileArchive(tmp_path), path)
    assert stored.body == PAGE
    assert read_page(FileArchive(tmp_path), ref) == stored


def test_a_cut_tail_loses_its_page_alone(tmp_path):
    pages = write(tmp_path, 3)
    path = tmp_path / pages[0].ref.file
    data = path.read_bytes()
    last = pages[-1].ref
    after = last.offset + last.length
    cut_in = [*range(last.offset - 40, len(data), 97), after, after + 1, len(data) - 1]
    for size in cut_in:
        path.write_bytes(data[:size])
        found = [ref for ref, _ in iter_pages(FileArchive(tmp_path), path)]
        assert found == [page.ref for page in pages[:2]], size
    path.write_bytes(data[: last.offset + 10])
    with pytest.raises(ValueError, match="no whole page"):
        read_page(FileArchive(tmp_path), last)


def test_reading_goes_on_from_an_offset(tmp_path):
    pages = write(tmp_path, 3)
    found = list(iter_pages(FileArchive(tmp_path), pages[0].ref.file, pages[1].ref.offset))
    assert [ref for ref, _ in found] == [page.ref for page in pages[1:]]


@pytest.mark.parametrize("wrong", [{"offset": 3}, {"offset": 10**9}, {"length": 7}])
def test_a_reference_that_is_wrong_says_so(wrong, tmp_path):
    [page] = write(tmp_path)
    with pytest.raises(ValueError, match="no whole page"):
        read_page(FileArchive(tmp_path), replace(page.ref, **wrong))
    with pytest.raises(FileNotFoundError):
        read_page(FileArchive(tmp_path), ArchiveRef("2026/11/none.warc.gz", 0, 1))


def test_an_imported_article_is_a_resource(tmp_path):
    payload = '{"title": "Größe"}'.encode()
    request = replace(REQUEST, reason=FetchReason.IMPORT, feed_url=None)
    with ArchiveWriter(tmp_path) as archive:
        page = archive.write_imported(request, payload, at=AT)
    stored = read_page(FileArchive(tmp_path), page.ref)
    assert (stored.body, stored.content_type, stored.request) == (payload, "application/json", request)
    assert [r["WARC-Type"] for r in records(tmp_path / page.ref.file)] == ["warcinfo", "resource", "metadata"]
    assert [ref for ref, _ in iter_pages(FileArchive(tmp_path), page.ref.file)] == [page.ref]


def test_files_are_rotated_by_size_and_by_day(tmp_path):
    pages = write(tmp_path, 3, rotate_bytes=1)
    assert len({page.ref.file for page in pages}) == 3
    with ArchiveWriter(tmp_path / "days") as archive:
        first = archive.write(REQUEST, fetched())
        second = archive.write(REQUEST, fetched(at=datetime(2026, 12, 1, 0, 0, 1, tzinfo=UTC)))
        late = archive.write(REQUEST, fetched())
    assert first.ref.file.startswith("2026/11/")
    assert second.ref.file.startswith("2026/12/")
    assert late.ref.file == second.ref.file  # a page that took long does not bring the old day back


def test_threads_share_a_writer(tmp_path):
    pages = []
    with ArchiveWriter(tmp_path) as archive:
        threads = [
            threading.Thread(
                target=lambda n=n: pages.extend(
                    archive.write(REQUEST, fetched(PAGE + b"%d-%d" % (n, k))) for k in range(10)
                )
            )
            for n in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len({page.ref for page in pages}) == 40
    for page in pages:
        assert hashlib.sha256(read_page(FileArchive(tmp_path), page.ref).body).hexdigest() == page.body_sha256


def test_the_file_is_locked_until_it_is_closed(tmp_path):
    with ArchiveWriter(tmp_path) as archive:
        page = archive.write(REQUEST, fetched())
        with (tmp_path / page.ref.file).open("rb") as other, pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_SH | fcntl.LOCK_NB)
    with (tmp_path / page.ref.file).open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_SH | fcntl.LOCK_NB)


class FullDisk(io.BytesIO):
    """A file on a disk that takes a few more bytes."""

    def write(self, data):
        if self.tell() > 10:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(bytes(data)[:7])


def test_a_full_disk_stops_the_run_and_the_next_page_begins_a_new_file(tmp_path):
    with ArchiveWriter(tmp_path) as archive:
        first = archive.write(REQUEST, fetched())
        real, archive._file = archive._file, FullDisk()
        real.close()
        with pytest.raises(DiskFull, match="disk is full"):
            archive.write(REQUEST, fetched())
        second = archive.write(REQUEST, fetched())
    assert second.ref.file != first.ref.file
    assert (
        read_page(FileArchive(tmp_path), second.ref).body
        == read_page(FileArchive(tmp_path), first.ref).body
        == PAGE
    )


def test_a_closed_archive_takes_no_page(tmp_path):
    with ArchiveWriter(tmp_path) as archive:
        pass
    with pytest.raises(ValueError, match="closed"):
        archive.write(REQUEST, fetched())


def test_a_stored_page_that_cannot_be_decoded_says_so(tmp_path):
    with ArchiveWriter(tmp_path) as archive:
        page = archive.write(REQUEST, fetched(PAGE, PAGE, "Content-Encoding: gzip"))
        after = archive.write(REQUEST, fetched())
    with pytest.raises(ValueError, match="cannot be decoded"):
        read_page(FileArchive(tmp_path), page.ref)
    assert [ref for ref, _ in iter_pages(FileArchive(tmp_path), page.ref.file)] == [after.ref]


def test_a_run_without_pages_leaves_no_file(tmp_path):
    with ArchiveWriter(tmp_path) as archive:
        archive.sync()
    assert list(tmp_path.rglob("*")) == []


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\nContent-Type: text/html\n\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n",
        b"HTTP/1.0 200 OK",
        b"HTTP/1.1 200 OK\r\nX: \xff\xfe\r\ntransfer-encoding : chunked\r\n\r\n",
    ],
)
def test_odd_heads_keep_their_body_apart(head, tmp_path):
    body = b"first\r\n\r\nsecond\n\nthird"
    with ArchiveWriter(tmp_path) as archive:
        page = archive.write(REQUEST, replace(fetched(body), response_head=head))
    assert read_page(FileArchive(tmp_path), page.ref).body == body


def test_files_are_for_owner_and_group_only(tmp_path):
    before = os.umask(0)
    try:
        [page] = write(tmp_path / "pages")
    finally:
        os.umask(before)
    file = tmp_path / "pages" / page.ref.file
    assert file.stat().st_mode & 0o777 == 0o640
    folders = (file.parent, file.parent.parent, tmp_path / "pages")
    assert [folder.stat().st_mode & 0o777 for folder in folders] == [0o750] * 3

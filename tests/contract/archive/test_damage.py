"""Damaged archive files: a damaged record loses only its own page, and the lost page is named."""

import random
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tasks.archive.damage import find_damage
from tasks.archive.reader import read_file, read_page
from tasks.archive.replay import damage_reject
from tasks.archive.scan import Damage
from tasks.archive.writer import ArchiveWriter
from tasks.errors import ErrorClass
from tasks.http_client.result import FetchResult
from warehouse.archive.archive_path import archive_path
from warehouse.archive.files import FileArchive
from warehouse.records.feed import FeedEntry
from warehouse.records.page import ArchiveRef, PageRequest

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)


def write_pages(folder, n, rng):
    """Write n pages of one file; their bodies compress badly, so that gzip data fills the file."""
    pages = []
    with ArchiveWriter(folder) as archive:
        for number in range(n):
            url = f"https://news.example/{number}"
            request = PageRequest("daily", url, f"news.example/{number}", FeedEntry(url))
            body = rng.randbytes(rng.randrange(200, 4_000)) + b"\x1f\x8b\x08\x00"
            result = FetchResult(
                url, url, ErrorClass.OK, "", AT, status=200, body=body, wire_body=body,
                request_head=b"GET / HTTP/1.1\r\n\r\n",
                response_head=b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n",
            )  # fmt: skip
            pages.append(archive.write(request, result))
    return pages


def scan(folder, name):
    """Return the URLs of the pages in a file, and its damage."""
    items = list(read_file(FileArchive(folder), name))
    damage = [item for item in items if isinstance(item, Damage)]
    return [item[1].request.url for item in items if not isinstance(item, Damage)], damage


def named(damage):
    """Return the URLs that damage names."""
    return {item.capture.request.url if item.capture else item.url for item in damage}


def overwrite(path, offset, data):
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(data)


@pytest.mark.parametrize("seed", range(20))
def test_eight_changed_bytes_lose_at_most_two_of_200_pages(tmp_path, seed):
    rng = random.Random(seed)
    pages = write_pages(tmp_path, 200, rng)
    name = pages[0].ref.file
    path = tmp_path / name
    overwrite(path, rng.randrange(path.stat().st_size - 8), rng.randbytes(8))
    urls, damage = scan(tmp_path, name)
    lost = {page.request.url for page in pages} - set(urls)
    assert len(lost) <= 2
    assert damage
    assert lost <= named(damage)
    assert all(read_page(FileArchive(tmp_path), page.ref) for page in pages if page.request.url not in lost)


@pytest.mark.parametrize(
    ("first", "n_bytes", "lost"),
    [
        pytest.param(lambda pages: 0, 8, set(), id="the warcinfo record"),
        pytest.param(lambda pages: pages[3].ref.offset, 4, {3}, id="the magic number of a response"),
        pytest.param(lambda pages: pages[3].ref.offset - 20, 4, set(), id="a request"),
        pytest.param(lambda pages: pages[3].ref.offset + pages[3].ref.length + 40, 4, {3},
            id="a metadata record"),
        pytest.param(
            lambda pages: pages[3].ref.offset + 40,
            lambda pages: pages[5].ref.offset - pages[3].ref.offset,
            {3, 4, 5},
            id="three pages at once",
        ),
    ],
)  # fmt: skip
def test_which_pages_are_lost(tmp_path, first, n_bytes, lost):
    pages = write_pages(tmp_path, 9, random.Random(1))
    name = pages[0].ref.file
    size = n_bytes(pages) if callable(n_bytes) else n_bytes
    overwrite(tmp_path / name, first(pages), b"\xee" * size)
    urls, damage = scan(tmp_path, name)
    assert urls == [page.request.url for number, page in enumerate(pages) if number not in lost]
    assert damage[0].offset <= first(pages) < damage[0].offset + damage[0].length
    assert not any(place.is_tail for place in damage)
    assert list(find_damage(FileArchive(tmp_path))) == [(name, place) for place in damage]


def test_a_cut_tail_is_what_a_killed_writer_leaves(tmp_path):
    pages = write_pages(tmp_path, 3, random.Random(1))
    path = tmp_path / pages[0].ref.file
    path.write_bytes(path.read_bytes()[:-10])
    urls, [tail] = scan(tmp_path, pages[0].ref.file)
    assert urls == ["https://news.example/0", "https://news.example/1"]
    assert tail.is_tail
    assert tail.url == "https://news.example/2"
    assert list(find_damage(FileArchive(tmp_path))) == []


def test_the_reject_names_the_page_and_it_is_fetched_again(tmp_path):
    pages = write_pages(tmp_path, 3, random.Random(1))
    overwrite(tmp_path / pages[1].ref.file, pages[1].ref.offset + 30, b"\0\0\0\0")
    _, [place] = scan(tmp_path, pages[1].ref.file)
    reject = damage_reject(pages[1].ref.file, place, AT)
    assert (reject.source, reject.url, reject.next_try_at) == ("daily", "https://news.example/1", AT)
    last = pages[1].ref.offset + pages[1].ref.length - 1
    assert f"bytes {pages[1].ref.offset}-{last}" in reject.reason
    unknown = damage_reject("a.warc.gz", replace(place, url=None, capture=None), AT)
    assert unknown.url == f"archive:a.warc.gz?bytes={pages[1].ref.offset}-{last}"
    assert unknown.next_try_at is None


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../state/warehouse.duckdb", "2026/../../x.warc.gz", "", "a\0b"]
)
def test_a_name_that_leaves_the_archive_is_refused(tmp_path, name):
    with pytest.raises(ValueError, match="leads out of the archive"):
        archive_path(tmp_path, name)
    with pytest.raises(ValueError, match="leads out of the archive"):
        read_page(FileArchive(tmp_path), ArchiveRef(name, 0, 10))

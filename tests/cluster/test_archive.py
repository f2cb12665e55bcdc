"""The raw archive in an object store: parts, references, replay, forgetting, re-extraction."""

import multiprocessing
import os
import signal
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tasks.archive.part_writer import open_writer
from tasks.archive.reader import iter_pages, read_page
from tasks.archive.replay import read_unloaded
from tasks.archive.unchecked import find_unchecked_files
from tasks.archive.writer import ArchiveWriter
from tasks.errors import ErrorClass
from tasks.http_client.result import FetchResult
from tasks.sources import Sources
from tasks.upkeep.forget import forget
from tasks.upkeep.rebuild import rebuild
from tasks.upkeep.reextract import BatchContext, compare_all
from tasks.workers.extraction_pool import ExtractionPool
from tests.support.archived_pages import SOURCES, START, ArchivedNews, articles
from warehouse.archive import objects
from warehouse.archive.archive_path import archive_path
from warehouse.archive.copy import copy_files
from warehouse.archive.files import FileArchive
from warehouse.cluster.settings import Cluster, ObjectArchiveSettings, S3Settings
from warehouse.errors import ArchiveUnavailable
from warehouse.pages.stored_pages import Choice
from warehouse.records.feed import FeedEntry
from warehouse.records.page import ArchiveRef, PageRequest
from warehouse.store.connection import Home

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture
def home(tmp_path, object_store, bucket):
    return home_of(tmp_path, object_store.endpoint, bucket)


def home_of(folder, endpoint, bucket, part_pages=200):
    cluster = Cluster(
        file=folder / "cluster.toml",
        archive=ObjectArchiveSettings(url=f"s3://{bucket}/pages/", part_pages=part_pages),
        s3=S3Settings(endpoint=endpoint),
    )
    return Home(folder / "home", cluster)


@pytest.fixture
def requests(monkeypatch):
    """Count the requests to the object store."""
    counts = Counter()
    for name in ("get", "get_range", "put", "head", "list", "list_with_delimiter"):
        monkeypatch.setattr(objects.obstore, name, counted(name, getattr(objects.obstore, name), counts))
    return counts


def counted(name, function, counts):
    def call(*args, **kwargs):
        counts[name] += 1
        return function(*args, **kwargs)

    return call


def page(n, entry_text="", at=NOW):
    url = f"https://news{n % 7}.example/{n}"
    body = f"<p>Page {n}</p>".encode() + os.urandom(200 + 37 * (n % 50))
    request = PageRequest(
        "daily", url, f"news{n % 7}.example/{n}", FeedEntry(url, content=entry_text or None)
    )
    return request, FetchResult(
        url, url, ErrorClass.OK, "", at, status=200, body=body, wire_body=body,
        headers=(("content-type", "text/html"),),
        request_head=b"GET / HTTP/1.1\r\n\r\n",
        response_head=b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n",
    )  # fmt: skip


def write(writer, numbers, **kwargs):
    """Write pages; return (page, body) of each."""
    asked = [page(n, **kwargs) for n in numbers]
    return [(writer.write(request, result), result.body) for request, result in asked]


def test_each_of_400_pages_comes_back_by_one_request(home, requests, object_store, bucket):
    stored = []
    with open_writer(home, (3, 16)) as writer:
        for start in range(0, 400, 130):
            stored += write(writer, range(start, min(start + 130, 400)))
            writer.sync()
    assert len(stored) == 400
    keys = object_store.keys(bucket)
    assert len(keys) == requests["put"] == 4
    assert all(key.startswith("pages/2026/11/24/0003/") for key in keys)
    assert not list(home.archive.folder.rglob("*.warc.gz")), "the spool is empty after the run"
    requests.clear()
    for written, body in stored:
        read = read_page(home.archive, written.ref)
        assert read.body == body
        assert read.page(written.ref) == written
    assert requests == {"get_range": 400}


def test_metadata_of_any_size_comes_with_its_page(home, requests):
    text = os.urandom(60_000).hex()
    with open_writer(home) as writer:
        [(first, _), (last, _)] = write(writer, (1, 2), entry_text=text)
    for written in (first, last):
        assert read_page(home.archive, written.ref).request.entry.content == text
    assert requests["get_range"] == 2


def test_references_of_a_scan_are_those_of_the_writer(home):
    with open_writer(home) as writer:
        written = [stored.ref for stored, _ in write(writer, range(5))]
    assert [ref for ref, _ in iter_pages(home.archive, written[0].file)] == written


def test_a_part_ends_after_its_number_of_pages(tmp_path, object_store, bucket):
    home = home_of(tmp_path, object_store.endpoint, bucket, part_pages=10)
    with open_writer(home) as writer:
        stored = write(writer, range(25))
        assert object_store.keys(bucket) == []
    assert Counter(Counter(written.ref.file for written, _ in stored).values()) == {10: 2, 5: 1}
    assert len(object_store.keys(bucket)) == 3


def test_pages_are_read_from_the_spool_before_they_are_uploaded(home, requests):
    with open_writer(home) as writer:
        [(written, body)] = write(writer, (1,))
        assert read_page(home.archive, written.ref).body == body
        writer.sync()
        assert read_page(home.archive, written.ref).body == body
    assert requests["get"] == requests["get_range"] == 0


def test_an_object_is_created_once(home, tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_bytes(b"first")
    other.write_bytes(b"second")
    name = "2026/11/24/all/name.warc.gz"
    home.archive.upload(one, name)
    home.archive.upload(one, name)  # the answer to the first try was lost
    with pytest.raises(FileExistsError, match=name):
        home.archive.upload(other, name)
    assert home.archive.open(name).read() == b"first"


def write_for_ever(folder, endpoint, bucket, written):
    with open_writer(home_of(folder, endpoint, bucket), (0, 2)) as writer:
        write(writer, range(3))
        writer.sync()
        write(writer, range(3, 6))
        written.set()
        time.sleep(600)


def test_what_a_killed_writer_did_not_upload_is_nowhere(home, tmp_path, object_store, bucket):
    written = SPAWN.Event()
    run = SPAWN.Process(target=write_for_ever, args=(tmp_path, object_store.endpoint, bucket, written))
    run.start()
    assert written.wait(120)
    with open_writer(home, (1, 2)) as writer:  # a process beside it deletes nothing of it
        write(writer, (9,))
        assert len(list(home.archive.folder.glob("*/*/*/0000/*.warc.gz"))) == 2
    os.kill(run.pid, signal.SIGKILL)
    run.join()
    with open_writer(home, (0, 2)):
        assert not list(home.archive.folder.glob("*/*/*/0000/*.warc.gz"))
    assert not list(home.archive.folder.glob("*.lock"))
    [name] = [name for name in home.archive.find_sizes() if "/0000/" in name]
    assert [read.request.url_key for _, read in iter_pages(home.archive, name)] == [
        f"news{n}.example/{n}" for n in range(3)
    ]


def test_a_shard_replays_its_own_parts_of_the_last_days(home):
    today = datetime.now(UTC)
    for shard, number in (((3, 16), 1), ((11, 16), 2), ((4, 16), 3), (None, 4)):
        with open_writer(home, shard) as writer:
            write(writer, (number,), at=today)
    with open_writer(home, (3, 16)) as writer:
        write(writer, (5,), at=today - timedelta(days=objects.LOOK_BACK_DAYS + 1))

    def replayed(shard):
        files = find_unchecked_files(home, shard)
        return {p.request.url_key for batch in read_unloaded(home, files) for p in batch.pages}

    assert replayed((3, 16)) == {"news1.example/1"}
    assert replayed((3, 8)) == {"news1.example/1", "news2.example/2"}, "the number of shards was changed"
    assert replayed(None) == {"news4.example/4"}


def test_an_object_store_that_is_away_is_named(tmp_path, bucket):
    home = home_of(tmp_path, "http://127.0.0.1:1", bucket)
    object.__setattr__(home.cluster.archive, "part_pages", 200)
    with pytest.raises(ArchiveUnavailable, match="cluster.toml"), open_writer(home) as writer:
        write(writer, (1,))
        writer.sync()


@pytest.mark.parametrize("name", ["../other/a.warc.gz", "/a.warc.gz", ""])
def test_a_name_that_leaves_the_archive_is_refused(name, home):
    with pytest.raises(ValueError, match="leads out of the archive"):
        home.archive.open(name)
    with pytest.raises(ValueError, match="leads out of the archive"):
        archive_path(home.archive.folder, name)
    assert home.archive.find_size(name) == -1


def test_a_page_that_is_not_there_is_an_error(home):
    with pytest.raises(OSError, match="there is no object"):
        read_page(home.archive, ArchiveRef("2026/11/24/all/none.warc.gz", 0, 10))


@pytest.fixture(scope="module")
def pool():
    with ExtractionPool(workers=1) as pool:
        yield pool


@pytest.fixture
def news(home, pool):
    news = ArchivedNews(home, pool)
    news.store([replace(shot, at=START + timedelta(minutes=n)) for n, shot in enumerate(articles(8))])
    return news


def test_an_archive_is_copied_into_objects_and_back(home, tmp_path, requests, monkeypatch):
    here = FileArchive(tmp_path / "pages")
    with ArchiveWriter(here.folder) as writer:
        stored = write(writer, range(20))
    assert copy_files(here, home.archive) == 1
    assert copy_files(here, home.archive) == 0
    requests.clear()
    for written, body in stored:
        assert read_page(home.archive, written.ref).body == body
    assert requests == {"get_range": 20}
    monkeypatch.setattr(objects, "_WHOLE_BYTES", 1000)  # as a file of 512 MB
    home.archive.delete(stored[0][0].ref.file)
    assert copy_files(here, home.archive) == 1
    back = FileArchive(tmp_path / "back")
    assert copy_files(home.archive, back) == 1
    assert [read_page(back, written.ref).body for written, _ in stored] == [body for _, body in stored]


def test_forgetting_rewrites_the_objects_of_an_article(news, object_store, bucket):
    [before] = news.home.archive.find_sizes()
    gone = news.pages[2].request
    done = forget(news.home, gone.url)
    assert (done.n_articles, done.n_pages) == (1, 1)
    [after] = news.home.archive.find_sizes()
    assert after != before
    rest = [page.request.url_key for page in news.pages if page.request != gone]
    assert [read.request.url_key for _, read in iter_pages(news.home.archive, after)] == rest
    rows = news.query("select url_key, archive_file, archive_offset, archive_length from core.article")
    assert sorted(key for key, *_ in rows) == sorted(rest)
    for key, *place in rows:
        assert read_page(news.home.archive, ArchiveRef(*place)).request.url_key == key
    assert find_unchecked_files(news.home) == {}
    assert not list(news.home.archive.folder.rglob("*.partial"))


def test_a_store_is_rebuilt_from_objects(news, requests):
    rows = (
        "select url_key, title, archive_file, archive_offset, archive_length from core.article order by all"
    )
    before = news.query(rows)
    rebuild(news.home, Sources(SOURCES), pool=news.pool)
    assert news.query(rows) == before
    assert len(before) == 8
    assert requests["get_range"] == 0


def test_reextraction_reads_a_part_by_one_request(news, requests):
    report = compare_all(BatchContext(news.home, {s.name: s for s in news.sources}, news.pool), Choice())
    assert (report.n_items, report.n_same) == (8, 8)
    assert requests == {"get": 1}
    assert not list(news.home.archive.folder.rglob("*.warc.gz"))

"""WARC files of other tools: every record is a page, a reject with its reason, or counted."""

import gzip
import json
import logging
from datetime import UTC, date, datetime
from pathlib import Path

import brotli
import pytest
import zstandard

from tasks.backfill.walk import Days
from tasks.backfill.warc_pages import check_warc, read_warc
from tasks.errors import UsageError
from tasks.sources import read_sources
from warehouse.records import Reject, Source

SOURCE = Source("news", "News", homepage="https://news.example/")
DAYS = Days(date(2022, 1, 1), date(2022, 12, 31))
HTML = b"<html><body><h1>Council votes</h1><p>The council has voted.</p></body></html>"
AT = datetime(2022, 2, 1, tzinfo=UTC)


def record(
    n=1, *, http=b"", body=HTML, kind="response", url="https://news.example/{n}", date="2022-02-01T00:00:00Z",
    version="1.0", length=None, block=None,
):  # fmt: skip
    """Return one record; `http` are further header lines of the response."""
    if block is None:
        block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + http + b"\r\n" + body
    lines = [f"WARC/{version}", f"WARC-Type: {kind}"]
    lines += [f"WARC-Target-URI: {url.format(n=n)}"] if url else []
    lines += [f"WARC-Date: {date}"] if date else []
    lines.append(f"Content-Length: {len(block) if length is None else length}")
    head = "\r\n".join(lines) + "\r\n\r\n"
    return head.encode() + block + b"\r\n\r\n"


def with_bare_line_feeds(data):
    """Return a record whose own header has bare line feeds."""
    head, end, rest = data.partition(b"\r\n\r\n")
    return (head + end).replace(b"\r\n", b"\n") + rest


def read(tmp_path, data, source=SOURCE):
    path = tmp_path / "a.warc"
    path.write_bytes(data)
    check_warc(path)
    items = list(read_warc(path, source, DAYS))
    pages = [item for item in items if not isinstance(item, Reject)]
    return pages, [item for item in items if isinstance(item, Reject)]


@pytest.mark.parametrize(
    "pack",
    [
        pytest.param(lambda records: b"".join(records), id="plain"),
        pytest.param(lambda records: b"".join(map(gzip.compress, records)), id="a gzip member per record"),
        pytest.param(lambda records: gzip.compress(b"".join(records)), id="one gzip over all"),
        pytest.param(lambda records: zstandard.compress(b"".join(records)), id="zstd"),
        pytest.param(
            lambda records: b"".join(gzip.compress(r) + gzip.compress(b"\0" * 50) for r in records),
            id="zeros between members",
        ),
        pytest.param(lambda records: b"".join(map(with_bare_line_feeds, records)), id="bare line feeds"),
    ],
)
def test_containers(tmp_path, pack):
    pages, rejects = read(tmp_path, pack([record(n) for n in range(4)]))
    assert [request.url for request, _ in pages] == [f"https://news.example/{n}" for n in range(4)]
    assert all(b"The council has voted." in result.body for _, result in pages)
    assert rejects == []


@pytest.mark.parametrize(
    ("http", "body"),
    [
        pytest.param(b"Content-Encoding: gzip\r\n", gzip.compress(HTML), id="gzip"),
        pytest.param(b"Content-Encoding: br\r\n", brotli.compress(HTML), id="brotli"),
        pytest.param(b"Content-Encoding: zstd\r\n", zstandard.compress(HTML), id="zstd"),
        pytest.param(b"Content-Encoding: gzip\r\n", HTML, id="only the header of gzip is left"),
        pytest.param(b"Content-Encoding: br\r\n", HTML, id="only the header of brotli is left"),
        pytest.param(
            b"Transfer-Encoding: chunked\r\n", b"%x\r\n%b\r\n0\r\n\r\n" % (len(HTML), HTML), id="chunked"
        ),
        pytest.param(b"Transfer-Encoding: chunked\r\n", HTML, id="only the header of chunked is left"),
        pytest.param(b"Content-Length: 5\r\n", HTML, id="a wrong length"),
    ],
)
def test_bodies(tmp_path, http, body):
    [(_, result)], rejects = read(tmp_path, record(http=http, body=body))
    assert result.body == HTML
    assert rejects == []


@pytest.mark.parametrize(
    ("data", "error_class", "words"),
    [
        pytest.param(
            record(http=b"Content-Encoding: gzip\r\n", body=gzip.compress(HTML)[:-20]),
            "truncated", "truncated", id="a cut body",
        ),
        pytest.param(
            record(http=b"Content-Encoding: br\r\n", body=b"\x8b\xff" * 40),
            "truncated", "brotli stream", id="a damaged body",
        ),
        pytest.param(record(url=""), "bad_url", "has no URL", id="no URL"),
        pytest.param(record()[:-40], "truncated", "cut or damaged", id="a cut record"),
        pytest.param(gzip.compress(record())[:-20], "truncated", "cut or damaged", id="a cut member"),
        pytest.param(
            record(block=b"HTTP/1.1 200 OK\r\nContent-Type: text/h"), "truncated", "headers", id="cut headers"
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_a_reject_and_the_file_goes_on(tmp_path, data, error_class, words):
    is_gzip = data.startswith(b"\x1f\x8b")
    good = [gzip.compress(record(n)) if is_gzip else record(n) for n in (8, 9)]
    is_cut = "cut" in words
    pages, [reject] = read(tmp_path, good[0] + (data if is_cut else data + good[1]))
    assert [request.url[-1] for request, _ in pages] == (["8"] if is_cut else ["8", "9"])
    assert (reject.error_class, reject.source) == (error_class, "news")
    assert words in reject.reason
    assert reject.at is not None


def test_a_damaged_member_loses_itself_only(tmp_path):
    members = [gzip.compress(record(n, body=HTML + bytes(range(256)).hex().encode())) for n in range(5)]
    members[2] = members[2][:30] + b"\0" * 8 + members[2][38:]
    pages, rejects = read(tmp_path, b"".join(members))
    assert [request.url[-1] for request, _ in pages] == ["0", "1", "3", "4"]
    assert len(rejects) <= 1


@pytest.mark.parametrize("length", [20, 100_000, -5, "many"])
def test_a_wrong_record_length_ends_where_the_next_record_begins(tmp_path, length):
    pages, rejects = read(tmp_path, record(1) + record(2, length=length) + record(3))
    assert [request.url[-1] for request, _ in pages] == ["1", "2", "3"]
    assert pages[1][1].body.strip() == HTML
    assert rejects == []


def test_what_is_not_a_page_of_the_source_is_counted(tmp_path, caplog):
    records = [
        record(1),
        record(2, url="https://elsewhere.example/2"),
        record(3).replace(b"200 OK", b"404 Not Found"),
        record(4, body=b"%PDF-1.7 ").replace(b"text/html", b"application/pdf"),
        record(5, kind="revisit"),
        record(6, date="2021-12-31T00:00:00Z"),
        record(7, url="https://www.news.example:8443/7"),
        record(8, url="<https://news.example/8>", date="20220201000000"),
    ]
    with caplog.at_level(logging.INFO, "wirehouse.backfill"):
        pages, _ = read(tmp_path, b"".join(r.replace(b"Content-Length: 0", b"") for r in records))
    assert len(pages) == 3
    assert {result.started_at for _, result in pages} == {AT}
    assert caplog.messages == [
        "a.warc: 8 records (1 captured before the range, 1 not 200, 1 not HTML, 1 of other sites, 3 pages, "
        "1 revisit records)"
    ]


@pytest.mark.parametrize(
    "url", ["https://bücher.example/1", "https://b%C3%BCcher.example/1", "https://xn--bcher-kva.example/1"]
)
def test_an_international_host_is_its_ascii_form(tmp_path, url):
    source = Source("b", "B", homepage="https://www.bücher.example/")
    [(request, _)], _ = read(tmp_path, record(url=url), source)
    assert request.url == "https://xn--bcher-kva.example/1"


def test_an_arc_file_is_read(tmp_path):
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + HTML
    version = b"1 0 Crawler\nURL IP-address Archive-date Content-type Archive-length\n"
    data = b"filedesc://a.arc 0.0.0.0 20220201000000 text/plain %d\n%b\n" % (len(version), version)
    data += b"https://news.example/1 1.2.3.4 20220201000000 text/html %d\n%b\n" % (len(block), block)
    [(request, result)], _ = read(tmp_path, data)
    assert (request.url, result.started_at, result.body) == ("https://news.example/1", AT, HTML)


@pytest.mark.parametrize(
    "data", [b"<html>", b"PK\x03\x04", gzip.compress(b"{}", mtime=0)], ids=["HTML", "ZIP", "gzip"]
)
def test_another_file_is_refused(tmp_path, data):
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(UsageError, match="not a WARC file"):
        check_warc(tmp_path / "x")


def test_an_empty_file_has_no_records(tmp_path):
    assert read(tmp_path, b"") == ([], [])


# In these files `n` counts articles of several captures, or a record without a URL.
_COUNTED_OTHERWISE = {"c07-dups.warc.gz": 5, "d09-no-uri.warc.gz": 1}


def test_the_sample_files(corpus):
    folder: Path = corpus / "warc"
    if not folder.is_dir():
        pytest.skip("the corpus has no WARC files")
    sources = read_sources(folder / "sources.toml").by_name()
    days, wrong = Days(date(1990, 1, 1), date(2030, 1, 1)), {}
    for name, expected in json.loads((folder / "expected.json").read_text()).items():
        if name == "f03-html.warc":
            continue
        items = list(read_warc(folder / name, sources[expected.get("source", "news")], days))
        n_pages = sum(not isinstance(item, Reject) for item in items)
        if n_pages != _COUNTED_OTHERWISE.get(name, expected["n"]):
            wrong[name] = (n_pages, expected["n"])
    assert wrong == {}

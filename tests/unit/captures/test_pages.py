"""WARC files of other tools: every record is a page, a reject with its reason, or counted."""

import gzip
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tasks.captures.account import FileAccount
from tasks.captures.pages import CaptureSelection, check_warc, domains_of, read_captures
from tasks.errors import UsageError
from tasks.sources import read_sources
from tests.support.warc_files import HEAD, HTML, arc_record, arc_start, record
from warehouse.records.outcome import Reject
from warehouse.records.source import Feed, Source

SOURCE = Source("news", "News", homepage="https://news.example/")
NEWS = CaptureSelection(domains_of({"news": SOURCE}), fallback="news")
AT = datetime(2022, 2, 1, tzinfo=UTC)


def read_file(path, wanted=NEWS):
    """Return the pages, the rejects and the account of a file."""
    check_warc(path)
    account = FileAccount(path.name)
    items = list(read_captures(path, wanted, account))
    pages = [item for item in items if not isinstance(item, Reject)]
    assert account.records == len(pages) + sum(account.outcomes.values())
    return pages, [item for item in items if isinstance(item, Reject)], account


def read(tmp_path, data, wanted=NEWS):
    (tmp_path / "a.warc").write_bytes(data)
    return read_file(tmp_path / "a.warc", wanted)


def urls_of(pages):
    return [request.url for request, _ in pages]


# --- what the tools write --------------------------------------------------------------------

INFO = {"kind": "warcinfo", "url": "", "block": b"software: x\r\n"}
HTTP_RESPONSE = ["Content-Type: application/http; msgtype=response"]
WRITERS = {
    "wget": [
        record(fields=["WARC-Filename: a.warc.gz"], **INFO),
        record(kind="request", url="<https://news.example/1>", block=b"GET / HTTP/1.1\r\n\r\n"),
        record(url="<https://news.example/1>", fields=HTTP_RESPONSE),
        record(kind="metadata", url="metadata://gnu.org/software/wget/warc/MANIFEST.txt", block=b"a"),
        record(kind="resource", url="metadata://gnu.org/software/wget/warc/wget.log", block=b"log"),
    ],
    "Heritrix": [
        record(**INFO),
        record(
            url="dns:news.example",
            block=b"20220201\nnews.example. 9 IN A 1.2.3.4\n",
            fields=["Content-Type: text/dns"],
        ),
        record(fields=HTTP_RESPONSE),
        record(kind="request", block=b"GET / HTTP/1.0\r\n\r\n"),
        record(kind="metadata", block=b"via: https://news.example/\r\n"),
        record(2, fields=[*HTTP_RESPONSE, "WARC-Truncated: length"]),
        record(
            3,
            kind="revisit",
            fields=["WARC-Profile: http://netpreserve.org/warc/1.0/revisit/server-not-modified"],
            block=b"HTTP/1.1 304 Not Modified\r\n\r\n",
        ),
    ],
    "Browsertrix": [
        record(version="1.1", **INFO),
        record(version="1.1", date="2022-02-01T00:00:00.000000Z", fields=["WARC-Page-ID: 7"]),
        record(version="1.1", kind="resource", url="urn:text:https://news.example/1", block=b"The text"),
        record(
            version="1.1", kind="resource", url="urn:thumbnail:https://news.example/1", block=b"\xff\xd8\xff"
        ),
        record(version="1.1", kind="resource", url="urn:pageinfo:https://news.example/1", block=b"{}"),
    ],
    "warcprox": [
        record(http=b"Transfer-Encoding: chunked\r\n", body=b"%x\r\n%b\r\n0\r\n\r\n" % (len(HTML), HTML)),
        record(kind="request", block=b"GET / HTTP/1.1\r\n\r\n"),
        record(2, kind="revisit", fields=["WARC-Refers-To-Target-URI: https://news.example/1"], block=HEAD),
    ],
    "CC-NEWS": [
        record(fields=["WARC-Filename: CC-NEWS.warc.gz"], **INFO),
        record(kind="request", block=b"GET / HTTP/1.1\r\n\r\n"),
        record(http=b"X-Crawl-Content-Encoding: gzip\r\nContent-Length: 78\r\n", fields=HTTP_RESPONSE),
        record(2, url="https://elsewhere.example/2", fields=HTTP_RESPONSE),
    ],
    "Common Crawl": [
        record(**INFO),
        record(
            http=b"X-Crawl-Transfer-Encoding: chunked\r\n", fields=["WARC-Identified-Payload-Type: text/html"]
        ),
        record(kind="metadata", block=b"fetchTimeMs: 9\r\n"),
        record(kind="conversion", fields=["WARC-Refers-To: <urn:uuid:1>"], block=b"The text of the page"),
    ],
    "Internet Archive": [
        arc_start(),
        arc_record(),
        arc_record(url="dns:news.example", block=b"20220201\n1.2.3.4\n"),
    ],
    "warcit": [
        record(**INFO),
        record(
            kind="resource",
            fields=["Content-Type: text/html", "WARC-Creation-Date: 2024-01-01T00:00:00Z"],
            block=HTML,
        ),
        record(2, kind="resource", fields=["Content-Type: image/png"], block=b"\x89PNG\r\n\x1a\n"),
    ],
    "har2warc": [
        record(**INFO),
        record(block=b"h2 200\r\ncontent-type: text/html\r\ncontent-encoding: br\r\n\r\n" + HTML),
        record(kind="request", block=b"GET / HTTP/1.1\r\n\r\n"),
    ],
    "node-warc": [
        record(
            block=b"HTTP/1.1 200 \r\ncontent-type: text/html\r\ncontent-encoding: gzip\r\n"
            b"content-length: 50\r\n\r\n" + HTML
        ),
        record(kind="metadata", block=b"outlinks"),
    ],
    "wpull": [
        record(**INFO),
        record(fields=[*HTTP_RESPONSE, "WARC-Concurrent-To: <urn:uuid:1>", "WARC-IP-Address: ::1"]),
        record(kind="resource", url="urn:X-wpull:log", block=b"log", fields=["Content-Type: text/plain"]),
    ],
    "a mirror of files": [
        record(url="file:///srv/a.html", kind="resource", block=HTML),
        record(url="ftp://news.example/a.html", kind="resource", block=HTML),
        record(),
    ],
}


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_what_the_tools_write(tmp_path, writer, pack):
    records = WRITERS[writer]
    pages, rejects, account = read(tmp_path, b"".join(map(pack, records)))
    assert pages[0][0].url == "https://news.example/1"
    assert pages[0][1].body == HTML
    assert (len(pages), rejects) == (2 if writer == "Heritrix" else 1, [])
    assert account.records == len(records)


def test_what_is_not_a_page_of_the_source_is_counted(tmp_path):
    records = [
        record(1),
        record(2, url="https://elsewhere.example/2"),
        record(3).replace(b"200 OK", b"404 Not Found"),
        record(4, body=b"%PDF-1.7 ").replace(b"text/html", b"application/pdf"),
        record(5, kind="revisit"),
        record(6, date="2021-12-31T00:00:00Z"),
        record(7, url="https://www.news.example:8443/7"),
        record(8, url="<https://news.example/8>", date="20220201000000"),
        record(9, kind="Response"),
        record(10, kind=""),
        record(11, kind="scrawl"),
        record(12, kind="continuation", fields=["WARC-Segment-Number: 2"]),
    ]
    wanted = CaptureSelection(NEWS.sources, from_at=datetime(2022, 1, 1, tzinfo=UTC))
    pages, _, account = read(tmp_path, b"".join(records), wanted)
    assert [url.rpartition("/")[2] for url in urls_of(pages)] == ["1", "7", "8", "9"]
    assert {result.started_at for _, result in pages} == {AT}
    account.add("to load", len(pages))
    assert account.sentence() == (
        "a.warc: 12 records: 4 to load, 1 captured before the range, 1 of other sites, 1 not 200, "
        "1 not HTML, 1 of an unknown type, 1 of type continuation, 1 of type revisit, 1 without a type"
    )


@pytest.mark.parametrize(
    ("data", "error_class", "words"),
    [
        pytest.param(record(url=""), "bad_url", "Record 2 of 'a.warc' has no URL", id="no URL"),
        pytest.param(record(url="http://news.example/ a b\x01"), None, "", id="a URL with spaces"),
        pytest.param(
            record()[:-40], "truncated", "Record 2 of 'a.warc': the record is cut", id="a cut record"
        ),
        pytest.param(gzip.compress(record())[:-20], "truncated", "cut or damaged", id="a cut member"),
        pytest.param(
            record(block=HEAD[:-4]), "truncated", "headers of the response are cut", id="cut headers"
        ),
        pytest.param(
            record(http=b"Content-Encoding: br\r\n", body=b"\x8b\xff" * 40),
            "truncated",
            "brotli",
            id="a damaged body",
        ),
        pytest.param(
            record(fields=["Content-Type: text/html"], block=b"<p>" + b"a" * 33_000_000),
            "too_large",
            "larger than 32 MB",
            id="a large page",
        ),
        pytest.param(
            record(fields=["Content-Type: text/html"], block=b"<p>" + b"a" * 65_000_000),
            "too_large",
            "larger than 32 MB",
            id="a large record",
        ),
        pytest.param(
            record(block=HEAD.replace(b"text/html", b"video/mp4") + b"\r\n" + bytes(65_000_000)),
            None,
            "",
            id="a large record without a page",
        ),
        pytest.param(b"no record\r\n", "truncated", "bytes that are not a record", id="garbage"),
    ],
)
def test_what_cannot_be_read_is_a_reject_and_the_file_goes_on(tmp_path, data, error_class, words):
    is_gzip = data.startswith(b"\x1f\x8b")
    good = [gzip.compress(record(n)) if is_gzip else record(n) for n in (8, 9)]
    is_cut = "cut" in words and "headers" not in words
    pages, rejects, _ = read(tmp_path, good[0] + (data if is_cut else data + good[1]))
    found = [url[-1] for url in urls_of(pages)]
    assert (found[0], found[-1]) == ("8", "8" if is_cut else "9")
    assert [(reject.error_class, reject.source) for reject in rejects] == [(error_class, "news")] * (
        words != ""
    )
    assert all(words in reject.reason and reject.at is not None for reject in rejects)


def test_a_file_that_is_gone_is_a_reject(tmp_path):
    account = FileAccount("a")
    [reject] = read_captures(tmp_path / "a", NEWS, account)
    assert "the file cannot be read: no such file" in reject.reason
    assert (account.records, account.outcomes) == (1, {"rejected": 1})


# --- which site a page belongs to ------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "stored"),
    [
        ("https://bücher.example/1", "https://xn--bcher-kva.example/1"),
        ("https://BÜCHER.example/1", "https://xn--bcher-kva.example/1"),
        ("https://b%C3%BCcher.example/1", "https://xn--bcher-kva.example/1"),
        ("https://xn--bcher-kva.example/1", "https://xn--bcher-kva.example/1"),
        ("https://XN--BCHER-KVA.example/1", "https://xn--bcher-kva.example/1"),
        ("https://m.bücher.example:8080/ä?q=ü#x", "https://m.xn--bcher-kva.example:8080/ä?q=ü#x"),
        ("https://user:secret@bücher.example/1", "https://xn--bcher-kva.example/1"),
        ("HTTPS://bücher.example./1", "https://xn--bcher-kva.example/1"),
    ],
)
def test_an_international_host_is_its_ascii_form(tmp_path, url, stored):
    source = Source("b", "B", homepage="https://www.bücher.example/")
    pages, _, _ = read(tmp_path, record(url=url), CaptureSelection(domains_of({"b": source})))
    assert urls_of(pages) == [stored]


@pytest.mark.parametrize(
    ("url", "outcome"),
    [
        ("https://other.example/", "of other sites"),
        ("https://news.example.org/", "of other sites"),
        ("https://fakenews.example/", "of other sites"),
        ("https://[::1]/", "of other sites"),
        ("urn:text:https://news.example/", "without a web address"),
        ("news.example/1", "without a web address"),
        ("https://news.example:port/", "without a web address"),
        ("https://[broken/", "without a web address"),
        ("https:///1", "without a web address"),
    ],
)
def test_other_addresses_are_counted(tmp_path, url, outcome):
    _, _, account = read(tmp_path, record(url=url))
    assert account.outcomes == {outcome: 1}


def test_sources_are_known_by_their_domains_and_others_named_by_theirs(tmp_path):
    sources = {
        "a": Source(
            "a", "A", homepage="https://www.a.example/", feeds=(Feed("https://feeds.b.example/rss"),)
        ),
        "b": Source("b", "B", homepage="https://b.example/"),
        "c": Source("c", "C", feeds=(Feed("https://c.co.uk/rss"),)),
    }
    hosts = ["a.example", "m.b.example", "news.c.co.uk", "www.d.co.uk", "пример.рф", "10.0.0.1"]
    data = b"".join(record(url=f"https://{host}/1") for host in hosts)
    pages, _, _ = read(tmp_path, data, CaptureSelection(domains_of(sources), takes_unknown=True))
    assert [request.source for request, _ in pages] == [
        "a",
        "b",
        "c",
        "d-co-uk",
        "xn-e1afmkfd-xn-p1ai",
        "10-0-0-1",
    ]
    assert len(read(tmp_path, data, CaptureSelection(domains_of(sources)))[0]) == 3


def test_hosts_select_with_their_sub_domains(tmp_path):
    hosts = ["a.example", "www.a.example", "b.a.example", "ba.example", "b.example"]
    data = b"".join(record(url=f"https://{host}/1") for host in hosts)
    wanted = CaptureSelection({}, takes_unknown=True, hosts=("a.example", "b.example"))
    pages, _, account = read(tmp_path, data, wanted)
    assert urls_of(pages) == [f"https://{hosts[n]}/1" for n in (0, 1, 2, 4)]
    assert account.outcomes == {"of other hosts": 1}


# --- when a page was captured ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2022-02-01T00:00:00Z", AT),
        ("2022-02-01T00:00:00.000000000Z", AT),
        ("2022-02-01T02:00:00+02:00", AT),
        ("2022-02-01T00:00:00", AT),
        ("2022-02-01 00:00:00", AT),
        ("2022-02-01T00:00Z", AT),
        ("2022-02-01", AT),
        ("2022-02", AT),
        ("2022", datetime(2022, 1, 1, tzinfo=UTC)),
        ("20220201000000", AT),
        ("202202010000", AT),
        ("20220201", AT),
        ("Tue, 01 Feb 2022 00:00:00 GMT", AT),
    ],
)
def test_capture_times(tmp_path, text, at):
    [(_, result)], _, _ = read(tmp_path, record(date=text))
    assert result.started_at == at


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "0000-00-00T00:00:00Z",
        "1970-01-01T00:00:00Z",
        "9999-12-31T23:59:59-23:00",
        "99999999",
    ],
)
def test_without_a_usable_time_a_page_has_that_of_the_server_the_record_before_or_the_file(tmp_path, text):
    served = b"Date: Wed, 02 Feb 2022 00:00:00 GMT\r\n"
    [(_, result)], _, _ = read(tmp_path, record(date=text, http=served))
    assert result.started_at == datetime(2022, 2, 2, tzinfo=UTC)
    pages, _, _ = read(tmp_path, record() + record(2, date=text) + record(2, date=text, body=HTML + b" "))
    times = [result.started_at for _, result in pages]
    assert times[0] == AT
    assert times == sorted(set(times))  # two captures of one page keep their order
    assert (times[-1] - AT).total_seconds() < 1
    (tmp_path / "a.warc").write_bytes(record(date=text))
    os.utime(tmp_path / "a.warc", (AT.timestamp(), AT.timestamp()))
    [(_, result)], _, _ = read_file(tmp_path / "a.warc")
    assert (result.started_at - AT).total_seconds() < 1


# --- whole files -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x", b"<html>"),
        ("x.warc", b"<html>WARC</html>"),
        ("x.wacz", b"PK\x03\x04"),
        ("x.gz", gzip.compress(b"{}", mtime=0)),
        ("x.warc.gz", gzip.compress(b"<html>", mtime=0)),
        ("y.warc.gz", b"<html><h1>404 Not Found</h1>" * 9_000),
        ("x.warc.zst", b"<html>"),
        ("x.zst", b"\x28\xb5\x2f\xfd"),
    ],
)
def test_another_file_is_refused(tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(UsageError, match="not a WARC file"):
        check_warc(tmp_path / name)


def test_an_empty_file_has_no_records(tmp_path):
    pages, rejects, account = read(tmp_path, b"")
    assert (pages, rejects, account.sentence()) == ([], [], "a.warc: 0 records")


# In these files `n` counts articles of several captures, or a record without a URL.
_COUNTED_OTHERWISE = {"c07-dups.warc.gz": 5, "d09-no-uri.warc.gz": 1}


def test_the_sample_files(corpus):
    folder: Path = corpus / "warc"
    if not folder.is_dir():
        pytest.skip("the corpus has no WARC files")
    sources = read_sources(folder / "sources.toml").by_name()
    wrong = {}
    for name, expected in json.loads((folder / "expected.json").read_text()).items():
        if name == "f03-html.warc":
            continue
        source = sources[expected.get("source", "news")]
        pages, _, _ = read_file(folder / name, CaptureSelection(domains_of({source.name: source})))
        if len(pages) != _COUNTED_OTHERWISE.get(name, expected["n"]):
            wrong[name] = (len(pages), expected["n"])
    assert wrong == {}

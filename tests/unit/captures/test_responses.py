"""The document of a captured response, with what crawlers leave of framing, codings and lengths."""

import gc
import gzip
import tracemalloc
import zlib
from contextlib import suppress

import brotli
import pytest
import zstandard

from tasks.captures.records import ForeignRecord
from tasks.captures.responses import read_document
from tasks.errors import ErrorClass
from tasks.http_client.errors import Fault
from tests.support.warc_files import HEAD, HTML

CUT = HTML[:-30]  # without an end tag
LONG = b"<html><body>" + b"".join(b"<p>Paragraph %d.</p>" % n for n in range(5_000)) + b"</body></html>"


def document_of(block, **fields):
    headers = {name.replace("_", "-"): value for name, value in fields.items() if name != "is_short"}
    return read_document(ForeignRecord(1, headers, block, is_short=fields.get("is_short", False)))


def response(http=b"", body=HTML):
    return HEAD + http + b"\r\n" + body


def chunked(body, size=40):
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


@pytest.mark.parametrize(
    ("http", "body"),
    [
        pytest.param(b"Content-Encoding: gzip\r\n", gzip.compress(HTML), id="gzip"),
        pytest.param(b"Content-Encoding: x-gzip\r\n", gzip.compress(HTML), id="x-gzip"),
        pytest.param(b"content-encoding:GZIP\r\n", gzip.compress(HTML), id="names in any case"),
        pytest.param(b"Content-Encoding: deflate\r\n", zlib.compress(HTML), id="deflate"),
        pytest.param(b"Content-Encoding: deflate\r\n", zlib.compress(HTML)[2:-4], id="bare deflate"),
        pytest.param(b"Content-Encoding: br\r\n", brotli.compress(HTML), id="brotli"),
        pytest.param(b"Content-Encoding: br\r\n", brotli.compress(HTML, quality=0), id="quick brotli"),
        pytest.param(b"Content-Encoding: zstd\r\n", zstandard.compress(HTML), id="zstd"),
        pytest.param(
            b"Content-Encoding: gzip, br\r\n", brotli.compress(gzip.compress(HTML)), id="two codings"
        ),
        pytest.param(b"Content-Encoding: gzip\r\n", gzip.compress(gzip.compress(HTML)), id="gzip twice"),
        pytest.param(b"", gzip.compress(HTML), id="gzip without its field"),
        pytest.param(b"", zstandard.compress(HTML), id="zstd without its field"),
        pytest.param(b"Content-Encoding: br\r\n", gzip.compress(HTML), id="another coding than named"),
        pytest.param(b"Content-Encoding: gzip\r\n", HTML, id="only the field of gzip is left"),
        pytest.param(b"Content-Encoding: deflate\r\n", HTML, id="only the field of deflate is left"),
        pytest.param(b"Content-Encoding: br\r\n", HTML, id="only the field of brotli is left"),
        pytest.param(b"Content-Encoding: zstd\r\n", HTML, id="only the field of zstd is left"),
        pytest.param(b"Content-Encoding: utf-8\r\n", HTML, id="no coding at all"),
        pytest.param(b"Content-Encoding: none\r\n", HTML, id="none"),
        pytest.param(b"X-Crawl-Content-Encoding: gzip\r\nX-Crawl-Content-Length: 9\r\n", HTML, id="renamed"),
        pytest.param(b"Transfer-Encoding: chunked\r\n", chunked(HTML), id="chunked"),
        pytest.param(
            b"Transfer-Encoding: Chunked\r\n", chunked(HTML).replace(b"\r\n", b"\n"), id="line feeds"
        ),
        pytest.param(
            b"Transfer-Encoding: chunked\r\n",
            chunked(HTML, 999).replace(b"\r\n", b" ;a=b\r\n", 1),
            id="extension",
        ),
        pytest.param(b"Transfer-Encoding: chunked\r\n", chunked(HTML) + b"X: 1\r\n\r\n", id="trailer"),
        pytest.param(b"Transfer-Encoding: chunked\r\n", chunked(HTML)[:-5], id="without the last chunk"),
        pytest.param(b"Transfer-Encoding: chunked\r\n", HTML, id="only the field of chunked is left"),
        pytest.param(
            b"Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n",
            chunked(gzip.compress(HTML)),
            id="both",
        ),
        pytest.param(
            b"Transfer-Encoding: chunked\r\nContent-Encoding: br\r\n",
            brotli.compress(HTML),
            id="chunks removed",
        ),
        pytest.param(b"Content-Length: 5\r\n", HTML, id="too small a length"),
        pytest.param(b"Content-Length: 99999\r\n", HTML, id="too large a length"),
        pytest.param(b"Content-Length: many\r\n", HTML, id="a length that is not a number"),
        pytest.param(
            b"Content-Length: 99\r\nContent-Encoding: gzip\r\n", gzip.compress(LONG), id="packed length"
        ),
    ],
)
def test_the_body_comes_out_whole(http, body):
    assert document_of(response(http, body)).body in {HTML, LONG}


@pytest.mark.parametrize(
    "status",
    [
        b"HTTP/1.0 200 OK",
        b"HTTP/1.1 200",
        b"HTTP/1.1 200 ",
        b"HTTP/2 200",
        b"HTTP/2.0 200 OK",
        b"HTTP/3 200",
        b"http/1.1 200 ok",
        b"HTTP 200 OK",
        b"h2 200",
        b"HTTP/1.1  200 OK",
        b"HTTP/1.1 200 \xc3\x9cber",
    ],
)
def test_status_lines(status):
    assert document_of(status + b"\r\nContent-Type: text/html\r\n\r\n" + HTML).body == HTML


@pytest.mark.parametrize(
    "block",
    [
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n" + response(), id="100 Continue"),
        pytest.param(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + response(), id="early hints"),
        pytest.param(b"HTTP/1.1 200 Connection established\r\n\r\n" + response(), id="CONNECT"),
        pytest.param(response().replace(b"\r\n", b"\n"), id="bare line feeds"),
        pytest.param(HTML, id="no head (HTTP/0.9)"),
    ],
)
def test_heads(block):
    assert document_of(block, content_type="application/http; msgtype=response").body == HTML


@pytest.mark.parametrize(
    ("block", "fields"),
    [
        pytest.param(HTML, {"content_type": "text/html"}, id="resource"),
        pytest.param(HTML, {"content_type": "text/html; charset=utf-8"}, id="resource with a charset"),
        pytest.param(HTML, {}, id="resource without a type"),
        pytest.param(HTML, {"content_type": "application/octet-stream"}, id="resource of bytes"),
        pytest.param(gzip.compress(HTML), {"content_type": "text/html"}, id="packed resource"),
        pytest.param(response(), {"content_type": "text/html"}, id="response of the wrong type"),
        pytest.param(response(), {}, id="response without a type"),
        pytest.param(HTML, {"arc_type": "text/html"}, id="ARC without an HTTP head"),
    ],
)
def test_records_by_their_content(block, fields):
    assert document_of(block, **fields).body == HTML


@pytest.mark.parametrize(
    ("http", "body", "error_class"),
    [
        pytest.param(b"Content-Encoding: gzip\r\n", gzip.compress(HTML)[:-20], "truncated", id="cut gzip"),
        pytest.param(b"Content-Encoding: br\r\n", brotli.compress(LONG)[:-9], "truncated", id="cut brotli"),
        pytest.param(
            b"Content-Encoding: zstd\r\n", zstandard.compress(LONG)[:-9], "truncated", id="cut zstd"
        ),
        pytest.param(b"Content-Encoding: br\r\n", b"\x8b\xff" * 40, "truncated", id="damaged brotli"),
        pytest.param(b"", gzip.compress(HTML)[:-20], "truncated", id="cut gzip without its field"),
        pytest.param(
            b"Content-Encoding: gzip\r\n",
            gzip.compress(LONG)[:40] + b"\xff" * 60,
            "content_encoding",
            id="damaged",
        ),
        pytest.param(
            b"Content-Encoding: sdch\r\n", b"\0\1\2\3" * 40, "content_encoding", id="unknown coding"
        ),
        pytest.param(b"Content-Length: 500\r\n", CUT, "truncated", id="fewer bytes than declared"),
        pytest.param(b"Transfer-Encoding: chunked\r\n", chunked(CUT)[:-5], "truncated", id="no last chunk"),
        pytest.param(b"Transfer-Encoding: chunked\r\n", b"999\r\n" + CUT, "truncated", id="cut chunk"),
        pytest.param(b"", b"<html>" + b" " * 33_000_000, "too_large", id="too large"),
    ],
)
def test_a_body_that_is_not_whole_is_a_fault(http, body, error_class):
    with pytest.raises(Fault) as raised:
        document_of(response(http, body))
    assert raised.value.error_class == error_class


def test_a_record_that_is_shorter_than_declared_is_cut_without_an_end_tag():
    assert document_of(response(), is_short=True).body == HTML
    with pytest.raises(Fault, match="shorter than it declares"):
        document_of(response(body=CUT), is_short=True)


@pytest.mark.parametrize("block", [b"HTTP/1.1 200 OK\r\nContent-Type: text/h", b"HTTP/1.1 200 OK", b"\0\1\2"])
def test_a_cut_head_is_a_fault(block):
    with pytest.raises(Fault) as raised:
        document_of(block, content_type="application/http")
    assert raised.value.error_class is ErrorClass.TRUNCATED


@pytest.mark.parametrize(
    "status", [b"204 No Content", b"206 Partial Content", b"301 Moved", b"404 Not Found", b"503"]
)
def test_another_status_is_no_page(status):
    with pytest.raises(Fault) as raised:
        document_of(b"HTTP/1.1 " + status + b"\r\nLocation: /a")
    assert raised.value.error_class is ErrorClass.HTTP_STATUS


@pytest.mark.parametrize(
    ("content_type", "body", "is_page"),
    [
        (b"text/html", HTML, True),
        (b"TEXT/HTML; Charset=UTF-8", HTML, True),
        (b"application/xhtml+xml", HTML, True),
        (b"", HTML, True),
        (b"text/plain", HTML, True),
        (b"application/octet-stream", HTML, True),
        (b"unknown", HTML, True),
        (b"no-type", HTML, True),
        (b"image/png", HTML, True),
        (b"text/html, text/html", HTML, True),
        (b"text/html", b"", True),  # extraction says that it is empty
        (b"text/html", "<html><p>Текст</p></html>".encode("cp1251"), True),
        (b"text/html", "\ufeff<html><p>a</p></html>".encode("utf-16"), True),
        (b"text/html", b"%PDF-1.7 ", False),
        (b"text/html", b"\x89PNG\r\n\x1a\n" + bytes(90), False),
        (b"", bytes(range(256)) * 9, False),
        (b"application/pdf", b"%PDF-1.7 ", False),
        (b"application/json", b'{"a": 1}', False),
        (b"text/css", b"p { color: red }", False),
        (b"text/plain", b"User-agent: *\nDisallow: /\n", False),
        (
            b"text/xml",
            b"<?xml version='1.0'?><rss><item><description><p>a</p></description></item></rss>",
            False,
        ),
        (
            b"application/rss+xml",
            b"<rss><channel><description><p >a</p></description></channel></rss>",
            False,
        ),
        (b"application/xml", b"<urlset><url/></urlset>", False),
        (b"image/jpeg", b"", False),
    ],
)
def test_what_is_html(content_type, body, is_page):
    block = b"HTTP/1.1 200 OK\r\nContent-Type: " + content_type + b"\r\n\r\n" + body
    if is_page:
        assert document_of(block).body == body
        return
    with pytest.raises(Fault) as raised:
        document_of(block)
    assert raised.value.error_class is ErrorClass.CONTENT_TYPE


@pytest.mark.parametrize(
    ("reason", "kept"),
    [("length", "length"), ("Time", "time"), ("disconnect", "disconnect"), ("", "unspecified")],
)
@pytest.mark.parametrize(
    ("http", "body"),
    [
        pytest.param(b"", CUT, id="plain"),
        pytest.param(b"Content-Length: 99999\r\n", CUT, id="with the length of the whole"),
        pytest.param(b"Content-Encoding: gzip\r\n", gzip.compress(LONG)[:-90], id="gzip"),
        pytest.param(b"Content-Encoding: br\r\n", brotli.compress(LONG)[:-9], id="brotli"),
        pytest.param(b"Transfer-Encoding: chunked\r\n", chunked(CUT)[:-9], id="chunked"),
    ],
)
def test_what_a_crawler_cut_is_read_as_a_beginning(http, body, reason, kept):
    document = document_of(response(http, body), warc_truncated=reason)
    assert document.truncated == kept
    assert document.body.startswith(b"<html><body>")


def test_a_refused_document_is_freed_at_once():
    block = HEAD.replace(b"text/html", b"image/jpeg") + b"\r\n" + b"\xff\xd8" * 1_000_000
    gc.disable()
    tracemalloc.start()
    try:
        with suppress(Fault):
            document_of(block)
        assert tracemalloc.get_traced_memory()[0] < len(block) / 10
    finally:
        tracemalloc.stop()
        gc.enable()

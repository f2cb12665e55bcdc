"""The cases of the behaviour server: the server's behaviour, and the error class that the client must
return."""

import gzip
import os
import random
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import brotli
import zstandard

from tasks.errors import ErrorClass as E
from tasks.http_client.result import Limits
from tests.support.behaviours import (
    Behaviour,
    Part,
    Pause,
    Request,
    Reset,
    answer,
    chunked,
    dripping,
    endless,
    fixed,
    redirect,
)

LIMITS = Limits(
    connect_s=0.5,
    read_s=0.25,
    first_byte_s=0.25,
    page_s=0.6,
    sitemap_s=0.6,
    wire_bytes=200_000,
    decoded_bytes=2_000_000,
    head_bytes=256 * 1024,
)
PAGE = b"<html><body><p>" + b"News from the harbour. " * 40 + b"</p></body></html>"
NEWS = "<html><p>" + "港の新しい桟橋は一週間遅れで開く。" * 30 + "</p></html>"
NOISE = os.urandom(120_000)


@dataclass(frozen=True, slots=True)
class Case:
    """One behaviour and its expected result."""

    name: str
    behaviour: Behaviour
    expected: E
    body: bytes | None = None  # exact document, where one must come
    n_requests: int | None = None  # how often the server may be asked for it


def ok(name: str, *parts: Part, body: bytes = PAGE) -> Case:
    """Return a case in which the client must return the complete document."""
    return Case(name, fixed(*parts), E.OK, body, 1)


def fails(name: str, expected: E, *parts: Part, n_requests: int | None = 1) -> Case:
    """Return a case in which the client must return no document."""
    return Case(name, fixed(*parts), expected, None, n_requests)


def lazy(name: str, expected: E, behaviour: Behaviour, n_requests: int | None = None) -> Case:
    """Return a case like `fails`, for endless responses."""
    return Case(name, behaviour, expected, None, n_requests)


def raw_deflate(data: bytes) -> bytes:
    """Return deflate without the zlib head, as sent by many servers."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def coded(body: bytes, coding: str) -> bytes:
    """Return a response with a content coding."""
    return answer(body, f"Content-Encoding: {coding}")


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
TE = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
SIZED = HEAD + b"Content-Length: %d\r\n" % len(PAGE)
MANY_FIELDS = b"".join(b"X-Proxy-%d: passed\r\n" % n for n in range(150))

HONEST = [
    ok("content length", answer(PAGE)),
    ok("http 1.0, end of connection is end of body", HEAD.replace(b"1.1", b"1.0") + b"\r\n" + PAGE),
    ok("http 1.1 without length", HEAD + b"\r\n" + PAGE),
    ok("chunked", TE + chunked(PAGE[:10], PAGE[10:])),
    ok("chunked in one-byte chunks", TE + chunked(*(bytes([b]) for b in PAGE))),
    ok("chunk extensions", TE + b"%x;name=value\r\n%b\r\n0;last\r\n\r\n" % (len(PAGE), PAGE)),
    ok("trailers", TE + chunked(PAGE, end=b"0\r\nX-Sum: 1\r\n\r\n")),
    ok("chunked wins over a wrong length", TE[:-2] + b"Content-Length: 5\r\n\r\n" + chunked(PAGE)),
    ok("gzip", coded(gzip.compress(PAGE), "gzip")),
    ok("x-gzip in capitals", coded(gzip.compress(PAGE), "X-GZip")),
    ok("gzip of several members", coded(gzip.compress(PAGE[:50]) + gzip.compress(PAGE[50:]), "gzip")),
    ok("gzip with padding behind it", coded(gzip.compress(PAGE) + b"\0" * 9, "gzip")),
    ok("deflate as zlib", coded(zlib.compress(PAGE), "deflate")),
    ok("deflate without a head", coded(raw_deflate(PAGE), "deflate")),
    ok("brotli", coded(brotli.compress(PAGE), "br")),
    ok("zstd", coded(zstandard.compress(PAGE), "zstd")),
    ok("zstd of two frames", coded(zstandard.compress(PAGE[:9]) + zstandard.compress(PAGE[9:]), "zstd")),
    ok("gzip in brotli", coded(brotli.compress(gzip.compress(PAGE)), "gzip, br")),
    ok("two coding fields", answer(
        zlib.compress(gzip.compress(PAGE)), "Content-Encoding: gzip", "Content-Encoding: deflate"
    )),
    ok("identity", coded(PAGE, "identity")),
    ok("gzip in chunks", TE[:-2] + b"Content-Encoding: gzip\r\n\r\n" + chunked(gzip.compress(PAGE))),
    ok("100 before the answer", b"HTTP/1.1 100 Continue\r\n\r\n", answer(PAGE)),
    ok("103 before the answer", b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n", answer(PAGE)),
    ok("150 fields", HEAD + MANY_FIELDS + b"\r\n" + PAGE),
    ok("an invalid header line", HEAD + b"<!-- debug -->\r\nContent-Length: 5\r\n\r\n" + PAGE, body=PAGE[:5]),
    ok("a field without a name", HEAD + b": empty\r\nContent-Length: 5\r\n\r\n" + PAGE, body=PAGE[:5]),
    ok("a blank before the colon", HEAD + b"Content-Length : 5\r\n\r\n" + PAGE, body=PAGE[:5]),
    ok("a folded field", SIZED + b"X-Long: one\r\n two\r\n\r\n" + PAGE),
    ok("a lone CR in a field", SIZED + b"X-Odd: one\rContent-Length: 1\r\n\r\n" + PAGE),
    ok("line feeds only", SIZED.replace(b"\r", b"") + b"\n" + PAGE),
    ok("no reason phrase", SIZED.replace(b" OK", b"") + b"\r\n" + PAGE),
    ok("latin-1 in the reason phrase", SIZED.replace(b"OK", b"D\xe9j\xe0 vu") + b"\r\n" + PAGE),
    ok("raw UTF-8 in a field", SIZED + "X-Город: Москва\r\n\r\n".encode() + PAGE),
    ok("no content type", answer(PAGE, content_type=None)),
    ok("an invalid content type", answer(PAGE, content_type="html")),
    ok("octet-stream that is a page", answer(PAGE, content_type="application/octet-stream")),
    ok("plain text", answer(PAGE, content_type="text/plain")),
    ok("UTF-16", answer(NEWS.encode("utf-16")), body=NEWS.encode("utf-16")),
    ok("UTF-16 by its type", answer(NEWS.encode("utf-16-le"), content_type="text/html; charset=UTF-16LE"),
       body=NEWS.encode("utf-16-le")),
    *(ok(code, answer(NEWS.encode(code)), body=NEWS.encode(code)) for code in ("shift_jis", "iso2022_jp",
        "gb18030")),
    ok("xhtml", answer(PAGE, content_type="application/xhtml+xml; charset=x")),
    ok("203", answer(PAGE, status="203 Non-Authoritative Information")),
    ok("an invalid content length", HEAD + b"Content-Length: many\r\n\r\n" + PAGE),
    ok("a negative length", HEAD + b"Content-Length: -1\r\n\r\n" + PAGE),
    ok("the same length twice", SIZED + b"Content-Length: %d\r\n\r\n" % len(PAGE) + PAGE),
    ok("bytes behind the length", SIZED + b"\r\n" + PAGE + b"\r\n\r\n"),
    ok("invalid cookies", SIZED + b"Set-Cookie: ;;=\x01;expires=never\r\n\r\n" + PAGE),
    ok("slow, but within bounds", SIZED + b"\r\n", Pause(0.05), PAGE[:100], Pause(0.05), PAGE[100:]),
    ok("head in single bytes", *(bytes([b]) for b in SIZED + b"\r\n"), PAGE),
]  # fmt: skip

STATUSES = [
    fails(f"status {status}", expected, answer(PAGE, status=f"{status} Whatever"), n_requests=n)
    for status, expected, n in (
        (300, E.HTTP_STATUS, 1),
        (206, E.HTTP_STATUS, 1),
        (400, E.HTTP_STATUS, 1),
        (401, E.UNAUTHORISED, 1),
        (402, E.HTTP_STATUS, 1),
        (403, E.FORBIDDEN, 1),
        (404, E.NOT_FOUND, 1),
        (410, E.GONE, 1),
        (418, E.HTTP_STATUS, 1),
        (429, E.RATE_LIMITED, 1),
        (451, E.HTTP_STATUS, 1),
        (500, E.SERVER_ERROR, 3),
        (502, E.SERVER_ERROR, 3),
        (503, E.SERVER_ERROR, 3),
        (599, E.SERVER_ERROR, 3),
        (999, E.HTTP_STATUS, 1),
    )
] + [
    fails("304 that was not asked for", E.BAD_RESPONSE, answer(b"", status="304 Not Modified")),
    fails("101", E.HTTP_STATUS, b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"),
]

EMPTY = [
    fails("length 0", E.EMPTY, answer(b"")),
    fails("204", E.EMPTY, answer(b"", status="204 No Content")),
    fails("205", E.EMPTY, answer(b"", status="205 Reset Content")),
    fails("blanks only", E.EMPTY, answer(b" \r\n\t\n")),
    fails("a byte order mark only", E.EMPTY, answer(b"\xef\xbb\xbf")),
    fails("gzip of nothing", E.EMPTY, coded(gzip.compress(b""), "gzip")),
    fails("no body at all, said to be gzip", E.EMPTY, coded(b"", "gzip")),
    fails("no chunk but the last", E.EMPTY, TE + chunked()),
]

BROKEN = [
    fails("no status line", E.BAD_RESPONSE, b"<html>hello</html>\r\n\r\n"),
    fails("another protocol", E.BAD_RESPONSE, b"SSH-2.0-OpenSSH_9.6\r\n"),
    fails("a version to come", E.BAD_RESPONSE, b"HTTP/3 200 OK\r\n\r\n" + PAGE),
    fails("status 99", E.BAD_RESPONSE, b"HTTP/1.1 99 Low\r\n\r\n" + PAGE),
    fails("status of letters", E.BAD_RESPONSE, b"HTTP/1.1 OK\r\n\r\n" + PAGE),
    fails("binary noise", E.BAD_RESPONSE,
        b"\x00\xff\x16\x03\x01" + NOISE[:200].replace(b"\n", b"") + b"\r\n\r\n"),
    fails("two lengths that differ", E.BAD_RESPONSE, SIZED + b"Content-Length: 7\r\n\r\n" + PAGE),
    fails("invalid chunk sizes", E.BAD_RESPONSE, TE + b"zz\r\nhello\r\n0\r\n\r\n" + b"x" * 70_000),
    fails("a transfer coding that is not known", E.BAD_RESPONSE,
        HEAD + b"Transfer-Encoding: gzip\r\n\r\n" + PAGE),
    fails("1,500 fields", E.BAD_RESPONSE, HEAD + b"X-A: b\r\n" * 1500 + b"\r\n" + PAGE),
    fails("a field of 70 KB", E.BAD_RESPONSE, HEAD + b"X-A: " + b"b" * 70_000 + b"\r\n\r\n" + PAGE),
    fails("a head of 500 KB", E.BAD_RESPONSE, HEAD + (b"X-A: " + b"b" * 50_000 + b"\r\n") * 10 + b"\r\n"),
    lazy("1xx without end", E.BAD_RESPONSE, lambda _: endless(b"HTTP/1.1 103 Early Hints\r\n\r\n"), 1),
    lazy("a head without end", E.BAD_RESPONSE,
        lambda _: chain([HEAD], endless(b"X-A: " + b"b" * 999 + b"\r\n")), 1),
    fails("closed without an answer", E.CONNECTION, b"", n_requests=3),
    fails("reset without an answer", E.CONNECTION, Reset(), n_requests=3),
]  # fmt: skip

CUT = [
    fails("less than announced", E.TRUNCATED, answer(PAGE, length=len(PAGE) + 1), n_requests=3),
    fails("nothing of what was announced", E.TRUNCATED, answer(b"", length=500), n_requests=3),
    fails("no last chunk", E.TRUNCATED, TE + chunked(PAGE, end=b""), n_requests=3),
    fails("cut in a chunk", E.TRUNCATED, TE + chunked(PAGE, end=b"")[:-30], n_requests=3),
    fails("cut in a chunk's size", E.TRUNCATED, TE + chunked(PAGE, end=b"") + b"1", n_requests=3),
    fails("reset in the body", E.TRUNCATED, HEAD + b"\r\n" + PAGE, Pause(0.05), Reset(), n_requests=3),
    fails("half a gzip stream", E.TRUNCATED, coded(gzip.compress(NOISE)[:60_000], "gzip"), n_requests=3),
    fails("gzip without its last byte", E.TRUNCATED, coded(gzip.compress(PAGE)[:-1], "gzip"), n_requests=3),
    fails("second gzip member cut", E.TRUNCATED, coded(gzip.compress(PAGE) * 2, "gzip")[:-5], n_requests=3),
    fails("half a deflate stream", E.TRUNCATED, coded(zlib.compress(PAGE)[:-20], "deflate"), n_requests=3),
    fails("half a brotli stream", E.TRUNCATED, coded(brotli.compress(NOISE)[:50_000], "br"), n_requests=3),
    fails("half a zstd stream", E.TRUNCATED, coded(zstandard.compress(NOISE)[:50_000], "zstd"), n_requests=3),
    fails("gzip cut within gzip", E.TRUNCATED, coded(gzip.compress(gzip.compress(PAGE)[:-9]), "gzip, gzip"),
        n_requests=3),
    fails("a chunk of terabytes", E.TRUNCATED, TE + b"ffffffffffff\r\n" + PAGE, n_requests=3),
]  # fmt: skip

CODED = [
    fails("packed three times", E.CONTENT_ENCODING, coded(PAGE, "gzip, gzip, gzip")),
    fails("packed a thousand times", E.CONTENT_ENCODING, coded(PAGE, ", ".join(["gzip"] * 1000))),
    fails("a coding that is not known", E.CONTENT_ENCODING, coded(PAGE, "sdch")),
    fails("a coding that is noise", E.CONTENT_ENCODING, coded(PAGE, "\x7f;q=1")),
    fails("said to be gzip", E.CONTENT_ENCODING, coded(PAGE, "gzip")),
    fails("said to be brotli", E.CONTENT_ENCODING, coded(b"\xff" + NOISE, "br")),
    fails("said to be zstd", E.CONTENT_ENCODING, coded(PAGE, "zstd")),
    fails("said to be deflate", E.CONTENT_ENCODING, coded(b"\xff" * 99, "deflate")),
    fails("gzip damaged in the middle", E.CONTENT_ENCODING, coded(
        gzip.compress(NOISE)[:500] + b"\xff" * 90 + gzip.compress(NOISE)[590:], "gzip"
    )),
]  # fmt: skip

_ZEROS = b"\0" * 30_000_000
LARGE = [
    fails("a length above the cap", E.TOO_LARGE, answer(PAGE, length=200_001)),
    fails("a length of five thousand digits", E.TOO_LARGE, answer(PAGE, length="9" * 5000)),
    fails("a body above the cap", E.TOO_LARGE, answer(NOISE + NOISE)),
    fails("a body above the cap, without length", E.TOO_LARGE, answer(NOISE + NOISE, length=None)),
    lazy("a body without end", E.TOO_LARGE, lambda _: chain([HEAD + b"\r\n"], endless(NOISE)), 1),
    lazy("chunks without end", E.TOO_LARGE, lambda _: chain([TE], endless(chunked(NOISE, end=b""))), 1),
    lazy("tiny chunks without end", E.TOO_LARGE, lambda _: chain([TE], endless(b"1\r\nx\r\n" * 5000)), 1),
    lazy("trailers without end", E.TOO_LARGE, lambda _: chain([TE + b"0\r\n"], endless(b"X-A: b\r\n" * 5000)),
        1),
    fails("a chunk of -1", E.TOO_LARGE, TE + b"-1\r\n" + NOISE * 6),
    fails("gzip bomb", E.TOO_LARGE, coded(gzip.compress(_ZEROS), "gzip")),
    fails("deflate bomb", E.TOO_LARGE, coded(zlib.compress(_ZEROS), "deflate")),
    fails("brotli bomb", E.TOO_LARGE, coded(brotli.compress(_ZEROS, quality=3), "br")),
    fails("zstd bomb", E.TOO_LARGE, coded(zstandard.compress(_ZEROS), "zstd")),
    fails("gzip bomb in gzip", E.TOO_LARGE, coded(gzip.compress(gzip.compress(_ZEROS)), "gzip, gzip")),
    fails("bomb of many members", E.TOO_LARGE, coded(gzip.compress(b"\0" * 60_000) * 500, "gzip")),
]  # fmt: skip

TYPES = [
    fails("a PDF", E.CONTENT_TYPE, answer(b"%PDF-1.7 ...", content_type="application/pdf")),
    fails("a PDF said to be a page", E.CONTENT_TYPE, answer(b"%PDF-1.7 ...")),
    fails("a picture", E.CONTENT_TYPE, answer(b"\x89PNG\r\n", content_type="image/png")),
    fails("a picture said to be a page", E.CONTENT_TYPE, answer(b"\xff\xd8\xff\xe0JFIF")),
    fails("a video that never ends", E.CONTENT_TYPE, answer(NOISE, content_type="video/mp4", length=None)),
    fails("JSON", E.CONTENT_TYPE, answer(b"{}", content_type="application/json")),
    fails("a style sheet", E.CONTENT_TYPE, answer(b"a{}", content_type="text/css")),
    fails("noise said to be a page", E.CONTENT_TYPE, answer(NOISE)),
    fails("a zip file without a type", E.CONTENT_TYPE, answer(b"PK\x03\x04..", content_type=None)),
]

SLOW = [
    lazy("silence", E.TIMEOUT, lambda _: iter([Pause(9)]), 2),
    lazy("a head at a byte a moment", E.TIMEOUT, lambda _: dripping(SIZED + b"\r\n" + PAGE, 0.1), 1),
    lazy("fields without end, slowly", E.TIMEOUT, lambda _: chain([HEAD], endless(b"X-A: b\r\n", 0.1)), 1),
    lazy("a body at a byte a moment", E.TIMEOUT, lambda _: chain([SIZED + b"\r\n"], dripping(PAGE, 0.1)), 1),
    lazy("chunks at a byte a moment", E.TIMEOUT, lambda _: chain([TE], endless(b"1\r\nx\r\n", 0.1)), 1),
    lazy("a chunk's size at a byte a moment", E.TIMEOUT, lambda _: chain([TE], dripping(b"0" * 99, 0.1)), 1),
    lazy("trailers, slowly", E.TIMEOUT, lambda _: chain([TE + b"0\r\n"], endless(b"X-A: b\r\n", 0.1)), 1),
    lazy("a body that stops", E.TIMEOUT, lambda _: iter([SIZED + b"\r\n" + PAGE[:50], Pause(9)]), 2),
    lazy("a body that does not end", E.TIMEOUT, lambda _: iter([HEAD + b"\r\n" + PAGE, Pause(9)]), 2),
    lazy("1xx, slowly", E.TIMEOUT, lambda _: endless(b"HTTP/1.1 102 Processing\r\n\r\n", 0.15), 1),
]


def _needs_cookie(request: Request) -> Iterator[Part]:
    if "seen=1" in request.headers.get("cookie", ""):
        yield answer(PAGE)
    else:
        yield answer(b"", "Location: /cookie", "Set-Cookie: seen=1; Path=/", status="302 Found")


GOAL = {"/goal": fixed(answer(PAGE)), "/ziel/%C3%BC": fixed(answer(PAGE)), "/cookie": _needs_cookie}
for _n in range(9):
    GOAL[f"/hop{_n}"] = fixed(redirect(f"/hop{_n + 1}"))
GOAL["/hop9"] = fixed(answer(PAGE))
GOAL["/ping"], GOAL["/pong"] = fixed(redirect("/pong")), fixed(redirect("/ping"))

REDIRECTS = [
    *(ok(f"{status} is followed", redirect("/goal", f"{status} Moved")) for status in (301, 302, 303, 307,
        308)),
    ok("a relative address", redirect("goal")),
    ok("a fragment", redirect("/goal#top")),
    ok("blanks around it", redirect("  /goal  ")),
    ok("raw UTF-8 in it", redirect("/ziel/ü")),
    ok("a body of a redirect is not read",
        answer(NOISE, "Location: /goal", status="301 Moved", length=9_000_000)),
    ok("five redirects", redirect("/hop6")),
    ok("a cookie that opens the door", redirect("/cookie")),
    fails("six redirects", E.REDIRECTS, redirect("/hop4")),
    fails("a circle", E.REDIRECTS, redirect("/ping")),
    fails("no Location", E.REDIRECTS, answer(b"", status="302 Found")),
    fails("an empty Location", E.REDIRECTS, redirect("")),
    *(fails(f"to {url}", E.BLOCKED_SCHEME, redirect(url)) for url in (
        "file:///etc/passwd", "ftp://example.org/", "javascript:alert(1)", "data:text/html,x",
        "gopher://x:70/1"
    )),
    *(fails(f"to {url}", E.BAD_URL, redirect(url)) for url in (
        "http://", "http:///path", "http://[::1/", "http://[::1%25lo]/", "http://user:pw@example.org/",
        "http://example.org@127.0.0.1/", "http://example.org:99999/", "http://example.org:0/",
        "http://exa mple.org/", "http://ex%61mple.org/", "http://example.org\\@127.0.0.1/", "http://-/",
        "http://" + "a" * 64 + ".org/", "/" + "a" * 9000,
    )),
]  # fmt: skip

# Spellings of this machine and its neighbours; {port} is the canary's.
INNER = [
    "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001",
    "127.0.0.1.", "127.255.255.254", "0", "0.0.0.0", "localhost", "LOCALHOST", "１２７.０.０.１", "127。0。0。1",
    "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]",
    "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2001:0:7f00:1::]", "[fe80::1]",
    "[fc00::1]",
    "[ff02::1]", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.2.1",
    "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
]  # fmt: skip

# What a mutated answer is made of.
TOKENS = [
    b"\r\n", b"\n", b"\r", b":", b" ", b"\0", b"\xff", b"\x85", b"\x0c", b";", b"-1", b"0x", b"9" * 50,
    b"HTTP/1.1 429 x\r\n", b"HTTP/1.1 100\r\n\r\n", b"Content-Length: 5\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Set-Cookie: a=b; expires=x; domain=..; path=\xff\r\n", b"Location: http://[/\r\n", b"ETag: \xff\r\n",
    b"Retry-After: 99999999999999999999\r\n", b"Content-Encoding: gzip, br\r\n",
    b"Content-Type: \0\xff/;;\r\n",
]  # fmt: skip


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Return a response with a few bytes inserted, deleted or changed near its beginning."""
    found = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(min(len(found), 400) + 1)
        match chance.randrange(4):
            case 0:
                found[at:at] = chance.choice(TOKENS)
            case 1:
                del found[at : at + chance.randint(1, 20)]
            case 2:
                found[at : at + 1] = bytes([chance.randrange(256)])
            case 3:
                del found[chance.randrange(len(found) + 1) :]
    return bytes(found)


CASES = [*HONEST, *STATUSES, *EMPTY, *BROKEN, *CUT, *CODED, *LARGE, *TYPES, *SLOW, *REDIRECTS]

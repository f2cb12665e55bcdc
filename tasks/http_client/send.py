"""One request to one URL: sent through requests, its response read within bounds.

What requests, urllib3, http.client and ssl raise becomes a Fault here.
"""

import http.client
import re
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import requests
import urllib3
from requests.cookies import RequestsCookieJar, extract_cookies_to_jar

from tasks.errors import ErrorClass
from tasks.http_client.connection import GuardedAdapter, proxies_for
from tasks.http_client.deadline import Exchange, too_large
from tasks.http_client.decode import ACCEPT_ENCODING, decode, has_gzip_magic
from tasks.http_client.errors import Fault
from tasks.http_client.response import (
    REDIRECT_STATUSES,
    Headers,
    content_fault,
    declared_length,
    parse_head,
    status_fault,
    type_fault,
    values_of,
)
from tasks.http_client.result import Document, Validators
from tasks.http_client.robots import MAX_BYTES as MAX_ROBOTS_BYTES

_STEP_BYTES = 1 << 16
_PAGE = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.5"
_FEED = (
    "application/atom+xml,application/rss+xml,application/feed+json,"
    "application/xml;q=0.9,text/xml;q=0.9,text/html;q=0.7,*/*;q=0.5"
)
_ACCEPT = {
    Document.PAGE: _PAGE,
    Document.FEED: _FEED,
    Document.SITEMAP: "application/xml,text/xml;q=0.9,*/*;q=0.5",
    Document.ROBOTS: "text/plain,*/*;q=0.5",
}
_FIELD_VALUE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f\u0100-\U0010ffff]{1,2000}")


@dataclass(frozen=True, slots=True)
class Received:
    """The response of one URL."""

    url: str
    status: int
    headers: Headers
    fault: Fault | None = None  # set when no document follows
    body: bytes = b""
    wire_body: bytes = b""
    request_head: bytes = b""
    response_head: bytes = b""

    @property
    def content_type(self) -> str | None:
        """The Content-Type field as sent."""
        return next(iter(values_of(self.headers, "content-type")), None)


def request_headers(agent: str, document: Document, validators: Validators | None) -> dict[str, str]:
    """Return the fields of a request."""
    headers = {
        "User-Agent": agent,
        "Accept": _ACCEPT[document],
        "Accept-Encoding": ACCEPT_ENCODING,
        "Connection": "close",
    }
    if validators is None:
        return headers
    pairs = (("If-None-Match", validators.etag), ("If-Modified-Since", validators.last_modified))
    # Validators may hold any bytes; those that HTTP cannot send back are left out.
    return headers | {name: value for name, value in pairs if value and _FIELD_VALUE.fullmatch(value)}


def send(
    exchange: Exchange,
    headers: dict[str, str],
    cookies: RequestsCookieJar,
    document: Document,
    context: ssl.SSLContext,
    proxy: str | None,
) -> Received:
    """Send a request and read its response. Raises Fault when there is none within bounds."""
    url = exchange.target.url
    try:
        prepared = _prepared(url, headers, cookies)
    except (requests.RequestException, ValueError) as error:
        reason = f"The URL cannot be requested: {error}"
        raise Fault(ErrorClass.BAD_URL, reason, can_retry=False) from error
    adapter = GuardedAdapter(exchange, context)
    try:
        # Not Session.send: it would read a redirect's whole body, and cookies would outlive the fetch.
        response = adapter.send(prepared, stream=True, timeout=None, proxies=proxies_for(proxy))
        try:
            if b"set-cookie" in exchange.response_head.lower():
                extract_cookies_to_jar(cookies, prepared, response.raw)  # type: ignore[no-untyped-call]
            return _receive(exchange, response, headers, document)
        finally:
            response.close()
    except Fault:
        raise
    except Exception as error:
        raise _fault_from(error, exchange) from error
    finally:
        adapter.close()


def _prepared(url: str, headers: dict[str, str], cookies: RequestsCookieJar) -> requests.PreparedRequest:
    """Return a request without body, parameters and authentication: preparing those costs as much again."""
    prepared = requests.PreparedRequest()
    prepared.prepare_method("GET")
    prepared.prepare_url(url, None)
    prepared.prepare_headers(headers)
    if cookies:
        prepared.prepare_cookies(cookies)
    return prepared


def _receive(
    exchange: Exchange, response: requests.Response, asked: dict[str, str], document: Document
) -> Received:
    headers = parse_head(bytes(exchange.response_head))
    received = Received(
        exchange.target.url,
        response.status_code,
        headers,
        request_head=bytes(exchange.request_head),
        response_head=bytes(exchange.response_head),
    )
    if response.status_code in REDIRECT_STATUSES:
        return received
    fault = _head_fault(exchange, received, asked, document)
    if fault is not None:
        return Received(received.url, received.status, headers, fault)
    wire_body = _read_body(exchange, response, document)
    body = _document_in(wire_body, headers, exchange, document)
    fault = content_fault(body, document, received.content_type)
    return Received(
        received.url,
        received.status,
        headers,
        fault,
        body,
        wire_body,
        received.request_head,
        received.response_head,
    )


def _head_fault(
    exchange: Exchange, received: Received, asked: dict[str, str], document: Document
) -> Fault | None:
    """Return why the body is not read, judged by the head alone."""
    headers, host = received.headers, exchange.target.host
    has_validators = "If-None-Match" in asked or "If-Modified-Since" in asked
    fault = status_fault(host, received.status, headers, has_validators=has_validators, now=datetime.now(UTC))
    if fault is not None:
        return fault
    codings = [value.strip().lower() for value in values_of(headers, "transfer-encoding")]
    if codings and codings not in (["chunked"], ["identity"]):
        text = f"{host} sent an unknown transfer coding: {codings[0][:40]!a}."
        return Fault(ErrorClass.BAD_RESPONSE, text, can_retry=False)
    length = declared_length(headers)
    if not codings and length and length > exchange.limits.wire_bytes and document is not Document.ROBOTS:
        return too_large(exchange.limits.wire_bytes)
    return type_fault(received.content_type, document)


def _read_body(exchange: Exchange, response: requests.Response, document: Document) -> bytes:
    """Return the body as received. Raises Fault above the cap or when it is truncated."""
    is_robots = document is Document.ROBOTS
    cap = MAX_ROBOTS_BYTES if is_robots else exchange.limits.wire_bytes
    body = bytearray()
    while data := response.raw.read(_STEP_BYTES, decode_content=False):
        body += data
        if len(body) > cap:
            if is_robots:
                break
            raise too_large(cap)
    return bytes(body)


def _document_in(wire_body: bytes, headers: Headers, exchange: Exchange, document: Document) -> bytes:
    limits, may_be_cut = exchange.limits, document is Document.ROBOTS
    body = decode(wire_body, values_of(headers, "content-encoding"), limits, may_be_cut=may_be_cut)
    if document in {Document.FEED, Document.SITEMAP} and has_gzip_magic(body):
        return decode(body, ["gzip"], limits)  # sitemap.xml.gz: a gzip file, not a content coding
    return body


def _fault_from(error: BaseException, exchange: Exchange) -> Fault:
    """Return the fault of a failed exchange, by the deepest known cause."""
    causes = list(_causes(error))
    host = exchange.target.host
    for cause in causes:
        if isinstance(cause, Fault):
            return cause
        if isinstance(cause, ssl.SSLCertVerificationError):
            reason = f"The TLS certificate of {host} is not valid: {cause.verify_message}."
            return Fault(ErrorClass.CONNECTION, reason, can_retry=False)
    if _has(causes, TimeoutError, socket.timeout, urllib3.exceptions.TimeoutError, requests.Timeout):
        return exchange.too_slow()
    if _has(causes, urllib3.exceptions.DecodeError):
        reason = f"The content coding cannot be decoded: {_short(causes[-1])}."
        return Fault(ErrorClass.CONTENT_ENCODING, reason, can_retry=False)
    if _has(causes, http.client.RemoteDisconnected):
        return Fault(ErrorClass.CONNECTION, f"{host} closed the connection without a response.")
    if _has(causes, http.client.IncompleteRead, urllib3.exceptions.IncompleteRead):
        return _incomplete(exchange)
    if _has(
        causes, http.client.HTTPException, urllib3.exceptions.InvalidHeader, requests.exceptions.InvalidHeader
    ):
        reason = f"{host} sent an invalid HTTP response: {_short(causes[-1])}."
        return Fault(ErrorClass.BAD_RESPONSE, reason, can_retry=False)
    if _has(causes, ssl.SSLError):
        return Fault(ErrorClass.CONNECTION, f"The TLS connection to {host} failed: {_short(causes[-1])}.")
    if exchange.response_head:
        return Fault(ErrorClass.TRUNCATED, f"{host} closed the connection in the middle of its response.")
    return Fault(ErrorClass.CONNECTION, f"The connection to {host} failed: {_short(causes[-1])}.")


def _incomplete(exchange: Exchange) -> Fault:
    if exchange.has_ended:
        return Fault(
            ErrorClass.TRUNCATED, f"{exchange.target.host} sent fewer bytes than its Content-Length."
        )
    reason = f"{exchange.target.host} sent an invalid chunked body."
    return Fault(ErrorClass.BAD_RESPONSE, reason, can_retry=False)


def _has(causes: list[BaseException], *kinds: type[BaseException]) -> bool:
    return any(isinstance(cause, kinds) for cause in causes)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and its causes; urllib3 and requests keep them in args and reason."""
    waiting, seen = [error], set[int]()
    while waiting:
        current = waiting.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        causes = [*current.args, getattr(current, "reason", None), current.__cause__, current.__context__]
        waiting += [cause for cause in causes if isinstance(cause, BaseException)]


def _short(error: BaseException) -> str:
    text = str(error) or type(error).__name__
    return text if len(text) <= 160 else text[:160] + "…"

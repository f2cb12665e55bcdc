"""Connections for requests and urllib3 that apply an exchange's bounds and the SSRF guard.

Pools and the adapter only pass the exchange down to where sockets are opened and bytes are read; each further
change is marked with its reason.
"""

import functools
import http.client
import io
import ipaddress
import logging
import re
import socket
import ssl
from typing import Any, cast

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.poolmanager import ProxyManager

from tasks.errors import ErrorClass
from tasks.http_client.deadline import BoundedReader, Exchange
from tasks.http_client.errors import Fault
from tasks.http_client.ssrf_guard import find_addresses
from tasks.http_client.target import parse_target

# urllib3 logs a warning for each protocol violation; those that matter become results.
logging.getLogger("urllib3").setLevel(logging.ERROR)
# http.client stops at 100 fields; sites behind several proxies send more.
http.client._MAXHEADERS = 1000  # type: ignore[attr-defined]

_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*:")  # RFC 9110 §5.1; some write "Name : value"
_MAX_INTERIM = 8  # 1xx responses before the final one


class BoundedResponse(http.client.HTTPResponse):
    """http.client's response, read within the exchange's bounds; its head is recorded byte for byte."""

    def __init__(self, sock: socket.socket, *args: Any, exchange: Exchange, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        raw = self.fp.detach()
        self.fp = io.BufferedReader(BoundedReader(raw, sock, exchange), 65536)
        self._exchange = exchange

    def begin(self) -> None:
        """Read the head, skipping interim responses (http.client skips 100 only, not 103)."""
        body = self.fp
        self.fp = cast("io.BufferedReader[Any]", _HeadLines(body, self._exchange))
        try:
            super().begin()
        finally:
            if self.fp is not None:
                self.fp = body

    def _read_status(self) -> tuple[str, int, str]:
        for _ in range(_MAX_INTERIM):
            self._exchange.response_head.clear()
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if not 100 <= status < 200 or status == 101:
                return version, status, reason
            while self.fp.readline(65537) not in (b"\r\n", b"\n", b""):
                pass
        raise http.client.BadStatusLine(f"more than {_MAX_INTERIM} interim responses")


class _HeadLines:
    """Passes on the lines of a response head, records them, and drops lines that are not fields.

    Python's parser ends the head at the first such line and then misses the framing of the body;
    browsers ignore the line.
    """

    def __init__(self, lines: io.BufferedReader, exchange: Exchange) -> None:
        self._lines = lines
        self._exchange = exchange
        self._is_first = True

    def readline(self, limit: int = -1) -> bytes:
        """Return the next header field, continuation or blank line."""
        while True:
            line = self._lines.readline(limit)
            self._exchange.record_line(line)
            if self._is_first or line in (b"\r\n", b"\n", b""):
                self._is_first = line in (b"\r\n", b"\n")
                return line
            # A lone CR would start a new field for Python's parser.
            text = line.rstrip(b"\r\n").replace(b"\r", b" ")
            field = _FIELD.match(text)
            if field is not None:
                return field[1] + b":" + text[field.end() :] + b"\r\n"
            if line[:1] in b" \t":
                return text + b"\r\n"

    def close(self) -> None:
        """Close the socket."""
        self._lines.close()


class _Guarded:
    """What plain and TLS connections share: the guarded socket and the bounded response."""

    exchange: Exchange
    response_class: Any

    def _bind(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.response_class = functools.partial(BoundedResponse, exchange=exchange)

    def _new_conn(self) -> socket.socket:
        return open_socket(self.exchange, getattr(self, "proxy", None))


class GuardedHTTPConnection(_Guarded, HTTPConnection):
    """A connection to a checked address."""

    def __init__(self, *args: Any, exchange: Exchange, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._bind(exchange)

    def send(self, data: Any) -> None:
        """Send data and record it."""
        self.exchange.request_head += data
        super().send(data)


class GuardedHTTPSConnection(_Guarded, HTTPSConnection):
    """A TLS connection to a checked address; the certificate is checked against the name."""

    def __init__(self, *args: Any, exchange: Exchange, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._bind(exchange)

    def send(self, data: Any) -> None:
        """Send data and record it."""
        self.exchange.request_head += data
        super().send(data)


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = GuardedHTTPConnection


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = GuardedHTTPSConnection


_POOLS: dict[str, Any] = {"http": _HTTPPool, "https": _HTTPSPool}


class _Proxy(ProxyManager):
    def __init__(self, proxy: str, exchange: Exchange, **kwargs: Any) -> None:
        super().__init__(proxy, **kwargs)
        self._exchange = exchange
        self.pool_classes_by_scheme = _POOLS

    def _new_pool(self, scheme: str, host: str, port: int, request_context: Any = None) -> Any:
        context = dict(request_context or self.connection_pool_kw, exchange=self._exchange)
        return super()._new_pool(scheme, host, port, context)


class GuardedAdapter(HTTPAdapter):
    """Sends one prepared request within one exchange.

    Without a proxy by one pool of one connection: a manager of pools would be made for each request.
    """

    def __init__(self, exchange: Exchange, context: ssl.SSLContext) -> None:
        self._exchange = exchange
        self._context = context
        self._pool: HTTPConnectionPool | None = None
        super().__init__(pool_connections=1, pool_maxsize=1)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing: `get_connection_with_tls_context` makes the one pool."""

    def get_connection_with_tls_context(
        self, request: Any, verify: Any, proxies: Any = None, cert: Any = None
    ) -> Any:
        """Return the pool of the exchange's target, or one that goes through a proxy."""
        target = self._exchange.target
        host, port, scheme = target.bracketed_host, target.port, target.scheme
        if proxies:
            proxy = proxies[scheme]
            manager = _Proxy(
                proxy, self._exchange, proxy_headers=self.proxy_headers(proxy), ssl_context=self._context
            )
            self._pool = manager.connection_from_host(host, port, scheme)
            return self._pool
        # Without a context: urllib3 would warn that a plain connection has one.
        context = {"ssl_context": self._context} if scheme == "https" else {}
        self._pool = _POOLS[scheme](host, port, maxsize=1, exchange=self._exchange, **context)
        return self._pool

    def request_url(self, request: Any, proxies: Any) -> str:
        """Return the path; for a proxy of http the whole URL."""
        return super().request_url(request, proxies) if proxies else request.path_url

    def cert_verify(self, *args: Any) -> None:
        """Do nothing: the TLS context has the certificates, which are read once and not per request."""

    def build_response(self, req: Any, resp: Any) -> requests.Response:
        """Return the status and the open body; head and cookies are read by `tasks.http_client.send`."""
        response = requests.Response()
        response.status_code, response.raw = resp.status, resp
        return response

    def close(self) -> None:
        """Close the connection."""
        if self._pool is not None:
            self._pool.close()


def open_socket(exchange: Exchange, proxy: Any = None) -> socket.socket:
    """Resolve, check, and connect to one of the checked addresses. Raises Fault."""
    limits = exchange.limits
    timeout_s = exchange.time_left(limits.connect_s, was_reached=False)
    port = exchange.target.port
    addresses = _checked_addresses(exchange, timeout_s, has_proxy=proxy is not None)
    if proxy is not None:
        port = proxy.port or 80
        addresses = exchange.names.resolver(proxy.host, port)
    until_s = limits.connect_s
    fault: Fault | None = None
    for n_left, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
        timeout_s = exchange.time_left(until_s / n_left, was_reached=False)
        try:
            return _connect(exchange, address, port, timeout_s)
        except TimeoutError:
            fault, until_s = exchange.too_slow(was_reached=False), until_s - timeout_s
        except OSError as error:
            reason = f"Connection to {exchange.target.host} failed: {error.strerror or error}."
            fault = Fault(ErrorClass.CONNECTION, reason, was_reached=False)
    assert fault is not None
    exchange.names.forget(exchange.target)
    raise fault


def _checked_addresses(exchange: Exchange, timeout_s: float, *, has_proxy: bool) -> Any:
    try:
        return find_addresses(exchange.target, exchange.allow, names=exchange.names, timeout_s=timeout_s)
    except Fault as fault:
        # Behind a proxy, names may not resolve locally; a non-public address is refused all the same.
        if has_proxy and fault.error_class is not ErrorClass.BLOCKED_ADDRESS:
            return ()
        raise


def _connect(exchange: Exchange, address: str, port: int, timeout_s: float) -> socket.socket:
    family = socket.AF_INET6 if ipaddress.ip_address(address).version == 6 else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.settimeout(timeout_s)
        sock.connect((address, port))
        # The TLS handshake comes next; its timeout covers the whole handshake, not each read.
        sock.settimeout(exchange.time_left(exchange.limits.read_s))
    except BaseException:
        sock.close()
        raise
    return sock


def proxies_for(proxy: str | None) -> dict[str, str]:
    """Return the mapping that requests expects. Raises Fault when the proxy is not a valid URL."""
    if proxy is None:
        return {}
    parse_target(proxy)
    return {"http": proxy, "https": proxy}

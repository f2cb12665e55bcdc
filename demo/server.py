"""Sites on loopback: one HTTP/1.1 server and port for each, with a log of requests."""

import gzip
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread

from demo.dates import http_date
from demo.routes import Reply

ADDRESS = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Request:
    """One request as received by the server."""

    at: float  # seconds of the epoch
    source: str
    method: str
    path: str  # with the query
    status: int
    conditional: bool  # it carried If-None-Match or If-Modified-Since
    n_bytes: int  # of the body as sent


class SiteServer(ThreadingHTTPServer):
    """Serves one source; `answer` turns a request target into a response."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, source: str, port: int, log: list[Request]) -> None:
        super().__init__((ADDRESS, port), Handler)
        self.source = source
        self.log = log
        self.answer: Callable[[str], Reply] | None = None
        self._open: set[socket.socket] = set()
        self._lock = Lock()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def base(self) -> str:
        return f"http://{ADDRESS}:{self.port}"

    def start(self, answer: Callable[[str], Reply]) -> None:
        self.answer = answer
        Thread(target=self.serve_forever, args=(0.05,), name=f"demo-{self.source}", daemon=True).start()

    def stop(self) -> None:
        """Stop serving and close persistent connections."""
        self.shutdown()
        self.server_close()
        with self._lock:
            for connection in self._open:
                connection.shutdown(socket.SHUT_RDWR)

    def process_request(self, request: object, client_address: object) -> None:
        assert isinstance(request, socket.socket)
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: object) -> None:
        assert isinstance(request, socket.socket)
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore clients that disconnect during a response."""


class Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD, with validators and gzip."""

    server: SiteServer
    protocol_version = "HTTP/1.1"
    server_version = "demo"
    sys_version = ""
    timeout = 60  # seconds that an idle connection is kept

    def do_GET(self) -> None:
        assert self.server.answer is not None
        reply = self.server.answer(self.path)
        if self._is_unchanged(reply):
            reply = Reply(HTTPStatus.NOT_MODIFIED, reply.content_type, b"", reply.etag, reply.modified_at)
        self._send(reply)

    do_HEAD = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing to standard error; `requests` is the log."""

    def _is_unchanged(self, reply: Reply) -> bool:
        """Say whether the client's copy is current; If-None-Match comes first (RFC 9110 section 13.2.2)."""
        if reply.status != HTTPStatus.OK:
            return False
        if tags := self.headers["If-None-Match"]:
            return reply.etag in {tag.strip().removeprefix("W/") for tag in tags.split(",")}
        since = _parsed(self.headers["If-Modified-Since"])
        return since is not None and reply.modified_at is not None and reply.modified_at <= since

    def _send(self, reply: Reply) -> None:
        body, is_packed = reply.body, False
        if len(body) > 500 and "gzip" in (self.headers["Accept-Encoding"] or ""):
            body, is_packed = gzip.compress(body, 5, mtime=0), True
        self._log(reply.status, len(body))
        self.send_response(reply.status)
        self._send_headers(reply, is_packed, len(body))
        if self.command != "HEAD" and body:
            self.wfile.write(body)

    def _send_headers(self, reply: Reply, is_packed: bool, n_bytes: int) -> None:
        has_body = reply.status not in (HTTPStatus.NOT_MODIFIED, HTTPStatus.NO_CONTENT)
        if has_body:
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(n_bytes))
            self.send_header("Vary", "Accept-Encoding")
        if is_packed:
            self.send_header("Content-Encoding", "gzip")
        if reply.etag:
            self.send_header("ETag", reply.etag)
        if reply.modified_at:
            self.send_header("Last-Modified", http_date(reply.modified_at))
        self.end_headers()

    def _log(self, status: int, n_bytes: int) -> None:
        is_conditional = "If-None-Match" in self.headers or "If-Modified-Since" in self.headers
        request = Request(
            time.time(), self.server.source, self.command, self.path, status, is_conditional, n_bytes
        )
        self.server.log.append(request)


def _parsed(raw: str | None) -> datetime | None:
    if not raw:
        return None
    try:
        moment = parsedate_to_datetime(raw)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

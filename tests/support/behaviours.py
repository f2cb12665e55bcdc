"""A web server whose paths are behaviours, each with a fault of its own; it records its requests.

Responses are written directly to the socket, because no server library would send them.
"""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Request:
    """One request as received by the server; times are `time.monotonic()`, equal in all processes."""

    path: str
    headers: dict[str, str]  # names in lower case
    raw: bytes
    begun: float


@dataclass(frozen=True, slots=True)
class Reset:
    """In place of bytes: reset the connection (RST)."""


@dataclass(frozen=True, slots=True)
class Pause:
    """In place of bytes: wait."""

    seconds: float


Part = bytes | Reset | Pause
Behaviour = Callable[[Request], Iterator[Part]]


@dataclass(slots=True)
class Visit:
    """One request in the server's log."""

    path: str
    begun: float
    ended: float = 0.0


@dataclass
class BehaviourServer:
    """Serves behaviours on 127.0.0.1; a context manager. Unknown paths answer 404."""

    behaviours: dict[str, Behaviour] = field(default_factory=dict)
    host: str = "127.0.0.1"
    visits: list[Visit] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    n_connections: int = 0

    def __enter__(self) -> "BehaviourServer":
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        self._listener = socket.create_server((self.host, 0), family=family, backlog=128)
        self.port = self._listener.getsockname()[1]
        self.authority = f"{self.host}:{self.port}"
        self.base = f"http://{self.authority}"
        self._stop = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._listener.close()

    def _accept(self) -> None:
        while not self._stop.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.n_connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        begun = time.monotonic()
        with connection:
            connection.settimeout(10)
            try:
                request = _read_request(connection, begun)
            except OSError:
                return
            if request is None:
                return
            visit = Visit(request.path, begun)
            self.requests.append(request)
            self.visits.append(visit)
            behaviour = self.behaviours.get(request.path.partition("?")[0], _not_found)
            with suppress(OSError):  # the client had enough, which is what many behaviours are for
                self._play(connection, behaviour(request), visit)

    def _play(self, connection: socket.socket, parts: Iterator[Part], visit: Visit) -> None:
        for part in parts:
            # Before the part: once it is sent, this thread may be late to look at the clock.
            visit.ended = time.monotonic()
            if isinstance(part, Pause):
                if self._stop.wait(part.seconds):
                    return
            elif isinstance(part, Reset):
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            else:
                connection.sendall(part)


def _read_request(connection: socket.socket, begun: float) -> Request | None:
    raw = b""
    while b"\r\n\r\n" not in raw:
        data = connection.recv(65536)
        if not data:
            return None
        raw += data
    lines = raw.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    pairs = (line.split(":", 1) for line in lines[1:])
    headers = {name.strip().lower(): value.strip() for name, value in pairs}
    return Request(lines[0].split(" ")[1], headers, raw, begun)


def _not_found(request: Request) -> Iterator[Part]:
    yield answer(b"nothing here", status="404 Not Found")


def answer(
    body: bytes,
    *fields: str,
    status: str = "200 OK",
    content_type: str | None = "text/html; charset=utf-8",
    length: int | str | None = -1,
) -> bytes:
    """Return a whole response; `length` None omits Content-Length, -1 sends the correct one."""
    lines = [f"HTTP/1.1 {status}"]
    if content_type is not None:
        lines.append(f"Content-Type: {content_type}")
    if length is not None:
        lines.append(f"Content-Length: {len(body) if length == -1 else length}")
    return "\r\n".join([*lines, *fields, "", ""]).encode("utf-8") + body


def fixed(*parts: Part) -> Behaviour:
    """Return a behaviour that sends the same parts to every client."""
    return lambda request: iter(parts)


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    """Return a chunked body."""
    return b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + end


def dripping(data: bytes, gap_s: float) -> Iterator[Part]:
    """Yield data byte by byte."""
    for index in range(len(data)):
        yield data[index : index + 1]
        yield Pause(gap_s)


def endless(part: bytes, gap_s: float = 0.0) -> Iterator[Part]:
    """Yield the same bytes for ever."""
    while True:
        yield part
        if gap_s:
            yield Pause(gap_s)


def redirect(location: str, status: str = "302 Found") -> bytes:
    """Return a redirect."""
    return answer(b"", f"Location: {location}", status=status)

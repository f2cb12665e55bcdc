"""One HTTP exchange and its bounds in time and bytes, which hold whatever the server does.

Each read from the socket first asks how much time is left, and counts its bytes. A server that sends
one byte a second, in its head, body or TLS handshake, is cut off at the deadline without a second
thread.
"""

import io
import socket
import time
from collections.abc import Callable

from tasks.errors import ErrorClass
from tasks.http_client.errors import Fault
from tasks.http_client.name_lookup import NameLookup
from tasks.http_client.result import Limits
from tasks.http_client.target import Target

FRAMING_BYTES = 64 * 1024  # allowance for chunk sizes and trailers


class Exchange:
    """The time and bytes left to one request, and the heads sent and received."""

    def __init__(
        self,
        target: Target,
        allow: frozenset[str],
        limits: Limits,
        budget_s: float,
        total_s: float,
        names: NameLookup,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.target = target
        self.allow = allow
        self.limits = limits
        self.names = names
        self.request_head = bytearray()
        self.response_head = bytearray()
        self.has_ended = False  # the server closed its side
        self._clock = clock
        self._total_s = total_s  # for all tries and redirects; the budget is what is left of it
        self._ends_at = clock() + budget_s
        self._n_received = 0
        self.read_s = limits.first_byte_s  # of the next read

    def time_left(self, at_most_s: float, *, was_reached: bool = True) -> float:
        """Return how long the next step may take. Raises Fault when the deadline has passed."""
        left = self._ends_at - self._clock()
        if left <= 0:
            raise self.too_slow(was_reached=was_reached)
        return min(left, at_most_s)

    def too_slow(self, *, was_reached: bool = True) -> Fault:
        """Return the fault of a timeout, naming the limit that was exceeded."""
        host = self.target.host
        if self._ends_at - self._clock() <= 0.001:
            reason = f"{host} did not complete the response within {self._total_s:.3g} s."
        elif not was_reached:
            reason = f"{host} did not accept a connection within {self.limits.connect_s:.3g} s."
        else:
            reason = f"{host} sent nothing for {self.read_s:.3g} s."
        return Fault(ErrorClass.TIMEOUT, reason, was_reached=was_reached)

    def count(self, n_bytes: int) -> None:
        """Count bytes as they come off the wire. Raises Fault above the cap."""
        self._n_received += n_bytes
        if self._n_received > self.limits.wire_bytes + self.limits.head_bytes + FRAMING_BYTES:
            raise too_large(self.limits.wire_bytes)

    def record_line(self, line: bytes) -> None:
        """Keep a line of the response's head. Raises Fault when the head grows too large."""
        self.response_head += line
        if len(self.response_head) > self.limits.head_bytes:
            reason = f"The response headers are larger than {self.limits.head_bytes} bytes."
            raise Fault(ErrorClass.BAD_RESPONSE, reason, can_retry=False)


def too_large(cap: int) -> Fault:
    """Return the fault of a document above its cap."""
    reason = f"The document is larger than {cap / 1e6:.3g} MB."
    return Fault(ErrorClass.TOO_LARGE, reason, can_retry=False)


class BoundedReader(io.RawIOBase):
    """The receiving side of a socket under an exchange's bounds."""

    def __init__(self, inner: io.RawIOBase, sock: socket.socket, exchange: Exchange) -> None:
        super().__init__()
        self._inner = inner
        self._sock = sock
        self._exchange = exchange

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer) -> int:  # type: ignore[no-untyped-def]  # Buffer has a name from 3.12 on
        """Read available bytes, at most until the deadline. Raises Fault."""
        exchange = self._exchange
        self._sock.settimeout(exchange.time_left(exchange.read_s))
        try:
            n_bytes = self._inner.readinto(buffer) or 0
        except TimeoutError as error:
            raise exchange.too_slow() from error
        exchange.has_ended = n_bytes == 0
        exchange.count(n_bytes)
        exchange.read_s = exchange.limits.read_s
        return n_bytes

    def close(self) -> None:
        """Close the socket."""
        if not self.closed:
            self._inner.close()
        super().close()

"""Names -> addresses, by the system's resolver; answers are used again for some seconds.

Without that each page would cost a query to the name server, because few systems keep answers themselves, and
a thread to wait for it.
"""

import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Sequence

from tasks.errors import ErrorClass
from tasks.http_client.errors import Fault
from tasks.http_client.target import Target

Resolver = Callable[[str, int], Sequence[str]]  # host, port -> addresses; raises OSError

KEEP_S = 30.0  # browsers keep answers for a minute, whatever the name server says
_MOST_KEPT = 10_000


def system_resolver(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a name, from the system's resolver."""
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in answers))


class NameLookup:
    """Looks names up and keeps the answers for a while; safe to share between threads."""

    def __init__(
        self,
        resolver: Resolver = system_resolver,
        *,
        keep_s: float = KEEP_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.resolver = resolver
        self._keep_s = keep_s
        self._clock = clock
        self._kept: dict[tuple[str, int], tuple[float, Sequence[str]]] = {}  # until when, and addresses

    def find(self, target: Target, timeout_s: float) -> Sequence[str]:
        """Return the addresses of a target's host. Raises Fault when there are none in time."""
        if _is_literal(target.host):
            return [target.host]
        until, addresses = self._kept.get((target.host, target.port), (0.0, ()))
        if self._clock() < until:
            return addresses
        addresses = _resolve(target, self.resolver, timeout_s)
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        self._kept[target.host, target.port] = (self._clock() + self._keep_s, addresses)
        return addresses

    def forget(self, target: Target) -> None:
        """Look a target's host up again the next time: its addresses cannot be connected to."""
        self._kept.pop((target.host, target.port), None)


def _resolve(target: Target, resolver: Resolver, timeout_s: float) -> Sequence[str]:
    # getaddrinfo cannot be interrupted, so it runs in a thread that is abandoned when it is late.
    answer: list[Sequence[str] | Exception] = []

    def ask() -> None:
        try:
            answer.append(resolver(target.host, target.port))
        except Exception as error:  # re-raised as a Fault by the waiting thread
            answer.append(error)

    thread = threading.Thread(target=ask, name=f"resolve {target.host}", daemon=True)
    thread.start()
    thread.join(timeout_s)
    if not answer:
        reason = f"The host name {target.host} was not resolved within {timeout_s:.0f} s."
        raise Fault(ErrorClass.TIMEOUT, reason, was_reached=False)
    if isinstance(answer[0], Exception) or not answer[0]:
        reason = f"The host name {target.host} does not resolve to an address."
        raise Fault(ErrorClass.CONNECTION, reason, was_reached=False)
    return answer[0]


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True

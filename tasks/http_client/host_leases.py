"""The rate limit over several machines: a lease of the host in PostgreSQL instead of a locked file.

A turn is two statements: take the lease, end it. A lease ends by itself after `lease_s`, so that the host of
a killed process rests no longer than that; it must outlast the longest request. When the database does not
answer, no request is sent.
"""

import logging
import random
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

from tasks.errors import ErrorClass
from tasks.http_client.errors import Fault
from tasks.http_client.rate_limit import SHORT_HOLD_S, held_off, in_use
from tasks.http_client.result import Limits
from warehouse.cluster.settings import LeaseSettings
from warehouse.control.connection import ControlConnection
from warehouse.control.host_leases import LeaseAnswer, end_lease, hold_source, take_lease
from warehouse.errors import ClusterError, ControlUnavailable

MARGIN_S = 30.0  # of a lease beyond the longest request
_POLL_S = 0.05  # between two tries to take a host that another process has
_AWAY_S = 30.0  # a database that restarts is waited for
_AWAY_POLL_S = 1.0
_MAX_REMEMBERED = 50_000  # hosts

_log = logging.getLogger(__name__)


class PgPace:
    """Grants requests by leases in PostgreSQL, one connection a process; safe to share between threads."""

    def __init__(
        self,
        settings: LeaseSettings,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._lease_s = settings.lease_s
        # A crash of the server that loses the last second of leases takes longer than a request itself.
        self._control = ControlConnection(settings.url, "wirehouse pace", lasting=False)
        self._clock = clock
        self._sleep = sleep
        self._name = secrets.token_hex(8)
        self._turns = count()
        self._left_at: OrderedDict[str, float] = OrderedDict()  # monotonic, by host: this process's own turns
        self._away_since: float | None = None

    @contextmanager
    def turn(self, host_key: str, gap_s: float, *, source: str = "", wait_s: float = 300.0) -> Iterator[None]:
        """Wait for the lease of the host and for the gap; see `Pace.turn`.

        Raises Fault RATE_LIMITED, too, when the database cannot be used.
        """
        holder = f"{self._name}-{next(self._turns)}"
        self._take(host_key, gap_s, source, holder, self._clock() + wait_s)
        try:
            yield
        finally:
            self._leave(host_key, holder)

    def wait_s(self, host_key: str, gap_s: float) -> float:
        """Return how long this process's own last request holds the host back; others' show at the turn."""
        left_at = self._left_at.get(host_key)
        return 0.0 if left_at is None else left_at + gap_s - time.monotonic()

    def hold(self, host_key: str, source: str, until_s: float) -> None:
        """Record that the host asked this source to stay away until then."""
        try:
            hold_source(self._control, host_key, source, max(0.0, until_s - self._clock()))
        except ControlUnavailable as error:
            _log.warning("The Retry-After of %s is not recorded: %s", host_key, error)

    def close(self) -> None:
        """Close the connection; a turn that is still under way opens it again to end its lease."""
        self._control.close()

    def _take(self, host_key: str, gap_s: float, source: str, holder: str, give_up_at: float) -> None:
        while True:
            answer = self._ask(host_key, gap_s, source, holder)
            if answer is None:
                wait_s = _AWAY_POLL_S
            elif answer.is_taken:
                return
            elif answer.held_s > SHORT_HOLD_S:
                raise held_off(host_key, answer.held_s)
            elif self._clock() > give_up_at:
                raise in_use(host_key)
            else:
                wait_s = min(answer.leased_s, _POLL_S) or max(answer.gap_s, answer.held_s) or _POLL_S
            self._sleep(wait_s * (1 + random.random() * 0.1))  # noqa: S311

    def _ask(self, host_key: str, gap_s: float, source: str, holder: str) -> LeaseAnswer | None:
        """Try to take the lease; None when the database does not answer, but may soon."""
        try:
            answer = take_lease(
                self._control, host_key, holder, source=source, gap_s=gap_s, lease_s=self._lease_s
            )
        except ControlUnavailable as error:
            now = time.monotonic()
            since = self._away_since = self._away_since if self._away_since is not None else now
            if now - since > _AWAY_S:
                raise _not_sent(error) from error
            return None
        self._away_since = None
        return answer

    def _leave(self, host_key: str, holder: str) -> None:
        self._left_at[host_key] = time.monotonic()
        self._left_at.move_to_end(host_key)
        while len(self._left_at) > _MAX_REMEMBERED:
            self._left_at.popitem(last=False)
        try:
            if not end_lease(self._control, host_key, holder):
                _log.warning("A request to %s took longer than its lease of %g s", host_key, self._lease_s)
        except ControlUnavailable as error:
            _log.warning("%s stays leased for up to %g s: %s", host_key, self._lease_s, error)


def check_lease(lease_s: float, limits: Limits) -> None:
    """Raise ClusterError when a lease may end before the longest request does."""
    least_s = max(limits.page_s, limits.sitemap_s) + MARGIN_S
    if lease_s < least_s:
        raise ClusterError(
            f"cluster.toml: pace.lease_s: '{lease_s:g}' is shorter than the longest request with a margin; "
            f"use at least {least_s:g}."
        )


def _not_sent(error: ControlUnavailable) -> Fault:
    reason = f"No request was sent, because the rate limit cannot be kept. {error}"
    return Fault(ErrorClass.RATE_LIMITED, reason, was_reached=False, can_retry=False, retry_after_s=60)

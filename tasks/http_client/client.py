"""One client for everything that is fetched: robots.txt, feeds, sitemaps, listings, pages.

No other part of wirehouse opens a connection to the web, and no library is given a URL. Each
redirect is followed by hand, so that each address on the way is checked, permitted and paced.
"""

import logging
import random
import ssl
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import certifi
from requests.cookies import RequestsCookieJar

from tasks.errors import ErrorClass
from tasks.http_client.deadline import Exchange
from tasks.http_client.errors import Fault
from tasks.http_client.host_queue import HostQueues
from tasks.http_client.rate_limit import Pace
from tasks.http_client.response import REDIRECT_STATUSES, values_of
from tasks.http_client.result import Document, FetchPolicy, FetchResult, Hop, Limits, Validators, policy_for
from tasks.http_client.retry import wait_before_retry_s
from tasks.http_client.robots import PRODUCT_TOKEN, Robots
from tasks.http_client.send import Received, request_headers, send
from tasks.http_client.ssrf_guard import Resolver, check_port, system_resolver
from tasks.http_client.target import Target, join_location, parse_target

__all__ = ["Document", "FetchPolicy", "FetchResult", "HttpClient", "Limits", "Validators", "policy_for"]

T = TypeVar("T")

_log = logging.getLogger(__name__)
_LEAST_TRY_S = 0.1  # with less than that left there is no further try
_MOST_WAIT_S = 6.0  # between tries; a longer wait was the server's wish
_LEAST_GAP_S = 1.0  # of hosts that are not ours, where a source asks for none


@dataclass(slots=True)
class _Journey:
    """One try of a fetch on its way: where it is, how it came there, what it has cost."""

    url: str
    policy: FetchPolicy
    validators: Validators | None
    document: Document
    budget_s: float
    started_at: datetime  # of the last request
    hops: list[Hop] = field(default_factory=list)
    # Of this try alone: consent pages set one and redirect to themselves.
    cookies: RequestsCookieJar = field(default_factory=RequestsCookieJar)
    spent_s: float = 0.0  # in requests; waiting for one's turn does not count


class HttpClient:
    """Fetches documents politely and within bounds; safe to share between threads."""

    def __init__(
        self,
        *,
        hosts_dir: Path,
        contact: str | None,
        limits: Limits | None = None,
        proxy: str | None = None,
        ca_file: Path | None = None,
        resolver: Resolver = system_resolver,
        sleep: Callable[[float], None] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Make a client whose manners are kept in `hosts_dir`, shared with other processes.

        `proxy` is used only when given here, never taken from the environment. `ca_file` adds
        certificate authorities, for intranets.
        """
        self._agent = user_agent(contact)
        self._limits = limits or Limits()
        self._proxy = proxy
        self._resolver = resolver
        self._closing = threading.Event()
        self._sleep = sleep or self._pause
        self._clock = clock
        self._pace = Pace(hosts_dir, clock=clock, sleep=self._sleep)
        self._robots = Robots(hosts_dir / "robots", clock=clock)
        self._context = _tls_context(ca_file)
        self._queues = HostQueues()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give up what has not begun and what waits; what is under way ends by itself."""
        self._closing.set()
        self._queues.close()

    def queue(self, url: str, policy: FetchPolicy, work: Callable[[], T]) -> "Future[T]":
        """Do work that fetches this address when its host's turn comes; return the future of it.

        Hosts are worked on side by side, the jobs of one host one after the other.
        """
        try:
            target = parse_target(url)
        except Fault:  # fetch will say why
            return self._queues.submit("", work, lambda: 0.0)
        return self._queues.submit(target.host_key, work, lambda: self._wait_s(target, policy))

    def fetch(
        self,
        url: str,
        policy: FetchPolicy,
        *,
        validators: Validators | None = None,
        document: Document = Document.PAGE,
    ) -> FetchResult:
        """Fetch one document; whatever goes wrong is a result with its class and a sentence.

        The deadline is for all tries together: a document that hangs costs its host no more.
        """
        n_tries, left_s = 0, self._limits.total_s(document)
        while True:
            n_tries += 1
            journey = _Journey(url, policy, validators, document, left_s, self._now())
            result = self._try(journey)
            wait_s = wait_before_retry_s(result, n_tries, random.random())  # noqa: S311
            left_s -= journey.spent_s
            if wait_s is None or left_s < _LEAST_TRY_S:
                return replace(result, n_tries=n_tries)
            left_s -= self._wait(wait_s)

    def _wait(self, seconds: float) -> float:
        """Wait; return what of it counts towards the deadline (not what a server asked for)."""
        begun = time.monotonic()
        self._sleep(seconds)
        return min(time.monotonic() - begun, _MOST_WAIT_S)

    def _pause(self, seconds: float) -> None:
        if self._closing.wait(seconds):
            raise CancelledError("The run is being stopped.")

    def _try(self, journey: _Journey) -> FetchResult:
        """Go the whole way once, redirects included."""
        try:
            received = self._travel(journey)
        except Fault as fault:
            return self._failed(journey, fault)
        except CancelledError:
            raise
        except Exception as error:  # one document must never stop a run, whatever it provokes
            _log.exception("fetching %s", journey.url)
            reason = f"Fetching it broke wirehouse: {type(error).__name__}: {error}"
            return self._failed(journey, Fault(ErrorClass.INTERNAL, reason, can_retry=False))
        if received.fault is not None:
            return self._failed(journey, received.fault, received)
        return _result(journey, received)

    def _travel(self, journey: _Journey) -> Received:
        target = parse_target(journey.url)
        while True:
            received = self._ask(target, journey)
            location = values_of(received.headers, "location")
            if received.status not in REDIRECT_STATUSES:
                return received
            url = join_location(target.url, location[0] if location else "")
            journey.hops.append(Hop(target.url, received.status, url))
            if len(journey.hops) > self._limits.n_redirects:
                reason = f"It redirects more than {self._limits.n_redirects} times, last to {url[:200]!a}."
                raise Fault(ErrorClass.REDIRECTS, reason, can_retry=False)
            target = parse_target(url)

    def _ask(self, target: Target, journey: _Journey) -> Received:
        """Ask one address in its turn."""
        policy = journey.policy
        check_port(target, policy.allow, self._limits.ports)
        gap_s = self._gap_s(target, journey)
        headers = request_headers(self._agent, journey.document, journey.validators)
        with self._pace.turn(target.host_key, gap_s, source=policy.source, wait_s=self._limits.host_wait_s):
            left_s, total_s = journey.budget_s - journey.spent_s, self._limits.total_s(journey.document)
            exchange = Exchange(target, policy.allow, self._limits, left_s, total_s, self._resolver)
            begun, journey.started_at = time.monotonic(), self._now()
            try:
                received = send(
                    exchange, headers, journey.cookies, journey.document, self._context, self._proxy
                )
            finally:
                journey.spent_s += time.monotonic() - begun
        self._heed(target, policy, received)
        return received

    def _gap_s(self, target: Target, journey: _Journey) -> float:
        """Return the gap that the host is due. Raises Fault when its robots.txt says no."""
        policy = journey.policy
        gap_s = least_gap_s(target, policy)
        if journey.document is Document.ROBOTS:
            return gap_s
        verdict = self._robots.verdict(target, lambda url: self.fetch(url, policy, document=Document.ROBOTS))
        if not verdict.is_allowed:
            raise Fault(
                verdict.error_class,
                verdict.reason,
                was_reached=verdict.was_reached,
                can_retry=False,
                retry_after_s=verdict.retry_after_s,
            )
        return max(gap_s, verdict.crawl_delay_s)

    def _wait_s(self, target: Target, policy: FetchPolicy) -> float:
        """Return how long the host is still to be left alone, as far as is known without asking."""
        gap_s = max(least_gap_s(target, policy), self._robots.known_delay_s(target))
        return self._pace.wait_s(target.host_key, gap_s)

    def _heed(self, target: Target, policy: FetchPolicy, received: Received) -> None:
        """Keep the source away from a host that answered 429; a 503 speaks for its URL alone."""
        fault = received.fault
        if fault is None or fault.error_class is not ErrorClass.RATE_LIMITED or not fault.retry_after_s:
            return
        self._pace.hold(target.host_key, policy.source, self._clock() + fault.retry_after_s)

    def _failed(self, journey: _Journey, fault: Fault, received: Received | None = None) -> FetchResult:
        result = FetchResult(
            url=journey.url,
            final_url=journey.hops[-1].location if journey.hops else journey.url,
            error_class=fault.error_class,
            reason=fault.reason,
            started_at=journey.started_at,
            duration_ms=round(journey.spent_s * 1000),
            hops=tuple(journey.hops),
            retry_after_s=fault.retry_after_s,
            was_reached=fault.was_reached,
            is_final=not fault.can_retry,
        )
        if received is None:
            return result
        return replace(result, status=received.status, headers=received.headers)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)


def least_gap_s(target: Target, policy: FetchPolicy) -> float:
    """Return the gap that a source asks for; none at all only for hosts that it lists as its own."""
    is_ours = target.authority in policy.allow
    return policy.delay_s if policy.delay_s > 0 or is_ours else _LEAST_GAP_S


def user_agent(contact: str | None) -> str:
    """Return how wirehouse names itself to servers: its version, and where its operator can be found."""
    try:
        name = f"{PRODUCT_TOKEN}/{version('wirehouse')}"
    except PackageNotFoundError:
        name = PRODUCT_TOKEN
    clean = "".join(c for c in contact or "" if c.isascii() and c.isprintable())
    return f"{name} (+{clean})" if clean else name


def _result(journey: _Journey, received: Received) -> FetchResult:
    return FetchResult(
        url=journey.url,
        final_url=received.url,
        error_class=ErrorClass.OK,
        reason="",
        started_at=journey.started_at,
        duration_ms=round(journey.spent_s * 1000),
        hops=tuple(journey.hops),
        status=received.status,
        headers=received.headers,
        body=received.body,
        wire_body=received.wire_body,
        request_head=received.request_head,
        response_head=received.response_head,
    )


def _tls_context(ca_file: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=certifi.where())
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context

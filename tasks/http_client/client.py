"""The one HTTP client of wirehouse: robots.txt, feeds, sitemaps, listings and pages go through it.

No other module opens a connection to the web, and no library is given a URL to fetch. Redirects are
followed here, hop by hop, so that the SSRF guard, robots.txt and the rate limit apply to every URL on
the way.
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
from typing import TYPE_CHECKING, Self, TypeVar

import certifi
from requests.cookies import RequestsCookieJar

from tasks.errors import ErrorClass
from tasks.http_client.deadline import Exchange
from tasks.http_client.errors import Fault
from tasks.http_client.host_queue import HostQueues
from tasks.http_client.name_lookup import NameLookup, Resolver, system_resolver
from tasks.http_client.rate_limit import FilePace, Pace
from tasks.http_client.response import REDIRECT_STATUSES, values_of
from tasks.http_client.result import Document, FetchPolicy, FetchResult, Hop, Limits, Validators, policy_for
from tasks.http_client.retry import wait_before_retry_s
from tasks.http_client.robots import PRODUCT_TOKEN, Robots
from tasks.http_client.send import Received, request_headers, send
from tasks.http_client.ssrf_guard import check_port
from tasks.http_client.target import Target, join_location, parse_target

if TYPE_CHECKING:
    from warehouse.cluster.settings import LeaseSettings

__all__ = ["Document", "FetchPolicy", "FetchResult", "HttpClient", "Limits", "Validators", "policy_for"]

T = TypeVar("T")

_log = logging.getLogger(__name__)
_LEAST_TRY_S = 0.1  # no retry with less time left
_MOST_WAIT_S = 6.0  # between tries; a longer wait was asked for by the server
_LEAST_GAP_S = 1.0  # between requests to a host that the source does not list in `allow`


@dataclass(slots=True)
class _Attempt:
    """One try of a fetch: its request, the redirects so far and the time spent."""

    url: str
    policy: FetchPolicy
    validators: Validators | None
    document: Document
    budget_s: float
    started_at: datetime  # of the last request
    hops: list[Hop] = field(default_factory=list)
    # For this try only: consent pages set a cookie and redirect to themselves.
    cookies: RequestsCookieJar = field(default_factory=RequestsCookieJar)
    spent_s: float = 0.0  # in requests; waiting for the rate limit does not count


class HttpClient:
    """Fetches documents within a rate limit and bounds; safe to share between threads."""

    def __init__(
        self,
        *,
        hosts_dir: Path,
        contact: str | None,
        limits: Limits | None = None,
        leases: "LeaseSettings | None" = None,
        proxy: str | None = None,
        ca_file: Path | None = None,
        resolver: Resolver = system_resolver,
        sleep: Callable[[float], None] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Make a client that keeps its rate limits in `hosts_dir`, shared with other processes.

        With `leases` it shares them with other machines instead, through PostgreSQL.
        `proxy` is used only when given here, never taken from the environment. `ca_file` adds
        certificate authorities, for intranets.
        """
        self._agent = user_agent(contact)
        self._limits = limits or Limits()
        self._proxy = proxy
        self._names = NameLookup(resolver)
        self._closing = threading.Event()
        self._sleep = sleep or self._pause
        self._clock = clock
        self._pace = self._open_pace(hosts_dir, leases)
        self._robots = Robots(hosts_dir / "robots", clock=clock)
        self._context = _tls_context(ca_file)
        self._queues = HostQueues(self._limits.n_threads)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Cancel queued and waiting work; running requests end at their own deadline."""
        self._closing.set()
        self._queues.close()
        self._pace.close()

    def queue(self, url: str, policy: FetchPolicy, work: Callable[[], T]) -> "Future[T]":
        """Queue work that fetches this URL; return the future of its result.

        Hosts are processed in parallel, the jobs of one host one after the other.
        """
        try:
            target = parse_target(url)
        except Fault:  # fetch returns the reason
            return self._queues.submit("", policy.source, work, lambda: 0.0)
        return self._queues.submit(target.host_key, policy.source, work, lambda: self._wait_s(target, policy))

    def gap_s(self, url: str, policy: FetchPolicy) -> float:
        """Return the least gap to the next request to the URL's host, as far as known without a request."""
        try:
            return self._known_gap_s(parse_target(url), policy)
        except Fault:
            return policy.delay_s

    def fetch(
        self,
        url: str,
        policy: FetchPolicy,
        *,
        validators: Validators | None = None,
        document: Document = Document.PAGE,
    ) -> FetchResult:
        """Fetch one document; return the result, which has an error class and a reason when it failed.

        The deadline covers all tries together. Raises CancelledError when the client is closed while
        waiting, OSError when the files of rate limits and robots.txt cannot be written.
        """
        n_tries, left_s = 0, self._limits.total_s(document)
        while True:
            n_tries += 1
            attempt = _Attempt(url, policy, validators, document, left_s, self._now())
            result = self._try(attempt)
            wait_s = wait_before_retry_s(result, n_tries, random.random())  # noqa: S311
            left_s -= attempt.spent_s
            if wait_s is None or left_s < _LEAST_TRY_S:
                return result if n_tries == result.n_tries else replace(result, n_tries=n_tries)
            left_s -= self._wait(wait_s)

    def _open_pace(self, hosts_dir: Path, leases: "LeaseSettings | None") -> Pace:
        if leases is None:
            return FilePace(hosts_dir, clock=self._clock, sleep=self._sleep)
        from tasks.http_client.host_leases import PgPace, check_lease

        check_lease(leases.lease_s, self._limits)
        return PgPace(leases, clock=self._clock, sleep=self._sleep)

    def _wait(self, seconds: float) -> float:
        """Wait; return the seconds that count towards the deadline (a wait that the server asked for
        does not).
        """
        begun = time.monotonic()
        self._sleep(seconds)
        return min(time.monotonic() - begun, _MOST_WAIT_S)

    def _pause(self, seconds: float) -> None:
        if self._closing.wait(seconds):
            raise CancelledError("the run is stopping")

    def _try(self, attempt: _Attempt) -> FetchResult:
        """Request the URL once, redirects included."""
        try:
            received = self._follow_redirects(attempt)
        except Fault as fault:
            return self._failed(attempt, fault)
        except CancelledError:
            raise
        except Exception as error:  # no document may stop a run; the traceback is logged
            if isinstance(error, OSError) and error.filename is not None:
                raise  # one of our own files, such as a rate limit on a full disk: not the site's fault
            _log.exception("fetching %s", attempt.url)
            reason = f"Internal error while fetching: {type(error).__name__}: {error}"
            return self._failed(attempt, Fault(ErrorClass.INTERNAL, reason, can_retry=False))
        if received.fault is not None:
            return self._failed(attempt, received.fault, received)
        return _result(attempt, received)

    def _follow_redirects(self, attempt: _Attempt) -> Received:
        target = parse_target(attempt.url)
        while True:
            received = self._request(target, attempt)
            location = values_of(received.headers, "location")
            if received.status not in REDIRECT_STATUSES:
                return received
            url = join_location(target.url, location[0] if location else "")
            attempt.hops.append(Hop(target.url, received.status, url))
            if len(attempt.hops) > self._limits.n_redirects:
                reason = f"More than {self._limits.n_redirects} redirects, the last to {url[:200]!a}."
                raise Fault(ErrorClass.REDIRECTS, reason, can_retry=False)
            target = parse_target(url)

    def _request(self, target: Target, attempt: _Attempt) -> Received:
        """Send one request when the rate limit of its host allows it."""
        policy = attempt.policy
        check_port(target, policy.allow, self._limits.ports)
        gap_s = self._gap_s(target, attempt)
        headers = request_headers(self._agent, attempt.document, attempt.validators)
        with self._pace.turn(target.host_key, gap_s, source=policy.source, wait_s=self._limits.host_wait_s):
            left_s, total_s = attempt.budget_s - attempt.spent_s, self._limits.total_s(attempt.document)
            exchange = Exchange(target, policy.allow, self._limits, left_s, total_s, self._names)
            begun, attempt.started_at = time.monotonic(), self._now()
            try:
                received = send(
                    exchange, headers, attempt.cookies, attempt.document, self._context, self._proxy
                )
            finally:
                attempt.spent_s += time.monotonic() - begun
        self._note_rate_limit(target, policy, received)
        return received

    def _gap_s(self, target: Target, attempt: _Attempt) -> float:
        """Return the gap between two requests to the host. Raises Fault when robots.txt forbids the
        URL.
        """
        policy = attempt.policy
        gap_s = least_gap_s(target, policy)
        if attempt.document is Document.ROBOTS:
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
        """Return how long the rate limit holds the host back, as far as known without a request."""
        return self._pace.wait_s(target.host_key, self._known_gap_s(target, policy))

    def _known_gap_s(self, target: Target, policy: FetchPolicy) -> float:
        return max(least_gap_s(target, policy), self._robots.known_delay_s(target))

    def _note_rate_limit(self, target: Target, policy: FetchPolicy, received: Received) -> None:
        """Hold the source off a host that answered 429; a 503 concerns its URL alone."""
        fault = received.fault
        if fault is None or fault.error_class is not ErrorClass.RATE_LIMITED or not fault.retry_after_s:
            return
        self._pace.hold(target.host_key, policy.source, self._clock() + fault.retry_after_s)

    def _failed(self, attempt: _Attempt, fault: Fault, received: Received | None = None) -> FetchResult:
        return FetchResult(
            url=attempt.url,
            final_url=attempt.hops[-1].location if attempt.hops else attempt.url,
            error_class=fault.error_class,
            reason=fault.reason,
            started_at=attempt.started_at,
            duration_ms=round(attempt.spent_s * 1000),
            hops=tuple(attempt.hops),
            retry_after_s=fault.retry_after_s,
            was_reached=fault.was_reached,
            is_final=not fault.can_retry,
            status=received.status if received else None,
            headers=received.headers if received else (),
        )

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)


def least_gap_s(target: Target, policy: FetchPolicy) -> float:
    """Return the least gap between requests; it is 0 only for hosts that the source lists in `allow`."""
    is_ours = target.authority in policy.allow
    return policy.delay_s if policy.delay_s > 0 or is_ours else _LEAST_GAP_S


def user_agent(contact: str | None) -> str:
    """Return the User-Agent: product, version, and the contact of the operator."""
    try:
        name = f"{PRODUCT_TOKEN}/{version('wirehouse')}"
    except PackageNotFoundError:
        name = PRODUCT_TOKEN
    clean = "".join(c for c in contact or "" if c.isascii() and c.isprintable())
    return f"{name} (+{clean})" if clean else name


def _result(attempt: _Attempt, received: Received) -> FetchResult:
    return FetchResult(
        url=attempt.url,
        final_url=received.url,
        error_class=ErrorClass.OK,
        reason="",
        started_at=attempt.started_at,
        duration_ms=round(attempt.spent_s * 1000),
        hops=tuple(attempt.hops),
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

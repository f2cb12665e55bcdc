"""Hosts and sources that fail, and which of their pages are not requested for now. Pure.

Used by `tasks.fetch`, which passes the clock. A host that cannot be reached costs two connection
timeouts and not one for each of its pages; of a source that fails on most of its pages, one page in ten
is requested until it recovers.
"""

from collections import defaultdict, deque
from dataclasses import dataclass, field

from tasks.errors import ErrorClass
from tasks.http_client.result import FetchResult

MAX_UNREACHED = 2  # in a row, after which a host is left alone
LEFT_ALONE_S = 60.0
RECENT = 20  # results of a source that count
MIN_FAILED = 8  # of them
PROBE_EVERY = 10  # pages of a failing source, of which one is requested
N_RECOVERED = 3  # good results in a row

_FAILED = frozenset(
    {ErrorClass.TIMEOUT, ErrorClass.SERVER_ERROR, ErrorClass.CONNECTION, ErrorClass.TRUNCATED}
)


@dataclass(frozen=True, slots=True)
class Skipped:
    """Why a page is not requested."""

    reason: str
    last: FetchResult  # the failure that decided


@dataclass(slots=True)
class _HostHealth:
    n_unreached: int = 0  # in a row
    last: FetchResult | None = None
    failed_s: float = 0.0


@dataclass(slots=True)
class _SourceHealth:
    recent: deque[bool] = field(default_factory=lambda: deque(maxlen=RECENT))  # whether each failed
    last: FetchResult | None = None
    n_skipped: int = 0

    @property
    def is_failing(self) -> bool:
        return sum(self.recent) >= MIN_FAILED and sum(self.recent) * 2 > len(self.recent)


class FetchHealth:
    """The recent results of each host and source of a run."""

    def __init__(self) -> None:
        self._hosts: defaultdict[str, _HostHealth] = defaultdict(_HostHealth)
        self._sources: defaultdict[str, _SourceHealth] = defaultdict(_SourceHealth)

    def why_skip(self, source: str, host: str, now_s: float) -> Skipped | None:
        """Return why a page is not requested now, or None to request it."""
        host_health = self._hosts[host]
        if host_health.n_unreached >= MAX_UNREACHED and now_s - host_health.failed_s < LEFT_ALONE_S:
            assert host_health.last is not None
            reason = f"its host could not be reached just before: {host_health.last.reason}"
            return Skipped(reason, host_health.last)
        source_health = self._sources[source]
        if not source_health.is_failing:
            return None
        source_health.n_skipped += 1
        if source_health.n_skipped % PROBE_EVERY == 0:
            return None
        assert source_health.last is not None
        n_failed, n = sum(source_health.recent), len(source_health.recent)
        reason = f"{n_failed} of the last {n} pages of '{source}' failed: {source_health.last.reason}"
        return Skipped(reason, source_health.last)

    def record(self, source: str, host: str, result: FetchResult, now_s: float) -> None:
        """Record the result of a request."""
        host_health, source_health = self._hosts[host], self._sources[source]
        has_failed = result.error_class in _FAILED
        if result.was_reached:
            host_health.n_unreached = 0
        else:
            host_health.n_unreached += 1
            host_health.last, host_health.failed_s = result, now_s
        source_health.recent.append(has_failed)
        if has_failed:
            source_health.last = result
        elif not any(list(source_health.recent)[-N_RECOVERED:]):
            source_health.recent.clear()

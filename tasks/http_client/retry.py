"""Retry and back-off: whether to try again at once, and when to try again in a later run. Pure.

Only transient faults are retried within a fetch: connections, truncated bodies, server
errors, timeouts. A bound that was exceeded will be exceeded again.
"""

from datetime import datetime, timedelta

from tasks.errors import ErrorClass
from tasks.http_client.result import FetchResult

MAX_TRIES = 3
_TRIES = {
    ErrorClass.CONNECTION: MAX_TRIES,
    ErrorClass.TRUNCATED: MAX_TRIES,
    ErrorClass.SERVER_ERROR: MAX_TRIES,
    ErrorClass.RATE_LIMITED: MAX_TRIES,
    ErrorClass.TIMEOUT: 2,
}
_WAITS_S = (1.0, 4.0)
_MAX_ASKED_WAIT_S = 10  # a longer Retry-After is left to the next run

# Back-off of a rejected page over runs; after the last, only `wirehouse rejects retry` tries again.
_LATER = (
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=12),
    timedelta(days=1),
    timedelta(days=2),
    timedelta(days=4),
)
_TRANSIENT = frozenset(_TRIES) | {ErrorClass.BAD_RESPONSE, ErrorClass.INTERNAL, ErrorClass.EMPTY}
_LASTING = frozenset(
    # Often a block or a mistake that the site corrects; tried twice more.
    {ErrorClass.FORBIDDEN, ErrorClass.UNAUTHORISED, ErrorClass.HTTP_STATUS, ErrorClass.NOT_FOUND}
)
_MUCH_LATER = (timedelta(days=1), timedelta(days=4))


def wait_before_retry_s(result: FetchResult, n_tries: int, jitter: float) -> float | None:
    """Return how long to wait before the next try of this fetch, or None to give up.

    `jitter` is a random number from 0 to 1.
    """
    if result.is_final or n_tries >= _TRIES.get(result.error_class, 1):
        return None
    asked_s = result.retry_after_s
    if asked_s is not None:
        return asked_s + jitter if asked_s <= _MAX_ASKED_WAIT_S else None
    return _WAITS_S[n_tries - 1] * (0.75 + 0.5 * jitter)


def next_try_at(result: FetchResult, n_attempts: int, now: datetime) -> datetime | None:
    """Return when a rejected page should be fetched again, or None for never.

    `n_attempts` counts the earlier rejections. A Retry-After is the minimum.
    """
    waits = _waits(result)
    if n_attempts >= len(waits):
        return None
    asked = timedelta(seconds=result.retry_after_s or 0)
    return now + max(waits[n_attempts], asked)


def _waits(result: FetchResult) -> tuple[timedelta, ...]:
    if result.error_class in _TRANSIENT or result.retry_after_s is not None:
        return _LATER
    return _MUCH_LATER if result.error_class in _LASTING else ()

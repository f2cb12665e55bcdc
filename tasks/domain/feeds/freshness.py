"""What response headers say of the next poll: how long a response is fresh, where a document moved.

Beside `polling`, which uses these figures.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,10})", re.I)
_NO_REUSE = re.compile(r"(?:^|[,\s])(?:no-cache|no-store)\b(?!\s*=)", re.I)
_PERMANENT = frozenset({301, 308})


def freshness_s(
    cache_control: str | None, expires: str | None, date: str | None, now: datetime
) -> int | None:
    """Return for how many seconds a response is fresh (RFC 9111 section 4.2.1).

    `max-age` wins over `Expires`; `Expires` is measured against the server's own `Date`, since its
    clock may be wrong. None without either.
    """
    control = cache_control or ""
    if _NO_REUSE.search(control):
        return 0
    age = _MAX_AGE.search(control)
    if age:
        return int(age[1])
    end = _http_date(expires)
    if end is None:
        return None
    return max(0, int((end - (_http_date(date) or now)).total_seconds()))


def permanent_target(hops: Iterable[tuple[int, str]]) -> str | None:
    """Return the target of the leading permanent redirects; `hops` are status and absolute target, in order.

    A temporary redirect ends the chain: its target may change.
    """
    target = None
    for status, location in hops:
        if status not in _PERMANENT:
            break
        target = location
    return target


def _http_date(raw: str | None) -> datetime | None:
    if not raw:
        return None
    try:
        moment = parsedate_to_datetime(raw)
    except (ValueError, IndexError, OverflowError):
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)

"""What response headers say of asking again: how long an answer is fresh, where a document moved to.

Beside `polling`, which takes these figures into its decision.
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
    """Return for how many seconds the server calls its answer fresh (RFC 9111 section 4.2.1).

    `max-age` wins over `Expires`; `Expires` is measured against the server's own `Date`, since its
    clock may be wrong. None when neither says anything.
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
    """Return where permanent redirects alone lead: `hops` are status and absolute target, in order.

    A temporary redirect ends the chain: what lies behind it may be elsewhere tomorrow.
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

"""robots.txt (RFC 9309): whether a URL may be fetched, and how slowly.

One file per origin, cached on disk for a day, so that all processes share it. A server error counts as
a disallow; the last good copy is used instead for a week.
"""

import json
import re
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path

from protego import Protego

from tasks.errors import ErrorClass
from tasks.http_client.result import FetchResult
from tasks.http_client.robots_groups import select_rules
from tasks.http_client.target import Target

PRODUCT_TOKEN = "wirehouse"  # noqa: S105
MAX_BYTES = 500 * 1024  # RFC 9309 §2.5: the minimum that a crawler must parse, and our maximum
MAX_CRAWL_DELAY_S = 30.0
_KEEP_S = 24 * 3600
_KEEP_UNREACHABLE_S = 600
_KEEP_DOWN_S = 60  # so that a host that is down is not asked again for each of its pages
_KEEP_GOOD_S = 7 * 24 * 3600
_NO_RULES = Protego.parse("")


class RobotsReply(StrEnum):
    """The outcome of fetching a robots.txt."""

    RULES = "rules"
    NONE = "none"  # 4xx: everything is allowed (§2.3.1.3)
    UNREACHABLE = "unreachable"  # 5xx, 429, timeout: everything is disallowed (§2.3.1.4)
    DOWN = "down"  # the host cannot be reached, or the SSRF guard refuses it


@dataclass(frozen=True, slots=True)
class RobotsRecord:
    """The cached robots.txt of one origin; instants are seconds since 1970."""

    answer: RobotsReply
    asked_at: float
    rules: str = ""
    good_rules: str | None = None  # the last valid copy, while the file cannot be fetched
    good_at: float = 0.0
    error_class: ErrorClass = ErrorClass.OK
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a URL may be fetched."""

    is_allowed: bool
    crawl_delay_s: float = 0.0
    error_class: ErrorClass = ErrorClass.OK
    reason: str = ""  # a sentence when it is not allowed
    retry_after_s: int | None = None  # when the answer may change
    was_reached: bool = True


class Robots:
    """The robots.txt of every origin, fetched when not cached."""

    def __init__(self, robots_dir: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._dir = robots_dir
        self._clock = clock
        self._lock = threading.Lock()
        self._origin_locks: dict[str, threading.Lock] = {}
        self._known: dict[str, tuple[RobotsRecord, Protego]] = {}

    def verdict(self, target: Target, ask: Callable[[str], FetchResult]) -> Verdict:
        """Return whether a target may be fetched; `ask` fetches a robots.txt by its URL."""
        with self._lock_of(target.origin):
            known = self._known.get(target.origin)
            if known is None or self._is_stale(known[0]):
                known = self._load(target, ask)
                if (
                    known[0].error_class is not ErrorClass.BLOCKED_ADDRESS
                ):  # another source may list it in `allow`
                    self._known[target.origin] = known
        return self._judge(target, *known)

    def known_delay_s(self, target: Target) -> float:
        """Return the Crawl-delay in seconds, if cached, else 0."""
        known = self._known.get(target.origin)
        return _delay_s(known[1]) if known else 0.0

    def _lock_of(self, origin: str) -> threading.Lock:
        with self._lock:
            return self._origin_locks.setdefault(origin, threading.Lock())

    def _is_stale(self, record: RobotsRecord) -> bool:
        keep_s = {RobotsReply.UNREACHABLE: _KEEP_UNREACHABLE_S, RobotsReply.DOWN: _KEEP_DOWN_S}
        age_s = self._clock() - record.asked_at
        return not 0 <= age_s < keep_s.get(record.answer, _KEEP_S)

    def _load(self, target: Target, ask: Callable[[str], FetchResult]) -> tuple[RobotsRecord, Protego]:
        before = self._read(target.origin)
        record = before
        if record is None or self._is_stale(record):
            record = record_from(ask(f"{target.origin}/robots.txt"), before, self._clock())
            if record.answer is not RobotsReply.DOWN:  # not cached on disk: it must not outlive this run
                self._write(target.origin, record)
        return record, Protego.parse(select_rules(record.rules, PRODUCT_TOKEN)) if record.rules else _NO_RULES

    def _judge(self, target: Target, record: RobotsRecord, rules: Protego) -> Verdict:
        if record.answer in {RobotsReply.UNREACHABLE, RobotsReply.DOWN}:
            left_s = max(1, int(record.asked_at + _KEEP_UNREACHABLE_S - self._clock()))
            return Verdict(
                is_allowed=False,
                error_class=record.error_class,
                reason=record.reason,
                retry_after_s=left_s if record.answer is RobotsReply.UNREACHABLE else None,
                was_reached=record.answer is not RobotsReply.DOWN
                or record.error_class is ErrorClass.BLOCKED_ADDRESS,
            )
        if rules.can_fetch(target.url, PRODUCT_TOKEN):
            return Verdict(is_allowed=True, crawl_delay_s=_delay_s(rules))
        path = target.path if len(target.path) <= 120 else target.path[:120] + "…"
        reason = f"The robots.txt of {target.host} disallows {path} for {PRODUCT_TOKEN}"
        return Verdict(is_allowed=False, error_class=ErrorClass.ROBOTS, reason=reason + ".")

    def _path(self, origin: str) -> Path:
        return self._dir / (re.sub(r"[^a-z0-9.-]+", "_", origin)[:200] + ".json")

    def _read(self, origin: str) -> RobotsRecord | None:
        with suppress(OSError, ValueError, TypeError, KeyError):
            fields = json.loads(self._path(origin).read_bytes())
            fields["answer"] = RobotsReply(fields["answer"])
            fields["error_class"] = ErrorClass(fields["error_class"])
            return RobotsRecord(**fields)
        return None

    def _write(self, origin: str, record: RobotsRecord) -> None:
        path = self._path(origin)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{threading.get_native_id()}.part")
        part.write_text(json.dumps(asdict(record)), encoding="ascii")
        part.replace(path)


def _delay_s(rules: Protego) -> float:
    return min(max(rules.crawl_delay(PRODUCT_TOKEN) or 0.0, 0.0), MAX_CRAWL_DELAY_S)


def record_from(result: FetchResult, before: RobotsRecord | None, now: float) -> RobotsRecord:
    """Return the record that a fetched robots.txt gives. Pure."""
    if result.is_ok or result.error_class is ErrorClass.EMPTY:
        return RobotsRecord(RobotsReply.RULES, now, rules=_rules(result.body), good_at=now)
    if result.error_class is ErrorClass.BLOCKED_ADDRESS and not result.hops:
        return _down(result, now)
    if not result.was_reached:
        return _down(result, now)
    if _is_unavailable(result):
        return RobotsRecord(RobotsReply.NONE, now)
    return _unreachable(result, before, now)


def _rules(body: bytes) -> str:
    text = body[:MAX_BYTES].decode("utf-8", "replace").removeprefix("\ufeff")
    if len(body) >= MAX_BYTES:
        text = text.rpartition("\n")[0]  # a line cut at the cap could disallow more than it says
    return text


def _is_unavailable(result: FetchResult) -> bool:
    if result.error_class is ErrorClass.REDIRECTS:
        return True  # §2.3.1.2: more than five redirects count as unavailable
    return result.status is not None and 400 <= result.status < 500 and result.status != 429


def _last_good(before: RobotsRecord | None) -> tuple[str | None, float]:
    if before is None:
        return None, 0.0
    return (before.rules if before.answer is RobotsReply.RULES else before.good_rules), before.good_at


def _down(result: FetchResult, now: float) -> RobotsRecord:
    return RobotsRecord(RobotsReply.DOWN, now, error_class=result.error_class, reason=result.reason)


def _unreachable(result: FetchResult, before: RobotsRecord | None, now: float) -> RobotsRecord:
    good, good_at = _last_good(before)
    reason = f"The robots.txt could not be fetched, which counts as disallowed: {result.reason}"
    # An error response is a refusal; a broken connection would have failed for the page as well.
    has_refused = result.error_class in {
        ErrorClass.SERVER_ERROR,
        ErrorClass.RATE_LIMITED,
        ErrorClass.HTTP_STATUS,
    }
    error_class = ErrorClass.ROBOTS if has_refused else result.error_class
    record = RobotsRecord(
        RobotsReply.UNREACHABLE,
        now,
        good_rules=good,
        good_at=good_at,
        error_class=error_class,
        reason=reason,
    )
    if good is None or now - good_at > _KEEP_GOOD_S:
        return record
    # The last good copy is used; asked_at is set so that it expires in ten minutes.
    asked_at = now - _KEEP_S + _KEEP_UNREACHABLE_S
    return replace(record, answer=RobotsReply.RULES, asked_at=asked_at, rules=good)

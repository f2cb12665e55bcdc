"""The rate limit: one request at a time per host, and a gap between two, over all threads and
processes of one machine. `tasks.http_client.host_leases` does the same for several machines.

Each host has one small file, locked while a request runs. It records when the last request ended, and
until when a source was asked to stay away (Retry-After). The operating system drops the lock when its
holder dies, so a killed run blocks nobody.
"""

import fcntl
import json
import os
import random
import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from tasks.errors import ErrorClass
from tasks.http_client.errors import Fault

_POLL_S = 0.02  # between two tries to lock a host
SHORT_HOLD_S = 10.0  # a shorter Retry-After is waited for
_MAX_HELD = 200  # sources recorded in one host's file


@dataclass(slots=True)
class _HostFile:
    """The content of a host's file; instants are seconds since 1970, comparable between processes."""

    last_at: float = 0.0
    held_until: dict[str, float] = field(default_factory=dict)  # by source
    n_bytes: int = 0  # of the file as it was read


class Pace(Protocol):
    """Grants requests to hosts, one at a time."""

    def turn(
        self, host_key: str, gap_s: float, *, source: str = "", wait_s: float = 300.0
    ) -> AbstractContextManager[None]:
        """Wait until the host may be requested, and keep others away until the block is left.

        The gap is counted from the end of the last request, however long that took. Raises Fault
        RATE_LIMITED when the host asked this source to stay away for long, TIMEOUT when others use it
        for longer than `wait_s`.
        """

    def wait_s(self, host_key: str, gap_s: float) -> float:
        """Return how long the host is still held back, as far as known without waiting."""

    def hold(self, host_key: str, source: str, until_s: float) -> None:
        """Record that the host asked this source to stay away until then."""

    def close(self) -> None:
        """Release what is open; turns under way may still end."""


class FilePace:
    """Grants requests by locked files: for the processes of one machine."""

    def __init__(
        self,
        hosts_dir: Path,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._hosts_dir = hosts_dir
        self._clock = clock
        self._sleep = sleep

    @contextmanager
    def turn(self, host_key: str, gap_s: float, *, source: str = "", wait_s: float = 300.0) -> Iterator[None]:
        """Wait for the lock of the host's file and for the gap; see `Pace.turn`."""
        fd, state = self._take(host_key, gap_s, source, self._clock() + wait_s)
        try:
            yield
        finally:
            self._leave(fd, state)

    def wait_s(self, host_key: str, gap_s: float) -> float:
        """Return how long the host is still held back, without locking it."""
        fd = self._open(host_key)
        try:
            return min(_read(fd).last_at + gap_s - self._clock(), gap_s)
        finally:
            os.close(fd)

    def hold(self, host_key: str, source: str, until_s: float) -> None:
        """Record that the host asked this source to stay away until then."""
        fd = self._open(host_key)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            state = _read(fd)
            now = self._clock()
            state.held_until = {s: t for s, t in state.held_until.items() if t > now}
            if len(state.held_until) < _MAX_HELD:
                state.held_until[source] = until_s
            _write(fd, state)
        finally:
            os.close(fd)

    def close(self) -> None:
        """Do nothing: a file is open during a turn only."""

    def _take(self, host_key: str, gap_s: float, source: str, give_up_at: float) -> tuple[int, _HostFile]:
        """Return the descriptor of the host's file, locked, and its content, once a request may be sent."""
        fd = self._open(host_key)
        try:
            while True:
                wait_s, state = self._try_take(fd, host_key, gap_s, source)
                if state is not None:
                    return fd, state
                if self._clock() > give_up_at:
                    raise in_use(host_key)
                # Wait without the lock, so that any waiter may get it next.
                self._sleep(wait_s * (1 + random.random() * 0.1))  # noqa: S311
        except BaseException:
            os.close(fd)
            raise

    def _try_take(self, fd: int, host_key: str, gap_s: float, source: str) -> tuple[float, _HostFile | None]:
        """Lock the host and return its file's content, or return how long to wait before the next try."""
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return _POLL_S, None
        state, now = _read(fd), self._clock()
        held_s = state.held_until.get(source, 0.0) - now
        if held_s > SHORT_HOLD_S:
            raise held_off(host_key, held_s)
        if state.last_at > now:  # the clock was set back: wait one gap from now
            state.last_at = now
            _write(fd, state)
        wait_s = max(state.last_at + gap_s - now, held_s)
        if wait_s > 0:
            fcntl.flock(fd, fcntl.LOCK_UN)
            return wait_s, None
        state.last_at = now  # in case this process dies during the request
        _write(fd, state)
        return 0.0, state

    def _leave(self, fd: int, state: _HostFile) -> None:
        """Record the end of a request; nobody else has written the locked file since `state` was read."""
        try:
            state.last_at = self._clock()
            _write(fd, state)
        finally:
            os.close(fd)

    def _open(self, host_key: str) -> int:
        path = self._hosts_dir / (re.sub(r"[^a-z0-9.-]", "_", host_key)[:200] + ".host")
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        try:
            return os.open(path, flags, 0o644)
        except FileNotFoundError:
            self._hosts_dir.mkdir(parents=True, exist_ok=True)
            return os.open(path, flags, 0o644)


def held_off(host_key: str, held_s: float) -> Fault:
    """Return the fault of a host that asked the source to stay away for longer than it is waited for."""
    reason = f"{host_key} is rate-limited for another {held_s:.0f} s (Retry-After)."
    return Fault(ErrorClass.RATE_LIMITED, reason, can_retry=False, retry_after_s=int(held_s) + 1)


def in_use(host_key: str) -> Fault:
    """Return the fault of a host that others did not free in time."""
    reason = f"{host_key} was in use by other requests for too long."
    return Fault(ErrorClass.TIMEOUT, reason, can_retry=False)


def _read(fd: int) -> _HostFile:
    state = _HostFile()
    text = os.pread(fd, 65536, 0)
    state.n_bytes = len(text)
    with suppress(ValueError, TypeError, AttributeError):  # a damaged file counts as missing
        fields = json.loads(text or b"{}")
        state.last_at = float(fields.get("last_at", 0.0))
        state.held_until = {str(s): float(t) for s, t in fields.get("held_until", {}).items()}
    return state


def _write(fd: int, state: _HostFile) -> None:
    held = f', "held_until": {json.dumps(state.held_until)}' if state.held_until else ""
    text = f'{{"last_at": {state.last_at:.6f}{held}}}'.encode()  # of one length, as long as nothing is held
    if state.n_bytes > len(text):
        os.ftruncate(fd, len(text))
    os.pwrite(fd, text, 0)
    state.n_bytes = len(text)

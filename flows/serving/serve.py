"""`wirehouse serve`: a Prefect server, a worker and the schedules on this machine, as one unit.

The server listens on a socket that this process binds, so that a port in use is noticed before anything
starts, and no deployment can reach another server. Server and worker end with this process, however it ends.
Prefect reads its settings when it is imported, so that it is imported after they are set.
"""

import errno
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from flows.serving.environment import RETENTION
from flows.serving.prefect_file import read_deployments
from flows.serving.processes import end_run_processes, find_listener
from tasks.errors import UsageError

log = logging.getLogger("wirehouse.serve")

_START_S = 180  # the first start creates Prefect's database
_PORT_S = 5  # the server of a serve that was killed needs a moment to end
_STOP_S = 5  # for the worker, then for the server
_WATCH_S = 30
_STALE_S = 120  # a run without a process for so long is dead
_N_UNANSWERED = 10  # checks in a row, after which the server's silence is reported
_N_OVERDUE = 4  # checks in a row: after a pause of the machine the worker starts what is overdue
_SETTINGS = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_EVENTS_CAUSAL_ORDERING": "flows.serving.event_order",
    "PREFECT_CLI_PROMPT": "false",
}


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """What `wirehouse serve` runs, and where."""

    file: Path  # prefect.yaml
    home: Path
    config: Path
    host: str
    port: int
    alert_url: str | None = None

    @property
    def url(self) -> str:
        """Return the address of the server's pages."""
        is_wildcard = self.host in ("0.0.0.0", "::", "")  # noqa: S104  compared, not bound
        host = "127.0.0.1" if is_wildcard else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


class StopRequested(BaseException):
    """SIGTERM or SIGHUP was received."""


def serve(options: ServeOptions, tell: Callable[[str], None]) -> None:
    """Run server, worker and schedules until Ctrl-C, SIGTERM or SIGHUP; `tell` is called when they run.

    Raises UsageError when the port is in use, `prefect.yaml` is invalid, or a child ends by itself.
    """
    read_deployments(options.file)
    with _signals_raised(), ExitStack() as stack:
        listener = stack.enter_context(_listen(options.host, options.port))
        _set_environment(options)
        try:
            _run(options, stack, listener, tell)
        except StopRequested:
            log.info("Stopping: the process was asked to end")


def _run(
    options: ServeOptions, stack: ExitStack, listener: socket.socket, tell: Callable[[str], None]
) -> None:
    server = stack.enter_context(_child("flows.serving.api_server", listener))
    listener.close()  # the server has its own copy, whose end frees the port
    _wait_until_healthy(server, options)
    from flows.serving.deployment import prepare_server, shorten_idle_runs

    prepare_server(options.file, options.home, options.config, options.alert_url)
    shorten_idle_runs()
    _crash_dead_runs()
    stack.callback(_end_runs, f"{options.url}/api")
    worker = stack.enter_context(_child("flows.serving.worker"))
    tell(f"Running. Runs and schedules: {options.url}  Warehouse: {options.home}  Stop with Ctrl-C.")
    _watch(server, worker, options.alert_url)


def _watch(
    server: "subprocess.Popen[bytes]", worker: "subprocess.Popen[bytes]", alert_url: str | None
) -> None:
    """Wait while both children live; look for dead runs and blocked schedules from time to time."""
    next_check = time.monotonic() + _WATCH_S
    schedules = ScheduleWatch(alert_url)
    while server.poll() is None and worker.poll() is None:
        time.sleep(0.5)
        if time.monotonic() >= next_check:
            schedules.check()
            next_check = time.monotonic() + _WATCH_S
    name = "Prefect server" if server.poll() is not None else "worker"
    raise UsageError(f"The {name} ended unexpectedly; its messages above say why.")


class ScheduleWatch:
    """Finds and unblocks stalled schedules; reports each stall once, by log and webhook."""

    def __init__(self, alert_url: str | None) -> None:
        self._alert_url = alert_url
        self._blocked: set[str] = set()
        self._n_overdue: dict[str, int] = {}  # checks in a row
        self._n_unanswered = 0  # checks in a row

    def check(self) -> None:
        """Ask the server of PREFECT_API_URL for runs that are dead, skipped, overdue or in the far future."""
        from prefect.client.orchestration import get_client

        from flows.serving.dead_runs import (
            crash_dead_runs,
            delete_runs_ahead,
            find_blocked,
            find_overdue,
            overdue_sentence,
        )

        try:
            with get_client(sync_client=True) as client:
                delete_runs_ahead(client, datetime.now(UTC))
                overdue = find_overdue(client, datetime.now(UTC))
                blocked = set(find_blocked(client))
                crash_dead_runs(client, older_than_s=0 if blocked else _STALE_S)
        except Exception as error:  # the server may be busy; the next check finds the same
            self._note_unanswered(error)
            return
        self._n_unanswered = 0
        for name in blocked - self._blocked:
            sentence = f"{name}: two scheduled runs in a row were cancelled although no run is alive."
            log.error("%s Dead runs were marked as crashed; the next run starts as scheduled.", sentence)
            self._alert(name, "Blocked", sentence)
        self._blocked = blocked
        self._n_overdue = {name: self._n_overdue.get(name, 0) + 1 for name in overdue}
        for name, n_checks in self._n_overdue.items():
            if n_checks == _N_OVERDUE:
                log.error("%s", overdue_sentence(name))
                self._alert(name, "Overdue", overdue_sentence(name))

    def _note_unanswered(self, error: Exception) -> None:
        log.debug("The check for dead runs failed", exc_info=True)
        self._n_unanswered += 1
        if self._n_unanswered == _N_UNANSWERED:
            reason = f"{type(error).__name__}: {error}".strip(": ")
            sentence = f"The Prefect server has not answered {_N_UNANSWERED} checks in a row ({reason})."
            log.error("%s No run starts until it does; see its messages, and the space on disk.", sentence)
            self._alert("Prefect server", "Unanswered", sentence)

    def _alert(self, run: str, state: str, message: str) -> None:
        if self._alert_url is not None:
            from flows.serving.alerts import send_alert

            send_alert(self._alert_url, run=run, state=state, message=message)


def _crash_dead_runs() -> None:
    from prefect.client.orchestration import get_client

    from flows.serving.dead_runs import crash_dead_runs

    with get_client(sync_client=True) as client:
        crash_dead_runs(client)


def _end_runs(api_url: str) -> None:
    """End the runs that the worker left, and record that they crashed while the server still answers."""
    end_run_processes(api_url, grace_s=2)
    try:
        _crash_dead_runs()
    except Exception:  # the server may be what failed; the next start records it
        log.debug("The runs could not be marked as crashed", exc_info=True)


@contextmanager
def _signals_raised() -> Iterator[None]:
    """Raise StopRequested on SIGTERM and SIGHUP while the block runs."""

    def stop(number: int, frame: FrameType | None) -> None:
        for later in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(later, signal.SIG_IGN)  # once is enough: the children are being ended
        raise StopRequested

    handled = [signal.SIGTERM, signal.SIGHUP]
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        handled.remove(signal.SIGHUP)  # nohup
    before = {number: signal.signal(number, stop) for number in handled}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _listen(host: str, port: int) -> socket.socket:
    """Return a listening socket. Raises UsageError that names the process which holds the port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    end_at = time.monotonic() + _PORT_S
    while True:
        try:
            return socket.create_server((host, port), family=family, backlog=128)
        except OSError as error:
            if time.monotonic() < end_at and error.errno == errno.EADDRINUSE:
                time.sleep(0.25)
                continue
            holder = find_listener(port) or "another program"
            raise UsageError(
                f"--port: {host}:{port} cannot be used ({error.strerror}); {holder} listens there. "
                "Stop it, or choose another port with --port."
            ) from error


def _set_environment(options: ServeOptions) -> None:
    os.environ.setdefault("PREFECT_HOME", str(options.home / "prefect"))
    # The server unpacks its pages; beside its code it may not write where root has installed it.
    os.environ.setdefault("PREFECT_UI_STATIC_DIRECTORY", str(options.home / "prefect" / "ui"))
    os.environ |= {
        "PREFECT_API_URL": f"{options.url}/api",
        "PREFECT_SERVER_API_HOST": options.host,
        "PREFECT_SERVER_API_PORT": str(options.port),
        "WIREHOUSE_HOME": str(options.home),
        "WIREHOUSE_CONFIG": str(options.config),
    }
    for name, value in (RETENTION | _SETTINGS).items():
        os.environ.setdefault(name, value)


@contextmanager
def _child(module: str, listener: socket.socket | None = None) -> Iterator["subprocess.Popen[bytes]"]:
    """Run one of our modules as a child that ends with this process; end it after the block."""
    descriptors = [listener.fileno()] if listener is not None else []
    command = [sys.executable, "-P", "-m", module, *map(str, descriptors)]
    child = subprocess.Popen(  # noqa: S603  every part of the command is ours
        command,
        stdin=subprocess.PIPE,
        pass_fds=descriptors,
        start_new_session=True,  # Ctrl-C is for this process, which ends its children in order
    )
    try:
        yield child
    finally:
        child.terminate()
        try:
            child.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        assert child.stdin is not None
        child.stdin.close()


def _wait_until_healthy(server: "subprocess.Popen[bytes]", options: ServeOptions) -> None:
    import requests

    end_at = time.monotonic() + _START_S
    while time.monotonic() < end_at and server.poll() is None:
        try:
            if requests.get(f"{options.url}/api/health", timeout=5).ok:
                return
        except requests.RequestException:
            time.sleep(0.25)
    raise UsageError(f"The Prefect server did not start on port {options.port}; its messages above say why.")

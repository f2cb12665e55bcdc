"""Two Prefect servers on one database for a test, with Redis between them, behind a load balancer."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import requests

from tests.support.prefect_server import child, environment, free_port, wait_for

_SIZE = 65_536


class Balancer:
    """Passes each connection to the first server that takes it; a context manager."""

    def __init__(self, ports: list[int]) -> None:
        self._ports = ports
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]

    def __enter__(self) -> "Balancer":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):  # the listener is closed
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._connect, args=(client,), daemon=True).start()

    def _connect(self, client: socket.socket) -> None:
        with client:
            for port in self._ports:
                with suppress(OSError), socket.create_connection(("127.0.0.1", port)) as server:
                    sending = threading.Thread(target=_pass, args=(client, server), daemon=True)
                    sending.start()
                    _pass(server, client)
                    sending.join()
                    return


def _pass(source: socket.socket, target: socket.socket) -> None:
    """Pass bytes until the source ends; then end both."""
    with suppress(OSError):
        while data := source.recv(_SIZE):
            target.sendall(data)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@contextmanager
def running_redis(folder: Path) -> Iterator[str]:
    """Start a Redis server that keeps nothing on disk; yield its URL."""
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with child(command, dict(os.environ), folder / "redis.log"):
        wait_for(lambda: _listens(port), 60, "Redis")
        yield f"redis://127.0.0.1:{port}"


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
        return True
    return False


def settings_of_redis(url: str) -> dict[str, str]:
    """Return the environment of a Prefect server that is one of several (docs/deploy/compose.yaml)."""
    return {
        "PREFECT_MESSAGING_BROKER": "prefect_redis.messaging",
        "PREFECT_MESSAGING_CACHE": "prefect_redis.messaging",
        "PREFECT_SERVER_EVENTS_CAUSAL_ORDERING": "prefect_redis.ordering",
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect_redis.lease_storage",
        "PREFECT_SERVER_WORKER_CHANNEL_CLEANUP_QUEUE_STORAGE": "prefect_redis.cleanup_queue",
        "PREFECT_REDIS_MESSAGING_URL": f"{url}/0",
        "PREFECT_SERVER_DOCKET_URL": f"{url}/1",
    }


Servers = list["subprocess.Popen[bytes]"]


@contextmanager
def two_prefect_servers(folder: Path, database: str, redis: str) -> Iterator[tuple[dict[str, str], Servers]]:
    """Start two servers; yield the environment of clients, which use the balancer, and the processes."""
    ports = [free_port(), free_port()]
    with ExitStack() as stack:
        servers = []
        for number, port in enumerate(ports):  # one after the other: the first one creates the tables
            home = folder / f"prefect-{number}"
            env = environment(home, port) | settings_of_redis(redis)
            env["PREFECT_API_DATABASE_CONNECTION_URL"] = database
            command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1"]
            log = folder / f"server-{number}.log"
            servers.append(stack.enter_context(child([*command, "--port", str(port)], env, log)))
            wait_for(_answers(servers[-1], port, log), 600, f"Prefect server {number}")
        balancer = stack.enter_context(Balancer(ports))
        yield environment(folder / "prefect", balancer.port), servers


def _answers(server: "subprocess.Popen[bytes]", port: int, log: Path) -> Callable[[], bool]:
    def answers() -> bool:
        assert server.poll() is None, log.read_text()[-2000:]
        with suppress(requests.RequestException):
            return requests.get(f"http://127.0.0.1:{port}/api/health", timeout=10).ok
        return False

    return answers

"""A TCP proxy before a server that cuts a connection at a chosen moment, as a network does."""

import socket
import threading
from contextlib import suppress

_SIZE = 65_536


class CuttingProxy:
    """Passes bytes between clients and a server on 127.0.0.1; a context manager.

    `cut_at(word, after)` lets a request that contains the word reach the server, and cuts its connection
    instead of passing the answer; once, and on a connection that sent the word `after` meanwhile.
    """

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._word = self._after = b""
        self.n_cut = 0
        self.closes_after_cut = False  # nobody can connect from then on

    def __enter__(self) -> "CuttingProxy":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def _close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def cut_at(self, word: bytes, after: bytes) -> None:
        """Cut a connection once the server has answered a request with this word."""
        self._word, self._after = word, after

    def _accept(self) -> None:
        with suppress(OSError):  # the listener is closed
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._connect, args=(client,), daemon=True).start()

    def _connect(self, client: socket.socket) -> None:
        is_cut = threading.Event()
        with client, socket.create_connection(("127.0.0.1", self._server_port)) as server:
            sending = threading.Thread(target=self._pass_requests, args=(client, server, is_cut), daemon=True)
            sending.start()
            self._pass_answers(client, server, is_cut)
            for end in (client, server):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            sending.join()

    def _pass_requests(self, client: socket.socket, server: socket.socket, is_cut: threading.Event) -> None:
        is_prepared = False
        with suppress(OSError):
            while data := client.recv(_SIZE):
                is_prepared |= bool(self._after) and self._after in data
                if is_prepared and self._word in data:
                    is_prepared, self._word, self._after = False, b"", b""
                    is_cut.set()
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)

    def _pass_answers(self, client: socket.socket, server: socket.socket, is_cut: threading.Event) -> None:
        with suppress(OSError):
            while data := server.recv(_SIZE):
                if is_cut.is_set():
                    self.n_cut += 1
                    if self.closes_after_cut:
                        self._close()
                    return
                client.sendall(data)

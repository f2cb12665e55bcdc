"""A web server on 127.0.0.1 whose paths are given as a dict; it records its requests."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class SmallSite:
    """Serves `documents`: path -> (content type, bytes). A context manager; the dict may change while it
    runs."""

    def __init__(self, documents: dict[str, tuple[str, bytes]]) -> None:
        self.documents = documents
        self.statuses: dict[str, int] = {}  # path -> status, where it is not 200 or 404
        self.requests: list[str] = []
        self.delay_s = 0.0  # before each answer
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.port = self._server.server_address[1]
        self.base = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "SmallSite":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.requests.append(self.path)
                time.sleep(site.delay_s)
                found = site.documents.get(self.path)
                kind, body = found or ("text/plain; charset=utf-8", b"nothing here")
                self.send_response(site.statuses.get(self.path, 200 if found else 404))
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        return Handler

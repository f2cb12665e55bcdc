"""The browse server in a thread of the test, on a port of its own."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from warehouse.reading.snapshots import SnapshotSource
from warehouse.store.home import Home
from web.app import make_app
from web.settings import StoredPage, WebSettings

PAGE = (
    b"<!doctype html><title>Stored</title><style>body{color:green}@import '//evil.example/a.css';</style>"
    b"<link rel=stylesheet href=//evil.example/b.css><meta http-equiv=refresh content='0;url=//evil.example/'>"
    b"<script>alert(1)</script><img src=//evil.example/c.png><img src=x onerror=alert(1)>"
    b"<iframe src=//evil.example/d></iframe><form action=//evil.example/><input autofocus onfocus=alert(1)></form>"
    b"<a ping=//evil.example/e href=//evil.example/f>link</a><object data=//evil.example/g></object>"
    b"<p id=said>The stored text.</p>"
)


@contextmanager
def web_server(home: Home, **options: object) -> Iterator[str]:
    """Yield the address of a running server on a home's snapshots; every archived page is PAGE."""
    listener = socket.create_server(("127.0.0.1", 0))
    with SnapshotSource(home, timeout_s=60) as source:
        app = make_app(
            WebSettings(source, lambda ref: StoredPage(PAGE, "text/html; charset=utf-8"), **options)
        )  # type: ignore[arg-type]
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
            listener.close()

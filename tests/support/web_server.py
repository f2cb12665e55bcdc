"""The browse server in a thread of the test, on its own port."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import uvicorn

from flows.terminal.filters import read_url
from warehouse.reading.snapshots import SnapshotSource
from warehouse.store.home import Home
from web.app import make_app
from web.settings import StoredPage, WebSettings


def stored_page(elsewhere: str) -> bytes:
    """Return a web page that tries to contact another server in every way."""
    return (
        "<!doctype html><title>Stored</title>"
        f"<style>@import '{elsewhere}/a.css'; @font-face {{ font-family: x; src: url({elsewhere}/a.woff) }}"
        f" body {{ font-family: x; background: url({elsewhere}/bg.png) }}</style>"
        f"<link rel=stylesheet href={elsewhere}/b.css><link rel=prefetch href={elsewhere}/prefetch>"
        f"<link rel=preload as=image href={elsewhere}/preload><link rel=preconnect href={elsewhere}>"
        f"<link rel=icon href={elsewhere}/icon><meta http-equiv=refresh content='0;url={elsewhere}/refresh'>"
        f"<base href={elsewhere}/base/><script>alert(1)</script><script src={elsewhere}/s.js></script>"
        f"<img src={elsewhere}/c.png srcset='{elsewhere}/d.png 2x'><img src=x onerror=alert(1)>"
        f"<iframe src={elsewhere}/frame></iframe><object data={elsewhere}/object></object><embed "
        f"src={elsewhere}/embed>"
        f"<video src={elsewhere}/video autoplay poster={elsewhere}/poster></video><audio "
        f"src={elsewhere}/audio autoplay></audio>"
        f"<form action={elsewhere}/form><input autofocus onfocus=alert(1)></form><body onload=alert(1)>"
        f"<a id=out ping={elsewhere}/ping href={elsewhere}/out>link</a>"
        f"<svg><image href={elsewhere}/svg.png></image><script>alert(1)</script></svg>"
        "<p id=said>The stored text.</p>"
    ).encode()


@contextmanager
def web_server(
    home: Home, elsewhere: str = "//evil.example", timeout_s: float = 60, **options: object
) -> Iterator[str]:
    """Yield the address of a running server on a home's snapshots; archived pages are `stored_page`."""
    page = StoredPage(stored_page(elsewhere), "text/html; charset=utf-8")
    listener = socket.create_server(("127.0.0.1", 0))
    with SnapshotSource(home, timeout_s=timeout_s) as source:
        app = make_app(WebSettings(source, lambda ref: page, read_url, **options))  # type: ignore[arg-type]
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


@contextmanager
def recording_server() -> Iterator[tuple[str, list[str]]]:
    """Yield the URL of a server that records the requested paths."""
    asked: list[str] = []

    class Recorder(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Recorder) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()
            thread.join()

"""Serves the sample corpus's real pages from 127.0.0.1: one site with a feed for each domain."""

import gzip
import json
import threading
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit


class CorpusSite:
    """Sites with the corpus's pages; a context manager."""

    def __init__(self, corpus: Path) -> None:
        lines = (corpus / "extraction" / "truth.jsonl").read_text(encoding="utf-8").splitlines()
        self.truth = [json.loads(line) for line in lines]
        self._pages = corpus / "extraction" / "pages"
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.port = self._server.server_address[1]
        self.base = f"http://127.0.0.1:{self.port}"
        self.ids = {self._path(record): record["id"] for record in self.truth}
        self.domains = sorted({record["domain"] for record in self.truth})
        self.n_requests = 0

    def __enter__(self) -> "CorpusSite":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def url(self, record: dict) -> str:
        """Return the URL of a record's page."""
        return self.base + self._path(record)

    def sources_toml(self) -> str:
        """Return a source list with a source for each domain."""
        return "\n".join(
            f'[[source]]\nname = "{domain.replace(".", "-").replace("_", "-")}"\ntitle = "{domain}"\n'
            f'[[source.feed]]\nurl = "{self.base}/{domain}/feed.xml"\n'
            f'[source.pace]\ndelay_s = 0\nallow = ["127.0.0.1:{self.port}"]\n'
            for domain in self.domains
        )

    def _path(self, record: dict) -> str:
        path = urlsplit(record["url"]).path.strip("/") or "home"
        return f"/{record['domain']}/{record['id'][-6:]}/{path}"

    def _feed(self, domain: str) -> bytes:
        items = "".join(
            f"<item><title>{escape(record['title'] or record['id'])}</title>"
            f"<link>{escape(self.url(record))}</link></item>"
            for record in self.truth
            if record["domain"] == domain
        )
        return f'<rss version="2.0"><channel><title>{domain}</title>{items}</channel></rss>'.encode()

    def _answer(self, path: str) -> tuple[int, str, bytes]:
        domain, _, rest = path.strip("/").partition("/")
        if rest == "feed.xml" and domain in self.domains:
            return 200, "application/rss+xml", self._feed(domain)
        if path in self.ids:
            return 200, "text/html", gzip.decompress((self._pages / f"{self.ids[path]}.html.gz").read_bytes())
        return 404, "text/plain", b"nothing here"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.n_requests += 1
                status, kind, body = site._answer(self.path)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        return Handler

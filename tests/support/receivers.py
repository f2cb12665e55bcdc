"""Receivers of alerts on 127.0.0.1: an HTTP server for webhooks, and an SMTP server."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller


@dataclass
class Hook:
    """A webhook: what was posted to it, and what it answers."""

    url: str = ""
    status: int = 204
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def messages(self) -> list[Any]:
        """Return the bodies as JSON."""
        return [json.loads(body) for body in self.bodies]

    def kept(self) -> list[tuple[str, str, int]]:
        """Return (search, URL, revision) of all articles, as a receiver that keeps keys has them."""
        first = {headers["Idempotency-Key"]: message for headers, message in zip(
            reversed(self.headers), reversed(self.messages), strict=True)}  # fmt: skip
        return sorted(
            (message["search"]["name"], article["url"], article["revision"])
            for message in first.values()
            for article in message["articles"]
        )


@contextmanager
def web_hook() -> Iterator[Hook]:
    """Yield a running webhook."""
    hook = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            hook.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            hook.headers.append(dict(self.headers))
            self.send_response(hook.status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hook.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield hook
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Mailbox:
    """What an SMTP server accepted."""

    address: str = ""  # as Apprise writes it
    mails: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:
        """Keep a mail; called by the server."""
        self.mails.append(message_from_bytes(envelope.content, policy=default))  # type: ignore[arg-type]
        return "250 OK"


class _AnyPort(Controller):
    """A controller that takes a free port: its own class connects to port 0."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """Yield the mailbox of a running SMTP server."""
    mailbox = Mailbox()
    controller = _AnyPort(mailbox, hostname="127.0.0.1", port=0)
    controller.start()
    try:
        mailbox.address = (
            f"mailto://127.0.0.1:{controller.port}?from=desk@news.example&to=reader@news.example"
        )
        yield mailbox
    finally:
        controller.stop()

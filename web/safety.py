"""What protects a reader: hosts, methods, and the headers of every answer.

A browser anywhere can reach 127.0.0.1, so a foreign Host header (DNS rebinding) is refused; only
GET and HEAD are answered; pages load nothing from elsewhere and run no script.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
FRAME_POLICY = POLICY + "; frame-src 'self'"  # of the page that shows an archived page
# Of an archived page itself: its own styles and embedded images, nothing from the network, no script.
ARCHIVED_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)
_HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "private, no-cache",
}


class Guard:
    """ASGI middleware: refuses foreign hosts and other methods, and sets the headers."""

    def __init__(self, app: App, allowed_hosts: frozenset[str]) -> None:
        self._app = app
        self._allowed_hosts = allowed_hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        host = next((v.decode("latin-1") for k, v in scope["headers"] if k == b"host"), "")
        if host_name(host) not in self._allowed_hosts:
            await _refuse(send, 421, "This server does not answer for that host. Use --allow-host NAME.")
        elif scope["method"] not in ("GET", "HEAD"):
            await _refuse(send, 405, "Only GET is answered.", {"allow": "GET, HEAD"})
        else:
            await self._app(scope, receive, _with_headers(send))


def host_name(host: str) -> str:
    """Return a Host header's name, lower case, without the port."""
    if host.startswith("["):
        return host.partition("]")[0].lower() + "]"
    return host.partition(":")[0].lower().rstrip(".")


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            present = {name.lower() for name, _ in message["headers"]}
            added = [(k.encode(), v.encode()) for k, v in _HEADERS.items() if k.encode() not in present]
            message = {**message, "headers": [*message["headers"], *added]}
        await send(message)

    return send_with_headers


async def _refuse(send: Send, status: int, text: str, extra: dict[str, str] | None = None) -> None:
    headers = {"content-type": "text/plain; charset=utf-8", **_HEADERS, **(extra or {})}
    body = (text + "\n").encode()
    pairs = [(k.encode(), v.encode()) for k, v in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})

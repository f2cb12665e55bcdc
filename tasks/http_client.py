"""One client for everything that is fetched: robots.txt, feeds, sitemaps, listings, pages."""

import time
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import requests

from tasks.errors import ErrorClass
from tasks.http_result import Document, FetchPolicy, FetchResult, Limits, Validators, policy_for

__all__ = ["Document", "FetchPolicy", "FetchResult", "HttpClient", "Limits", "Validators", "policy_for"]


class HttpClient:
    """Fetches documents politely and within bounds; safe to share between threads."""

    def __init__(self, *, hosts_dir: Path, contact: str | None, limits: Limits | None = None) -> None:
        self._hosts_dir = hosts_dir
        self._agent = f"wirehouse/0.1.0 (+{contact})" if contact else "wirehouse/0.1.0"
        self._limits = limits or Limits()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def fetch(
        self,
        url: str,
        policy: FetchPolicy,
        *,
        validators: Validators | None = None,
        document: Document = Document.PAGE,
    ) -> FetchResult:
        """Fetch one document; a remote fault is a result with its class and reason."""
        started_at, clock = datetime.now(UTC), time.monotonic()
        headers = {"User-Agent": self._agent, "Accept-Encoding": "gzip"}
        if validators and validators.etag:
            headers["If-None-Match"] = validators.etag
        if validators and validators.last_modified:
            headers["If-Modified-Since"] = validators.last_modified
        try:
            answer = requests.get(url, headers=headers, timeout=10, stream=True)
            body = answer.raw.read(self._limits.wire_bytes, decode_content=True)
        except requests.RequestException as error:
            return FetchResult(
                url, url, ErrorClass.CONNECTION, f"The host did not answer: {error}", started_at
            )
        codes = {
            304: ErrorClass.NOT_MODIFIED,
            404: ErrorClass.NOT_FOUND,
            410: ErrorClass.GONE,
        }
        found = ErrorClass.OK if answer.ok else codes.get(answer.status_code, ErrorClass.HTTP_STATUS)
        found = codes.get(answer.status_code, found)
        if found is ErrorClass.OK and not body:
            found = ErrorClass.EMPTY
        kind = answer.headers.get("content-type", "text/html")
        head = f"HTTP/1.1 {answer.status_code} {answer.reason}\r\nContent-Type: {kind}\r\n\r\n"
        return FetchResult(
            url,
            answer.url,
            found,
            "" if found is ErrorClass.OK else f"The server answered {answer.status_code}.",
            started_at,
            duration_ms=int((time.monotonic() - clock) * 1000),
            status=answer.status_code,
            headers=tuple(answer.headers.items()),
            body=body,
            wire_body=body,
            request_head=f"GET {url} HTTP/1.1\r\n\r\n".encode(),
            response_head=head.encode("latin-1"),
        )

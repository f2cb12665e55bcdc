"""What is requested and what came back: values without behaviour.

Used by every step that fetches (robots.txt, feeds, sitemaps, listings, pages). A remote fault is a
`FetchResult` with an error class and one sentence, never an exception.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tasks.errors import ErrorClass
from warehouse.records.source import Source


class Document(StrEnum):
    """What a request is for; it sets the deadline and the accepted content types."""

    PAGE = "page"
    FEED = "feed"
    SITEMAP = "sitemap"
    ROBOTS = "robots"


@dataclass(frozen=True, slots=True)
class Validators:
    """The validators of a document (RFC 9110 §8.8), byte for byte as latin-1."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class FetchPolicy:
    """Which hosts one source may reach, and how fast."""

    source: str = ""
    allow: frozenset[str] = frozenset()  # "host:port" that may have non-public addresses or other ports
    delay_s: float = 1.0  # least gap between two requests to one host; 0 only for hosts in allow


def policy_for(source: Source) -> FetchPolicy:
    """Return the policy that `sources.toml` gives a source."""
    allow = frozenset(entry.strip().lower() for entry in source.allow)
    return FetchPolicy(source=source.name, allow=allow, delay_s=source.delay_s)


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one fetch, which hold whatever the server does, and the number of parallel fetches."""

    connect_s: float = 5.0
    first_byte_s: float = 10.0
    read_s: float = 10.0  # between two reads after the first byte
    page_s: float = 30.0  # whole exchange, redirects included
    sitemap_s: float = 60.0
    wire_bytes: int = 8_000_000
    decoded_bytes: int = 16_000_000
    head_bytes: int = 256 * 1024
    expansion_ratio: int = 250  # decoded to wire, checked above 1 MB decoded
    n_redirects: int = 5
    n_threads: int = 64  # hosts that are requested at the same time
    ports: frozenset[int] = frozenset({80, 443})  # beside those in `allow`
    host_wait_s: float = 300.0  # for another process that uses the same host

    def total_s(self, document: Document) -> float:
        """Return the deadline of one exchange."""
        return self.sitemap_s if document is Document.SITEMAP else self.page_s


@dataclass(frozen=True, slots=True)
class Hop:
    """One redirect that was followed."""

    url: str
    status: int
    location: str  # absolute


@dataclass(frozen=True, slots=True)
class FetchResult:
    """The outcome of one fetch: a document, "not modified", or a fault with its reason."""

    url: str
    final_url: str
    error_class: ErrorClass
    reason: str  # a sentence; empty when a document was fetched
    started_at: datetime
    duration_ms: int = 0
    hops: tuple[Hop, ...] = ()
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()  # in order, latin-1
    body: bytes = b""  # decoded
    wire_body: bytes = b""  # as received; only chunk framing is removed
    request_head: bytes = b""
    response_head: bytes = b""
    retry_after_s: int | None = None  # as the server asked, at most 24 h
    n_tries: int = 1
    was_reached: bool = True  # False when no connection to the host could be made
    is_final: bool = False  # an immediate retry would give the same
    truncated: str | None = None  # of a capture: why only its beginning was stored (WARC-Truncated)

    @property
    def is_ok(self) -> bool:
        """Say whether a document was fetched."""
        return self.error_class is ErrorClass.OK

    @property
    def is_not_modified(self) -> bool:
        """Say whether the server answered that the stored document is current."""
        return self.error_class is ErrorClass.NOT_MODIFIED

    @property
    def content_type(self) -> str | None:
        """The Content-Type field as sent."""
        return self.header("content-type")

    @property
    def validators(self) -> Validators:
        """The validators to send with the next conditional request."""
        return Validators(self.header("etag"), self.header("last-modified"))

    @property
    def n_bytes(self) -> int:
        """Bytes of the body as received."""
        return len(self.wire_body)

    def header(self, name: str) -> str | None:
        """Return the first field of that name, or None."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

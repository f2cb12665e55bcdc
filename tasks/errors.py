"""What can go wrong, as one tree.

ItemError                 one item fails, the run goes on; becomes a row in `reject`
  FetchError                a document that a command needs cannot be had
  FeedFormatError           a document that is no feed, or a broken one
  ExtractionError           a page that gives no article
SourcesError              sources.toml cannot be used; nothing has been requested yet
UsageError                a command was asked for what it cannot do
"""

from enum import StrEnum


class ErrorClass(StrEnum):
    """One name for each way an item can fail (and OK, NOT_MODIFIED for those that do not)."""

    OK = "ok"
    NOT_MODIFIED = "not_modified"
    EMPTY = "empty"
    NOT_A_FEED = "not_a_feed"
    PARSE = "parse"
    NO_LINK = "no_link"
    BAD_URL = "bad_url"
    BLOCKED_SCHEME = "blocked_scheme"
    BLOCKED_ADDRESS = "blocked_address"
    REDIRECTS = "redirects"
    ROBOTS = "robots"
    HTTP_STATUS = "http_status"
    UNAUTHORISED = "unauthorised"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    GONE = "gone"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    TIMEOUT = "timeout"
    CONNECTION = "connection"
    BAD_RESPONSE = "bad_response"
    TRUNCATED = "truncated"
    CONTENT_ENCODING = "content_encoding"
    CONTENT_TYPE = "content_type"
    TOO_LARGE = "too_large"
    PAYWALL = "paywall"
    CONSENT = "consent"
    SOFT_404 = "soft_404"
    NO_CONTENT = "no_content"
    NOT_AN_ARTICLE = "not_an_article"
    WRONG_LANGUAGE = "wrong_language"
    WORKER_KILLED = "worker_killed"
    INTERNAL = "internal"


class ItemError(Exception):
    """One item cannot be used. `str()` is the sentence that a person reads."""

    def __init__(self, url: str, error_class: ErrorClass, reason: str) -> None:
        super().__init__(reason)
        self.url = url
        self.error_class = error_class
        self.reason = reason

    def __reduce__(self) -> tuple[type["ItemError"], tuple[str, ErrorClass, str]]:
        # Worker processes hand errors back by pickle, which by default passes str() alone.
        return type(self), (self.url, self.error_class, self.reason)


class FetchError(ItemError):
    """A document could not be fetched."""


class FeedFormatError(ItemError):
    """Bytes that are no feed, or one that cannot be read."""


class ExtractionError(ItemError):
    """A page that gives no article."""


class SourcesError(Exception):
    """sources.toml cannot be used; the message names file, key, value and the way out."""


class UsageError(Exception):
    """A command was asked for what it cannot do; the message says the way out."""

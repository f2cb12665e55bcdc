"""The errors of the steps, as one tree.

ItemError                 one item fails, the run goes on; becomes a row in `reject`
  FetchError                a document that a command needs cannot be fetched
  FeedFormatError           a document is not a feed, or is broken
  ExtractionError           a page is not an article
SourcesError              sources.toml cannot be used; nothing has been requested yet
SearchesError             searches.toml cannot be used; nothing has been sent yet
UsageError                a command's arguments cannot be used
WorkersUnavailable        worker processes cannot be started; the run ends
"""

from enum import StrEnum


class ErrorClass(StrEnum):
    """How an item can fail; OK and NOT_MODIFIED are not failures. The values are stored."""

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
    """One item cannot be used; `str()` is the sentence for the user."""

    def __init__(self, url: str, error_class: ErrorClass, reason: str) -> None:
        super().__init__(reason)
        self.url = url
        self.error_class = error_class
        self.reason = reason

    def __reduce__(self) -> tuple[type["ItemError"], tuple[str, ErrorClass, str]]:
        # Worker processes return errors by pickle, which by default passes str() alone.
        return type(self), (self.url, self.error_class, self.reason)


class FetchError(ItemError):
    """A document could not be fetched."""


class FeedFormatError(ItemError):
    """A document is not a feed, or cannot be parsed."""


class ExtractionError(ItemError):
    """A page is not an article."""


class SourcesError(Exception):
    """sources.toml cannot be used; the message names file, key, value and the fix."""


class SearchesError(Exception):
    """searches.toml cannot be used; the message names file, key, value and the fix."""


class UsageError(Exception):
    """A command's arguments cannot be used; the message says what to change."""


class WorkersUnavailable(Exception):
    """Worker processes cannot be started; the message says why."""

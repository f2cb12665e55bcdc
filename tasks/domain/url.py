"""URL -> url_key: which addresses name one article; before fetch, and wherever a URL is compared."""

import hashlib
import uuid
from dataclasses import dataclass
from urllib.parse import urlsplit

from tasks.errors import ErrorClass, ItemError

URL_KEY_VERSION = 1


@dataclass(frozen=True, slots=True)
class UrlKey:
    """A URL's key and the steps that led to it."""

    url: str
    key: str
    steps: tuple[str, ...] = ()


def url_key(url: str) -> str:
    """Return the normalised URL without its scheme. Raises ItemError (BAD_URL)."""
    return explain_url_key(url).key


def explain_url_key(url: str) -> UrlKey:
    """Return the key of a URL with the steps that led to it. Raises ItemError (BAD_URL)."""
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError as error:
        raise ItemError(url, ErrorClass.BAD_URL, f"No usable URL: {error}.") from error
    if parts.scheme not in ("http", "https") or not host:
        raise ItemError(url, ErrorClass.BAD_URL, "No http or https URL with a host.")
    query = f"?{parts.query}" if parts.query else ""
    return UrlKey(url, f"{host}{parts.path.rstrip('/') or '/'}{query}")


def article_id(url_key: str) -> str:
    """Return the article's id: the first 128 bits of the key's SHA-256, as UUID text."""
    return str(uuid.UUID(bytes=hashlib.sha256(url_key.encode()).digest()[:16]))

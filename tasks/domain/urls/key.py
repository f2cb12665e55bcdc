"""URL -> url_key: which addresses name one article; before fetch, and wherever URLs are compared.

The key is the URL in one canonical form, without what never chooses the article: scheme, www and mobile
prefixes, tracking and session parameters, AMP and print views, fragments. It depends on the URL alone.
Two articles must never share a key, while two keys for one article only cost a duplicate link later; so a
doubtful part stays.
"""

import hashlib
import re
import uuid
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urljoin, urlsplit

from tasks.domain.urls.host import ascii_host, registrable_domain, site_host
from tasks.domain.urls.path import clean_path
from tasks.domain.urls.query import clean_fragment, clean_query
from tasks.domain.urls.redirectors import unwrapped
from tasks.errors import ErrorClass, ItemError

URL_KEY_VERSION = 2
MAX_URL_CHARS = 8_192
_SCHEME = re.compile(r"^(https?):[/\\]{2}", re.IGNORECASE)
_AMPERSAND = re.compile(r"&(?:amp;|#0*38;|#x0*26;)+", re.IGNORECASE)  # feeds that escape twice
_DROPPED = dict.fromkeys(map(ord, "\t\n\r"))  # WHATWG URL: removed wherever they stand
_ENDS = "".join(map(chr, range(33))) + "\xa0﻿​"
_HTTP_PORTS = (None, 80, 443)
_MAX_PASSES = 10
_CACHED_URLS = 1_024  # a page's own, final and canonical URL are mostly one, and two feeds show it


@dataclass(frozen=True, slots=True)
class UrlKey:
    """A URL's key and the steps that led to it, a sentence each."""

    url: str
    key: str
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CanonicalVerdict:
    """Whether a declared canonical URL is believed, and why."""

    url: str | None  # absolute; None when none was declared or it is not valid
    url_key: str | None
    is_believed: bool  # it names this article: another URL of the same identity
    is_syndication: bool  # it names another site's article: evidence of a copy, never of identity
    reason: str


@lru_cache(maxsize=_CACHED_URLS)
def url_key(url: str) -> str:
    """Return the canonical form of a URL, without scheme.

    `https://` before the key gives a URL that has the same key. Raises ItemError (BAD_URL).
    """
    return explain_url_key(url).key


def explain_url_key(url: str) -> UrlKey:
    """Return the key of a URL with the steps that led to it. Raises ItemError (BAD_URL)."""
    steps: list[str] = []
    text = url
    for _ in range(_MAX_PASSES):  # one rule can uncover what another removes
        key = _key_of(text, url, steps)
        if text == f"https://{key}":
            return UrlKey(url, key, tuple(dict.fromkeys(steps)))
        text = f"https://{key}"
    raise ItemError(url, ErrorClass.BAD_URL, "The URL holds too many others, one inside another.")


def article_id(url_key: str) -> str:
    """Return the article's id: the first 128 bits of the key's SHA-256, as UUID text."""
    return str(uuid.UUID(bytes=hashlib.sha256(url_key.encode()).digest()[:16]))


def believed_canonical(page_url: str, final_url: str, declared: str | None) -> CanonicalVerdict:
    """Judge a page's `rel=canonical`; `declared` may be relative to `final_url`."""
    if not declared or not declared.strip():
        return CanonicalVerdict(None, None, False, False, "The page declares no canonical URL.")
    absolute = _joined(final_url, declared.strip())
    try:
        key, page_keys = url_key(absolute), [url_key(page_url), url_key(final_url)]
    except ItemError as error:
        reason = f"The declared canonical URL is not usable: {error}."
        return CanonicalVerdict(None, None, False, False, reason)
    distrust = _distrust(key, page_keys)
    is_syndication = distrust is None and not any(_same_site(key, page_key) for page_key in page_keys)
    if is_syndication:
        host = _host(key)
        distrust = f"It names an article of another site ({host}): evidence of syndication, not of identity."
    reason = distrust or "It names this article on its own site."
    return CanonicalVerdict(absolute, key, distrust is None, is_syndication, reason)


def _key_of(text: str, url: str, steps: list[str]) -> str:
    """Return the key after one pass of the rules; appends to `steps`."""
    host, port, path, query, fragment = _parts(text, url)
    inner = unwrapped(host, path, query)
    if inner is not None:
        steps.append(f"unwrapped from {host}")
        return (
            _key_of(inner, url, steps)
            if len(inner) < len(text)
            else _refuse(url, "The URL redirects to itself.")
        )
    shown = site_host(host)
    if shown != host:
        steps.append(f"host {host} reduced to {shown}")
    site = registrable_domain(shown)
    path, path_steps = clean_path(path)
    query, query_steps = clean_query(query, site, path)
    route = clean_fragment(fragment, site)
    steps += path_steps + query_steps
    if fragment and not route:
        steps.append("fragment dropped")
    key = shown if port in _HTTP_PORTS else f"{shown}:{port}"
    return f"{key}{path}{'?' + query if query else ''}{'#' + route if route else ''}"


def _parts(text: str, url: str) -> tuple[str, int | None, str, str, str]:
    """Split a URL into ASCII host, port, path, query and fragment. Raises ItemError (BAD_URL)."""
    if len(text) > MAX_URL_CHARS:
        _refuse(url, f"The URL has more than {MAX_URL_CHARS} characters.")
    text = text.strip(_ENDS).translate(_DROPPED)
    if text.startswith("//"):
        text = f"https:{text}"
    scheme = _SCHEME.match(text)
    if not scheme:
        _refuse(url, "not a valid http(s) URL")
    assert scheme is not None
    rest = text[scheme.end() :]
    authority = re.split(r"[/\\?#]", rest, maxsplit=1)[0]
    tail = rest[len(authority) :]
    try:
        host, port = _host_and_port(authority.rpartition("@")[2])
    except (ValueError, UnicodeError) as error:
        raise ItemError(url, ErrorClass.BAD_URL, f"The host is not valid: {error}.") from error
    before, _, fragment = _AMPERSAND.sub("&", tail).partition("#")
    path, _, query = before.partition("?")
    return host, port, path, query, fragment


def _host_and_port(authority: str) -> tuple[str, int | None]:
    """Split `host:port`. Raises ValueError (so UnicodeError, idna.IDNAError)."""
    match = re.fullmatch(r"(\[[^\]]*\]|[^:]*)(?::(\d*))?", authority)
    if not match or not match[1]:
        raise ValueError(f"{authority!r} is not a host")
    port = int(match[2]) if match[2] else None
    if port is not None and not 0 < port < 65_536:
        raise ValueError(f"port {port} is out of range")
    return ascii_host(match[1]), port


def _refuse(url: str, reason: str) -> str:
    raise ItemError(url, ErrorClass.BAD_URL, reason)


def _joined(base: str, declared: str) -> str:
    try:
        return urljoin(base, declared)
    except ValueError:
        return declared


def _host(key: str) -> str:
    return urlsplit(f"https://{key}").hostname or ""


def _same_site(key: str, other: str) -> bool:
    return registrable_domain(_host(key)) == registrable_domain(_host(other))


def _distrust(key: str, page_keys: list[str]) -> str | None:
    """Return why a declared URL names no article, or None."""
    declared = urlsplit(f"https://{key}")
    if declared.path.strip("/") == "" and not declared.query and not declared.fragment:
        return None if key in page_keys else "It names the home page."
    for page_key in page_keys:
        page = urlsplit(f"https://{page_key}")
        if key == page_key:
            return None
        if _same_site(key, page_key) and _is_above(declared.path, page.path) and not declared.query:
            return "It names a section that contains the page."
        if declared.path == page.path and page.query and not declared.query:
            return "It lacks the parameters that choose the article."
    return None


def _is_above(declared: str, page: str) -> bool:
    return page.startswith(declared.rstrip("/") + "/")

"""URL -> url_key: which addresses name one article; before fetch, and wherever a URL is compared.

The key is the address in one form, without what never chooses the article: scheme, www and mobile
prefixes, tracking and session parameters, AMP and print views, fragments. It is made from the address
alone, so it is the same whoever asks and whenever. Two articles must never share a key; two keys for one
article only cost a duplicate link later. So a doubtful part stays.
"""

import hashlib
import re
import uuid
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from tasks.domain.urls.host import ascii_host, registrable_domain, site_host
from tasks.domain.urls.path import clean_path
from tasks.domain.urls.query import clean_fragment, clean_query
from tasks.domain.urls.redirectors import unwrapped
from tasks.errors import ErrorClass, ItemError

URL_KEY_VERSION = 1
MAX_URL_CHARS = 8_192
_SCHEME = re.compile(r"^(https?):[/\\]{2}", re.IGNORECASE)
_AMPERSAND = re.compile(r"&(?:amp;|#0*38;|#x0*26;)+", re.IGNORECASE)  # feeds that escape twice
_DROPPED = dict.fromkeys(map(ord, "\t\n\r"))  # WHATWG URL: removed wherever they stand
_ENDS = "".join(map(chr, range(33))) + "\xa0﻿​"
_HTTP_PORTS = (None, 80, 443)
_MOST_PASSES = 10


@dataclass(frozen=True, slots=True)
class UrlKey:
    """A URL's key and what was done to reach it, one sentence a step."""

    url: str
    key: str
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CanonicalVerdict:
    """What a declared canonical address is good for."""

    url: str | None  # absolute; None when none was declared or it cannot be used
    url_key: str | None
    is_believed: bool  # it names this article: an alias of the same identity
    is_syndication: bool  # it names another site's article: evidence of a copy, never identity
    reason: str


def url_key(url: str) -> str:
    """Return the address in the one form that names its article, without scheme.

    `https://` before the key gives a URL that has the same key. Raises ItemError (BAD_URL).
    """
    return explain_url_key(url).key


def explain_url_key(url: str) -> UrlKey:
    """Return the key of a URL with what was done to reach it. Raises ItemError (BAD_URL)."""
    steps: list[str] = []
    text = url
    for _ in range(_MOST_PASSES):  # a rule can bring to light what another takes away
        key = _key_of(text, url, steps)
        if text == f"https://{key}":
            return UrlKey(url, key, tuple(dict.fromkeys(steps)))
        text = f"https://{key}"
    raise ItemError(url, ErrorClass.BAD_URL, "The address carries too many others inside it.")


def article_id(url_key: str) -> str:
    """Return the article's id: the first 128 bits of the key's SHA-256, as UUID text."""
    return str(uuid.UUID(bytes=hashlib.sha256(url_key.encode()).digest()[:16]))


def believed_canonical(page_url: str, final_url: str, declared: str | None) -> CanonicalVerdict:
    """Say what a page's `rel=canonical` is good for; `declared` may be relative to `final_url`."""
    if not declared or not declared.strip():
        return CanonicalVerdict(None, None, False, False, "The page declares no canonical address.")
    absolute = _joined(final_url, declared.strip())
    try:
        key, page_keys = url_key(absolute), [url_key(page_url), url_key(final_url)]
    except ItemError as error:
        return CanonicalVerdict(None, None, False, False, f"The declared address cannot be used: {error}")
    reason = _distrust(key, page_keys)
    is_syndication = reason is None and not any(_same_site(key, k) for k in page_keys)
    if is_syndication:
        reason = f"It names an article of another site, {_host(key)}: a sign of syndication, not of identity."
    believed = reason is None
    return CanonicalVerdict(
        absolute, key, believed, is_syndication, reason or "It names this article on its own site."
    )


def _key_of(text: str, url: str, steps: list[str]) -> str:
    """Return the key after one pass of the rules; `steps` grows."""
    host, port, path, query, fragment = _parts(text, url)
    carried = unwrapped(host, path, query)
    if carried is not None:
        steps.append(f"taken out of {host}")
        return (
            _key_of(carried, url, steps) if len(carried) < len(text) else _refuse(url, "It carries itself.")
        )
    shown = site_host(host)
    if shown != host:
        steps.append(f"host {host} is {shown}")
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
    """Split an address into ASCII host, port, path, query and fragment. Raises ItemError (BAD_URL)."""
    if len(text) > MAX_URL_CHARS:
        _refuse(url, f"Longer than {MAX_URL_CHARS} characters.")
    text = text.strip(_ENDS).translate(_DROPPED)
    if text.startswith("//"):
        text = f"https:{text}"
    scheme = _SCHEME.match(text)
    if not scheme:
        _refuse(url, "No http or https address with a host.")
    assert scheme is not None
    rest = text[scheme.end() :]
    authority = re.split(r"[/\\?#]", rest, maxsplit=1)[0]
    tail = rest[len(authority) :]
    try:
        host, port = _host_and_port(authority.rpartition("@")[2])
    except (ValueError, UnicodeError) as error:
        raise ItemError(url, ErrorClass.BAD_URL, f"No usable host: {error}.") from error
    before, _, fragment = _AMPERSAND.sub("&", tail).partition("#")
    path, _, query = before.partition("?")
    return host, port, path, query, fragment


def _host_and_port(authority: str) -> tuple[str, int | None]:
    """Split `host:port`. Raises ValueError (so UnicodeError, idna.IDNAError)."""
    match = re.fullmatch(r"(\[[^\]]*\]|[^:]*)(?::(\d*))?", authority)
    if not match or not match[1]:
        raise ValueError(f"{authority!r} is no host")
    port = int(match[2]) if match[2] else None
    if port is not None and not 0 < port < 65_536:
        raise ValueError(f"port {port} does not exist")
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
    """Return why a declared address names no article, or None."""
    declared = urlsplit(f"https://{key}")
    if declared.path.strip("/") == "" and not declared.query and not declared.fragment:
        return None if key in page_keys else "It names the home page."
    for page_key in page_keys:
        page = urlsplit(f"https://{page_key}")
        if key == page_key:
            return None
        if _same_site(key, page_key) and _is_above(declared.path, page.path) and not declared.query:
            return "It names a section above the page."
        if declared.path == page.path and page.query and not declared.query:
            return "It leaves out the parameters that choose the article."
    return None


def _is_above(declared: str, page: str) -> bool:
    return page.startswith(declared.rstrip("/") + "/")

"""URLs that may be fetched: what they must look like before anything is sent.

Strict where two readers could understand a URL differently (user names, backslashes, percent signs in
the host), lenient where the web is sloppy without harm (surrounding spaces, line breaks, non-ASCII
paths).
"""

import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import SplitResult, quote, urljoin, urlsplit

import idna

from tasks.errors import ErrorClass
from tasks.http_client.errors import Fault

MAX_URL_CHARS = 8192
DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*", re.ASCII)
_ABSOLUTE = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x20\x7f\s]")


@dataclass(frozen=True, slots=True)
class Target:
    """The parts of an absolute http(s) URL."""

    url: str  # as it is sent, without fragment
    scheme: str
    host: str  # ASCII, lower case; IPv6 without brackets
    port: int
    path: str  # with query

    @property
    def authority(self) -> str:
        """`host:port`, as written in `allow`."""
        return f"{self.bracketed_host}:{self.port}"

    @property
    def bracketed_host(self) -> str:
        """The host as in a URL: IPv6 in brackets."""
        return _bracketed(self.host)

    @property
    def origin(self) -> str:
        """`scheme://host:port`, to which a robots.txt applies (RFC 9309 §2.3)."""
        return f"{self.scheme}://{self.authority}"

    @property
    def host_key(self) -> str:
        """The host of the rate limit: ports 80 and 443 of one name are one host, other ports are separate."""
        return self.host if self.port in DEFAULT_PORTS.values() else self.authority


@lru_cache(maxsize=1024)  # asked once for the queue of the host and again for the request
def parse_target(url: str) -> Target:
    """Return the parts of a URL. Raises Fault BAD_URL or BLOCKED_SCHEME."""
    text = re.sub(r"[\t\r\n]", "", url.strip())
    if not text or len(text) > MAX_URL_CHARS:
        raise _bad(url, "is empty" if not text else f"is longer than {MAX_URL_CHARS} characters")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise _bad(url, f"cannot be parsed: {error}") from error
    _check_scheme(url, parts)
    host = _ascii_host(url, parts)
    port = port if port is not None else DEFAULT_PORTS[parts.scheme]
    if port == 0:
        raise _bad(url, "has port 0")
    return _target(parts, host, port)


def host_key_of(url: str) -> str:
    """Return the host of the rate limit for a URL; "" when the URL is not valid."""
    try:
        return parse_target(url).host_key
    except Fault:
        return ""


def join_location(base: str, location: str) -> str:
    """Return the absolute URL of a Location field. Raises Fault.

    Some servers send raw UTF-8 there; http.client decodes it as latin-1.
    """
    try:
        text = location.encode("latin-1").decode("utf-8")
    except UnicodeError:
        text = location
    text = text.strip()
    if not text:
        raise Fault(ErrorClass.REDIRECTS, f"{base} redirects without a Location.", can_retry=False)
    if _ABSOLUTE.match(text):
        return text  # urljoin would read "http:///path" as a path of this host
    try:
        return urljoin(base, text)
    except ValueError as error:
        raise _bad(text, f"cannot be parsed: {error}") from error


def _check_scheme(url: str, parts: SplitResult) -> None:
    if not parts.scheme:
        raise _bad(url, "is not absolute")
    if parts.scheme not in DEFAULT_PORTS:
        reason = f"Only http and https are fetched, not {parts.scheme}: {_short(url)}"
        raise Fault(ErrorClass.BLOCKED_SCHEME, reason, can_retry=False)
    if "@" in parts.netloc:
        raise _bad(url, "contains a user name")
    if "\\" in parts.netloc or "%" in parts.netloc:
        raise _bad(url, "has a host name with a backslash or percent sign")


def _ascii_host(url: str, parts: SplitResult) -> str:
    host = parts.hostname or ""
    if ":" in host or "[" in parts.netloc:
        try:
            return str(ipaddress.IPv6Address(host))
        except ValueError as error:
            raise _bad(url, "has an invalid IPv6 address") from error
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii").lower()
        except (idna.IDNAError, UnicodeError) as error:
            raise _bad(url, f"has an invalid host name: {error}") from error
    host = host.removesuffix(".")
    if len(host) > 253 or not _HOST.fullmatch(host):
        raise _bad(url, "has no valid host name")
    return host


def _target(parts: SplitResult, host: str, port: int) -> Target:
    path = parts.path or "/"
    path += f"?{parts.query}" if parts.query else ""
    path = _CONTROL.sub(lambda match: quote(match[0]), path)
    suffix = "" if port == DEFAULT_PORTS[parts.scheme] else f":{port}"
    url = f"{parts.scheme}://{_bracketed(host)}{suffix}{path if path[0] == '/' else '/' + path}"
    return Target(url, parts.scheme, host, port, path)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _bad(url: str, what: str) -> Fault:
    return Fault(ErrorClass.BAD_URL, f"The URL {what}: {_short(url)}", can_retry=False)


def _short(url: str) -> str:
    return ascii(url if len(url) <= 200 else url[:200] + "…")

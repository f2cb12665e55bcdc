"""The host of a URL: ASCII form, mobile and www prefixes, registrable domain.

Used wherever two addresses are compared by site.
"""

import ipaddress
import re
from functools import lru_cache
from urllib.parse import unquote, urlsplit

import idna
import tldextract

# The packaged list only: by default the library downloads a newer one at its first use.
_SUFFIXES = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)
_ASCII_HOST = re.compile(r"^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$")
# www2 and the like stay: some publishers run different services there.
_SAME_SITE = frozenset({"www", "m", "mobile", "mobil", "touch", "wap", "amp"})
_MIDDLE_LABELS = frozenset({"m", "amp"})


@lru_cache(maxsize=16_384)
def ascii_host(host: str) -> str:
    """Return the host in lower case and punycode (RFC 5891, UTS 46), without a final dot.

    Raises ValueError when the host name is not valid.
    """
    if host.startswith("["):
        return f"[{ipaddress.IPv6Address(host[1:-1]).compressed}]"
    low = unquote(host).lower().rstrip(".")
    if not low.isascii():
        low = idna.encode(low, uts46=True).decode()
    if len(low) > 253 or not _ASCII_HOST.match(low):
        raise ValueError(f"{host!r} is not a valid host name")
    return low


@lru_cache(maxsize=16_384)
def registrable_domain(host: str) -> str:
    """Return the registrable domain of an ASCII host, by the Public Suffix List (private suffixes too).

    A host without a known suffix counts as `name.suffix`; an address or a single label is its own domain;
    a bare public suffix gives "".
    """
    if host.startswith("[") or host.replace(".", "").isdigit() or "." not in host:
        return host
    parts = _SUFFIXES(host)
    if parts.suffix:
        return f"{parts.domain}.{parts.suffix}" if parts.domain else ""
    return ".".join(host.split(".")[-2:])


def site_domain(url: str) -> str:
    """Return the registrable domain of a URL's host, else the host; "" when the URL is not valid."""
    host = _host_of(url)
    return registrable_domain(host) or host


def domain_label(url: str) -> str:
    """Return the registrable domain of a URL without its suffix: `bbc` for `https://news.bbc.co.uk/1`."""
    return _label_of(_host_of(url))


@lru_cache(maxsize=16_384)
def _label_of(host: str) -> str:
    return str(_SUFFIXES(host).domain)


def _host_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


@lru_cache(maxsize=16_384)
def site_host(host: str) -> str:
    """Return the host without mobile, AMP and www labels: `de.m.x.org` -> `de.x.org`."""
    domain = registrable_domain(host)
    if not domain or host == domain:
        return host
    labels = host[: -len(domain) - 1].removeprefix("amp-").split(".")
    while labels and labels[0] in _SAME_SITE:
        labels.pop(0)
    kept = labels[:1] + [label for label in labels[1:] if label not in _MIDDLE_LABELS]
    return ".".join([*kept, domain])

"""The host of a URL: ASCII form, mobile and www prefixes, the domain that one owner registered."""

import ipaddress
import re
from functools import lru_cache
from urllib.parse import unquote

import idna
import tldextract

# The packaged list only: the library's default fetches a newer one at its first use.
_SUFFIXES = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)
_ASCII_HOST = re.compile(r"^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$")
# www2 and the like stay: some publishers run different services there.
_SAME_SITE = frozenset({"www", "m", "mobile", "mobil", "touch", "wap", "amp"})
_INSIDE = frozenset({"m", "amp"})


@lru_cache(maxsize=16_384)
def ascii_host(host: str) -> str:
    """Return the host in lower case and punycode (RFC 5891, UTS 46), without a final dot.

    Raises ValueError when no host can be called so.
    """
    if host.startswith("["):
        return f"[{ipaddress.IPv6Address(host[1:-1]).compressed}]"
    low = unquote(host).lower().rstrip(".")
    if not low.isascii():
        low = idna.encode(low, uts46=True).decode()
    if len(low) > 253 or not _ASCII_HOST.match(low):
        raise ValueError(f"{host!r} is no host name")
    return low


@lru_cache(maxsize=16_384)
def registrable_domain(host: str) -> str:
    """Return the part of an ASCII host that its owner registered, by the Public Suffix List.

    A host without a known suffix counts as `name.suffix`; an address or a single label is its own domain;
    a bare public suffix gives "".
    """
    if host.startswith("[") or host.replace(".", "").isdigit() or "." not in host:
        return host
    found = _SUFFIXES(host)
    if found.suffix:
        return f"{found.domain}.{found.suffix}" if found.domain else ""
    return ".".join(host.split(".")[-2:])


@lru_cache(maxsize=16_384)
def site_host(host: str) -> str:
    """Return the host without the prefixes of the same site's other forms; de.m.x.org is de.x.org."""
    domain = registrable_domain(host)
    if not domain or host == domain:
        return host
    labels = host[: -len(domain) - 1].split(".")
    while labels and labels[0] in _SAME_SITE:
        labels.pop(0)
    kept = labels[:1] + [label for label in labels[1:] if label not in _INSIDE]
    return ".".join([*kept, domain])

"""URLs that only hold another one: AMP caches, redirectors of large sites."""

import re
from urllib.parse import parse_qs, urlsplit

_AMP_CACHE = re.compile(r"^/(?:[a-z]{1,3}/)(?:(s)/)?([^/]+\.[^/]+.*)$", re.DOTALL)
_GOOGLE_AMP = re.compile(r"^/amp/(?:(s)/)?([^/]+\.[^/]+.*)$", re.DOTALL)
_TURBO = re.compile(r"^/(?:turbo/)?([^/]+\.[^/]+)/s(/.*)$", re.DOTALL)
_GOOGLE = re.compile(r"^(?:www\.)?google\.(?:com?\.)?[a-z]{2,3}$")
# host -> path and the parameter that holds the URL
_REDIRECTORS = {
    "l.facebook.com": ("/l.php", ("u",)),
    "lm.facebook.com": ("/l.php", ("u",)),
    "l.instagram.com": ("/", ("u",)),
    "away.vk.com": ("/away.php", ("to",)),
    "vk.com": ("/away.php", ("to",)),
}


def unwrapped(host: str, path: str, query: str) -> str | None:
    """Return the URL inside this one, or None."""
    cached = _cached(host, path)
    if cached is not None:
        return f"https://{cached}?{query}" if query else f"https://{cached}"
    if _GOOGLE.match(host) and path == "/url":
        return _parameter(query, ("q", "url"))
    redirector_path, names = _REDIRECTORS.get(host, ("", ()))
    return _parameter(query, names) if names and path == redirector_path else None


def _cached(host: str, path: str) -> str | None:
    """Return host and path of the page that an AMP or Turbo cache shows."""
    if host.endswith((".cdn.ampproject.org", ".bing-amp.com")) or host in (
        "cdn.ampproject.org",
        "bing-amp.com",
    ):
        match = _AMP_CACHE.match(path)
        return match[2] if match else None
    if host.endswith(".turbopages.org"):
        match = _TURBO.match(path)
        return match[1] + match[2] if match else None
    if _GOOGLE.match(host):
        match = _GOOGLE_AMP.match(path)
        return match[2] if match else None
    return None


def _parameter(query: str, names: tuple[str, ...]) -> str | None:
    parameters = parse_qs(query)
    for name in names:
        for value in parameters.get(name, ()):
            if urlsplit(value).scheme in ("http", "https"):
                return value
    return None

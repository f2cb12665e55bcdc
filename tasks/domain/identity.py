"""Which article a page is: the URL key that it is stored under, where that is not the key of its link.

Part of `article`. A redirect or a page's own `rel=canonical` may say that a link leads to an article
which has another address. Two different articles must never become one, so a canonical address is
believed only where it also looks like the page's: sites that declare one address on all pages exist.
"""

import re
from urllib.parse import urlsplit

from tasks.domain.url import believed_canonical, url_key
from tasks.errors import ItemError

_NUMBER = re.compile(r"\d{4,}")
_YEAR = re.compile(r"(?:19|20)\d\d")


def identity_key(page_key: str, page_url: str, final_url: str, declared: str | None) -> str | None:
    """Return the URL key of the article that a page is; None when it is `page_key`.

    `declared` is the page's canonical address, absolute. The address after redirects counts
    unless it is a front page; a declared one only under `believed_canonical`'s conditions, and
    when it shares its last path segment or a number of four digits with the page's own address.
    """
    reached = page_key if final_url == page_url else _reached_key(final_url) or page_key
    verdict = believed_canonical(page_url, final_url, declared)
    found = reached
    if verdict.is_believed and verdict.url_key is not None and _look_alike(verdict.url_key, reached):
        found = verdict.url_key
    return None if found == page_key else found


def _reached_key(final_url: str) -> str | None:
    """Return the key of the address that redirects led to; None for a front page."""
    try:
        key = url_key(final_url)
    except ItemError:
        return None
    parts = urlsplit(f"https://{key}")
    return key if parts.path.strip("/") or parts.query else None


def _look_alike(one: str, other: str) -> bool:
    return one == other or _segment(one) == _segment(other) != "" or bool(_numbers(one) & _numbers(other))


def _segment(key: str) -> str:
    """Return the last segment of a key's path without its ending; "" for one that says little."""
    last = urlsplit(f"https://{key}").path.rstrip("/").rpartition("/")[2]
    stem = last.rpartition(".")[0] or last
    return stem if len(stem) >= 8 or stem.isdigit() else ""


def _numbers(key: str) -> set[str]:
    """Return the numbers that may be an article's; years and days are none."""
    rest = key.partition("/")[2]
    return {n for n in _NUMBER.findall(rest) if not (len(n) in (4, 6, 8) and _YEAR.match(n))}

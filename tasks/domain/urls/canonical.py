"""Which article a page is: the URL key it is stored under, where that is not the key of its link.

Used by `articles.article`, after redirects and `rel=canonical` are known. Either may say that a link leads
to an article with another URL. Two different articles must never become one, so a canonical URL is believed
only if it also resembles the page's own: some sites declare one URL on all pages. The two URLs alone decide.
A rule that counted how many texts declare a URL would depend on the order of loading, or would have to split
stored articles again.
"""

import re
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from tasks.domain.urls.key import believed_canonical, url_key
from tasks.errors import ItemError

_NUMBER = re.compile(r"\d{4,}")
_YEAR = re.compile(r"(?:19|20)\d\d")
_WORD = re.compile(r"[^\W\d_]+")


def identity_key(page_key: str, page_url: str, final_url: str, declared: str | None) -> str | None:
    """Return the URL key of the article that a page is; None when it is `page_key`.

    `declared` is the page's canonical URL, absolute. The URL after redirects counts unless it is a front
    page; a declared one only under the conditions of `believed_canonical`, and if it shares with the page's
    own URL what distinguishes an article from others of its site.
    """
    reached = page_key if final_url == page_url else _reached_key(final_url) or page_key
    verdict = believed_canonical(page_url, final_url, declared)
    identity = reached
    if verdict.is_believed and verdict.url_key is not None and _look_alike(verdict.url_key, reached):
        identity = verdict.url_key
    return None if identity == page_key else identity


def _reached_key(final_url: str) -> str | None:
    """Return the key of the URL that redirects led to; None for a front page."""
    try:
        key = url_key(final_url)
    except ItemError:
        return None
    parts = urlsplit(f"https://{key}")
    return key if parts.path.strip("/") or parts.query else None


def _look_alike(first_key: str, second_key: str) -> bool:
    """Say whether two URLs share what names an article: its number, or the words of its title."""
    if first_key == second_key:
        return True
    a, b = urlsplit(f"https://{first_key}"), urlsplit(f"https://{second_key}")
    if _contradict(a, b):
        return False
    at_end = [_numbers(_last(address), address.query) for address in (a, b)]
    anywhere = [_numbers(address.path, address.query) for address in (a, b)]
    if all(at_end):
        return at_end[0] <= at_end[1] or at_end[1] <= at_end[0]
    if any(at_end) and all(anywhere):
        return at_end[0] <= anywhere[1] and at_end[1] <= anywhere[0]
    if anywhere[0] & anywhere[1]:  # of a folder: the article's number, or the section's
        return _share_words(_last(a), _last(b))
    return _have_same_title(a, b)


def _contradict(a: SplitResult, b: SplitResult) -> bool:
    """Say whether a parameter has two values: `?id=17` and `?id=18` of one script."""
    first, second = dict(parse_qsl(a.query)), dict(parse_qsl(b.query))
    return any(first[name] != second[name] for name in first.keys() & second.keys())


def _have_same_title(a: SplitResult, b: SplitResult) -> bool:
    """Say whether both end in the same words, as the URLs of an article and of its print view do.

    Not so where parameters choose the article, nor where the folders choose it:
    `/mayor-resigns/print-version`, `/bridge-closes/print-version`.
    """
    title = _last(a)
    if a.query or b.query or title != _last(b) or len(title) < 3:
        return False
    n_words, folders = len(_words(title)), {_parent(a), _parent(b)}
    if not title.isdigit() and (len(title) < 8 or (n_words < 2 and title.isascii() and title.isalpha())):
        return False
    are_days = all(folder.isdigit() for folder in folders)
    is_chosen_by_folder = len(folders) > 1 and all(len(_words(f)) > 1 or f.isdigit() for f in folders)
    return not is_chosen_by_folder or (are_days and n_words > 2)


def _share_words(first: str, second: str) -> bool:
    """Say whether most words of the shorter title are in the longer one, or one URL has no title."""
    a, b = sorted((_words(first), _words(second)), key=len)
    return not a or len(a & b) > 0.75 * len(a)


def _last(address: SplitResult) -> str:
    """Return the last segment of a path without its ending."""
    last = unquote(address.path.rstrip("/").rpartition("/")[2])
    return last.rpartition(".")[0] or last


def _parent(address: SplitResult) -> str:
    return unquote(address.path.rstrip("/").rpartition("/")[0].rpartition("/")[2])


def _words(segment: str) -> set[str]:
    return set(_WORD.findall(segment.lower()))


def _numbers(*texts: str) -> set[str]:
    """Return the numbers that may be an article's id; years and days do not count."""
    numbers = {number for text in texts for number in _NUMBER.findall(text)}
    return {n for n in numbers if not (len(n) in (4, 6, 8) and _YEAR.match(n))}

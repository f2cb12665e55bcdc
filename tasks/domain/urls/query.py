"""The query and fragment of a URL in canonical form: trackers dropped, the rest sorted, routes kept."""

import re

from tasks.domain.urls.percent_encoding import path_text, query_text, query_value
from tasks.domain.urls.trackers import is_tracker

_SEMICOLONS = re.compile(r"^[\w.\[\]-]+=[^;=]*(;[\w.\[\]-]+=[^;=]*)+$")
_SECOND_QUERY = re.compile(r"\?(?=[\w.-]+=)")
_TWITTER_CODE = re.compile(r"^\d\d$")
# A last segment that names an article by itself: three words, or a long number, and no script.
_ARTICLE_PATH = re.compile(
    r"/(?=[^/]*(?:[^/-]+-[^/-]+-|\d{5}))[^/]+(?<!\.php)(?<!\.asp)(?<!\.aspx)(?<!\.cgi)$"
)
_ROUTE = re.compile(r"^(?:!|/)[!/]*[^!/]")


def clean_query(query: str, site: str, path: str = "") -> tuple[str, list[str]]:
    """Return the canonical query, and a sentence for each change.

    An empty value counts as none (`x=` is `x`): the name alone may choose the article.
    """
    kept: list[tuple[str, str]] = []
    dropped: list[str] = []
    for piece in _pieces(query):
        name, _, value = piece.partition("=")
        name = _without_entity(name)
        pair = (query_text(name), query_text(value.strip()))
        if not query_value(name).strip() or _is_dropped(query_value(name), query_value(value), site, path):
            dropped.append(query_value(name))
        elif pair not in kept:
            kept.append(pair)
    kept.sort(key=lambda pair: pair[0])
    steps = [f"parameter {name} dropped" for name in dropped if name]
    return "&".join(f"{name}={value}" if value else name for name, value in kept), steps


def clean_fragment(fragment: str, site: str) -> str:
    """Return the fragment if it is the route of a page rendered by script (`#!…`, `#/…`), else ""."""
    if not _ROUTE.match(fragment):
        return ""
    route, mark, query = fragment.partition("?")
    kept, _ = clean_query(query, site) if mark else ("", [])
    route = path_text(route).rstrip("/")
    return f"{route}?{kept}" if kept else route


def _pieces(query: str) -> list[str]:
    pieces = []
    for piece in query.split("&"):
        parts = piece.split(";") if _SEMICOLONS.match(piece) else [piece]
        for part in parts:
            pieces.extend(_split_second_query(part))
    return [piece for piece in pieces if piece]


def _split_second_query(piece: str) -> list[str]:
    """Split `id=5?utm_source=rss`, where a sharer put a second question mark, but not `q=who?a=b`."""
    head, *rest = _SECOND_QUERY.split(piece)
    for index, part in enumerate(rest):
        name, _, value = part.partition("=")
        if is_tracker(query_value(name), query_value(value), ""):
            return ["?".join([head, *rest[:index]]), *_split_second_query("?".join(rest[index:]))]
    return [piece]


def _without_entity(name: str) -> str:
    """Return `id` for the `amp;id` that a doubly escaped ampersand leaves."""
    text = query_value(name)
    while text.lower().startswith("amp;"):
        text, name = text[4:], query_text(text[4:])
    return name


def _is_dropped(name: str, value: str, site: str, path: str) -> bool:
    """Say whether a parameter is dropped: tracking, session, or only how the page is shown."""
    if name == "m" and value in ("0", "1"):
        # Blogger's mobile view; elsewhere `m` may be a month or an id.
        return bool(re.search(r"/\d{4}/\d{2}/[^/]+\.html$", path))
    if name == "s" and _TWITTER_CODE.match(value):
        # The app that shared the link; elsewhere `s` is a search, a section or an id.
        return bool(_ARTICLE_PATH.search(path))
    return is_tracker(name, value, site)

"""The path of a URL in one form: dot segments, sessions, index pages, AMP and print views, slashes."""

import re

from tasks.domain.urls.percent_encoding import path_text, query_value
from tasks.domain.urls.trackers import is_tracker

_INDEX = re.compile(
    r"^(index|default)\.(html?|xhtml|shtml|phtml|php[3-7]?|aspx?|jsp|jspx|cfm|do|cgi|pl)$", re.IGNORECASE
)
_SESSION = re.compile(
    r";(jsessionid|phpsessid|sessionid|sid|aspsessionid\w*)=[^/;]*|;jsessionid(?=/|$)", re.IGNORECASE
)
_COOKIELESS = re.compile(
    r"^\((?:[ASFX]\([A-Za-z0-9_-]{16,}\))+\)$"
)  # ASP.NET: /(S(lit3py55t21z5v55vlm25s55))/
_AMP_NAME = re.compile(r"\.amp(?=\.(html?|php|shtml)$|$)")
_TAIL = re.compile(r"%3F|&", re.IGNORECASE)


def clean_path(path: str) -> tuple[str, list[str]]:
    """Return the canonical path, and a sentence for each change."""
    steps: list[str] = []
    text = path_text(path.replace("\\", "/"))
    without = _SESSION.sub("", text)
    if without != text:
        steps.append("session id in the path dropped")
    without = _without_tail(without, steps)
    segments = _resolved(without.split("/"), steps)
    for rule in (_without_index, _without_views):
        segments = rule(segments, steps)
    return "/" + "/".join(segments), steps


def _resolved(parts: list[str], steps: list[str]) -> list[str]:
    """Resolve `.` and `..` (RFC 3986 §5.2.4), drop empty segments, so also a trailing slash."""
    resolved: list[str] = []
    for part in parts:
        if part == ".." and resolved:
            resolved.pop()
        elif _COOKIELESS.match(part):
            steps.append("session id in the path dropped")
        elif part not in ("", ".", ".."):
            resolved.append(part)
    return resolved


def _without_index(segments: list[str], steps: list[str]) -> list[str]:
    while segments and _INDEX.match(segments[-1]):
        steps.append(f"index page {segments[-1]} dropped")
        segments = segments[:-1]
    return segments


def _without_views(segments: list[str], steps: list[str]) -> list[str]:
    """Reduce the AMP and print forms of a path to the article's own."""
    kept = _without_edges(segments)
    if kept:
        renamed = _AMP_NAME.sub("", kept[-1])
        kept = [*kept[:-1], renamed or kept[-1]]
        kept = ["articleshow" if s == "amp_articleshow" else s for s in kept]
    if kept != segments:
        steps.append("AMP or print view reduced to its article")
    return kept


def _without_edges(segments: list[str]) -> list[str]:
    """Drop `amp` as first or last segment, `amp.html` and `print` as last; a lone `/amp` stays."""
    while len(segments) > 1:
        if segments[-1] in ("amp", "amp.html", "amp.htm", "print", "print.html"):
            segments = segments[:-1]
        elif segments[0] == "amp":
            segments = segments[1:]
        else:
            break
    return segments


def _without_tail(path: str, steps: list[str]) -> str:
    """Drop tracking parameters attached to the path by `&` or an encoded `?`."""
    head, *rest = _TAIL.split(path)
    if not rest or not head.strip("/"):
        return path
    pairs = [re.split(r"=|%3D", piece, maxsplit=1, flags=re.IGNORECASE) for piece in rest if piece]
    pairs = [[p[0].removeprefix("amp;"), p[1] if len(p) > 1 else ""] for p in pairs]
    decoded = [(query_value(name), query_value(value)) for name, value in pairs]
    if not all((value or name == "amp") and is_tracker(name, value, "") for name, value in decoded):
        return path
    steps.append("tracking parameters in the path dropped")
    return head

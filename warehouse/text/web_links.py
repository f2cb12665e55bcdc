"""Which addresses may become a link in a page or a feed. Pure."""

import re
from urllib.parse import urlsplit


def web_link(url: str | None) -> str:
    """Return a URL that may become a link: http or https with a host; else an empty text."""
    if not url or re.search(r"[\s\x00-\x1f\"'<>\\]", url):
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme.lower() in ("http", "https") and parts.netloc else ""

"""The `[[source]]` entry of a site that is being added, as text for sources.toml.

Pure: `tasks.inspection.discover` finds the facts, the `sources add` command writes the file.
"""

import json
import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

import tldextract

from warehouse.records import FeedKind

_SUFFIXES = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)  # the bundled list, never a download


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """A feed that answered, and what it holds."""

    url: str
    kind: FeedKind
    n_entries: int
    n_without_zone: int = 0  # entries whose date names no zone
    title: str | None = None


@dataclass(frozen=True, slots=True)
class SourceDraft:
    """The facts known about a site."""

    name: str
    title: str
    homepage: str
    language: str | None = None
    feeds: tuple[FoundFeed, ...] = ()
    sitemap: str | None = None
    allow: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()  # sentences for the user


def source_name(url: str, taken: Collection[str]) -> str:
    """Return a source's key for a site: its registered name, made unique ("example", "example-2")."""
    host = urlsplit(url).hostname or "source"
    parts = _SUFFIXES(host)
    label = parts.domain if parts.suffix else host
    ascii_label = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode("ascii")
    base = re.sub(r"[^a-z0-9]+", "-", ascii_label.lower()).strip("-")[:60] or "source"
    names = [base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))]
    return next(name for name in names if name not in taken)


def draft_toml(draft: SourceDraft) -> str:
    """Return the entry's text; unknown settings are comments to fill in."""
    lines = [
        "[[source]]",
        f"name = {_string(draft.name)}",
        f"title = {_string(draft.title[:200])}",
        f"homepage = {_string(draft.homepage)}",
    ]
    lines.append(f"language = {_string(draft.language)}" if draft.language else '# language = "en"')
    lines.append('# timezone = "Europe/Berlin"   # for dates that name no zone')
    for feed in draft.feeds:
        lines += ["[[source.feed]]", f"url = {_string(feed.url)}"]
        if feed.kind is FeedKind.SITEMAP:
            lines.append('kind = "sitemap"')
    if draft.sitemap:
        lines += ["[source.archive]", f"sitemap = {_string(draft.sitemap)}"]
    if draft.allow:
        lines += ["[source.pace]", f"allow = [{', '.join(map(_string, draft.allow))}]"]
    return "\n".join(lines) + "\n"


def _string(text: str) -> str:
    """Return a TOML basic string: JSON's escapes are all TOML's, except for DEL."""
    return json.dumps("".join(c for c in text if c.isprintable()), ensure_ascii=False)

"""The `[[source]]` entry of a source that is being added, as text for sources.toml.

Pure: `tasks.inspection.discover` finds the facts of a site, `opml` those of an OPML file;
`tasks.inspection.source_file` writes the text.
"""

import json
import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from itertools import count
from urllib.parse import urlsplit

import tldextract

from tasks.domain.feeds.document import FeedItem
from tasks.errors import ErrorClass
from warehouse.records.source import FeedKind, ListingRules

_SUFFIXES = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)  # the bundled list, never a download


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """A feed, and what it holds; a listing with the selectors that read it."""

    url: str
    kind: FeedKind
    n_entries: int = 0
    n_without_zone: int = 0  # entries whose date names no zone
    title: str | None = None
    listing: ListingRules | None = None
    error_class: ErrorClass | None = None  # set when it could not be read now
    problem: str | None = None  # the sentence that says why


@dataclass(frozen=True, slots=True)
class SourceDraft:
    """The facts known about a site."""

    name: str
    title: str
    homepage: str | None = None
    language: str | None = None
    feeds: tuple[FoundFeed, ...] = ()
    sitemap: str | None = None
    allow: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()  # sentences for the user
    tags: tuple[str, ...] = ()
    enabled: bool = True
    preview: tuple[FeedItem, ...] = ()  # what the listing gives that is proposed for a site without a feed

    @property
    def is_proposal(self) -> bool:
        """Whether the feed is a guess at the page's structure, to be confirmed before it is written."""
        return any(feed.listing is not None for feed in self.feeds)


def source_name(url: str, taken: Collection[str]) -> str:
    """Return a source's key for a site: its registered name, made unique ("example", "example-2")."""
    host = urlsplit(url).hostname or "source"
    parts = _SUFFIXES(host)
    label = parts.domain if parts.suffix else host
    ascii_label = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode("ascii")
    base = re.sub(r"[^a-z0-9]+", "-", ascii_label.lower()).strip("-")[:56] or "source"
    if base not in taken:
        return base
    return next(name for n in count(2) if (name := f"{base}-{n}") not in taken)


def draft_toml(draft: SourceDraft) -> str:
    """Return the entry's text; unknown settings are comments to fill in."""
    lines = [
        "[[source]]",
        f"name = {_string(draft.name)}",
        f"title = {_string(draft.title[:200])}",
    ]
    if draft.homepage:
        lines.append(f"homepage = {_string(draft.homepage)}")
    lines.append(f"language = {_string(draft.language)}" if draft.language else '# language = "en"')
    lines.append('# timezone = "Europe/Berlin"   # for dates that name no zone')
    if draft.tags:
        lines.append(f"tags = [{', '.join(map(_string, draft.tags))}]")
    if not draft.enabled:
        lines.append("enabled = false")
    for feed in draft.feeds:
        lines += _feed_lines(feed)
    if draft.sitemap:
        lines += ["[source.archive]", f"sitemap = {_string(draft.sitemap)}"]
    if draft.allow:
        lines += ["[source.pace]", f"allow = [{', '.join(map(_string, draft.allow))}]"]
    return "\n".join(lines) + "\n"


def _feed_lines(feed: FoundFeed) -> list[str]:
    lines = ["[[source.feed]]", f"url = {_string(feed.url)}"]
    if feed.kind in (FeedKind.SITEMAP, FeedKind.LISTING):
        lines.append(f"kind = {_string(feed.kind.value)}")
    return lines + (listing_lines(feed.listing) if feed.listing else [])


def listing_lines(rules: ListingRules) -> list[str]:
    """Return the selectors of a listing as lines of sources.toml."""
    selectors = {"item": rules.item, "link": rules.link, "title": rules.title, "date": rules.date}
    selectors["next"] = rules.next
    return [f"{key} = {_string(selector)}" for key, selector in selectors.items() if selector]


def _string(text: str) -> str:
    """Return a TOML basic string: JSON's escapes are all TOML's, except for DEL."""
    return json.dumps("".join(c for c in text if c.isprintable()), ensure_ascii=False)

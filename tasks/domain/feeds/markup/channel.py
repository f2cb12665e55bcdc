"""What a feed says of itself: title, language, how often to ask, where it goes on.

Part of the tree reader (`tree`).
"""

import re

from lxml import etree

from tasks.domain.feeds.document import RawFeed, RawItem
from tasks.domain.feeds.markup.element import (
    Vocabulary,
    attribute,
    author_name,
    content,
    inner_text,
    link_relation,
    local_name,
    vocabulary,
)
from warehouse.records.feed import FeedDocument
from warehouse.records.source import FeedKind

_CHANNELS = frozenset({"channel", "feed"})
_PERIODS_S = {"hourly": 3_600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
# Older entries: archived feeds (RFC 5005 section 4) before paged ones (section 3).
_OLDER = ("prev-archive", "next")


def read_channel(root: "etree._Element", kind: FeedKind, items: tuple[RawItem, ...]) -> RawFeed:
    """Return the feed with these items."""
    channel = _channel(root)
    texts = _texts(channel)
    return FeedDocument(
        kind,
        items,
        title=texts.get((Vocabulary.CORE, "title")) or texts.get((Vocabulary.DC, "title")),
        language=texts.get((Vocabulary.CORE, "language"))
        or texts.get((Vocabulary.DC, "language"))
        or attribute(channel, "lang")
        or attribute(root, "lang"),
        ttl_s=_ttl_s(texts),
        next_url=_older_url(channel),
        home_url=_home_url(channel),
        authors=_authors(channel),
        generator=_generator(channel),
    )


def _channel(root: "etree._Element") -> "etree._Element":
    if local_name(root) in _CHANNELS:
        return root
    return next((child for child in root if local_name(child) in _CHANNELS), root)


def _texts(channel: "etree._Element") -> dict[tuple[Vocabulary, str], str]:
    """Return the first text of each of the channel's own elements."""
    texts: dict[tuple[Vocabulary, str], str] = {}
    for child in channel:
        key = (vocabulary(child), local_name(child))
        if key not in texts and key[1] not in ("item", "entry", ""):
            text = content(child)
            if text:
                texts[key] = text
    return texts


def _ttl_s(texts: dict[tuple[Vocabulary, str], str]) -> int | None:
    """Return the wait that a feed asks for: RSS `ttl` in minutes, or RSS 1.0's syndication module."""
    ttl = texts.get((Vocabulary.CORE, "ttl"), "")
    if re.fullmatch(r"\d{1,7}", ttl, re.ASCII):
        return int(ttl) * 60
    period_s = _PERIODS_S.get(texts.get((Vocabulary.SYNDICATION, "updateperiod"), "").lower())
    if period_s is None:
        return None
    frequency = texts.get((Vocabulary.SYNDICATION, "updatefrequency"), "1")
    times = int(frequency) if re.fullmatch(r"\d{1,4}", frequency, re.ASCII) else 1
    return period_s // max(times, 1)


def _older_url(channel: "etree._Element") -> str | None:
    links = {link_relation(link): attribute(link, "href") for link in _links(channel)}
    return next((url for rel in _OLDER if (url := links.get(rel))), None)


def _home_url(channel: "etree._Element") -> str | None:
    """Return the page of the site that the feed belongs to: RSS `link`, Atom `link rel=alternate`."""
    for link in _links(channel):
        href = attribute(link, "href") if link_relation(link) == "alternate" else None
        if url := (href or inner_text(link)).strip():
            return url
    return None


def _generator(channel: "etree._Element") -> str | None:
    """Return the software that made the feed: its name (Atom) and its address (RSS, Atom `uri`)."""
    for child in channel:
        if local_name(child) == "generator" and vocabulary(child) is Vocabulary.CORE:
            return f"{inner_text(child)} {attribute(child, 'uri') or ''}".strip() or None
    return None


def _links(channel: "etree._Element") -> list["etree._Element"]:
    return [
        child for child in channel if local_name(child) == "link" and vocabulary(child) is Vocabulary.CORE
    ]


def _authors(channel: "etree._Element") -> tuple[str, ...]:
    """Return the authors of an Atom feed (RFC 4287 section 4.2.1: of each entry that names none)."""
    if local_name(channel) != "feed":
        return ()
    names = (author_name(child) for child in channel if local_name(child) == "author")
    return tuple(dict.fromkeys(name for name in names if name))

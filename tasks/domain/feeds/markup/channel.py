"""What a feed says of itself: title, language, how often to ask, where it goes on.

Part of the tree reader (`tree`).
"""

import re

from lxml import etree

from tasks.domain.feeds.document import RawFeed, RawItem
from tasks.domain.feeds.markup.element import Vocabulary, attribute, inner_text, local_name, vocabulary
from warehouse.records import FeedDocument, FeedKind

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
            text = inner_text(child)
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
    links = {
        (attribute(c, "rel") or "").lower(): attribute(c, "href") for c in channel if local_name(c) == "link"
    }
    return next((url for rel in _OLDER if (url := links.get(rel))), None)

"""Which older pages of a feed to follow when a poll showed nothing that is known, and when to stop. Pure.

`tasks.overlap` reads the pages. More was published between two polls than the feed holds, so what it has
dropped is looked for where feeds keep it: RFC 5005 archives and `rel=next`, numbered pages, the sitemap. Not
at a first poll, whose past is a backfill's, and not for a sitemap, which has a fixed size.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

from tasks.domain.feeds.polling import FeedPoll
from warehouse.records.feed import FeedEntry, ParsedFeed
from warehouse.records.source import FeedKind

MAX_OLDER_PAGES = 10
SLACK = timedelta(hours=1)  # between the times of entries and that of the last poll


@dataclass(frozen=True, slots=True)
class OlderPage:
    """A page to read."""

    url: str
    is_sitemap: bool = False
    number: int = 0  # of a numbered listing, whose first page may be what the feed shows


def has_lost_overlap(poll: FeedPoll, parsed: ParsedFeed | None, n_known: int, n_keys: int) -> bool:
    """Say whether a poll showed entries and none of them is known, although the feed was read before."""
    if poll.state is None or poll.state.items_sha256 is None or parsed is None:
        return False
    return parsed.kind is not FeedKind.SITEMAP and n_known == 0 and n_keys > 0


def first_older_page(poll: FeedPoll, parsed: ParsedFeed, url: str) -> OlderPage | None:
    """Return where a feed's older entries are: the first that it has of the ways in the order of trust.

    `url` is where the feed was found. None when it has none.
    """
    archive = poll.source.archive
    if parsed.next_url is not None:
        return OlderPage(parsed.next_url)
    if archive.page_url is not None:
        return OlderPage(archive.page_url.replace("{n}", "1"), number=1)
    if "wordpress" in (parsed.generator or "").lower():
        return OlderPage(paged_url(url))
    return OlderPage(archive.sitemap, is_sitemap=True) if archive.sitemap is not None else None


def next_older_page(poll: FeedPoll, page: OlderPage, parsed: ParsedFeed) -> OlderPage | None:
    """Return the page after one that was read; None after the last."""
    if page.is_sitemap:
        return None
    if parsed.next_url is not None:
        return OlderPage(parsed.next_url)
    pattern = poll.source.archive.page_url
    if pattern is not None and page.number:
        return OlderPage(pattern.replace("{n}", str(page.number + 1)), number=page.number + 1)
    return OlderPage(paged_url(page.url)) if "wordpress" in (parsed.generator or "").lower() else None


def paged_url(url: str) -> str:
    """Return WordPress's next page of a feed: `?paged=N`."""
    parts = urlsplit(url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    number = next((int(v) for k, v in query if k == "paged" and v.isdecimal() and len(v) < 6), 1)
    others = [(k, v) for k, v in query if k != "paged"]
    return parts._replace(query=urlencode([*others, ("paged", str(number + 1))])).geturl()


def missed_entries(
    entries: Sequence[FeedEntry], keys: Sequence[str], known: Collection[str], since: datetime | None
) -> list[FeedEntry]:
    """Return the entries of an older page that the last poll cannot have seen.

    Those after the last known one are older; so are those that are dated before `since`, the last poll. The
    known ones among them show where the two polls overlap.
    """
    known_places = [place for place, key in enumerate(keys) if key in known]
    end = known_places[-1] + 1 if known_places else len(entries)
    shown = zip(entries[:end], keys[:end], strict=True)
    return [entry for entry, key in shown if key in known or _is_since(entry, since)]


def reaches_back(page: OlderPage, entries: Sequence[FeedEntry], since: datetime | None) -> bool:
    """Say whether a page goes back to before the last poll, so that nothing between is left out.

    Its last dated entry counts, since an old one may be pinned to the top; a sitemap has no order.
    """
    times = list(_times(entries))
    if since is None or not times:
        return False
    return (min(times) if page.is_sitemap else times[-1]) < since - SLACK


def dated_since(entries: Sequence[FeedEntry], since: datetime | None) -> list[FeedEntry]:
    """Return the entries of a sitemap that are dated after the last poll; a sitemap lists all of the past."""
    if since is None:
        return []
    return [entry for entry in entries if any(at >= since - SLACK for at in _times([entry]))]


def _is_since(entry: FeedEntry, since: datetime | None) -> bool:
    return since is None or entry.published_at is None or entry.published_at >= since - SLACK


def _times(entries: Sequence[FeedEntry]) -> Iterator[datetime]:
    for entry in entries:
        at = entry.published_at or entry.updated_at
        if at is not None:
            yield at

"""Which index pages can name articles of a range of days, and when to stop. Pure.

A backfill requests the pages listed here. Nothing is excluded on a guess: a page that names no day may
hold any.
"""

import calendar
import re
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

from tasks.domain.feeds.older import paged_url
from warehouse.records.feed import FeedEntry, SitemapLink

MAX_PAGES = 5_000  # index pages of one chain
# Pages of an archived feed in a row without anything new: an archive often repeats what the feed itself has,
# and that of a quiet month is empty. Its pages are linked, those of other chains often a guess.
ARCHIVE_PATIENCE = 4
ENOUGH_DATED = 5  # dated entries that a page needs to end a chain

FIRST_YEAR = 1990  # of the web; times before are defaults such as 1970-01-01

_MONTHS = {name.lower(): n for n, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.lower(): n for n, name in enumerate(calendar.month_abbr) if name}
_DAY = re.compile(r"(?<!\d)((?:19|20)\d\d)([-_/.]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?!\d)")
_MONTH = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_/.]?(0[1-9]|1[0-2])(?!\d)")
_SHORT_MONTH = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_/.]([1-9])(?!\d)")
# A month without a leading zero, or the part of a year that is too large for one sitemap.
_PART = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_.](\d{1,2})(?=\.xml|$)", re.IGNORECASE)
_MONTH_NUMBERS = frozenset(str(n) for n in range(1, 13))
_NAMED_MONTH = re.compile(
    r"(?<!\d)((?:19|20)\d\d)[-_/.]?([a-z]{3,9})(?![a-z])|(?<![a-z])([a-z]{3,9})[-_/.]?((?:19|20)\d\d)(?!\d)"
)
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
# Sitemaps by day: WordPress.com writes ?yyyy=2022&mm=01&dd=15, others year=, month=, day=.
_QUERY = {"yyyy": "year", "year": "year", "y": "year", "mm": "month", "month": "month", "m": "month",
          "dd": "day", "day": "day", "d": "day"}  # fmt: skip


# --- days ------------------------------------------------------------------------------------


def day_urls(pattern: str, since: date, until: date) -> Iterator[str]:
    """Yield the archive pages of a range of days, the newest first, each once.

    `pattern` has {YYYY}, {MM} and {DD}, also {YY}, {M} and {D} (without a leading zero). A pattern
    without a day gives one page a month.
    """
    seen: set[str] = set()
    for n in range((until - since).days + 1):
        url = _fill(pattern, until - timedelta(days=n))
        if url not in seen:
            seen.add(url)
            yield url


def page_urls(pattern: str, limit: int = MAX_PAGES) -> Iterator[str]:
    """Yield the numbered pages of a listing, from 1; `pattern` has {n}."""
    for n in range(1, limit + 1):
        yield pattern.replace("{n}", str(n))


def continues_day(day_url: str, next_url: str) -> bool:
    """Say whether a page that a day's page links as the next one is of that day, and not of another one."""
    day, following = urlsplit(day_url), urlsplit(next_url)
    folder, path = day.path.rstrip("/"), following.path.rstrip("/")
    if day.query:
        return path == folder and set(parse_qsl(day.query)) <= set(parse_qsl(following.query))
    return path == folder or path.startswith(f"{folder}/")


def _fill(pattern: str, day: date) -> str:
    values = {
        "{YYYY}": f"{day.year:04}",
        "{YY}": f"{day.year % 100:02}",
        "{MM}": f"{day.month:02}",
        "{M}": str(day.month),
        "{DD}": f"{day.day:02}",
        "{D}": str(day.day),
    }
    for place, value in values.items():
        pattern = pattern.replace(place, value)
    return pattern


# --- sitemaps --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DayRange:
    """Days, both inclusive."""

    since: date
    until: date

    def overlaps(self, other: "DayRange") -> bool:
        """Say whether the ranges share a day, give or take one for the site's time zone."""
        day = timedelta(days=1)
        return self.since - day <= other.until and other.since - day <= self.until


def sitemaps_for(children: Sequence[SitemapLink], since: date, until: date) -> list[SitemapLink]:
    """Return the sitemaps of an index that can name pages of the range, the likeliest first.

    Excluded are those whose URL names other days, and those of unknown days that last changed before the
    range: nothing is published after the last change. Those whose URL names the range come first, whatever
    their last change is said to be.
    """
    wanted = DayRange(since, until)
    are_months = _are_months([child.url for child in children])
    named = [(child, days_of_url(child.url, are_months=are_months)) for child in children]
    in_range = [child for child, days in named if days is not None and days.overlaps(wanted)]
    undated = [child for child, days in named if days is None and not is_stale(child.updated_at, since)]
    return in_range + undated


def stale_sitemaps(children: Sequence[SitemapLink], since: date) -> list[SitemapLink]:
    """Return the sitemaps of an index that are excluded only because they last changed before the range."""
    return [
        child for child in children if days_of_url(child.url) is None and is_stale(child.updated_at, since)
    ]


def _are_months(urls: Sequence[str]) -> bool:
    """Say whether "2022-1" in the URLs of sitemaps is a month, and not the first part of a year.

    Months run to 12 in each year but the last; one year alone does not tell.
    """
    numbers: dict[str, set[str]] = {}
    for match in filter(None, map(_PART.search, urls)):
        numbers.setdefault(match[1], set()).add(match[2])
    by_year = [numbers[year] for year in sorted(numbers)]
    every = set().union(*by_year)
    if not any(number in every for number in "123456789"):
        return True  # with leading zeros
    are_possible = all(number in _MONTH_NUMBERS for number in every)
    return are_possible and len(by_year) > 1 and all("12" in year for year in by_year[:-1])


def days_of_url(url: str, *, are_months: bool = True) -> DayRange | None:
    """Return the days that a sitemap's URL names ("sitemap-2022-01.xml"), or None.

    Without `are_months`, "2022-1" names the year: it may be a part of it.
    """
    if not are_months and (part := _PART.search(url)):
        return _range(int(part[1]), None, None)
    parts = urlsplit(url)
    found = {
        _QUERY[key.lower()]: int(value)
        for key, value in parse_qsl(parts.query)
        if key.lower() in _QUERY and re.fullmatch(r"\d{1,4}", value, re.ASCII)
    }
    if "year" in found:
        return _range(found["year"], found.get("month"), found.get("day"))
    return _days_of_path(f"{parts.path}?{parts.query}".lower())


def _days_of_path(path: str) -> DayRange | None:
    if match := _DAY.search(path):
        return _range(int(match[1]), int(match[3]), int(match[4]))
    if match := _MONTH.search(path) or _SHORT_MONTH.search(path):
        return _range(int(match[1]), int(match[2]), None)
    for match in _NAMED_MONTH.finditer(path):
        month = _MONTHS.get(match[2] or match[3])
        if month:
            return _range(int(match[1] or match[4]), month, None)
    match = _YEAR.search(path)
    return _range(int(match[1]), None, None) if match else None


def _range(year: int, month: int | None, day: int | None) -> DayRange | None:
    if not FIRST_YEAR <= year <= 2100:
        return None
    try:
        first = date(year, month or 1, day or 1)
    except ValueError:
        return None
    if day:
        return DayRange(first, first)
    last_month = month or 12
    return DayRange(first, date(year, last_month, calendar.monthrange(year, last_month)[1]))


def is_stale(updated_at: datetime | None, since: date) -> bool:
    """Say whether something last changed before the range; a time before the web is not known."""
    if updated_at is None or updated_at.year < FIRST_YEAR:
        return False
    return updated_at.date() < since - timedelta(days=1)


# --- chains of pages -------------------------------------------------------------------------


def next_paged_url(url: str, linked: str | None) -> str:
    """Return the next page of a feed: the one that it links, else WordPress's ?paged=N."""
    return linked or paged_url(url)


@dataclass(frozen=True, slots=True)
class PageSeen:
    """One index page of a chain, and what it names."""

    url: str
    keys: frozenset[str]  # URL keys of its entries
    entries: tuple[FeedEntry, ...] = ()
    next_url: str | None = None


class Chain:
    """The index pages of one chain that have been read; decides after each whether it ends there."""

    def __init__(self, since: date, *, visited: Collection[str] = (), patience: int = 1) -> None:
        """Begin a chain. `patience` pages in a row without anything new end it.

        `visited` are pages that another chain has read.
        """
        self._since = since
        self._patience = patience
        self._urls = set(visited)
        self._keys: set[str] = set()  # of all pages before the newest
        self._newest: deque[frozenset[str]] = deque()  # keys of as many pages as `patience`
        self._n_pages = 0

    @property
    def is_full(self) -> bool:
        """Say whether the limit of pages is reached."""
        return self._n_pages >= MAX_PAGES

    def add(self, page: PageSeen) -> str | None:
        """Add the next page; return why the chain ends with it, as a sentence, or None to continue."""
        self._n_pages += 1
        self._urls.add(page.url)
        self._newest.append(page.keys)
        if len(self._newest) > self._patience:
            self._keys |= self._newest.popleft()
        return self._why_stop(page)

    def _why_stop(self, last: PageSeen) -> str | None:
        if self.is_full:
            return f"The limit of {MAX_PAGES} pages is reached."
        if len(self._newest) == self._patience and all(keys <= self._keys for keys in self._newest):
            named = "nothing that earlier pages did not name" if last.keys else "no article"
            return f"The page names {named}."
        if is_older(last.entries, self._since):
            return f"All articles of the page are older than {self._since}."
        if last.next_url is None:
            return "The page has no next page."
        if last.next_url in self._urls:
            return "The next page has already been read."
        return None


def is_older(entries: Sequence[FeedEntry], since: date) -> bool:
    """Say whether a page is older than the range: enough entries are dated, and all of them are older.

    A pinned old article or a page with few dates proves nothing. Dates are compared in UTC, with a
    day's tolerance.
    """
    dated = [entry.published_at for entry in entries if entry.published_at is not None]
    enough = min(ENOUGH_DATED, len(entries))
    return 0 < enough <= len(dated) and all(at.date() < since - timedelta(days=1) for at in dated)

"""What a site offers to read: feeds, sitemaps, listings, language, name.

Used by the commands `sources add` and `sources try`.
Beside the pipeline: nothing is stored. Each document is fetched once, within the rate limit, and parsed in a
worker process. A feed that the site names and that fails now is still named; so is what it failed with.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urljoin, urlsplit

import soupsieve

from tasks.domain.dates.context import DateContext
from tasks.domain.feeds.document import FeedItem
from tasks.domain.feeds.home_page import HomePage
from tasks.domain.source_list.draft import FoundFeed, SourceDraft, source_name
from tasks.errors import ErrorClass, FeedFormatError, FetchError, ItemError, UsageError
from tasks.http_client.client import HttpClient
from tasks.http_client.result import Document, FetchPolicy, FetchResult
from tasks.http_client.robots_groups import sitemap_lines
from tasks.workers.feed_parser import FeedParser
from tasks.workers.feed_worker import FeedJob
from warehouse.records.feed import FeedDocument, ParsedFeed
from warehouse.records.source import FeedKind, ListingRules

MAX_FEEDS = 5
MAX_SITEMAPS = 6  # of robots.txt that are fetched
# Usual places of a feed; tried only when the front page names none.
COMMON_PATHS = ("/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/news-sitemap.xml")

_TRANSIENT = frozenset(
    {
        ErrorClass.SERVER_ERROR,
        ErrorClass.RATE_LIMITED,
        ErrorClass.TIMEOUT,
        ErrorClass.CONNECTION,
        ErrorClass.TRUNCATED,
        ErrorClass.BAD_RESPONSE,
    }
)


@dataclass(frozen=True, slots=True)
class SiteReader:
    """The client, parser and policy for one site."""

    client: HttpClient
    parser: FeedParser
    allow: tuple[str, ...]
    now: datetime

    def fetch(self, url: str, document: Document = Document.FEED) -> FetchResult:
        """Fetch one document."""
        # The client applies its least gap to every host that is not in `allow`.
        policy = FetchPolicy(allow=frozenset(self.allow), delay_s=0.0 if self.allow else 1.0)
        return self.client.fetch(url, policy, document=document)

    def fetch_page(self, url: str) -> FetchResult:
        """Fetch a page. Raises FetchError when it cannot be fetched."""
        result = self.fetch(url, Document.PAGE)
        if not result.is_ok:
            raise FetchError(url, result.error_class, result.reason)
        return result

    def job(self, page: FetchResult, listing: ListingRules | None = None) -> FeedJob:
        """Return the parser's job for a fetched document."""
        kind = FeedKind.LISTING if listing else FeedKind.AUTO
        dates = DateContext(self.now)
        return FeedJob(page.body, page.final_url, dates, page.content_type, kind, listing)

    def parsed(self, page: FetchResult) -> ParsedFeed | FeedFormatError:
        """Return a fetched document as a feed."""
        return self.parser.parse(self.job(page))

    def find_feed(self, url: str) -> FoundFeed:
        """Fetch and read the feed at a URL; one that fails has a problem."""
        is_sitemap = "sitemap" in url.lower()
        result = self.fetch(url, Document.SITEMAP if is_sitemap else Document.FEED)
        if not result.is_ok:
            return FoundFeed(url, FeedKind.AUTO, error_class=result.error_class, problem=result.reason)
        parsed = self.parsed(result)
        if isinstance(parsed, FeedFormatError):
            return FoundFeed(url, FeedKind.AUTO, error_class=parsed.error_class, problem=parsed.reason)
        return _found(url, parsed)


def discover_source(url: str, site: SiteReader, *, taken: Collection[str]) -> SourceDraft:
    """Return a draft of the source list's entry for a site, given any of its pages or a feed.

    `taken` are the names already in use. Raises ItemError when the URL cannot be fetched.
    """
    result = site.fetch_page(url)
    given = site.parsed(result)
    given_feed = None if isinstance(given, FeedFormatError) or given.kind is FeedKind.LISTING else given
    home_url = urljoin(result.final_url, "/") if given_feed else result.final_url
    home = _home(site, result, home_url, is_feed=given_feed is not None)
    named = [_found(result.final_url, given_feed)] if given_feed else _find_feeds(site, home, home_url)
    plain, news = _find_sitemaps(site, home_url)
    draft = SourceDraft(
        name=source_name(home_url, taken),
        title=home.title or (given_feed.title if given_feed else None) or urlsplit(home_url).hostname or url,
        homepage=home_url,
        language=home.language or _language(given_feed),
        feeds=tuple(_usable_feeds([*named, *news])),
        sitemap=plain.url if plain else None,
        allow=site.allow,
        notes=tuple(_notes(named)),
    )
    return draft if draft.feeds else _without_feed(draft, site, result, plain)


def _without_feed(
    draft: SourceDraft, site: SiteReader, page: FetchResult, sitemap: FoundFeed | None
) -> SourceDraft:
    """Return the draft of a site without a feed: with its plain sitemap, else with a proposed listing."""
    notes = (*draft.notes, "The site names no feed and no news sitemap.")
    if sitemap is not None:
        notes += (
            f"Its sitemap {sitemap.url} is used: it lists every page of the site, without titles and dates. "
            "`wirehouse sources try URL` proposes a listing instead.",
        )
        return replace(draft, feeds=(sitemap,), notes=notes)
    rules = site.parser.propose(site.job(page))
    if rules is None or isinstance(rules, FeedFormatError):
        notes += (
            "Its page repeats no list of articles. Describe its listing page (kind, item, link) by hand.",
        )
        return replace(draft, notes=notes)
    listing = read_listing(site, page, rules)
    items = () if isinstance(listing, FeedFormatError) else listing.entries
    feed = FoundFeed(page.final_url, FeedKind.LISTING, len(items), listing=rules)
    notes += ("A listing is proposed from the structure of its page; check the entries that it gives.",)
    return replace(draft, feeds=(feed,), preview=items, notes=notes)


def read_listing(
    site: SiteReader, page: FetchResult, rules: ListingRules
) -> FeedDocument[FeedItem] | FeedFormatError:
    """Return what the selectors of a listing give on a fetched page."""
    return site.parser.read(site.job(page, rules))


def check_selectors(rules: ListingRules) -> None:
    """Raise UsageError for a selector that is not valid CSS; the message names its option."""
    for option in ("item", "link", "title", "date", "next"):
        selector = getattr(rules, option)
        try:
            soupsieve.compile(selector or "*")
        except soupsieve.SelectorSyntaxError as error:
            reason = str(error).splitlines()[0]
            raise UsageError(f"--{option}: '{selector}' is not a valid CSS selector ({reason}).") from error


def _usable_feeds(found: Iterable[FoundFeed]) -> Iterable[FoundFeed]:
    """Yield the feeds to list, each once: those with entries, and those that fail transiently."""
    seen: set[str] = set()
    for feed in found:
        if feed.url not in seen and (feed.n_entries or feed.error_class in _TRANSIENT):
            seen.add(feed.url)
            yield feed


def _home(site: SiteReader, result: FetchResult, home_url: str, *, is_feed: bool) -> HomePage:
    page = site.fetch(home_url, Document.PAGE) if is_feed else result
    if not page.is_ok:
        return HomePage()
    home = site.parser.read_home_page(site.job(page))
    return HomePage() if isinstance(home, ItemError) else home


def _find_feeds(site: SiteReader, home: HomePage, home_url: str) -> list[FoundFeed]:
    """Return the feeds that the front page names, else a feed at one of the usual places."""
    named: list[FoundFeed] = []
    for link in home.feeds[: 2 * MAX_FEEDS]:
        if sum(feed.n_entries > 0 for feed in named) < MAX_FEEDS:
            named.append(site.find_feed(link.url))
    if any(feed.n_entries or feed.error_class in _TRANSIENT for feed in named):
        return named
    usual = (site.find_feed(urljoin(home_url, path)) for path in COMMON_PATHS)
    return named + [feed for feed in [next((f for f in usual if f.n_entries), None)] if feed]


def _find_sitemaps(site: SiteReader, home_url: str) -> tuple[FoundFeed | None, list[FoundFeed]]:
    """Return the first plain sitemap, and the news sitemaps, of those that robots.txt names."""
    robots = site.fetch(urljoin(home_url, "/robots.txt"), Document.ROBOTS)
    named = sitemap_lines(robots.body, robots.final_url) if robots.is_ok else []
    plain: FoundFeed | None = None
    news: list[FoundFeed] = []
    for url in named[:MAX_SITEMAPS]:
        result = site.fetch(url, Document.SITEMAP)
        parsed = site.parsed(result) if result.is_ok else None
        if not isinstance(parsed, FeedDocument) or parsed.kind is not FeedKind.SITEMAP:
            continue
        if any(entry.title for entry in parsed.entries):
            news.append(_found(url, parsed))
        elif plain is None and (parsed.entries or parsed.feed_urls):
            plain = _found(url, parsed)
    return plain, news


def _found(url: str, parsed: ParsedFeed) -> FoundFeed:
    n_without_zone = sum(1 for e in parsed.entries if e.published_raw and e.published_at is None)
    return FoundFeed(url, parsed.kind, len(parsed.entries), n_without_zone, parsed.title)


def _language(parsed: ParsedFeed | None) -> str | None:
    language = ((parsed.language if parsed else None) or "").partition("-")[0].lower()
    return language if language.isascii() and language.isalpha() and 2 <= len(language) <= 3 else None


def _notes(feeds: list[FoundFeed]) -> Iterable[str]:
    for feed in feeds:
        if feed.error_class in _TRANSIENT:
            yield f"The feed {feed.url} is listed, although it cannot be read now: {feed.problem}"
        elif feed.problem is not None:
            yield f"The site names the feed {feed.url}, which cannot be used: {feed.problem}"
        elif not feed.n_entries:
            yield f"The site names the feed {feed.url}, which has no entries; it is left out."
    if any(feed.n_without_zone for feed in feeds):
        yield "Its dates have no time zone. Set timezone, else its articles have no published_at."

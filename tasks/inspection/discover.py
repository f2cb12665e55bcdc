"""What a site offers to read: feeds, news sitemaps, language, name. Used by `sources add`.

Beside the pipeline: nothing is stored. Each document is fetched once, within the rate limit, and parsed
in a worker process; a feed that cannot be fetched or parsed is left out.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from tasks.domain.dates.context import DateContext
from tasks.domain.feeds.home_page import HomePage
from tasks.domain.feeds.source_draft import FoundFeed, SourceDraft, source_name
from tasks.errors import FeedFormatError, FetchError, ItemError
from tasks.http_client.client import HttpClient
from tasks.http_client.result import Document, FetchPolicy, FetchResult
from tasks.http_client.robots_groups import sitemap_lines
from tasks.workers.feed_parser import FeedParser
from tasks.workers.feed_worker import FeedJob
from warehouse.records import FeedKind, ParsedFeed

MAX_FEEDS = 5
MAX_SITEMAPS = 6  # of robots.txt that are fetched
# Usual places of a feed; tried only when the front page names none.
COMMON_PATHS = ("/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/news-sitemap.xml")


@dataclass(frozen=True, slots=True)
class _Site:
    """The client, parser and policy for one site."""

    client: HttpClient
    parser: FeedParser
    policy: FetchPolicy
    now: datetime

    def fetch(self, url: str, document: Document = Document.FEED) -> FetchResult:
        return self.client.fetch(url, self.policy, document=document)

    def parse(self, url: str) -> ParsedFeed | None:
        """Return the feed at a URL, or None when there is none."""
        is_sitemap = "sitemap" in url.lower()
        result = self.fetch(url, Document.SITEMAP if is_sitemap else Document.FEED)
        return self.parsed(result) if result.is_ok else None

    def parsed(self, result: FetchResult) -> ParsedFeed | None:
        job = FeedJob(result.body, result.final_url, DateContext(self.now), result.content_type)
        parsed = self.parser.parse(job)
        return None if isinstance(parsed, FeedFormatError) else parsed


def discover_source(
    url: str,
    client: HttpClient,
    parser: FeedParser,
    *,
    taken: Collection[str],
    allow: Collection[str] = (),
    now: datetime,
) -> SourceDraft:
    """Return a draft of the source list's entry for a site, given any of its pages or a feed.

    `taken` are the names already in use. Raises ItemError when the URL cannot be fetched.
    """
    # The client applies its least gap to every host that is not in `allow`.
    site = _Site(client, parser, FetchPolicy(allow=frozenset(allow), delay_s=0.0 if allow else 1.0), now)
    result = site.fetch(url, Document.PAGE)
    if not result.is_ok:
        raise FetchError(url, result.error_class, result.reason)
    given = site.parsed(result)
    is_feed = given is not None and given.kind is not FeedKind.LISTING
    home_url = urljoin(result.final_url, "/") if is_feed else result.final_url
    home = _home(site, result, home_url, is_feed=is_feed)
    feeds = (
        [_found(result.final_url, given)]
        if given is not None and is_feed
        else _find_feeds(site, home, home_url)
    )
    sitemap, news = _find_sitemaps(site, home_url)
    feeds += [feed for feed in news if feed.url not in {f.url for f in feeds}]
    return SourceDraft(
        name=source_name(home_url, taken),
        title=home.title or (given.title if given else None) or urlsplit(home_url).hostname or url,
        homepage=home_url,
        language=home.language or _language(given),
        feeds=tuple(feeds),
        sitemap=sitemap,
        allow=tuple(allow),
        notes=tuple(_notes(feeds)),
    )


def _home(site: _Site, result: FetchResult, home_url: str, *, is_feed: bool) -> HomePage:
    page = site.fetch(home_url, Document.PAGE) if is_feed else result
    if not page.is_ok:
        return HomePage()
    found = site.parser.read_home_page(
        FeedJob(page.body, page.final_url, DateContext(site.now), page.content_type)
    )
    return HomePage() if isinstance(found, ItemError) else found


def _find_feeds(site: _Site, home: HomePage, home_url: str) -> list[FoundFeed]:
    """Return the feeds that the front page names, else a feed at one of the usual places."""
    named = _answering(site, (link.url for link in home.feeds[: 2 * MAX_FEEDS]), MAX_FEEDS)
    return named or _answering(site, (urljoin(home_url, path) for path in COMMON_PATHS), 1)


def _answering(site: _Site, urls: Iterable[str], limit: int) -> list[FoundFeed]:
    found: list[FoundFeed] = []
    for url in urls:
        if len(found) == limit:
            break
        parsed = site.parse(url)
        if parsed is not None and parsed.entries:
            found.append(_found(url, parsed))
    return found


def _find_sitemaps(site: _Site, home_url: str) -> tuple[str | None, list[FoundFeed]]:
    """Return the sitemap for backfills, and the news sitemaps, of those that robots.txt names."""
    robots = site.fetch(urljoin(home_url, "/robots.txt"), Document.ROBOTS)
    named = sitemap_lines(robots.body, robots.final_url) if robots.is_ok else []
    archive: str | None = None
    news: list[FoundFeed] = []
    for url in named[:MAX_SITEMAPS]:
        parsed = site.parse(url)
        if parsed is None or parsed.kind is not FeedKind.SITEMAP:
            continue
        if any(entry.title for entry in parsed.entries):
            news.append(_found(url, parsed))
        elif archive is None and (parsed.entries or parsed.feed_urls):
            archive = url
    return archive, news


def _found(url: str, parsed: ParsedFeed) -> FoundFeed:
    n_without_zone = sum(1 for e in parsed.entries if e.published_raw and e.published_at is None)
    return FoundFeed(url, parsed.kind, len(parsed.entries), n_without_zone, parsed.title)


def _language(parsed: ParsedFeed | None) -> str | None:
    language = ((parsed.language if parsed else None) or "").partition("-")[0].lower()
    return language if language.isascii() and language.isalpha() and 2 <= len(language) <= 3 else None


def _notes(feeds: list[FoundFeed]) -> Iterable[str]:
    if not feeds:
        yield (
            "The site names no feed and no news sitemap. "
            "Describe its listing page (kind, item, link) in sources.toml."
        )
    if any(feed.n_without_zone for feed in feeds):
        yield "Its dates have no time zone. Set timezone, else its articles have no published_at."

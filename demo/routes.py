"""One site's paths -> responses, before they are sent."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from demo import feeds, pages
from demo.content import Kind, Site, Story, Web
from demo.pages import Listing


@dataclass(frozen=True, slots=True)
class Reply:
    """The response of a path to an unconditional GET."""

    status: int
    content_type: str
    body: bytes
    etag: str | None = None
    modified_at: datetime | None = None


class Routes:
    """The paths of one site in one phase."""

    def __init__(self, web: Web, site: Site, phase: int, seed: int, base: str) -> None:
        self.site = site
        self.seed = seed
        self.base = base
        self.shelf = web.at_phase(site, phase)
        self.by_path = {story.path: story for story in self.shelf}
        self.sections = {site.section_path.format(slug=s.slug): s for s in site.sections}

    def reply(self, target: str) -> Reply:
        """Return the response to a request target (path and query)."""
        parts = urlsplit(target)
        query = parse_qs(parts.query)
        number = query.get("page", ["1"])[0]
        page = int(number) if number.isdecimal() and len(number) < 6 else 0
        feed = self._feed(parts.path, page)
        story = self.by_path.get(target) or self.by_path.get(parts.path)  # some paths are queries
        return feed or (self._story(story) if story else self._page(parts.path, page))

    def _page(self, path: str, page: int) -> Reply:
        site, common = self.site, (self.shelf, self.seed, self.base)
        if path == "/":
            return self._html(200, pages.front_page(site, *common))
        if path in self.sections and (listing := self._listing(path, page)):
            return self._html(200, pages.listing_page(site, listing, *common))
        if day := self._day(path):
            return self._html(200, pages.listing_page(site, day, *common))
        return self._html(404, pages.message_page(site, "404", "404 Not Found", *common))

    def _story(self, story: Story) -> Reply:
        common = (self.shelf, self.seed, self.base)
        if story.path in self.sections:
            return self._page(story.path, 1)
        if story.kind == Kind.GONE:
            return self._html(410, pages.message_page(self.site, "410", "410 Gone", *common))
        return self._html(200, pages.article_page(story, *common))

    def _feed(self, path: str, page: int) -> Reply | None:
        site = self.site
        if path == "/robots.txt":
            return Reply(200, "text/plain; charset=utf-8", self._robots().encode())
        if path == "/favicon.ico":
            return Reply(204, "image/x-icon", b"")
        if site.feed != "listing" and path == site.feed_path:
            return self._feed_page(page)
        if site.feed == "sitemap" and path == "/sitemap.xml":
            return self._document("sitemap", feeds.sitemap_index(self.shelf, self.base), self.shelf)
        return self._month(path) if site.feed == "sitemap" else None

    def _feed_page(self, page: int) -> Reply | None:
        site = self.site
        start = (page - 1) * site.page_size
        stories = self.shelf[start : start + site.page_size] if page > 0 else ()
        if not stories:
            return None
        has_older = start + site.page_size < len(self.shelf)
        older = f"{site.feed_path}?page={page + 1}" if has_older else None
        text = feeds.feed_document(site, stories, self.base, older)
        return self._document(site.feed, text, stories)

    def _month(self, path: str) -> Reply | None:
        for month in feeds.months(self.shelf):
            if path == f"/sitemap-{month}.xml":
                text = feeds.month_sitemap(self.site, self.shelf, month, self.base)
                return self._document("sitemap", text, self.shelf)
        return None

    def _listing(self, path: str, page: int) -> Listing | None:
        site, section = self.site, self.sections[path]
        is_feed = site.feed == "listing" and path == site.feed_path
        stories = [s for s in self.shelf if s.kind == Kind.ARTICLE]
        if not is_feed:
            stories = [s for s in stories if s.section == section]
        size = site.page_size if is_feed else pages.PER_PAGE
        n_pages = max(1, -(-len(stories) // size))
        if not 1 <= page <= n_pages:
            return None
        shown = stories[(page - 1) * size : page * size]
        return Listing(path, shown, page, n_pages, section, section.title)

    def _day(self, path: str) -> Listing | None:
        """Return the archive page of a day, /2026/11/10/, as in blog software."""
        stories = [s for s in self.shelf if f"{s.local:/%Y/%m/%d/}" == path and s.kind == Kind.ARTICLE]
        return Listing(path, stories, 1, 1, None, path.strip("/")) if stories else None

    def _robots(self) -> str:
        lines = ["User-agent: *", *(f"Disallow: {path}" for path in self.site.disallow), "Disallow: /search"]
        if self.site.feed == "sitemap":
            lines += ["", f"Sitemap: {self.base}/sitemap.xml", f"Sitemap: {self.base}{self.site.feed_path}"]
        return "\n".join(lines) + "\n"

    def _html(self, status: int, text: str) -> Reply:
        # A character that windows-1251 lacks becomes a reference, as in the publishing systems of its time.
        body = text.encode(self.site.encoding, "xmlcharrefreplace")
        return Reply(status, f"text/html; charset={self.site.encoding}", body)

    def _document(self, kind: str, text: str, stories: Sequence[Story]) -> Reply:
        site = self.site
        body = text.encode(site.encoding, "xmlcharrefreplace")
        has_etag, has_date = site.validators in ("etag", "both"), site.validators in ("last-modified", "both")
        return Reply(
            200,
            f"{feeds.MEDIA_TYPES[kind]}; charset={site.encoding}",
            body,
            etag=f'"{hashlib.sha256(body).hexdigest()[:20]}"' if has_etag else None,
            modified_at=max(s.updated_at for s in stories) if has_date and stories else None,
        )

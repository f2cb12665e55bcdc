"""Stories -> feeds: RSS 2.0, Atom, RDF (RSS 1.0), JSON Feed 1.1, news sitemap, sitemap index."""

import json
from collections.abc import Sequence
from functools import partial

from demo import dates
from demo.content import Site, Story
from demo.pages import environment

MEDIA_TYPES = {
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "rdf": "application/rdf+xml",
    "json": "application/feed+json",
    "sitemap": "application/xml",
}


def feed_document(site: Site, stories: Sequence[Story], base: str, older_path: str | None = None) -> str:
    """Return a site's feed in its format; `older_path` is the page with the earlier entries."""
    if site.feed == "json":
        return _json_feed(site, stories, base)
    return (
        environment()
        .get_template(f"feeds/{site.feed}.xml.j2")
        .render(
            site=site,
            stories=stories,
            base=base,
            older_path=older_path,
            rfc822=lambda s: dates.rfc822(site, s.local),
            iso=lambda s: dates.iso_local(site, s.local),
            iso_updated=lambda s: dates.iso_local(site, s.updated_local or s.local),
            newest=max((s.updated_at for s in stories), default=None),
            link=partial(entry_url, base=base),
        )
    )


def entry_url(story: Story, base: str) -> str:
    """Return the link as the feed writes it."""
    return f"{base}{story.path}{story.site.link_suffix}"


def months(stories: Sequence[Story]) -> list[str]:
    """Return the months ("2022-01") in the sitemap index, newest first."""
    return sorted({f"{s.local:%Y-%m}" for s in stories}, reverse=True)


def sitemap_index(stories: Sequence[Story], base: str) -> str:
    """Return the sitemap index, with one sitemap per month."""
    newest = {month: max(s.updated_at for s in _of_month(stories, month)) for month in months(stories)}
    return environment().get_template("feeds/sitemap_index.xml.j2").render(base=base, newest=newest)


def month_sitemap(site: Site, stories: Sequence[Story], month: str, base: str) -> str:
    """Return the sitemap of one month."""
    template = environment().get_template("feeds/sitemap_month.xml.j2")
    return template.render(site=site, stories=_of_month(stories, month), base=base)


def _of_month(stories: Sequence[Story], month: str) -> list[Story]:
    return [s for s in stories if f"{s.local:%Y-%m}" == month]


def _json_feed(site: Site, stories: Sequence[Story], base: str) -> str:
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": site.title,
        "home_page_url": f"{base}/",
        "feed_url": f"{base}{site.feed_path}",
        "description": site.tagline,
        "language": site.language,
        "items": [_json_item(site, story, base) for story in stories],
    }
    return json.dumps(document, ensure_ascii=False, indent=1)


def _json_item(site: Site, story: Story, base: str) -> dict[str, object]:
    item: dict[str, object] = {
        "id": f"{site.name}-{story.number}",
        "url": entry_url(story, base),
        "title": story.title,
        "summary": story.summary,
        "date_published": dates.iso_local(site, story.local),
        "tags": [story.section.title],
    }
    if story.updated_local:
        item["date_modified"] = dates.iso_local(site, story.updated_local)
    if story.authors:
        item["authors"] = [{"name": name} for name in story.authors]
    return item

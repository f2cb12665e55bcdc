"""The demo's `sources.toml`, as a user would write it for these sites."""

from collections.abc import Callable

from demo.content import Site, Web

# The listings' selectors, and the one source whose pages get rules of their own; the others show
# what generic extraction does.
LISTING_KEYS = {
    "oreanda": ("div.itm", "h3 > a", "span.itm-date", "div.pager a.next"),
    "talblick": ("ul.meldungen > li", "a.meldung", "span.datum", "a.aeltere"),
}
ARTICLE_KEYS = {
    "oreanda": {"title": "h1.h-article", "published": "div.article-date", "body": "div.article-text"}
}
HEAD = """# Written by the demo for the sites that it serves on this machine.
[defaults]
contact = "https://example.org/about-our-crawler"
"""


def sources_toml(web: Web, base_of: Callable[[Site], str]) -> str:
    """Return the complete source list; `base_of` returns a site's "http://127.0.0.1:PORT"."""
    return HEAD + "".join(f"\n{_source(site, base_of(site))}" for site in web.sites)


def _source(site: Site, base: str) -> str:
    lines = [
        "[[source]]",
        *_pairs(name=site.name, title=site.title, homepage=f"{base}/", country=site.country),
        *_pairs(language=site.language, timezone=site.timezone, date_order=site.date_order),
        *_feed(site, base),
        *_table("source.article", **ARTICLE_KEYS.get(site.name, {})),
        *_table("source.archive", **_archive(site, base)),
        "[source.pace]",
        "delay_s = 0",
        f'allow = ["{base.removeprefix("http://")}"]',
    ]
    return "\n".join(lines) + "\n"


def _feed(site: Site, base: str) -> list[str]:
    kind = "rss" if site.feed == "rdf" else site.feed
    lines = ["[[source.feed]]", *_pairs(url=f"{base}{site.feed_path}", kind=kind)]
    if site.feed == "listing":
        item, link, date, following = LISTING_KEYS[site.name]
        lines += _pairs(item=item, link=link, date=date, next=following)
    return lines


def _archive(site: Site, base: str) -> dict[str, str]:
    if site.feed == "listing":
        return {"page_url": f"{base}{site.feed_path}?page={{n}}"}
    if site.feed == "sitemap":
        return {"sitemap": f"{base}/sitemap.xml"}
    if site.article_path.startswith("/{at:%Y/%m/%d}/"):
        return {"day_url": f"{base}/{{YYYY}}/{{MM}}/{{DD}}/"}
    return {}


def _table(name: str, **values: str) -> list[str]:
    return [f"[{name}]", *_pairs(**values)] if values else []


def _pairs(**values: str | None) -> list[str]:
    """Return lines of TOML; no value contains a quote or a backslash."""
    return [f'{key} = "{value}"' for key, value in values.items() if value is not None]

"""The demo web's sites and stories, read from `sites.toml` and `texts/*.toml`.

All served pages and the expected results come from these records; nothing
depends on the wall clock. A site has two phases: 0 as first published, 1 after the corrections.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

HERE = Path(__file__).parent
LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")  # [words](slug): a link inside a paragraph


class Kind(StrEnum):
    """The target of an entry's link."""

    ARTICLE = "article"
    GONE = "gone"  # answers 410
    NOT_AN_ARTICLE = "not_an_article"  # a section page, a video stub
    ROBOTS = "robots"  # forbidden by the site's robots.txt


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a site: the last segment of its path, and its name."""

    slug: str
    title: str


@dataclass(frozen=True, slots=True)
class Site:
    """One publisher: its layout, its language and its feeds."""

    name: str
    title: str
    tagline: str
    language: str
    country: str
    timezone: str
    template: str
    feed: str  # rss, atom, rdf, json, sitemap or listing
    feed_path: str
    article_path: str  # format pattern: slug, number, section, at
    section_path: str
    printed: str  # how an article page prints its date
    sections: tuple[Section, ...]
    founded: int
    address: str
    printed_short: str = ""  # in lists; "" is the same as printed
    date_order: str | None = None
    encoding: str = "utf-8"
    validators: str = "both"  # etag, last-modified, both or none
    page_size: int = 100  # entries that the feed or a listing page shows
    first_number: int = 1000
    dateline: str = ""  # put before an article's first words unless it has its own
    credit: str | None = None  # agency that articles are credited to unless they name one
    digits: str = "latin"
    day_only: bool = False  # pages print no time of day
    only_updated: bool = False  # the Atom feed has `updated` and no `published`
    link_suffix: str = ""  # what the feed adds to its links
    disallow: tuple[str, ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


@dataclass(frozen=True, slots=True)
class Story:
    """One article as shown by a site in one phase."""

    site: Site
    slug: str
    number: int
    title: str
    section: Section
    local: datetime  # naive, in the site's zone
    paragraphs: tuple[str, ...]  # with [words](slug) links and "## " before a subheading
    path: str
    dateline: str = ""
    authors: tuple[str, ...] = ()
    credit: str | None = None
    summary: str = ""
    kind: Kind = Kind.ARTICLE
    copy_of: tuple[str, str] | None = None  # source and slug of the original
    phase: int = 0  # since which phase it is served like this
    updated_local: datetime | None = None

    @property
    def at(self) -> datetime:
        return self.local.replace(tzinfo=self.site.zone).astimezone(UTC)

    @property
    def updated_at(self) -> datetime:
        when = self.updated_local or self.local
        return when.replace(tzinfo=self.site.zone).astimezone(UTC)

    @property
    def body(self) -> str:
        """Return the text as shown to readers: paragraphs joined by newlines, no markup."""
        return "\n".join(plain(p) for p in self.paragraphs)


def plain(paragraph: str) -> str:
    """Return a paragraph without the marks for links and subheadings."""
    return LINK.sub(r"\1", paragraph.removeprefix("## "))


@dataclass(frozen=True, slots=True)
class Web:
    """All sites, and their stories in each phase."""

    sites: tuple[Site, ...]
    stories: tuple[Story, ...]  # each story once for each phase in which it changed

    def site(self, name: str) -> Site:
        return next(site for site in self.sites if site.name == name)

    def at_phase(self, site: Site, phase: int) -> tuple[Story, ...]:
        """Return the stories of a site in a phase, newest first."""
        latest = {s.slug: s for s in self.stories if s.site.name == site.name and s.phase <= phase}
        return tuple(sorted(latest.values(), key=lambda s: (s.local, s.slug), reverse=True))


@lru_cache(maxsize=1)
def read_web() -> Web:
    """Read all sites and texts of the package; the result is cached."""
    raw = tomllib.loads((HERE / "sites.toml").read_text("utf-8"))
    sites = tuple(_site(entry) for entry in raw["site"])
    texts = {s.name: tomllib.loads((HERE / "texts" / f"{s.name}.toml").read_text("utf-8")) for s in sites}
    originals = [s for site in sites for s in _originals(site, texts[site.name])]
    by_key = {(s.site.name, s.slug): s for s in originals if s.phase == 0}
    copies = [s for site in sites for s in _copies(site, texts[site.name], by_key)]
    return Web(sites, tuple(sorted([*originals, *copies], key=lambda s: s.phase)))


@lru_cache(maxsize=8)
def read_words(language: str) -> Mapping[str, Any]:
    """Return the boilerplate of a language: labels, months, comments, advertisements."""
    return tomllib.loads((HERE / "texts" / "boilerplate" / f"{language}.toml").read_text("utf-8"))


def _site(raw: dict[str, Any]) -> Site:
    sections = tuple(Section(slug, title) for slug, title in raw.pop("sections"))
    return Site(**raw | {"sections": sections, "disallow": tuple(raw.get("disallow", ()))})


def _originals(site: Site, texts: dict[str, Any]) -> list[Story]:
    stories = []
    for index, raw in enumerate(texts.get("article", ())):
        story = _story(site, raw, site.first_number + 7 * index, tuple(raw["text"].strip().splitlines()))
        stories.append(story)
        if correction := raw.get("correction"):
            stories.append(_corrected(story, correction))
    return stories


def _copies(site: Site, texts: dict[str, Any], originals: Mapping[tuple[str, str], Story]) -> list[Story]:
    stories = []
    for index, raw in enumerate(texts.get("copy", ())):
        source, _, slug = raw["of"].partition("/")
        original = originals[source, slug]
        paragraphs = _undated(original)[: raw.get("keep")]
        for old, new in raw.get("house", ()):
            paragraphs = _replaced(paragraphs, old, new)
        number = site.first_number + 7 * index + 3
        stories.append(replace(_story(site, raw, number, paragraphs), copy_of=(source, slug)))
    return stories


def _undated(story: Story) -> tuple[str, ...]:
    """Return the paragraphs without dateline and without links to the original's own site."""
    first, *rest = (LINK.sub(r"\1", p) for p in story.paragraphs)
    return first.removeprefix(story.dateline), *rest


def _story(site: Site, raw: dict[str, Any], number: int, paragraphs: tuple[str, ...]) -> Story:
    section = next(s for s in site.sections if s.slug == raw["section"])
    dateline = raw.get("dateline", site.dateline)
    names = {"slug": raw["slug"], "number": number, "section": section.slug, "at": raw["at"]}
    return Story(
        site=site,
        slug=raw["slug"],
        number=number,
        title=raw["title"],
        section=section,
        local=raw["at"],
        paragraphs=(dateline + paragraphs[0], *paragraphs[1:]),
        path=raw.get("path") or site.article_path.format(**names),
        dateline=dateline,
        authors=tuple(raw.get("authors", ())),
        credit=raw.get("credit", site.credit),
        summary=raw.get("summary") or _first_sentence(paragraphs[0]),
        kind=Kind(raw.get("kind", Kind.ARTICLE)),
        phase=raw.get("phase", 0),
    )


def _corrected(story: Story, correction: dict[str, Any]) -> Story:
    paragraphs = story.paragraphs
    for old, new in correction.get("replace", ()):
        paragraphs = _replaced(paragraphs, old, new)
    return replace(
        story,
        title=correction.get("title", story.title),
        paragraphs=(*paragraphs, *correction.get("append", ())),
        kind=Kind(correction.get("kind", story.kind)),
        updated_local=correction["at"],
        phase=1,
    )


def _replaced(paragraphs: tuple[str, ...], old: str, new: str) -> tuple[str, ...]:
    if not any(old in p for p in paragraphs):
        raise ValueError(f"no paragraph holds {old!r}")
    return tuple(p.replace(old, new) for p in paragraphs)


def _first_sentence(paragraph: str) -> str:
    match = re.match(r".{60,}?[.。!?](?=\s|$|[「『])", plain(paragraph))
    return match[0] if match else plain(paragraph)

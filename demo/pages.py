"""Stories -> HTML pages, each site through its own template, with boilerplate around the article."""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from demo import dates
from demo.content import HERE, LINK, Kind, Section, Site, Story, read_words

PER_PAGE = 12  # stories on a section page, unless the site's listing is its feed


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list of stories."""

    path: str
    stories: Sequence[Story]
    number: int  # of the page, from 1
    n_pages: int
    section: Section | None = None
    heading: str = ""

    @property
    def next_path(self) -> str | None:
        return f"{self.path}?page={self.number + 1}" if self.number < self.n_pages else None

    @property
    def previous_path(self) -> str | None:
        return f"{self.path}?page={self.number - 1}" if self.number > 1 else None


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Return the template environment; a missing name is an error."""
    env = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=select_autoescape(["html", "html.j2", "xml", "xml.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters["iso_utc"] = dates.iso_utc
    env.filters["plain"] = lambda p: LINK.sub(r"\1", p)
    # S704: the markup is our own
    env.filters["dressed"] = lambda p, tag: Markup(str(p).replace("<p>", tag, 1))  # noqa: S704
    env.filters["person"] = lambda name: {"@type": "Person", "name": name}
    env.globals["Kind"] = Kind
    return env


def article_page(story: Story, shelf: Sequence[Story], seed: int, base: str) -> str:
    """Return the page of one story; `shelf` holds all stories of its site, newest first."""
    site = story.site
    paths = {s.slug: s.path for s in shelf}
    chosen = random.Random(f"{seed}/{site.name}/{story.slug}")  # noqa: S311 - boilerplate, not a secret
    others = [s for s in shelf if s.slug != story.slug and s.kind == Kind.ARTICLE]
    return _render(
        site,
        "article",
        seed,
        base,
        shelf,
        story=story,
        html=[_paragraph_html(p, paths) for p in story.paragraphs],
        related=chosen.sample(others, min(4, len(others))),
        comments=chosen.sample(read_words(site.language)["comments"], 4),
        n_views=chosen.randint(900, 48_000),
    )


def listing_page(site: Site, listing: Listing, shelf: Sequence[Story], seed: int, base: str) -> str:
    """Return a section page, or a page of a listing that is polled as a feed."""
    return _render(site, "section", seed, base, shelf, listing=listing)


def front_page(site: Site, shelf: Sequence[Story], seed: int, base: str) -> str:
    """Return the site's home page."""
    listing = Listing("/", [s for s in shelf if s.kind == Kind.ARTICLE][:PER_PAGE], 1, 1)
    return _render(site, "front", seed, base, shelf, listing=listing)


def message_page(site: Site, heading: str, text: str, shelf: Sequence[Story], seed: int, base: str) -> str:
    """Return a page without an article: not found, gone."""
    return _render(site, "message", seed, base, shelf, heading=heading, text=text)


def _render(site: Site, view: str, seed: int, base: str, shelf: Sequence[Story], **more: Any) -> str:
    template = environment().get_template(f"{site.template}.html.j2")
    articles = [s for s in shelf if s.kind == Kind.ARTICLE]
    ranked = random.Random(f"{seed}/{site.name}").sample(articles, len(articles))  # noqa: S311
    words = read_words(site.language)
    return template.render(
        site=site,
        view=view,
        base=base,
        words=words,
        say=words["labels"],
        latest=articles[:10],
        most_read=ranked[:8],
        printed=partial(_printed, site),
        printed_short=partial(_printed_short, site),
        iso=lambda s: dates.iso_local(site, s.local),
        iso_updated=lambda s: dates.iso_local(site, s.updated_local or s.local),
        section_path=lambda s: site.section_path.format(slug=s.slug),
        today=printed_today(site, articles),
        **more,
    )


def printed_today(site: Site, articles: Sequence[Story]) -> str:
    """Return the day in the page's header: that of the newest story, never of the clock."""
    pattern = read_words(site.language)["labels"]["today"]
    return dates.printed(site, articles[0].local, pattern) if articles else ""


def _printed(site: Site, story: Story) -> str:
    return dates.printed(site, story.local, site.printed)


def _printed_short(site: Site, story: Story) -> str:
    return dates.printed(site, story.local, site.printed_short or site.printed)


def _paragraph_html(paragraph: str, paths: dict[str, str]) -> Markup:
    """Return a paragraph with its links; a subheading becomes <h2>."""
    if paragraph.startswith("## "):
        return Markup("<h2>{}</h2>").format(paragraph.removeprefix("## "))
    pieces = re.split(r"(\[[^\]]+\]\([^)]+\))", paragraph)
    inner = Markup("").join(_piece_html(piece, paths) for piece in pieces)
    return Markup("<p>{}</p>").format(inner)


def _piece_html(piece: str, paths: dict[str, str]) -> Markup:
    match = LINK.fullmatch(piece)
    if match is None:
        return escape(piece)
    return Markup('<a href="{}">{}</a>').format(paths[match[2]], match[1])

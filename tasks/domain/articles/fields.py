"""Every field of an article but its text: candidates collected, one chosen, all kept as evidence."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from lxml.html import HtmlElement

from tasks.domain.credits.byline import Byline, byline_of, collect_bylines
from tasks.domain.dates.context import DateContext
from tasks.domain.dates.parse import parse_moment
from tasks.domain.pages.json_ld import ARTICLE_TYPES, Node, node_text
from tasks.domain.pages.metadata import PageReading
from tasks.domain.pages.near_headline import NearLines, find_headline, read_near_lines
from tasks.domain.pages.source_rules import select_all, select_text
from tasks.domain.publication.candidate import DatedCandidate, Trust
from tasks.domain.publication.choice import DateChoice, choose_modified, choose_published
from tasks.domain.publication.signals import collect_dated
from tasks.domain.text.normalise import compact_key, comparison_key, squeeze
from tasks.domain.titles.named import Named
from tasks.domain.titles.site_names import SEPARATOR, site_keys
from tasks.domain.titles.title import choose_title, collect_titles
from warehouse.records.article import AuthorKind, Candidate, Moment
from warehouse.records.feed import FeedEntry
from warehouse.records.source import Source

# A page without fetch time: only what lies beyond any doubt is refused.
_NO_CLOCK = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Fields:
    """What a page says of its article, apart from the text."""

    title: Named | None
    titles: tuple[Named, ...]
    published: DateChoice
    modified: DateChoice
    dated: tuple[DatedCandidate, ...]
    bylines: tuple[Byline, ...]
    site_name: str | None
    near: NearLines
    articles: tuple[Node, ...]  # the page's own JSON-LD article nodes, the main one first

    @property
    def signed(self) -> Byline | None:
        """The surest place that names a person, else the surest that names a house or desk."""
        people = next((byline for byline in self.bylines if byline.names), None)
        return people or next((byline for byline in self.bylines if byline.organisations), None)

    @property
    def authors(self) -> tuple[str, ...]:
        """The people of the surest place that names any; the organisations where none does."""
        signed = self.signed
        return (signed.names or signed.organisations) if signed else ()

    @property
    def author_kinds(self) -> tuple[AuthorKind, ...]:
        """The kind of each author."""
        is_person = self.signed is not None and bool(self.signed.names)
        return (AuthorKind.PERSON if is_person else AuthorKind.ORGANISATION,) * len(self.authors)


def read_fields(
    reading: PageReading, source: Source, entry: FeedEntry | None, now: datetime | None
) -> Fields:
    """Return the page's fields; nothing in the tree is changed."""
    articles = _main_articles(reading)
    site = find_site_name(reading, articles)
    sites = site_keys(reading, [name for name in (source.title, site) if name])
    titles = _titles(reading, source, entry, sites, articles)
    title = choose_title(titles)
    wordings = [text for named in ([title] if title else []) + titles for text in (named.value, named.raw)]
    headline = find_headline(reading.root, wordings)
    near = read_near_lines(headline) if headline is not None else NearLines()
    dated = _dated(reading, source, entry, headline, now or _NO_CLOCK)
    published = choose_published(dated, zone=source.timezone)
    return Fields(
        title=title,
        titles=tuple(titles),
        published=published,
        modified=choose_modified(dated, published.moment),
        dated=tuple(dated),
        bylines=tuple(_bylines(reading, source, entry, articles, sites, headline, near)),
        site_name=site,
        near=near,
        articles=tuple(articles),
    )


def _main_articles(reading: PageReading) -> list[Node]:
    """Return the JSON-LD articles, the one with this page's URL first."""
    nodes = reading.linked.of_type(ARTICLE_TYPES)
    path = reading.url.split("?")[0].split("//")[-1].rstrip("/")
    return sorted(
        nodes,
        key=lambda node: (
            not (path and path in str([node.get(k) for k in ("url", "@id", "mainEntityOfPage")]))
        ),
    )


def _titles(
    reading: PageReading,
    source: Source,
    entry: FeedEntry | None,
    sites: set[str],
    articles: Sequence[Node],
) -> list[Named]:
    feed_title = entry.title if entry else None
    candidates = collect_titles(reading, sites=sites, feed_title=feed_title, articles=articles)
    selected = select_text(reading.root, source.article.title)
    return [Named(selected, "selector", selected), *candidates] if selected else candidates


def _dated(
    reading: PageReading, source: Source, entry: FeedEntry | None, headline: HtmlElement | None, now: datetime
) -> list[DatedCandidate]:
    context = DateContext.of_source(source, now).in_language(reading.root.get("lang"))
    context = replace(context, is_fetch_time=now is not _NO_CLOCK)
    candidates = collect_dated(reading, context, headline=headline, feed_raw=_feed_date(entry))
    raw = select_text(reading.root, source.article.published)
    moment = parse_moment(raw, context, origin="selector") if raw else None
    if moment is None:
        return candidates
    evidence = f"{source.article.published}: {raw}"[:200]
    return [DatedCandidate(moment, Trust.SOURCE_RULE, evidence), *candidates]


def _feed_date(entry: FeedEntry | None) -> str | None:
    """Return the feed's date as it was printed, else the instant that was read from it."""
    if entry is None or entry.published_raw:
        return entry.published_raw if entry else None
    return entry.published_at.isoformat() if entry.published_at else None


def _bylines(
    reading: PageReading,
    source: Source,
    entry: FeedEntry | None,
    articles: Sequence[Node],
    sites: set[str],
    headline: HtmlElement | None,
    near: NearLines,
) -> list[Byline]:
    """Return the bylines of selector, page and feed, surest first."""
    chosen = [squeeze(" ".join(e.itertext())) for e in select_all(reading.root, source.article.author)[:20]]
    bylines = [
        byline_of(chosen, "selector", sites),
        *collect_bylines(reading, articles, sites, headline, near),
        byline_of(entry.authors if entry else (), "feed", sites),
    ]
    return [byline for byline in bylines if byline.raw]


def find_site_name(reading: PageReading, articles: Sequence[Node]) -> str | None:
    """Return the publisher as the page names it, in its most readable spelling; None when it does not."""
    names = [name for value in _site_names(reading, articles) if _may_be_site(name := squeeze(value))]
    if not names:
        return None
    in_title = SEPARATOR.split(squeeze(reading.root.findtext(".//title") or ""))
    key = compact_key(names[0])
    spellings = [name for name in [*names, *in_title] if _may_be_site(name) and compact_key(name) == key]
    return max(spellings, key=_is_spelt_out, default=names[0])


def _may_be_site(name: str) -> bool:
    return 1 < len(name) <= 80 and not name.startswith(("http", "@"))


def _is_spelt_out(name: str) -> tuple[int, bool]:
    """Return how readable a spelling is: `Evening Post` before `Eveningpost` before `eveningpost`."""
    return len(name.split()), name != name.lower()


def _site_names(reading: PageReading, articles: Sequence[Node]) -> list[str]:
    names = [reading.metas.first("og:site_name")]
    for node in [*articles[:1], *reading.linked.of_type(frozenset({"website"}))[:1]]:
        names.append(node_text(reading.linked.follow(node.get("publisher"))))
        if "headline" not in node:
            names.append(node_text(node.get("name")))
    names += [
        reading.metas.first("application-name"),
        reading.metas.first("publisher", "dc.publisher", "article:publisher"),
    ]
    return [name for name in names if name]


def title_origins(fields: Fields) -> list[Candidate]:
    """Return the headlines that were found, the chosen one marked."""
    return [
        Candidate("title", named.value, named.origin, named.raw[:200], named is fields.title)
        for named in fields.titles
    ]


def date_origins(fields: Fields) -> list[Candidate]:
    """Return the dates that were found, the chosen ones marked."""
    chosen = (fields.published.chosen, fields.modified.chosen)
    return [
        Candidate(
            "modified" if dated.is_modified else "published",
            moment_text(dated.moment),
            dated.moment.origin,
            dated.evidence,
            any(dated is candidate for candidate in chosen),
        )
        for dated in fields.dated
    ]


def author_origins(fields: Fields) -> list[Candidate]:
    """Return the bylines that name authors, the chosen one marked."""
    return [
        Candidate(
            "authors",
            ", ".join(byline.names or byline.organisations),
            byline.origin,
            byline.evidence,
            byline is fields.signed,
        )
        for byline in fields.bylines
        if byline.names or byline.organisations
    ]


def moment_text(moment: Moment) -> str:
    """Return a moment as ISO 8601: with offset where it is known, else local, else the bare day."""
    if moment.at is not None:
        local = moment.local or moment.at.replace(tzinfo=None)
        offset = moment.utc_offset_minutes if moment.local is not None else 0
        return f"{local.isoformat(timespec='seconds')}{_offset(offset or 0)}"
    return moment.local.isoformat(timespec="seconds") if moment.local else moment.on.isoformat()


def _offset(minutes: int) -> str:
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def disagreeing(origins: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Return the winners, and of the others those that say something else, each saying once."""
    winners = {(c.field, comparison_key(c.value)) for c in origins if c.chosen}
    kept: dict[tuple[str, str, str], Candidate] = {}
    for candidate in origins:
        if candidate.chosen or (candidate.field, comparison_key(candidate.value)) not in winners:
            kept.setdefault((candidate.field, candidate.value, candidate.origin), candidate)
    return tuple(kept.values())

"""Reads and checks `sources.toml`: which sources there are, and how each is read.

Comes before every other step: an error here names file, key, value and the fix, and stops the run
before any request. `docs/reference/sources.md` documents every key; `tasks.source_schema` declares them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from tasks.errors import SourcesError
from tasks.source_schema import FeedModel, IntervalModel, SourceListModel, SourceModel
from warehouse.records.source import ArchiveRules, ArticleRules, Feed, ListingRules, PollInterval, Source
from warehouse.toml_file import problems, read_toml
from warehouse.wording import suggest


@dataclass(frozen=True, slots=True)
class FetchSettings:
    """How all sources are fetched."""

    threads: int = 64  # hosts that are requested at the same time
    connect_s: float = 5.0
    first_byte_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Sources:
    """The content of `sources.toml`."""

    sources: tuple[Source, ...]
    contact: str | None = None
    fetch: FetchSettings = FetchSettings()

    def by_name(self) -> dict[str, Source]:
        """Return the sources keyed by name."""
        return {source.name: source for source in self.sources}

    def enabled(self) -> tuple[Source, ...]:
        """Return the sources that scheduled runs read."""
        return tuple(source for source in self.sources if source.enabled)


def read_sources(path: Path) -> Sources:
    """Return a source list. Raises SourcesError when the file is missing, not TOML or not valid."""
    way_out = "Create it with `wirehouse sources add URL`, or name another with --config."
    document = read_toml(path, SourcesError, way_out)
    return parse_sources(document, str(path))


def parse_sources(document: dict[str, Any], name: str) -> Sources:
    """Return a parsed source list as records; messages call the file `name`. Raises SourcesError."""
    try:
        model = SourceListModel.model_validate(document)
    except ValidationError as error:
        raise SourcesError(problems(error, document, name, "docs/reference/sources.md")) from error
    default_delay = model.defaults.pace.delay_s if model.defaults.pace else None
    sources = tuple(_source(item, default_delay) for item in model.source)
    return Sources(sources, model.defaults.contact, FetchSettings(**model.fetch.model_dump()))


def select_sources(sources: Sources, names: Iterable[str] | None) -> tuple[Source, ...]:
    """Return the named sources, or all that are enabled. Raises SourcesError for an unknown name.

    A source that is named is returned even when it is disabled.
    """
    wanted = list(dict.fromkeys(names or ()))
    known = sources.by_name()
    for name in wanted:
        if name not in known:
            raise SourcesError(f"unknown source '{name}'. {suggest(name, known)}")
    return tuple(known[name] for name in wanted) if wanted else sources.enabled()


def _source(model: SourceModel, default_delay_s: float | None) -> Source:
    delay_s = model.pace.delay_s if model.pace.delay_s is not None else default_delay_s
    return Source(
        name=model.name,
        title=model.title,
        homepage=model.homepage,
        country=model.country,
        language=model.language,
        timezone=model.timezone,
        date_order=model.date_order,
        feeds=tuple(_feed(feed) for feed in model.feed),
        article=ArticleRules(**model.article.model_dump(exclude={"strip"}), strip=tuple(model.article.strip)),
        archive=ArchiveRules(**model.archive.model_dump()),
        delay_s=1.0 if delay_s is None else delay_s,
        allow=tuple(model.pace.allow),
        enabled=model.enabled,
        tags=tuple(dict.fromkeys(model.tags)),
        interval=_interval(model.interval),
    )


def _interval(model: IntervalModel) -> PollInterval:
    """Return the bounds; one that is missing gives way to one that is set."""
    usual = PollInterval()
    min_s = model.min_s if model.min_s is not None else min(usual.min_s, model.max_s or usual.min_s)
    max_s = model.max_s if model.max_s is not None else max(usual.max_s, min_s)
    return PollInterval(min_s, max_s)


def _feed(model: FeedModel) -> Feed:
    listing = None
    if model.item is not None:
        listing = ListingRules(model.item, model.link or "a", model.title, model.date, model.next)
    return Feed(model.url, model.kind, listing)

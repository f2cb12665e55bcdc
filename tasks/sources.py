"""Read and check `sources.toml`: what we read, and how each source wants to be read.

Comes before everything else: an error here names file, key, value and the way out, and
stops the run before any request. `docs/sources.md` documents every key.
"""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

import soupsieve
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from tasks.errors import SourcesError
from warehouse.records import ArchiveRules, ArticleRules, Feed, FeedKind, ListingRules, Source


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything that `sources.toml` says."""

    sources: tuple[Source, ...]
    contact: str | None = None

    def by_name(self) -> dict[str, Source]:
        """Return the sources keyed by name."""
        return {source.name: source for source in self.sources}


def read_sources(path: Path) -> Sources:
    """Read a source list.

    Raises SourcesError when the file is missing, is no TOML or holds a key or value that
    cannot be used.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SourcesError(f"{path}: no such file. Name another with --config, or start one.") from error
    except IsADirectoryError as error:
        raise SourcesError(f"{path}: is a folder; name the file with --config.") from error
    except PermissionError as error:
        raise SourcesError(f"{path}: may not be read; look at the file's permissions.") from error
    except UnicodeDecodeError as error:
        raise SourcesError(f"{path}: is not UTF-8 (byte {error.start}); save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise SourcesError(f"{path}: is no valid TOML: {error}. Mend that line.") from error
    return parse_sources(document, str(path))


def parse_sources(document: dict[str, Any], name: str) -> Sources:
    """Check a parsed source list; `name` is the file that messages speak of.

    Raises SourcesError.
    """
    try:
        model = _File.model_validate(document)
    except ValidationError as error:
        raise SourcesError(_sentences(error, document, name)) from error
    default_delay = model.defaults.pace.delay_s if model.defaults.pace else None
    sources = tuple(_source(item, default_delay) for item in model.source)
    return Sources(sources, model.defaults.contact)


def select_sources(sources: Sources, names: Iterable[str] | None) -> tuple[Source, ...]:
    """Return the named sources, or all of them.

    Raises SourcesError for a name that the list does not have.
    """
    wanted = list(dict.fromkeys(names or ()))
    known = sources.by_name()
    for name in wanted:
        if name not in known:
            near = ", ".join(sorted(known)) or "none"
            raise SourcesError(f"unknown source '{name}'. The source list has: {near}.")
    return tuple(known[name] for name in wanted) if wanted else sources.sources


# --- the file's form -------------------------------------------------------------------------


def _is_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("give a whole address that starts with https:// or http://")
    if parts.username is not None or parts.password is not None:
        raise ValueError("carries a user name or password; these are never sent, so leave them out")
    return value


def _is_selector(value: str) -> str:
    try:
        soupsieve.compile(value)
    except soupsieve.SelectorSyntaxError as error:
        raise ValueError(f"is no CSS selector ({str(error).splitlines()[0]})") from error
    return value


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())  # walks through a folder: 12 ms, too much for each source


def _is_zone(value: str) -> str:
    if value not in _zones():
        raise ValueError("is no IANA time zone; write one such as 'Europe/Moscow' or 'UTC'")
    ZoneInfo(value)
    return value


def _is_pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"is no regular expression ({error})") from error
    return value


def _is_endpoint(value: str) -> str:
    if (
        not re.fullmatch(r"(\[[0-9a-fA-F:]+\]|[^\s:/]+):\d{1,5}", value)
        or int(value.rpartition(":")[2]) > 65535
    ):
        raise ValueError("write host:port, such as '127.0.0.1:8080'")
    return value


_Url = Annotated[str, AfterValidator(_is_url)]
_Selector = Annotated[str, AfterValidator(_is_selector)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class _Pace(_Model):
    delay_s: Annotated[float, Field(ge=0, le=3600)] | None = None
    allow: list[Annotated[str, AfterValidator(_is_endpoint)]] = []


class _Defaults(_Model):
    contact: _Url | None = None
    pace: _Pace | None = None


class _Feed(_Model):
    url: _Url
    kind: FeedKind = FeedKind.AUTO
    item: _Selector | None = None
    link: _Selector | None = None
    title: _Selector | None = None
    date: _Selector | None = None
    next: _Selector | None = None

    @model_validator(mode="after")
    def _listing_has_item(self) -> "_Feed":
        keys = [k for k in ("item", "link", "title", "date", "next") if getattr(self, k) is not None]
        if self.kind is FeedKind.LISTING and self.item is None:
            raise ValueError("a listing needs 'item', the CSS selector of one entry")
        if keys and self.kind is not FeedKind.LISTING:
            raise ValueError(f"'{keys[0]}' belongs to kind = \"listing\"; set the kind or take the key out")
        return self


class _Article(_Model):
    title: _Selector | None = None
    published: _Selector | None = None
    body: _Selector | None = None
    author: _Selector | None = None
    strip: list[Annotated[str, AfterValidator(_is_pattern)]] = []


class _Archive(_Model):
    page_url: str | None = None
    day_url: str | None = None
    sitemap: _Url | None = None

    @model_validator(mode="after")
    def _patterns_have_places(self) -> "_Archive":
        if self.page_url is not None and "{n}" not in self.page_url:
            raise ValueError("'page_url' needs {n} where the page's number stands")
        if self.day_url is not None and not {"{YYYY}", "{MM}", "{DD}"} <= set(
            re.findall(r"\{\w+\}", self.day_url)
        ):
            raise ValueError("'day_url' needs {YYYY}, {MM} and {DD}")
        return self


class _Source(_Model):
    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=64)]
    title: Annotated[str, Field(min_length=1, max_length=200)]
    homepage: _Url | None = None
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")] | None = None
    timezone: Annotated[str, AfterValidator(_is_zone)] | None = None
    date_order: Literal["dmy", "mdy", "ymd"] | None = None
    feed: list[_Feed] = []
    article: _Article = _Article()
    archive: _Archive = _Archive()
    pace: _Pace = _Pace()


class _File(_Model):
    defaults: _Defaults = _Defaults()
    source: list[_Source] = []

    @model_validator(mode="after")
    def _names_are_unique(self) -> "_File":
        seen: set[str] = set()
        for source in self.source:
            if source.name in seen:
                raise ValueError(f"two sources are named '{source.name}'; give one another name")
            seen.add(source.name)
        return self

    @model_validator(mode="after")
    def _feeds_are_unique(self) -> "_File":
        owner: dict[str, str] = {}
        for source in self.source:
            for feed in source.feed:
                if feed.url in owner:
                    both = " and ".join(dict.fromkeys((f"'{owner[feed.url]}'", f"'{source.name}'")))
                    raise ValueError(f"the feed {feed.url} is given twice, by {both}; leave one out")
                owner[feed.url] = source.name
        return self


def _source(model: _Source, default_delay_s: float | None) -> Source:
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
    )


def _feed(model: _Feed) -> Feed:
    listing = None
    if model.item is not None:
        listing = ListingRules(model.item, model.link or "a", model.title, model.date, model.next)
    return Feed(model.url, model.kind, listing)


# --- messages --------------------------------------------------------------------------------

_WAY_OUT = {
    "extra_forbidden": "no such key; docs/sources.md lists them all",
    "missing": "this key must be given",
    "string_pattern_mismatch": "has the wrong form",
}


def _sentences(error: ValidationError, document: dict[str, Any], name: str) -> str:
    lines = []
    for item in error.errors(include_url=False):
        where = _place(item["loc"], document)
        value = item["input"]
        shown = f" = {value!r}" if isinstance(value, str | int | float | bool) else ""
        message = item["msg"].removeprefix("Value error, ")
        pattern = item.get("ctx", {}).get("pattern")
        way_out = _WAY_OUT.get(item["type"], message) + (f", it must match {pattern}" if pattern else "")
        lines.append(f"{name}: {where}{shown}: {way_out}.")
    return "\n".join(lines)


def _place(location: tuple[int | str, ...], document: dict[str, Any]) -> str:
    parts: list[str] = []
    here: Any = document
    for step in location:
        here = _step_into(here, step)
        if isinstance(step, int):
            label = here.get("name") or here.get("url") if isinstance(here, dict) else None
            parts[-1] += f"[{step + 1}]" + (f" ({label})" if isinstance(label, str) else "")
        else:
            parts.append(step)
    return ".".join(parts) or "the file"


def _step_into(container: Any, step: int | str) -> Any:
    if isinstance(container, dict):
        return container.get(step)
    if isinstance(container, list) and isinstance(step, int) and step < len(container):
        return container[step]
    return None

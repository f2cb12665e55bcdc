"""The schema of `sources.toml`: its keys and the values that each accepts.

Used by `tasks.sources` alone, which turns it into records. `docs/reference/sources.md` documents every key.
"""

import re
from functools import cache
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from warehouse.records.source import BodyFrom, FeedKind


def _is_url(value: str) -> str:
    _is_one_line(value)
    try:
        parts = urlsplit(value)
        is_valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError as error:  # a port above 65535, an IPv6 address without its bracket
        raise ValueError(f"not a valid http(s) URL ({error})") from error
    if not is_valid:
        raise ValueError("not a valid http(s) URL; write it in full, starting with https:// or http://")
    if parts.username is not None or parts.password is not None:
        raise ValueError("contains a user name or password; these are never sent, remove them")
    return value


def _one_spelling(url: str) -> str:
    """Return a URL with its host in lower case and without its default port: other spellings are one feed.

    The fragment stays: it lets a page be two listings, with selectors of their own.
    """
    parts = urlsplit(url)
    port = None if parts.port == {"http": 80, "https": 443}[parts.scheme] else parts.port
    host = f"{parts.hostname}:{port}" if port else parts.hostname
    return parts._replace(netloc=host or "", path=parts.path or "/").geturl()


def _is_selector(value: str) -> str:
    import soupsieve  # with Beautiful Soup as slow to import as all else here; few lists have selectors

    try:
        soupsieve.compile(value)
    except soupsieve.SelectorSyntaxError as error:
        raise ValueError(f"not a valid CSS selector ({str(error).splitlines()[0]})") from error
    return value


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())  # reads a folder: 12 ms, too slow for each source


def _is_zone(value: str) -> str:
    if value not in _zones():
        raise ValueError("not an IANA time zone; use one such as 'Europe/Moscow' or 'UTC'")
    ZoneInfo(value)
    return value


def _is_pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"not a valid regular expression ({error})") from error
    return value


def _is_endpoint(value: str) -> str:
    if (
        not re.fullmatch(r"(\[[0-9a-fA-F:]+\]|[^\s:/]+):\d{1,5}", value)
        or int(value.rpartition(":")[2]) > 65535
    ):
        raise ValueError("not host:port, such as '127.0.0.1:8080'")
    return value


def _is_one_line(value: str) -> str:
    if not value.isprintable():
        raise ValueError("contains a line break or a control character; remove it")
    return value


NAME_PATTERN = r"^[a-z0-9][a-z0-9-]*$"
MAX_NAME = 64  # characters

_Url = Annotated[str, AfterValidator(_is_url)]
_Selector = Annotated[str, AfterValidator(_is_selector)]
_Tag = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_is_one_line)]
_IntervalSeconds = Annotated[int, Field(ge=60, le=86_400)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class _Pace(_Model):
    delay_s: Annotated[float, Field(ge=0, le=3600)] | None = None
    allow: list[Annotated[str, AfterValidator(_is_endpoint)]] = []


class _Fetch(_Model):
    threads: Annotated[int, Field(ge=1, le=512)] = 64
    connect_s: Annotated[float, Field(ge=0.1, le=60)] = 5.0
    first_byte_s: Annotated[float, Field(ge=0.1, le=120)] = 10.0


class _Defaults(_Model):
    contact: _Url | None = None
    pace: _Pace | None = None


class FeedModel(_Model):
    url: _Url
    kind: FeedKind = FeedKind.AUTO
    item: _Selector | None = None
    link: _Selector | None = None
    title: _Selector | None = None
    date: _Selector | None = None
    next: _Selector | None = None

    @model_validator(mode="after")
    def _listing_has_item(self) -> "FeedModel":
        keys = [k for k in ("item", "link", "title", "date", "next") if getattr(self, k) is not None]
        if self.kind is FeedKind.LISTING and self.item is None:
            raise ValueError("a listing requires 'item', the CSS selector of one entry")
        if keys and self.kind is not FeedKind.LISTING:
            raise ValueError(f"'{keys[0]}' requires kind = \"listing\"; set the kind or remove the key")
        return self


class _Article(_Model):
    title: _Selector | None = None
    published: _Selector | None = None
    body: _Selector | None = None
    author: _Selector | None = None
    strip: list[Annotated[str, AfterValidator(_is_pattern)]] = []
    body_from: Literal[BodyFrom.PAGE, BodyFrom.FEED] = BodyFrom.PAGE


class _Archive(_Model):
    page_url: str | None = None
    day_url: str | None = None
    sitemap: _Url | None = None

    @model_validator(mode="after")
    def _patterns_have_places(self) -> "_Archive":
        if self.page_url is not None and "{n}" not in self.page_url:
            raise ValueError("'page_url' requires {n} in place of the page number")
        if self.day_url is not None and not {"{YYYY}", "{MM}", "{DD}"} <= set(
            re.findall(r"\{\w+\}", self.day_url)
        ):
            raise ValueError("'day_url' requires {YYYY}, {MM} and {DD}")
        return self


class IntervalModel(_Model):
    min_s: _IntervalSeconds | None = None
    max_s: _IntervalSeconds | None = None

    @model_validator(mode="after")
    def _bounds_are_in_order(self) -> "IntervalModel":
        if self.min_s is not None and self.max_s is not None and self.min_s > self.max_s:
            raise ValueError(f"'min_s' ({self.min_s}) is larger than 'max_s' ({self.max_s})")
        return self


class SourceModel(_Model):
    name: Annotated[str, Field(pattern=NAME_PATTERN, max_length=MAX_NAME)]
    title: Annotated[str, Field(min_length=1, max_length=200)]
    homepage: _Url | None = None
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")] | None = None
    timezone: Annotated[str, AfterValidator(_is_zone)] | None = None
    date_order: Literal["dmy", "mdy", "ymd"] | None = None
    enabled: bool = True
    tags: list[_Tag] = []
    interval: IntervalModel = IntervalModel()
    feed: list[FeedModel] = []
    article: _Article = _Article()
    archive: _Archive = _Archive()
    pace: _Pace = _Pace()


class SourceListModel(_Model):
    defaults: _Defaults = _Defaults()
    fetch: _Fetch = _Fetch()
    source: list[SourceModel] = []

    @model_validator(mode="after")
    def _names_are_unique(self) -> "SourceListModel":
        seen: set[str] = set()
        for source in self.source:
            if source.name in seen:
                raise ValueError(f"two sources are named '{source.name}'; rename one")
            seen.add(source.name)
        return self

    @model_validator(mode="after")
    def _feeds_are_unique(self) -> "SourceListModel":
        owner: dict[str, str] = {}
        for source in self.source:
            for feed in source.feed:
                url = _one_spelling(feed.url)
                if url in owner:
                    both = " and ".join(dict.fromkeys((f"'{owner[url]}'", f"'{source.name}'")))
                    raise ValueError(f"the feed {feed.url} is listed twice, by {both}; remove one")
                owner[url] = source.name
        return self

"""The schema of `searches.toml`: its keys and the values that each accepts.

Used by `tasks.alerts.searches_file` alone. `docs/reference/searches.md` documents every key.
"""

import re
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from warehouse.alerts.saved_search import MAX_AGE_DAYS, Each, Trigger
from warehouse.alerts.schedule import parse_schedule
from warehouse.reading.cookbook import find_question, list_questions
from warehouse.search.grammar import parse_question
from warehouse.search.parts import QuestionError
from warehouse.wording import suggest

_ENVIRONMENT = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*")


def _is_question(value: str) -> str:
    try:
        parse_question(value)
    except QuestionError as error:
        raise ValueError(f"not a valid question: {error}") from error
    return value


def _is_environment(value: str) -> str:
    if not _ENVIRONMENT.fullmatch(value):
        raise ValueError(
            "not the name of an environment variable; write env:NAME and put the address or secret there"
        )
    return value


def _is_schedule(value: str) -> str:
    try:
        parse_schedule(value)
    except ValueError as error:
        raise ValueError(str(error)) from error
    return value


def _is_http(value: str) -> str:
    if not re.match(r"https?://[^/\s]+", value):
        raise ValueError("not a valid http(s) URL")
    return value.rstrip("/") + "/"


def _is_cookbook(value: str) -> str:
    if find_question(value) is None:
        known = [question.name for question in list_questions()]
        raise ValueError(f"not a question of the cookbook. {suggest(value, known)}")
    return value


_Environment = Annotated[str, AfterValidator(_is_environment)]
_Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=64)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class SendModel(_Table):
    to: _Environment | None = None
    webhook: _Environment | None = None
    secret: _Environment | None = None
    when: Annotated[str, AfterValidator(_is_schedule)] = "at once"

    @model_validator(mode="after")
    def _has_one_address(self) -> "SendModel":
        if (self.to is None) == (self.webhook is None):
            raise ValueError("requires either 'to' (mail or chat) or 'webhook'")
        if self.secret is not None and self.webhook is None:
            raise ValueError("'secret' signs webhooks; remove it, or replace 'to' by 'webhook'")
        return self


class SearchModel(_Table):
    name: _Name
    query: Annotated[str, Field(min_length=1, max_length=1_000), AfterValidator(_is_question)]
    languages: list[Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]] = []
    sources: list[str] = []
    on: Annotated[list[Trigger], Field(min_length=1)] = [Trigger.NEW]
    each: Each = Each.STORY
    max_age_days: Annotated[int, Field(ge=1, le=36_500)] = MAX_AGE_DAYS
    send: list[SendModel] = []

    @model_validator(mode="after")
    def _recipients_are_unique(self) -> "SearchModel":
        addresses = [send.webhook or send.to for send in self.send]
        twice = next((a for a in addresses if addresses.count(a) > 1), None)
        if twice is not None:
            raise ValueError(f"'{twice}' is a recipient twice; remove one of the two")
        return self


class SavedFeedModel(_Table):
    name: _Name
    title: str | None = None
    sql: str | None = None
    question: Annotated[str, AfterValidator(_is_cookbook)] | None = None
    parameters: dict[str, date | float | str] = {}

    @model_validator(mode="after")
    def _has_one_statement(self) -> "SavedFeedModel":
        if (self.sql is None) == (self.question is None):
            raise ValueError("requires either 'sql' (a file) or 'question' (a name of the cookbook)")
        question = find_question(self.question or "")
        known = {parameter.name for parameter in question.parameters} if question else set()
        if unknown := sorted(self.parameters.keys() - known):
            raise ValueError(f"unknown parameter '{unknown[0]}'. {suggest(unknown[0], known)}")
        return self


class SearchListModel(_Table):
    browse_url: Annotated[str, AfterValidator(_is_http)] | None = None
    timezone: str = "UTC"
    feeds_folder: str | None = None
    feeds_url: Annotated[str, AfterValidator(_is_http)] | None = None
    search: list[SearchModel] = []
    feed: list[SavedFeedModel] = []

    @model_validator(mode="after")
    def _zone_is_known(self) -> "SearchListModel":
        parse_schedule("daily 00:00", self.timezone)
        return self

    @model_validator(mode="after")
    def _names_are_unique(self) -> "SearchListModel":
        seen: set[str] = set()
        for name in [search.name for search in self.search] + [feed.name for feed in self.feed]:
            if name in seen:
                raise ValueError(f"two searches or feeds are named '{name}'; rename one")
            seen.add(name)
        return self

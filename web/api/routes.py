"""The API's routes with all that its description needs: parameters, types, a sentence each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from web.api import answers, types
from web.view import RequestContext

PREFIX = "/api/v1"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the query."""

    name: str
    description: str
    kind: str = "string"  # of JSON Schema
    format: str | None = None
    choices: tuple[str, ...] = ()
    is_repeatable: bool = False
    example: str | None = None


@dataclass(frozen=True, slots=True)
class ApiRoute:
    """A route of the API."""

    path: str
    answer: Callable[[RequestContext], Any]
    answer_type: type
    summary: str
    parameters: tuple[Parameter, ...] = ()


_Q = Parameter(
    "q",
    'Words, "a phrase", a prefix*, ~inflections, OR, NEAR/5, parentheses, -excluded; '
    "title: author: source: lang: before: after:."
    " Or a URL: the article that is stored under it.",
    example="bridge",
)
_SELECTION = (
    Parameter("source", "Key of a source; several widen the selection.", is_repeatable=True),
    Parameter("lang", "ISO 639-1 language, or `unknown`.", is_repeatable=True),
    Parameter(
        "since", "First day, as printed; else the day first seen (UTC).", format="date", example="2026-11-01"
    ),
    Parameter("until", "Last day, inclusive.", format="date"),
    Parameter("edited", "1: only articles that were edited.", choices=("0", "1")),
    Parameter("copied", "1: only articles that have copies.", choices=("0", "1")),
)
_LIMIT = Parameter("limit", "Rows of a page, 1 to 500.", kind="integer")
_AFTER = Parameter("after", "Where the page before ended: its `next`.")
_PAGING = (
    Parameter("sort", "new (latest first) or best (BM25; needs q).", choices=("new", "best")),
    Parameter("fold", "story: one article per story.", choices=("story",)),
    _LIMIT,
    _AFTER,
)

ROUTES = (
    ApiRoute(
        "/articles",
        answers.articles,
        types.ArticleList,
        "Articles, the latest first.",
        (_Q, *_SELECTION, *_PAGING),
    ),
    ApiRoute(
        "/search",
        answers.search,
        types.ArticleList,
        "Articles that match a query.",
        (_Q, *_SELECTION, *_PAGING),
    ),
    ApiRoute("/articles/{id}", answers.article, types.ArticleAnswer, "One article with its text."),
    ApiRoute("/articles/{id}/text", answers.text, types.TextAnswer, "The text of one article."),
    ApiRoute("/articles/{id}/origins", answers.origins, types.OriginList, "How each field was found."),
    ApiRoute("/articles/{id}/copies", answers.copies, types.CopyList, "Articles that share text with it."),
    ApiRoute(
        "/articles/{id}/revisions", answers.revisions, types.RevisionList, "Titles and texts that it has had."
    ),
    ApiRoute(
        "/articles/{id}/diff",
        answers.diff,
        types.DiffAnswer,
        "How two revisions differ, word by word.",
        (
            Parameter("from", "Number of the earlier revision.", kind="integer"),
            Parameter("to", "Number of the later revision.", kind="integer"),
        ),
    ),
    ApiRoute(
        "/articles/{id}/archive", answers.archive, types.ArchivePlace, "Where its page is in the archive."
    ),
    ApiRoute("/stories/{id}", answers.story, types.StoryAnswer, "A story with its articles."),
    ApiRoute(
        "/facets",
        answers.facets,
        types.FacetAnswer,
        "Matching articles by source, language and day.",
        (_Q, *_SELECTION),
    ),
    ApiRoute(
        "/attention",
        answers.attention,
        types.AttentionAnswer,
        "Matching articles over time.",
        (
            _Q,
            *_SELECTION,
            Parameter("interval", "Length of an interval.", choices=("day", "week", "month", "year")),
        ),
    ),
    ApiRoute(
        "/words",
        answers.words,
        types.WordList,
        "Words that stand out in matching headlines, each story counted once.",
        (_Q, *_SELECTION, _LIMIT),
    ),
    ApiRoute(
        "/edits",
        answers.edits,
        types.EditList,
        "Edits, the latest first.",
        (
            Parameter("source", "Key of a source."),
            Parameter("stealth", "1: only edits without a new update time.", choices=("0", "1")),
            Parameter("limit", "Rows of a page, 1 to 100.", kind="integer"),
            _AFTER,
        ),
    ),
    ApiRoute("/sources", answers.sources, types.SourceList, "All sources."),
    ApiRoute("/sources/{name}/daily", answers.daily, types.DailyVolumes, "A source's articles by day."),
    ApiRoute(
        "/changes",
        answers.changes,
        types.ChangeList,
        "New and changed articles, to follow the warehouse.",
        (_AFTER, _LIMIT),
    ),
    ApiRoute("/health", answers.health, types.Health, "Whether the server answers, and from which snapshot."),
)

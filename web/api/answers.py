"""The API's answers: one function per route, from a `RequestContext` to a value of `web.api.types`."""

from uuid import UUID

from warehouse.reading.article import (
    find_copies,
    find_fetch,
    find_origins,
    find_revision_text,
    find_revisions,
)
from warehouse.reading.attention import INTERVALS, find_attention
from warehouse.reading.changes import find_changes
from warehouse.reading.find import ResultPage, ResultQuery, find_articles_page, find_stories_page
from warehouse.reading.sources import count_articles, find_days, find_source, list_sources
from warehouse.reading.words import find_words
from warehouse.text.diffs import word_diff
from web.api import types
from web.errors import BadRequest, NotFound
from web.pages import edits as edits_page
from web.pages import story as story_page
from web.pages.article import known_article
from web.pages.search import result_row
from web.parameters import parse_limit, parse_page_request, parse_selection
from web.view import RequestContext


def articles(context: RequestContext) -> types.ArticleList:
    """Return every matching article; with `fold=story` one per story."""
    request = parse_page_request(context.parameters, context.settings.read_url)
    fold = context.parameters.get("fold").strip()
    if fold not in ("", "story"):
        raise BadRequest(f"fold: {fold!r} is not a way to fold (expected story)")
    return _article_list((find_stories_page if fold else find_articles_page)(context.con, request))


def search(context: RequestContext) -> types.ArticleList:
    """Return the articles that answer a question. Raises BadRequest without one."""
    if not context.parameters.get("q").strip():
        raise BadRequest("q: the query is empty; /api/v1/articles lists without one")
    return articles(context)


def article(context: RequestContext) -> types.ArticleAnswer:
    """Return one article with its text."""
    return types.ArticleAnswer(known_article(context, context.path["id"]))


def text(context: RequestContext) -> types.TextAnswer:
    """Return the text of one article."""
    article = known_article(context, context.path["id"])
    return types.TextAnswer(
        article.article_id, article.title, article.language, article.direction, article.body
    )


def origins(context: RequestContext) -> types.OriginList:
    """Return what was said of each field."""
    return types.OriginList(list(find_origins(context.con, _article_id(context))))


def copies(context: RequestContext) -> types.CopyList:
    """Return articles that share text."""
    return types.CopyList(list(find_copies(context.con, _article_id(context))))


def revisions(context: RequestContext) -> types.RevisionList:
    """Return an article's revisions."""
    return types.RevisionList(list(find_revisions(context.con, _article_id(context))))


def diff(context: RequestContext) -> types.DiffAnswer:
    """Return how two revisions differ; without numbers the last two."""
    article_id = _article_id(context)
    numbers = [row.revision_no for row in find_revisions(context.con, article_id)]
    last = _number(context, "to", numbers[-1])
    first = _number(context, "from", max(last - 1, 1))
    before = find_revision_text(context.con, article_id, first)
    after = find_revision_text(context.con, article_id, last)
    if before is None or after is None:
        raise NotFound(f"The article has revisions 1 to {numbers[-1]}; {first} and {last} were asked for.")
    return types.DiffAnswer(
        first, last, word_diff(before.title, after.title), word_diff(before.body, after.body)
    )


def archive(context: RequestContext) -> types.ArchivePlace:
    """Return where the archived page lies, with hashes."""
    text = known_article(context, context.path["id"])
    fetch = find_fetch(context.con, text.archive_ref) if text.archive_ref else None
    return types.ArchivePlace(
        archive_file=text.archive_file,
        archive_offset=text.archive_offset,
        archive_length=text.archive_length,
        fetched_at=text.fetched_at,
        body_sha256=fetch.body_sha256 if fetch else None,
        text_sha256=text.content_sha256,
    )


def story(context: RequestContext) -> types.StoryAnswer:
    """Return one story."""
    data = story_page.story(context).data
    return types.StoryAnswer(data["story"], list(data["articles"]), list(data["pairs"]))


def facets(context: RequestContext) -> types.FacetAnswer:
    """Return what the matching articles divide into."""
    selection = parse_selection(context.parameters, context.settings.read_url)
    found = find_articles_page(context.con, ResultQuery(selection, limit=1))
    return types.FacetAnswer(
        total=found.n_articles,
        n_stories=found.n_stories,
        n_edited=found.n_edited,
        n_copied=found.n_copied,
        sources=list(found.sources),
        languages=list(found.languages),
        days=list(found.days),
        inflections=list(found.inflections),
    )


def attention(context: RequestContext) -> types.AttentionAnswer:
    """Return matching articles over time."""
    interval = context.parameters.get("interval").strip() or "day"
    if interval not in INTERVALS:
        raise BadRequest(f"interval: {interval!r} is not an interval (expected {', '.join(INTERVALS)})")
    selection = parse_selection(context.parameters, context.settings.read_url)
    points = find_attention(context.con, selection, interval)
    return types.AttentionAnswer(interval, list(points))


def words(context: RequestContext) -> types.WordList:
    """Return the words that stand out in matching headlines."""
    selection = parse_selection(context.parameters, context.settings.read_url)
    return types.WordList(list(find_words(context.con, selection, parse_limit(context.parameters, 40))))


def edits(context: RequestContext) -> types.EditList:
    """Return the latest edits."""
    data = edits_page.edits(context).data
    return types.EditList(data["edits"], data["next"])


def sources(context: RequestContext) -> types.SourceList:
    """Return all sources."""
    return types.SourceList(list(list_sources(context.con)))


def daily(context: RequestContext) -> types.DailyVolumes:
    """Return a source's articles by day."""
    name = context.path["name"]
    if find_source(context.con, name) is None:
        raise NotFound(f"There is no source {name!r}. The list is at /api/v1/sources.")
    return types.DailyVolumes(list(find_days(context.con, name)))


def changes(context: RequestContext) -> types.ChangeList:
    """Return articles that are new or changed after a cursor."""
    after = _change_cursor(context.parameters.get("after").strip())
    rows = find_changes(context.con, after, parse_limit(context.parameters, 100))
    return types.ChangeList(list(rows), rows[-1].place if rows else after)


def health(context: RequestContext) -> types.Health:
    """Return that the server answers."""
    return types.Health("ok", context.published_at, count_articles(context.con))


def _article_list(found: ResultPage) -> types.ArticleList:
    return types.ArticleList(
        [result_row(hit) for hit in found.hits],
        found.n_articles,
        found.n_stories,
        str(found.next) if found.next else None,
    )


def _article_id(context: RequestContext) -> str:
    return known_article(context, context.path["id"]).article_id


def _number(context: RequestContext, name: str, default: int) -> int:
    text = context.parameters.get(name).strip()
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        raise BadRequest(f"{name}: {text!r} is not the number of a revision")
    return int(text)


def _change_cursor(text: str) -> str:
    """Return a cursor of `changes`: a load and an article. Raises BadRequest."""
    if not text:
        return ""
    load_id, _, article_id = text.partition(" ")
    try:
        UUID(article_id)
    except ValueError as error:
        raise BadRequest(f"after: {text[:80]!r} is not a cursor; use the value of `next`") from error
    return f"{load_id} {article_id}"

"""Articles that answer a question in the whole grammar, each with a snippet, for `wirehouse search`."""

import duckdb

from warehouse.reading.filters import Order, Selection
from warehouse.reading.find import Hit, ResultQuery, find_articles_page
from warehouse.search.grammar import marked_words, parse_question
from warehouse.search.search import SearchHit, find_articles, snippet_of


def find_matches(
    con: duckdb.DuckDBPyConnection, selection: Selection, order: Order, limit: int
) -> list[SearchHit]:
    """Return the articles that match. Raises QuestionError.

    A question of one alternative without fields is answered best first from the best candidates alone;
    its snippets come from the text. Others are counted in full, and their snippets come from the lead.
    """
    alternatives = parse_question(selection.question)
    is_plain = len(alternatives) == 1 and not alternatives[0].conditions
    if is_plain and order is Order.BEST and not selection.languages:
        return find_articles(
            con,
            alternatives[0].index_question,
            limit=limit,
            sources=selection.sources or None,
            since=selection.since,
            until=selection.until,
        )
    page = find_articles_page(con, ResultQuery(selection, order, limit))
    words = [word.strip('"*').casefold() for word in marked_words(alternatives).split()]
    return [_found(hit, words) for hit in page.hits]


def _found(hit: Hit, words: list[str]) -> SearchHit:
    return SearchHit(
        article_id=hit.article_id,
        score=hit.score or 0.0,
        url=hit.url,
        title=hit.title,
        source=hit.source,
        language=hit.language,
        published_at=hit.published_at,
        published_on=hit.published_on,
        snippet=snippet_of(hit.lead, words),
    )

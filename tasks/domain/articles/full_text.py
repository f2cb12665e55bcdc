"""The article of a page, or of the feed's entry that carries it as a whole.

Called by extraction: `article` reads pages, `entry_text` says when an entry stands in for one. A page that
turns out to be a paywall's gives way to its entry.
"""

from dataclasses import replace

from tasks.domain.articles.article import PageContext, parse_article
from tasks.domain.articles.entry_text import FEED_PAGE_TYPE, feed_page, prefers_feed, stands_in
from tasks.errors import ExtractionError
from warehouse.records.article import Article
from warehouse.records.source import ArticleRules, BodyFrom, Source


def parse_feed_page(body: bytes, page: PageContext, source: Source) -> Article:
    """Return the article of an archived `feed_page`. Raises ExtractionError."""
    rules = ArticleRules(strip=source.article.strip)  # the selectors are those of the source's pages
    context = replace(page, content_type=FEED_PAGE_TYPE)
    return replace(parse_article(body, context, replace(source, article=rules)), body_from=BodyFrom.FEED)


def parse_page_or_entry(body: bytes, page: PageContext, source: Source) -> Article:
    """Return the article that a page holds, or that of its entry where the page shows no more than a part.

    Raises ExtractionError when neither is an article.
    """
    entry = page.entry
    if entry is None or entry.content is None:
        return parse_article(body, page, source)
    if prefers_feed(entry, source):
        return parse_feed_page(feed_page(entry), page, source)
    try:
        article = parse_article(body, page, source)
    except ExtractionError as error:
        if stands_in(entry, error.error_class):
            return parse_feed_page(feed_page(entry), page, source)
        raise
    if not article.is_partial:
        return article
    whole = parse_feed_page(feed_page(entry), page, source)
    return whole if whole.word_count > article.word_count else article

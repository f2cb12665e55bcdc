"""The articles in pages, as the `extract` command shows them: files, URLs, manifests.

Beside the pipeline: nothing is stored. Pages are processed in two passes: first each is extracted, then
lines and title endings that recur over the pages of one site are removed.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from tasks.domain.articles.article import PageContext, Reading
from tasks.domain.articles.fields import moment_text
from tasks.domain.articles.recurring import (
    ArticleLines,
    apply_recurring,
    learn_recurring,
    learn_title_tails,
    strip_title_tail,
)
from tasks.domain.urls.host import site_domain
from tasks.domain.urls.key import url_key
from tasks.errors import ErrorClass, ItemError
from tasks.http_client.client import HttpClient, policy_for
from tasks.http_client.result import FetchPolicy
from tasks.inspection.manifest import DocumentInput
from tasks.workers.extract_worker import FileJob, read_chunk
from tasks.workers.extraction_pool import ExtractionPool
from tasks.workers.limits import Failure
from warehouse.records.article import Article, Precision
from warehouse.records.feed import FeedEntry
from warehouse.records.source import Source

_REJECTED = frozenset({ErrorClass.CONTENT_TYPE})  # faults of the page itself that leave nothing to show


def check_pages(
    inputs: Sequence[DocumentInput], *, source: Source | None, client: HttpClient | None, now: datetime
) -> Iterator[dict[str, Any]]:
    """Yield one report for each page, in the order of `inputs`.

    A report has id, status (ok, rejected, failed), reason and the article's fields.
    """
    readings: dict[int, Reading | Failure] = {}
    jobs: dict[int, FileJob] = {}
    for index, page in enumerate(inputs):
        job = _job(page, source, client, now)
        if isinstance(job, FileJob):
            jobs[index] = job
        else:
            readings[index] = job
    with ExtractionPool() as pool:
        readings |= dict(zip(jobs, pool.run(list(jobs.values()), read_chunk), strict=True))
    articles = {i: reading.article for i, reading in readings.items() if isinstance(reading, Reading)}
    cleaned = {
        index: article
        for site in _by_site(articles).values()
        for index, article in _without_recurring(site).items()
    }
    for index, page in enumerate(inputs):
        yield _report(page, readings[index], cleaned.get(index), source)


def _job(
    page: DocumentInput, source: Source | None, client: HttpClient | None, now: datetime
) -> FileJob | Failure:
    if page.problem:
        return Failure(ErrorClass.BAD_URL, page.problem)
    url = page.url or f"https://page.invalid/{page.name}"
    html, final_url, content_type = None, url, None
    try:
        if page.path is None:
            html, final_url, content_type = _fetched(url, source, client)
    except ItemError as error:
        return Failure(error.error_class, error.reason)
    entry = FeedEntry(url, published_raw=page.feed_published) if page.feed_published else None
    context = PageContext(url, final_url, _key_of(url), content_type, page.fetched_at or now, entry)
    site = site_domain(final_url)
    return FileJob(context, source or Source(name=site or "page", title=""), page.path, html)


def _key_of(url: str) -> str:
    """Return the URL's key; a URL without a key is its own, since nothing is stored here."""
    try:
        return url_key(url)
    except ItemError:
        return url


def _fetched(url: str, source: Source | None, client: HttpClient | None) -> tuple[bytes, str, str | None]:
    assert client is not None, "URLs need a client"
    result = client.fetch(url, policy_for(source) if source else FetchPolicy())
    if not result.is_ok:
        raise ItemError(url, result.error_class, result.reason)
    return result.body, result.final_url, result.content_type


def _by_site(articles: dict[int, Article]) -> dict[str, dict[int, Article]]:
    sites: dict[str, dict[int, Article]] = defaultdict(dict)
    for index, article in articles.items():
        sites[site_domain(article.url)][index] = article
    return sites


def _without_recurring(site: dict[int, Article]) -> dict[int, Article]:
    """Return a site's articles without the lines and title endings that recur over them."""
    recurring = learn_recurring(
        ArticleLines(article.url, article.published.on if article.published else None, article.body)
        for article in site.values()
    )
    tails = learn_title_tails([article.title for article in site.values()])
    return {
        index: replace(
            article,
            body=apply_recurring(article.body, recurring)[0],
            title=strip_title_tail(article.title, tails),
        )
        for index, article in site.items()
    }


def _report(
    page: DocumentInput, reading: Reading | Failure, article: Article | None, source: Source | None
) -> dict[str, Any]:
    if isinstance(reading, Failure) or article is None:
        reason = reading.reason if isinstance(reading, Failure) else None
        is_page = isinstance(reading, Failure) and reading.error_class in _REJECTED
        status = "rejected" if is_page else "failed"
        return {**_shown(page.name, None, source), "status": status, "reason": reason}
    report = _shown(page.name, article, source)
    if reading.refusal is None:
        return {**report, "status": "ok", "reason": None}
    return {**report, "body": None, "status": "rejected", "reason": reading.refusal.reason}


def _shown(name: str, article: Article | None, source: Source | None) -> dict[str, Any]:
    published = article.published if article else None
    return {
        "id": name,
        "title": (article.title or None) if article else None,
        "published": moment_text(published) if published else None,
        "published_precision": (published.precision or Precision.DAY).value if published else None,
        "authors": list(article.authors) if article else [],
        "author_kinds": [kind.value for kind in article.author_kinds] if article else [],
        "site": _site(article, source) if article else None,
        "source_credit": article.source_credit if article else None,
        "language": article.language if article else None,
        "section": article.section if article else None,
        "tags": list(article.tags) if article else [],
        "image_url": article.image_url if article else None,
        "description": article.description if article else None,
        "is_partial": article.is_partial if article else False,
        "certainty": asdict(article.certainty) if article and article.certainty else None,
        "body": (article.body or None) if article else None,
    }


def _site(article: Article, source: Source | None) -> str | None:
    """Return the publisher: the source's title, else the name on the page, else the domain."""
    if source is not None:
        return source.title
    domain = site_domain(article.final_url or article.url)
    return article.site_name or (None if domain == "page.invalid" else domain)

"""What extraction makes of pages, as the `extract` command shows it: files, addresses, manifests.

Beside the pipeline: nothing is stored. A manifest is read in two passes: its pages of one site are
learnt from together, then the lines that recur over them leave the texts.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
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
from tasks.domain.text.normalise import registrable_domain
from tasks.domain.urls.key import url_key
from tasks.errors import ErrorClass, ItemError, UsageError
from tasks.extract import ExtractionPool
from tasks.http_client.client import HttpClient, policy_for
from tasks.http_client.result import FetchPolicy
from tasks.workers.extract_worker import FileJob, read_chunk
from tasks.workers.limits import Failure
from warehouse.records import Article, FeedEntry, Precision, Source


@dataclass(frozen=True, slots=True)
class PageInput:
    """One page to be shown; a manifest line that cannot be used carries its problem."""

    name: str
    path: Path | None = None
    url: str | None = None
    fetched_at: datetime | None = None
    feed_published: str | None = None
    problem: str | None = None


def place_input(place: str, url: str | None) -> PageInput:
    """Return the page that an argument names: an address, or a file that comes from `url`."""
    if place.startswith(("http://", "https://")):
        return PageInput(place, url=place)
    return PageInput(place, path=Path(place), url=url)


def read_manifest(path: Path) -> list[PageInput]:
    """Return the pages of a manifest; paths are relative to its folder, else to the working folder.

    Raises UsageError when the file cannot be read.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: the manifest cannot be read ({error}).") from error
    numbered = enumerate(lines, 1)
    return [_manifest_line(line, number, path.parent) for number, line in numbered if line.strip()]


def _manifest_line(line: str, number: int, folder: Path) -> PageInput:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        return PageInput(f"line {number}", problem=f"Line {number} of the manifest is no JSON object.")
    path, url = _text(fields.get("path")), _text(fields.get("url"))
    name = str(fields.get("id") or path or url or f"line {number}")
    if path is None:
        return PageInput(name, problem=f"Line {number} of the manifest has no path.")
    beside = folder / path
    return PageInput(
        name,
        beside if beside.exists() else Path(path),
        url,
        _instant(_text(fields.get("fetched"))),
        _text(fields.get("feed_published")),
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _instant(text: str | None) -> datetime | None:
    try:
        at = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at and at.tzinfo is None else at


def check_pages(
    inputs: Sequence[PageInput], *, source: Source | None, client: HttpClient | None, now: datetime
) -> Iterator[dict[str, Any]]:
    """Yield one report for each page, in the order of `inputs`; a site's pages are learnt from together."""
    found: dict[int, Reading | Failure] = {}
    jobs: dict[int, FileJob] = {}
    for index, one in enumerate(inputs):
        job = _job(one, source, client, now)
        if isinstance(job, FileJob):
            jobs[index] = job
        else:
            found[index] = job
    with ExtractionPool() as pool:
        found |= dict(zip(jobs, pool.run(list(jobs.values()), read_chunk), strict=True))
    articles = {i: reading.article for i, reading in found.items() if isinstance(reading, Reading)}
    learnt = {index: article for _, group in _by_site(articles) for index, article in _learn(group).items()}
    for index, one in enumerate(inputs):
        yield _report(one, found[index], learnt.get(index), source)


def _job(
    one: PageInput, source: Source | None, client: HttpClient | None, now: datetime
) -> FileJob | Failure:
    if one.problem:
        return Failure(ErrorClass.BAD_URL, one.problem)
    url = one.url or f"https://page.invalid/{one.name}"
    html, final_url, content_type = None, url, None
    try:
        if one.path is None:
            html, final_url, content_type = _fetched(url, source, client)
    except ItemError as error:
        return Failure(error.error_class, error.reason)
    entry = FeedEntry(url, published_raw=one.feed_published) if one.feed_published else None
    context = PageContext(url, final_url, _key_of(url), content_type, one.fetched_at or now, entry)
    site = registrable_domain(final_url)
    return FileJob(context, source or Source(name=site or "page", title=""), one.path, html)


def _key_of(url: str) -> str:
    """Return the address's key; of one that has none, itself: nothing is stored under it here."""
    try:
        return url_key(url)
    except ItemError:
        return url


def _fetched(url: str, source: Source | None, client: HttpClient | None) -> tuple[bytes, str, str | None]:
    assert client is not None, "addresses need a client"
    result = client.fetch(url, policy_for(source) if source else FetchPolicy())
    if not result.is_ok:
        raise ItemError(url, result.error_class, result.reason)
    return result.body, result.final_url, result.content_type


def _by_site(articles: dict[int, Article]) -> Iterator[tuple[str, dict[int, Article]]]:
    sites: dict[str, dict[int, Article]] = defaultdict(dict)
    for index, article in articles.items():
        sites[registrable_domain(article.url)][index] = article
    yield from sites.items()


def _learn(group: dict[int, Article]) -> dict[int, Article]:
    """Return a site's articles without the lines and title endings that recur over them."""
    recurring = learn_recurring(
        ArticleLines(article.url, article.published.on if article.published else None, article.body)
        for article in group.values()
    )
    tails = learn_title_tails([article.title for article in group.values()])
    return {
        index: replace(
            article,
            body=apply_recurring(article.body, recurring)[0],
            title=strip_title_tail(article.title, tails),
        )
        for index, article in group.items()
    }


def _report(
    one: PageInput, found: Reading | Failure, article: Article | None, source: Source | None
) -> dict[str, Any]:
    if isinstance(found, Failure) or article is None:
        reason = found.reason if isinstance(found, Failure) else None
        return {**_shown(one.name, None, source), "status": "failed", "reason": reason}
    refusal = found.refusal
    report = _shown(one.name, article, source)
    if refusal is None:
        return {**report, "status": "ok", "reason": None}
    return {**report, "body": None, "status": "rejected", "reason": refusal.reason}


def _shown(name: str, article: Article | None, source: Source | None) -> dict[str, Any]:
    published = article.published if article else None
    return {
        "id": name,
        "title": (article.title or None) if article else None,
        "published": moment_text(published) if published else None,
        "published_precision": (published.precision or Precision.DAY).value if published else None,
        "authors": list(article.authors) if article else [],
        "site": _site(article, source) if article else None,
        "source_credit": article.source_credit if article else None,
        "language": article.language if article else None,
        "body": (article.body or None) if article else None,
    }


def _site(article: Article, source: Source | None) -> str | None:
    """Return the publisher: the configured source's title, else the page's own word, else its domain."""
    if source is not None:
        return source.title
    domain = registrable_domain(article.final_url or article.url)
    return article.site_name or (None if domain == "page.invalid" else domain)

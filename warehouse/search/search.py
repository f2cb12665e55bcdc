"""Full-text search, best matches first: the query of `wirehouse search`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import duckdb

SPARE_DOCUMENTS = 480  # examined beyond the requested number


@dataclass(frozen=True, slots=True)
class SearchHit:
    """An article that matches a query."""

    article_id: str
    score: float  # BM25; higher is better, comparable within one answer only
    url: str
    title: str
    source: str
    language: str | None
    published_at: datetime | None
    published_on: date | None
    snippet: str


def find_articles(
    con: duckdb.DuckDBPyConnection,
    question: str,
    *,
    limit: int = 20,
    sources: Sequence[str] | None = None,
    since: date | None = None,
    until: date | None = None,
) -> list[SearchHit]:
    """Return the best matches; days are inclusive, as printed, else as first seen (UTC).

    `question`: words that all must occur, "a phrase", a prefix*, -excluded; any script.
    """
    filters = {"sources": list(sources) if sources else None, "since": since, "until": until}
    best = _best(con, question, limit, filters if sources or since or until else {})
    if not best:
        return []
    rows = con.execute(_SHOW, {"best": [article_id for article_id, _ in best]}).fetchall()
    shown = {row[0]: row for row in rows}
    words = [part for part in _WORD.findall(question.casefold()) if not part.startswith("-")]
    return [_hit(shown[article_id], score, words) for article_id, score in best if article_id in shown]


def _best(
    con: duckdb.DuckDBPyConnection, question: str, limit: int, filters: Mapping[str, object]
) -> list[tuple[UUID, float]]:
    """Return the best matches, with their scores.

    Only the best candidates are examined first: the index still has texts that were replaced since, and a
    phrase is searched for in a limited number. When these give too few, all documents are examined.
    """
    if not filters:
        n = limit + SPARE_DOCUMENTS
        may_have_phrase = not _PLAIN.fullmatch(question)
        most = n if may_have_phrase else "null"
        rows = con.execute(_ALL.format(n=n, most=most), {"question": question}).fetchall()
        best = _alive(con, [row for row in rows if row[1] is not None], limit)
        is_whole = len(rows) < n and all(score is not None for _, score in rows)
        if len(best) >= limit or is_whole:
            return best[:limit]
    everything = {"sources": None, "since": None, "until": None, "question": question}
    return con.execute(_NARROWED.format(n=limit), {**everything, **filters}).fetchall()


def _alive(
    con: duckdb.DuckDBPyConnection, documents: Sequence[tuple[int, float]], limit: int
) -> list[tuple[UUID, float]]:
    """Return the articles of documents, `limit` or more if there are; a replaced text has none."""
    for n in (limit + 10, len(documents)):
        scores = dict(documents[:n])
        if scores:
            listed = ", ".join(str(doc_no) for doc_no in scores)
            articles = dict(con.execute(_ARTICLES.format(docs=listed)).fetchall())
            best = [(articles[doc_no], score) for doc_no, score in scores.items() if doc_no in articles]
            if len(best) >= limit:
                return best
    return best if documents else []


def _hit(row: tuple[Any, ...], score: float, words: Sequence[str]) -> SearchHit:
    article_id, url, title, source, language, published_at, published_on, body = row
    snippet = snippet_of(body, words)
    return SearchHit(
        str(article_id), score, url, title, source, language, published_at, published_on, snippet
    )


def snippet_of(body: str, terms: Sequence[str], width: int = 160) -> str:
    """Return the part of a text around the first of the terms, cut at word boundaries if possible."""
    folded = body.casefold()
    places = [place for term in terms if (place := folded.find(term)) >= 0]
    start = max(0, min(places, default=0) - width // 3)
    if start:
        space = body.find(" ", start, start + width // 3)
        start = space + 1 if space >= 0 else start
    part = body[start : start + width].replace("\n", " ").strip()
    return ("…" if start else "") + part + ("…" if start + width < len(body) else "")


# A query of plain words has no phrase; any other query may have one.
_PLAIN = re.compile(r"[\sA-Za-z0-9*]*")
_WORD = re.compile(r"-?\w+")

# The limits are literals: with parameters the engine cannot plan for a small number of rows.
_ALL = """
select doc_no, score
from core.search_documents($question, most := {most})
order by score desc, doc_no
limit {n}
"""

_ARTICLES = "select doc_no, article_id from core.search_document where doc_no in ({docs})"

_NARROWED = """
select a.article_id, s.score
from core.search_documents($question) as s
join core.search_document as d using (doc_no)
join core.article as a using (article_id)
where
    ($sources is null or a.source in (select unnest($sources::text[])))
    and ($since is null or coalesce(a.published_on, a.first_seen_at::date) >= $since)
    and ($until is null or coalesce(a.published_on, a.first_seen_at::date) <= $until)
order by s.score desc, s.doc_no
limit {n}
"""

# By row number: a join by article_id would decompress all articles and texts.
_SHOW = """
with chosen as materialized (
    select unnest($best::uuid[]) as article_id
),
some_article as (
    select article_id, url, title, source, language, published_at, published_on
    from core.article
    where rowid in (select i.rowid from core.article as i join chosen using (article_id))
),
some_text as (
    select article_id, coalesce(cleaned_body, body) as body
    from core.article_text
    where rowid in (select i.rowid from core.article_text as i join chosen using (article_id))
)
select a.article_id, a.url, a.title, a.source, a.language, a.published_at, a.published_on, t.body
from some_article as a
join some_text as t using (article_id)
"""

"""Find articles by their words, best first: the question that `wirehouse search` asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import duckdb


@dataclass(frozen=True, slots=True)
class Found:
    """An article that fits a question."""

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
) -> list[Found]:
    """Return the articles that fit best; days are inclusive, as printed, else as first seen (UTC).

    `question`: words that all must occur, "a phrase", a prefix*, -excluded; any script.
    """
    narrowed = bool(sources or since or until)
    rows = con.execute(
        _NARROWED if narrowed else _ALL,
        {
            "question": question,
            "limit": limit,
            **(
                {"sources": list(sources) if sources else None, "since": since, "until": until}
                if narrowed
                else {}
            ),
        },
    ).fetchall()
    return [_found(row) for row in rows]


def _found(row: tuple[Any, ...]) -> Found:
    article_id, score, url, title, source, language, published_at, published_on, body, terms = row
    snippet = snippet_of(body, terms)
    return Found(str(article_id), score, url, title, source, language, published_at, published_on, snippet)


def snippet_of(body: str, terms: Sequence[str], width: int = 160) -> str:
    """Return the part of a text around the first of the terms, cut at words where there are any."""
    folded = body.casefold()
    places = [place for term in terms if (place := folded.find(term)) >= 0]
    start = max(0, min(places, default=0) - width // 3)
    if start:
        space = body.find(" ", start, start + width // 3)
        start = space + 1 if space >= 0 else start
    part = body[start : start + width].replace("\n", " ").strip()
    return ("…" if start else "") + part + ("…" if start + width < len(body) else "")


# Texts by row number: joined by article_id, all of them would be unpacked to show these few.
_SHOW = """,
some_text as (
    select t.article_id, coalesce(t.cleaned_body, t.body) as body
    from core.article_text as t
    where t.rowid in (
        select i.rowid
        from core.article_text as i
        join core.search_document as d using (article_id)
        join best using (doc_no)
    )
)
select
    a.article_id,
    b.score,
    a.url,
    a.title,
    a.source,
    a.language,
    a.published_at,
    a.published_on,
    t.body,
    (select list(term) from core.search_question($question) where not is_excluded) as terms
from best as b
join core.search_document as d using (doc_no)
join core.article as a using (article_id)
join some_text as t using (article_id)
order by b.score desc, a.article_id
"""

_ALL = f"""
with best as materialized (
    select doc_no, score
    from core.search_documents($question)
    order by score desc, doc_no
    limit $limit
){_SHOW}
"""

_NARROWED = f"""
with best as materialized (
    select s.doc_no, s.score
    from core.search_documents($question) as s
    join core.search_document as d using (doc_no)
    join core.article as a using (article_id)
    where
        ($sources is null or a.source in (select unnest($sources::text[])))
        and ($since is null or coalesce(a.published_on, a.first_seen_at::date) >= $since)
        and ($until is null or coalesce(a.published_on, a.first_seen_at::date) <= $until)
    order by s.score desc, s.doc_no
    limit $limit
){_SHOW}
"""

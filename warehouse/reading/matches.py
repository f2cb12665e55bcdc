"""Articles that answer a question, each with a snippet of its text, for `wirehouse search`."""

from dataclasses import dataclass
from datetime import date, datetime

import duckdb
import pyarrow as pa

from warehouse.reading.find import Hit, ResultPage, ResultQuery, find_articles_page
from warehouse.reading.questions import marked
from warehouse.store.days import rows_by_day
from warehouse.text.marks import mark

_SNIPPET = 160  # characters

# Columns of a match in files; the names are those of `Match`.
MATCH_TYPES = {
    "article_id": pa.string(),
    "story_id": pa.string(),
    "is_representative": pa.bool_(),
    "score": pa.float64(),
    "url": pa.string(),
    "title": pa.string(),
    "source": pa.string(),
    "language": pa.string(),
    "published_at": pa.timestamp("us", "UTC"),
    "published_on": pa.date32(),
    "published_local": pa.timestamp("us"),
    "utc_offset_minutes": pa.int32(),
    "first_seen_at": pa.timestamp("us", "UTC"),
    "n_copies": pa.int64(),
    "n_edits": pa.int64(),
    "snippet": pa.string(),
}


@dataclass(frozen=True, slots=True)
class Match:
    """An article that answers a question."""

    article_id: str
    story_id: str
    is_representative: bool
    score: float | None  # BM25; None where the question has fields only
    url: str
    title: str
    source: str
    language: str | None
    published_at: datetime | None
    published_on: date | None
    published_local: datetime | None
    utc_offset_minutes: int | None
    first_seen_at: datetime
    n_copies: int
    n_edits: int
    snippet: str


def find_matches(con: duckdb.DuckDBPyConnection, request: ResultQuery) -> tuple[ResultPage, list[Match]]:
    """Return a page of every matching article, and its articles with snippets. Raises QuestionError."""
    page = find_articles_page(con, request)
    ids, days = [hit.article_id for hit in page.hits], [hit.first_seen_at.date() for hit in page.hits]
    bodies = dict(con.execute(_BODIES, {"ids": ids, "days": days}).fetchall())
    words = marked(request.selection.question, page.inflections)
    return page, [_match(hit, snippet(bodies.get(hit.article_id, hit.lead), words)) for hit in page.hits]


def _match(hit: Hit, text: str) -> Match:
    values = {name: getattr(hit, name) for name in Match.__slots__ if name != "snippet"}
    return Match(**values, snippet=text)


def snippet(body: str, words: str, width: int = _SNIPPET) -> str:
    """Return the part of a text around the first marked word, cut at spaces if possible."""
    first = mark(body, words)[:1]
    place = len(first[0].text) if first and not first[0].is_marked else 0
    start = max(0, place - width // 3) if place < len(body) and len(body) > width else 0
    if start:
        space = body.find(" ", start, start + width // 3)
        start = space + 1 if space >= 0 else start
    part = body[start : start + width].replace("\n", " ").strip()
    return ("…" if start else "") + part + ("…" if start + width < len(body) else "")


_BODIES = f"""
with hit as materialized (
    select unnest($ids::uuid[]) as article_id, unnest($days::date[]) as seen_on
)
select article_id::text, coalesce(cleaned_body, body)
from core.article_text
where {rows_by_day("article_text", "hit")}
"""

"""Everything the warehouse knows about one URL: article, origins, copies, revisions, requests, rejects."""

import difflib
import re
from dataclasses import dataclass
from typing import Any

import duckdb

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the warehouse knows about one URL; each row as its columns by name."""

    url_key: str
    article: Row | None
    origins: list[Row]
    copies: list[Row]
    revisions: list[Row]
    entries: list[Row]
    fetches: list[Row]
    rejects: list[Row]
    aliases: list[Row]
    forgotten: list[Row]

    @property
    def is_known(self) -> bool:
        """Say whether the warehouse knows the URL."""
        return bool(self.article or self.entries or self.fetches or self.rejects or self.forgotten)


@dataclass(frozen=True, slots=True)
class TextChange:
    """Sentences by which a text differs from the one before."""

    added: list[str]
    removed: list[str]


def find_explanation(con: duckdb.DuckDBPyConnection, url_key: str) -> Explanation:
    """Return what is known about the page with this URL key, or the article that the key leads to."""
    ids = con.execute(_ARTICLE_ID, {"url_key": url_key}).fetchall()
    article_id = ids[0][0] if ids else None
    rows = {
        name: _rows(con, sql, {"url_key": url_key} if "$url_key" in sql else {"article_id": article_id})
        for name, sql in _PARTS.items()
    }
    rows["origins"] = with_reasons(rows["origins"])
    articles = rows.pop("article")
    return Explanation(url_key=url_key, article=articles[0] if articles else None, **rows)


# The order in which places of a page are preferred for a field; docs/decisions has the figures.
_RULES = {
    "published": "the source's own rule, then machine-readable dates, the line at the headline, feed, URL",
    "modified": "machine-readable dates before visible ones",
    "title": "the source's own rule, then JSON-LD, the page's h1, og:title and the title tag, in this order",
    "authors": "the source's own rule, JSON-LD and meta elements, the printed byline, the feed; people first",
    "source_credit": "a credit line, then the dateline, then the byline and what the page declares",
    "language": "the language of the text before the declared one",
}


def with_reasons(origins: list[Row]) -> list[Row]:
    """Return the origins of an article's fields, each with the reason why it was or was not chosen."""
    chosen = {row["field"]: row["origin"] for row in origins if row["chosen"]}
    return [{**row, "why": _reason(row, chosen.get(row["field"]), origins)} for row in origins]


def _reason(row: Row, chosen: str | None, origins: list[Row]) -> str:
    if not row["chosen"]:
        if chosen is None:
            return "Not usable."
        if chosen == row["origin"]:
            return "Another value from the same place was chosen."
        return f"Lower priority than {chosen}."
    rejected = {o["origin"] for o in origins if o["field"] == row["field"] and not o["chosen"]}
    if not rejected:
        return "No other value on the page or in the feed."
    lower = sorted(rejected - {row["origin"]})
    if not lower:
        return "Chosen from several values in the same place."
    rule = _RULES.get(row["field"])
    return f"Higher priority than {', '.join(lower)}" + (f". Order: {rule}." if rule else ".")


def find_revision_texts(con: duckdb.DuckDBPyConnection, article_id: str) -> list[tuple[int, str]]:
    """Return the text of each revision of an article, by number."""
    return con.execute(_REVISION_TEXTS, [article_id]).fetchall()


def text_change(before: str, after: str) -> TextChange:
    """Return the sentences that were added and removed between two texts, in the order of each text."""
    old, new = _sentences(before), _sentences(after)
    added, removed = [], []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            removed += old[a:b]
            added += new[c:d]
    return TextChange(added, removed)


def _sentences(text: str) -> list[str]:
    parts = re.split(r"(?<=[.!?…])\s+|(?<=[。！？])|\n+", text)
    return [part.strip() for part in parts if part.strip()]


def _rows(con: duckdb.DuckDBPyConnection, sql: str, parameters: Row) -> list[Row]:
    result = con.execute(sql, parameters)
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


_ARTICLE_ID = """
select article_id from core.article where url_key = $url_key
union
select article_id from core.url_alias where url_key = $url_key
"""

_PARTS = {
    "article": """
        select columns(*)
        from articles
        where article_id = $article_id
    """,
    "origins": """
        select field, value, origin, evidence, chosen
        from origins
        where article_id = $article_id
        order by field, not chosen, origin, value
    """,
    "copies": """
        select relation, similarity, other_url, why
        from copies
        where article_id = $article_id
        order by similarity desc, other_url
    """,
    "revisions": """
        select revision_no, change, title, seen_at, last_seen_at, modified_at, word_count, is_current
        from revisions
        where article_id = $article_id
        order by revision_no
    """,
    "entries": """
        select feed_url, url, title, published_raw, updated_at, first_seen_at, last_seen_at
        from core.entry
        where url_key = $url_key
        order by first_seen_at, feed_url
    """,
    "fetches": """
        select
            started_at, reason, outcome, status, duration_ms, n_bytes, final_url, archive_file, archive_offset
        from core.fetch
        where url_key = $url_key
        order by started_at
    """,
    "rejects": """
        select step, error_class, reason, attempts, first_at, last_at, next_try_at, resolved_at
        from core.reject
        where url_key = $url_key
        order by first_at
    """,
    "forgotten": """
        select forgotten_at, reason
        from core.forgotten
        where url_key = $url_key
    """,
    "aliases": """
        select url_key, reason, added_at
        from core.url_alias
        where article_id = $article_id
        order by url_key
    """,
}

_REVISION_TEXTS = """
select r.revision_no, coalesce(r.body, t.body) as body
from core.revision as r
join core.article_text as t using (article_id, seen_on)
where r.article_id = ?
order by r.revision_no
"""

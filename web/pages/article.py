"""`/article/{id}`: text, provenance, copies, revisions and proof of one article."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from warehouse.reading.article import (
    ArticleText,
    PageFetch,
    RevisionRow,
    find_article_id,
    find_copies,
    find_fetch,
    find_origins,
    find_revision_text,
    find_revisions,
    find_text,
)
from warehouse.text.diffs import DiffPart, word_diff
from warehouse.text.web_links import web_link
from web.errors import NotFound
from web.parameters import parse_id
from web.texts import day, instant
from web.view import RequestContext, View

MAX_REVISIONS = 30  # whose texts are compared on one page


@dataclass(frozen=True, slots=True)
class RevisionDiff:
    """A revision and what it changed."""

    revision: RevisionRow
    title: list[DiffPart]
    body: list[DiffPart]


@dataclass(frozen=True, slots=True)
class Proof:
    """What shows that a page said this, and where it can be checked."""

    archive_file: str
    archive_offset: int
    archive_length: int
    fetched_at: datetime
    status: int | None
    n_bytes: int | None
    body_sha256: str | None
    text_sha256: str
    citation: str


def article(context: RequestContext) -> View:
    """Return the page of one article."""
    text = known_article(context, context.path["id"])
    origins = find_origins(context.con, text.article_id)
    copies = find_copies(context.con, text.article_id)
    revisions = find_revisions(context.con, text.article_id)
    proof = _proof(text, find_fetch(context.con, text.archive_ref) if text.archive_ref else None)
    values = {
        "article": text,
        "paragraphs": [line for line in text.body.split("\n") if line.strip()],
        "origins": [(field, list(rows)) for field, rows in groupby(origins, lambda origin: origin.field)],
        "copies": copies,
        "revisions": revisions,
        "proof": proof,
        "citation": _citation(text, proof.body_sha256 if proof else None),
    }
    data = {
        "article": text, "origins": origins, "copies": copies, "revisions": revisions, "proof": proof,
    }  # fmt: skip
    return View("article.html.j2", values, data, [text], ArticleText)


def revisions(context: RequestContext) -> View:
    """Return all revisions of an article, each compared with the one before."""
    text = known_article(context, context.path["id"])
    rows = find_revisions(context.con, text.article_id)
    diffs = [_diff(context, text.article_id, rows[n - 1], rows[n]) for n in range(1, len(rows))][
        -MAX_REVISIONS:
    ]
    values = {"article": text, "revisions": rows, "diffs": diffs[::-1], "first": rows[0] if rows else None}
    data = {"article_id": text.article_id, "revisions": rows, "diffs": diffs}
    return View("revisions.html.j2", values, data, rows, RevisionRow)


def side_by_side(context: RequestContext) -> View:
    """Return two articles side by side, with what differs marked."""
    left = known_article(context, context.path["id"])
    right = known_article(context, context.path["other"])
    parts = word_diff(left.body, right.body)
    copies = [c for c in find_copies(context.con, left.article_id) if c.article_id == right.article_id]
    values = {"left": left, "right": right, "parts": parts, "relation": copies[0] if copies else None}
    data = {"left": left.article_id, "right": right.article_id, "parts": parts}
    return View("side_by_side.html.j2", values, data)


def known_article(context: RequestContext, text: str) -> ArticleText:
    """Return an article by an id that it has or had. Raises NotFound."""
    article_id = find_article_id(context.con, parse_id(text))
    found = find_text(context.con, article_id) if article_id else None
    if found is None:
        raise NotFound(f"There is no article {text}. It may have been removed, or never stored.")
    return found


def _diff(context: RequestContext, article_id: str, before: RevisionRow, after: RevisionRow) -> RevisionDiff:
    old = find_revision_text(context.con, article_id, before.revision_no)
    new = find_revision_text(context.con, article_id, after.revision_no)
    assert old is not None
    assert new is not None
    return RevisionDiff(after, word_diff(old.title, new.title), word_diff(old.body, new.body))


def _proof(text: ArticleText, fetch: PageFetch | None) -> Proof | None:
    ref = text.archive_ref
    if ref is None:
        return None
    sha256 = fetch.body_sha256 if fetch else None
    return Proof(
        archive_file=ref.file,
        archive_offset=ref.offset,
        archive_length=ref.length,
        fetched_at=text.fetched_at,
        status=fetch.status if fetch else None,
        n_bytes=fetch.n_bytes if fetch else None,
        body_sha256=sha256,
        text_sha256=text.content_sha256,
        citation=_citation(text, sha256),
    )


def _citation(text: ArticleText, body_sha256: str | None) -> str:
    """Return a citation that says where the page was, when it was fetched, and its hash."""
    authors = f"{', '.join(text.authors)}: " if text.authors else ""
    published = instant(text.published_at) or day(text.published_on) or "no date"
    parts = [
        f"{authors}“{text.title}”. {text.source_title}, {published}.",
        f"{web_link(text.url) or text.url}",
        f"(fetched {instant(text.fetched_at)}{f', sha256 {body_sha256}' if body_sha256 else ''}).",
    ]
    return " ".join(parts)

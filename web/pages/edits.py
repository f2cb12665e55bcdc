"""`/edits`: the latest edits with their diffs, those without a new update time marked."""

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from warehouse.reading.edits import EditPlace, EditRow, count_edits, find_edits
from warehouse.reading.filters import Cursor
from warehouse.text.diffs import DiffKind, DiffPart, word_diff
from warehouse.text.syndication import OutgoingEntry, OutgoingFeed
from warehouse.text.web_links import web_link
from web.errors import BadRequest
from web.parameters import PAGE_ROWS, Parameters, next_query, parse_cursor, parse_flag, parse_limit
from web.view import RequestContext, View

_CONTEXT = 90  # characters of unchanged text that are shown around a change


@dataclass(frozen=True, slots=True)
class ShownEdit:
    """An edit with its diff, unchanged passages shortened."""

    edit: EditRow
    title: list[DiffPart]
    body: list[DiffPart]


@dataclass(frozen=True, slots=True)
class EditLine:
    """An edit in the JSON and CSV forms."""

    article_id: str
    revision_no: int
    change: str
    seen_at: datetime
    is_stealth: bool
    source: str
    url: str
    title_before: str
    title: str
    removed: str
    added: str


def edits(context: RequestContext) -> View:
    """Return the latest edits; with `stealth=1` only those without a new update time on the page.

    Raises BadRequest.
    """
    limit = parse_limit(context.parameters, PAGE_ROWS, 100)
    source = context.parameters.get("source", "").strip() or None
    only_stealth = parse_flag(context.parameters, "stealth")
    rows = find_edits(
        context.con,
        source=source,
        only_stealth=only_stealth,
        limit=limit + 1,
        after=_place(parse_cursor(context.parameters)),
    )
    shown = [_shown(row) for row in rows[:limit]]
    next_cursor = _cursor(rows[limit - 1]) if len(rows) > limit else None
    lines = [_line(edit) for edit in shown]
    choice = context.parameters.without("after")
    values = {
        "edits": shown,
        "counts": [
            (count, _source_query(choice, None if count.source == source else count.source))
            for count in count_edits(context.con)
        ],
        "source": source,
        "only_stealth": only_stealth,
        "all_query": urlencode(choice.without("stealth").pairs),
        "stealth_query": urlencode([*choice.without("stealth").pairs, ("stealth", "1")]),
        "next_query": next_query(context.parameters, next_cursor),
    }
    data = {"edits": lines, "next": str(next_cursor) if next_cursor else None}
    return View("edits.html.j2", values, data, lines, EditLine, _feed(context, shown))


def _source_query(choice: Parameters, source: str | None) -> str:
    """Return the query string of the same choice with another source; choosing it again takes it away."""
    return urlencode([*choice.without("source").pairs, *([("source", source)] if source else [])])


def _shown(row: EditRow) -> ShownEdit:
    body = shortened(word_diff(row.body_before, row.body))
    return ShownEdit(row, word_diff(row.title_before, row.title), body)


def shortened(parts: list[DiffPart]) -> list[DiffPart]:
    """Return a diff whose unchanged passages are cut to what is next to a change."""
    short = []
    for n, part in enumerate(parts):
        if part.kind is not DiffKind.SAME or len(part.text) <= 2 * _CONTEXT:
            short.append(part)
            continue
        head = f"{_head(part.text)} " if n else ""
        tail = f" {_tail(part.text)}" if n < len(parts) - 1 else ""
        short.append(DiffPart(DiffKind.SAME, f"{head}…{tail}"))
    return short


def _head(text: str) -> str:
    space = text.rfind(" ", 0, _CONTEXT)
    return text[: space if space > 0 else _CONTEXT]


def _tail(text: str) -> str:
    space = text.find(" ", len(text) - _CONTEXT)
    return text[space + 1 if space >= 0 else len(text) - _CONTEXT :]


def _line(shown: ShownEdit) -> EditLine:
    row = shown.edit
    changed = {kind: " … ".join(p.text.strip() for p in shown.body if p.kind is kind) for kind in DiffKind}
    return EditLine(
        row.article_id, row.revision_no, row.change, row.seen_at, row.is_stealth, row.source, row.url,
        row.title_before, row.title, changed[DiffKind.REMOVED], changed[DiffKind.ADDED],
    )  # fmt: skip


def _cursor(row: EditRow) -> Cursor:
    return Cursor(row.seen_at.timestamp(), row.article_id)


def _place(cursor: Cursor | None) -> EditPlace | None:
    """Return the edit that a cursor names. Raises BadRequest when its place is not a time."""
    if cursor is None:
        return None
    try:
        return EditPlace(datetime.fromtimestamp(cursor.place, UTC), cursor.article_id)
    except (ValueError, OverflowError, OSError) as error:
        raise BadRequest("after: not a time; use the value of `next` of the page before") from error


def _feed(context: RequestContext, shown: list[ShownEdit]) -> OutgoingFeed:
    query = f"?{context.query}" if context.query else ""
    return OutgoingFeed(
        id=f"{context.base_url}edits.atom{query}",
        title="wirehouse: edits",
        feed_url=f"{context.base_url}edits.atom{query}",
        page_url=f"{context.base_url}edits{query}",
        updated_at=max((s.edit.seen_at for s in shown), default=context.published_at),
        entries=[_entry(context, s) for s in shown],
    )


def _entry(context: RequestContext, shown: ShownEdit) -> OutgoingEntry:
    row = shown.edit
    signs = {DiffKind.SAME: "{}", DiffKind.REMOVED: "[-{}-]", DiffKind.ADDED: "{{+{}+}}"}
    summary = "".join(signs[part.kind].format(part.text) for part in shown.body)
    return OutgoingEntry(
        id=f"urn:uuid:{row.article_id}:{row.revision_no}",
        title=("Stealth edit: " if row.is_stealth else "Edit: ") + row.title,
        url=web_link(row.url) or f"{context.base_url}article/{row.article_id}",
        published_at=row.seen_at,
        updated_at=row.seen_at,
        summary=summary[:4_000],
        source=row.source_title,
        language=row.language,
    )

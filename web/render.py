"""Write a view as HTML, JSON, CSV, Atom or JSON Feed. The data is unchanged in all forms but HTML."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from warehouse.text.spreadsheet import BYTE_ORDER_MARK, guarded
from warehouse.text.syndication import OutgoingFeed, atom, json_feed
from web import charts, texts
from web.view import FEED_FORMS, Form, View

CONTENT_TYPES = {
    Form.HTML: "text/html; charset=utf-8",
    Form.JSON: "application/json; charset=utf-8",
    Form.CSV: "text/csv; charset=utf-8",
    Form.ATOM: "application/atom+xml; charset=utf-8",
    Form.JSON_FEED: "application/feed+json; charset=utf-8",
}
_TEMPLATES = Path(__file__).parent / "templates"
_FILTERS = ("day", "instant", "when", "utc_offset", "number", "plural", "percent", "duration", "web_link",
            "host", "cut", "field_name", "cell", "column_name")  # fmt: skip


def render(view: View, form: Form, shared: Mapping[str, Any], *, for_spreadsheet: bool = False) -> bytes:
    """Return the body of an answer. `shared` are the values that every template has."""
    if form is Form.HTML:
        return html(view.template, {**shared, **view.values})
    if form is Form.JSON:
        return to_json(view.data)
    if form in FEED_FORMS:
        assert view.feed is not None
        return atom(view.feed) if form is Form.ATOM else json_feed(view.feed, _json_address(view.feed))
    if view.columns:
        return write_csv(view.columns, view.rows, for_spreadsheet=for_spreadsheet)
    return to_csv(view.rows, view.row_type, for_spreadsheet=for_spreadsheet)


def _json_address(feed: OutgoingFeed) -> str:
    path, mark, query = feed.feed_url.partition("?")
    return f"{path.removesuffix(f'.{Form.ATOM}')}.{Form.JSON_FEED}{mark}{query}"


def html(template: str, values: Mapping[str, Any]) -> bytes:
    """Return a template, filled in."""
    return environment().get_template(template).render(values).encode("utf-8", "replace")


def to_json(data: Any) -> bytes:
    """Return a value as JSON: instants and days in ISO 8601, dataclasses as objects."""
    text = json.dumps(data, ensure_ascii=False, default=plain, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8", "replace") + b"\n"


def plain(value: Any) -> Any:
    """Return a value in the types that JSON has."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: getattr(value, f.name) for f in fields(value) if not f.name.startswith("_")}
    return str(value)


def to_csv(rows: Sequence[Any], row_type: type | None, *, for_spreadsheet: bool = False) -> bytes:
    """Return dataclasses of one type as CSV; its fields are the columns."""
    names = [f.name for f in fields(row_type)] if row_type else []
    cells = ([getattr(row, name) for name in names] for row in rows)
    return write_csv(names, cells, for_spreadsheet=for_spreadsheet)


def write_csv(names: Sequence[str], rows: Iterable[Sequence[Any]], *, for_spreadsheet: bool = False) -> bytes:
    """Return rows as CSV, unchanged; for a spreadsheet with a byte order mark and guarded formulas."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(names)
    for row in rows:
        cells = [_cell(value) for value in row]
        writer.writerow([guarded(cell) for cell in cells] if for_spreadsheet else cells)
    return (BYTE_ORDER_MARK if for_spreadsheet else b"") + out.getvalue().encode("utf-8", "replace")


@cache
def environment() -> jinja2.Environment:
    """Return the templates: everything is escaped, an unknown name is an error."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=texts.shown,
        auto_reload=False,
    )
    environment.filters |= {name: getattr(texts, name) for name in _FILTERS}
    environment.globals |= {"share_width": charts.share_width, "between": texts.between}
    return environment


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple | dict) or is_dataclass(value):
        return json.dumps(value, ensure_ascii=False, default=plain)
    return str(plain(value)) if isinstance(value, datetime | date) else str(value)

"""What `extract` and `feed` are asked to show: files, URLs, and manifests of both.

A manifest is a file of JSON lines: `id`, `path` (relative to the manifest's folder, else to the working
folder), `url`; for pages `fetched` and `feed_published`, for feeds `content_type`.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tasks.errors import UsageError
from warehouse.errors import why_unreadable


@dataclass(frozen=True, slots=True)
class DocumentInput:
    """One page or feed document to show; a manifest line that cannot be used carries its problem."""

    name: str
    path: Path | None = None
    url: str | None = None
    content_type: str | None = None
    fetched_at: datetime | None = None  # aware
    feed_published: str | None = None  # as the feed wrote it
    problem: str | None = None


def place_input(place: str, url: str | None) -> DocumentInput:
    """Return the document that an argument names: a URL, or a file that was saved from `url`."""
    if place.startswith(("http://", "https://")):
        return DocumentInput(place, url=place)
    return DocumentInput(place, path=Path(place), url=url)


def read_manifest(path: Path) -> list[DocumentInput]:
    """Return the documents of a manifest, in order; blank lines are skipped.

    Raises UsageError when the file cannot be read.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--manifest: '{path}' cannot be read: {why_unreadable(error)}") from error
    numbered = enumerate(lines, 1)
    return [_parse_line(line, number, path.parent) for number, line in numbered if line.strip()]


def _parse_line(line: str, number: int, folder: Path) -> DocumentInput:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        return DocumentInput(f"line {number}", problem=f"Line {number} of the manifest is not a JSON object.")
    path, url = _text(fields.get("path")), _text(fields.get("url"))
    name = str(fields.get("id") or path or url or f"line {number}")
    if path is None and url is None:
        return DocumentInput(name, problem=f"Line {number} of the manifest has neither 'path' nor 'url'.")
    return DocumentInput(
        name,
        _resolve(path, folder) if path else None,
        url,
        _text(fields.get("content_type")),
        _instant(_text(fields.get("fetched"))),
        _text(fields.get("feed_published")),
    )


def _resolve(path: str, folder: Path) -> Path:
    beside = folder / path
    return beside if beside.exists() else Path(path)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _instant(text: str | None) -> datetime | None:
    try:
        at = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at and at.tzinfo is None else at

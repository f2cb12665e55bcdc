"""Edits of sources.toml as text, so that its comments and its layout stay.

Pure: `tasks.inspection.source_file` reads and writes the file. Each edit is verified: the new text must parse
to the old content with that one change, else it is refused.
"""

import copy
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

_HEADER = re.compile(r"\s*\[\[?\s*(?P<table>[^\s\].]+)(?P<below>\s*\.)?")
_URL = re.compile(r"""(?P<key>\burl\s*=\s*)(?P<value>"[^"\\\n]*"|'[^'\n]*')""")


class EditRefused(Exception):
    """The text is written in a way that the edit does not cover."""


def without_source(text: str, name: str) -> str:
    """Return the text without one source and the comment above it.

    Raises EditRefused when the source is not a `[[source]]` table of its own.
    """
    document = tomllib.loads(text)
    number = [source["name"] for source in document["source"]].index(name)
    lines = text.splitlines(keepends=True)
    blocks = list(_blocks(lines))
    if number < len(blocks):
        start, end = blocks[number]
        edited = "".join([*lines[:start], *lines[end:]])
    else:
        edited = text
    expected = copy.deepcopy(document)
    del expected["source"][number]
    return _verified(edited, expected)


def with_moved_feeds(text: str, moves: Mapping[str, str]) -> str:
    """Return the text with new URLs of feeds; `moves` are new by old URL.

    Raises EditRefused when a URL is not written out as a value of `url`.
    """
    expected = tomllib.loads(text)
    for source in expected.get("source", ()):
        for feed in source.get("feed", ()):
            feed["url"] = moves.get(feed["url"], feed["url"])
    lines = [_with_moves(line, moves) for line in text.splitlines(keepends=True)]
    return _verified("".join(lines), expected)


def _with_moves(line: str, moves: Mapping[str, str]) -> str:
    """Return a line with the URLs in `url = "…"` replaced; a comment is left as it is."""

    def moved(match: re.Match[str]) -> str:
        old = tomllib.loads(f"url = {match['value']}")["url"]
        return match["key"] + (_string(moves[old]) if old in moves else match["value"])

    return line if line.lstrip().startswith("#") else _URL.sub(moved, line)


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _verified(text: str, expected: dict[str, Any]) -> str:
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        content = {}
    if content.get("source", []) != expected.get("source", []) or {**content, "source": []} != {
        **expected,
        "source": [],
    }:
        raise EditRefused("The entry is not written as a [[source]] table of its own.")
    return text


def _blocks(lines: list[str]) -> Iterator[tuple[int, int]]:
    """Yield the lines of each `[[source]]` table with its sub-tables, as start and end."""
    starts = [n for n, line in enumerate(lines) if _is_source(line)]
    for start in starts:
        end = next((n for n in range(start + 1, len(lines)) if _is_other_table(lines[n])), len(lines))
        yield _first_comment(lines, start), _last_line(lines, start, end)


def _is_source(line: str) -> bool:
    return re.match(r"\s*\[\[\s*[\"']?source[\"']?\s*\]\]", line) is not None


def _is_other_table(line: str) -> bool:
    """Say whether a line starts a table that does not belong to the source above it."""
    header = _HEADER.match(line)
    if header is None:
        return False
    return header["table"].strip("\"'") != "source" or not header["below"]


def _first_comment(lines: list[str], start: int) -> int:
    """Return where the comment directly above a table starts; one at the top of the file is the file's."""
    first = start
    while first > 0 and lines[first - 1].lstrip().startswith("#"):
        first -= 1
    return first if first > 0 else start


def _last_line(lines: list[str], start: int, end: int) -> int:
    """Return where a table's lines end: comments below a blank line, or directly above the next table, are
    not its own.
    """
    last = max(n for n in range(start, end) if lines[n].strip() and not lines[n].lstrip().startswith("#"))
    blank = next((n for n in range(last, end) if not lines[n].strip()), None)
    if blank is None:
        return end if end == len(lines) else last + 1
    while blank < end and not lines[blank].strip():
        blank += 1
    return blank

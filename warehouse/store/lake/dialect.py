"""Migrations and views in the SQL that DuckLake accepts: the differences from a DuckDB file, as text.

DuckLake has no CHECK constraints, no compression per column (an option of the lake sets it) and no comments
on the columns of views. What only a lake has, a migration writes after `-- lake: `.
"""

import re

_CHECK = re.compile(r",?\s*\bcheck \(", re.IGNORECASE)
_LAKE_ONLY = re.compile(r"^-- lake: ", re.MULTILINE)
_COMPRESSION = re.compile(r"\s+using compression \w+", re.IGNORECASE)
_COLUMN_COMMENT = re.compile(
    r"^comment on column [^']+ is\s+'(?:[^']|'')*';\n?", re.IGNORECASE | re.MULTILINE
)
# A quoted string or a comment: a word in it is not SQL.
_OPAQUE = re.compile(r"'(?:[^']|'')*'|--[^\n]*")


def for_lake(sql: str) -> str:
    """Return a migration without CHECK constraints and compression, with the lake's own statements."""
    return _COMPRESSION.sub("", _without_checks(_LAKE_ONLY.sub("", sql)))


def views_for_lake(sql: str) -> str:
    """Return the definitions of views without the comments on their columns."""
    return _COLUMN_COMMENT.sub("", sql)


def _without_checks(sql: str) -> str:
    kept, position = [], 0
    for match in _matches(_CHECK, sql):
        if match.start() < position:
            continue  # inside the constraint before it
        kept.append(sql[position : match.start()])
        position = _closing(sql, match.end())
    return "".join(kept) + sql[position:]


def _matches(pattern: re.Pattern[str], sql: str) -> list[re.Match[str]]:
    """Return the matches that are neither in a string nor in a comment."""
    opaque = [match.span() for match in _OPAQUE.finditer(sql)]
    return [
        match
        for match in pattern.finditer(sql)
        if not any(start <= match.end() - 1 < end for start, end in opaque)
    ]


def _closing(sql: str, position: int) -> int:
    """Return the place after the bracket that closes the one before `position`."""
    depth = 1
    while depth:
        opaque = _OPAQUE.match(sql, position)
        if opaque:
            position = opaque.end()
            continue
        depth += {"(": 1, ")": -1}.get(sql[position], 0)
        position += 1
    return position

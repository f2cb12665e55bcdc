"""Text from the web in Prefect's artifacts, which are Markdown: escaped, so that it stays text."""

import re
from dataclasses import asdict
from typing import Any

_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-!|~&@:/.])")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")


def escaped(text: str) -> str:
    """Return text that Markdown shows literally: no markup, HTML or link (CommonMark, section 2.4)."""
    return _SPECIAL.sub(r"\\\1", _CONTROL.sub(" ", text))


def escaped_row(row: Any) -> dict[str, Any]:
    """Return a dataclass as a row of a table artifact, its text escaped."""
    return {name: escaped(value) if isinstance(value, str) else value for name, value in asdict(row).items()}

"""News agencies: names that texts are credited to and that are not people's (`data/agencies.txt`)."""

import re
from importlib.resources import files

from tasks.domain.text.normalise import comparison_key

_NAMES = tuple(
    line.split("|")
    for line in files("tasks.domain.text").joinpath("data/agencies.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
)
_KEYS = frozenset(comparison_key(name) for names in _NAMES for name in names)
_SHORT_NAMES = frozenset(name for names in _NAMES for name in names if len(name) <= 5)
_SPLIT = re.compile(r"\s*(?:[/,;|&+]|\s-\s|\s(?:and|und|et|y|e|i|og|och|en|и|та|ve|with|mit|avec)\s)\s*")


def is_agency(name: str) -> bool:
    """Say whether a name is that of a news agency, or of several."""
    parts = [part for part in _SPLIT.split(name.strip(" ()[]")) if part]
    return bool(parts) and all(_is_one(part) for part in parts)


def _is_one(name: str) -> bool:
    name = name.strip(" .()[]")
    if comparison_key(name) not in _KEYS:
        return False
    # `Sana` and `Beta` are also names of people and things: initials count in capitals only.
    return len(name) > 5 or name in _SHORT_NAMES or name.isupper() or not name.isascii()


def has_agency(text: str) -> bool:
    """Say whether one of the parts of a byline is a news agency."""
    return any(_is_one(part) for part in _SPLIT.split(text.strip(" ()[]")) if part)

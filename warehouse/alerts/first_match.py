"""Whether an edited article matched a question before: if not, it is new to those who watch for it. Pure.

The index has the current text only, so the text before is looked at here. Conditions on source, language,
author and days are taken as met: an edit of the text does not change them. Words near each other are met when
both are there: in doubt an article matched before, and no edit of a known article is reported as new.
"""

from collections.abc import Sequence

from warehouse.search.parts import Alternative, Part
from warehouse.text.marks import mark


def matched_before(alternatives: Sequence[Alternative], title: str, body: str) -> bool:
    """Say whether a title and a text answer one of the alternatives of a question."""
    return any(all(_is_met(part, title, body) for part in one.parts) for one in alternatives)


def _is_met(part: Part, title: str, body: str) -> bool:
    if part.field not in (None, "title"):
        return True
    if part.near:
        is_there = _has(part.text, title, body) and _has(part.near.text, title, body)
        return is_there or part.is_excluded
    return _has(part.text, title, "" if part.field else body) != part.is_excluded


def _has(words: str, title: str, body: str) -> bool:
    return any(piece.is_marked for text in (title, body) for piece in mark(text, words))

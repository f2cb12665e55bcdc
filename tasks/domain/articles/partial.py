"""Whether a page shows only the beginning of its article, and what says so.

After reading, before loading: a paywalled beginning is stored and marked, a page without any of the text
is refused (`refusal`).
"""

from collections.abc import Sequence

from tasks.domain.articles.refusal import PAYWALL, is_declared_paid
from tasks.domain.pages.lines import TextLine
from tasks.domain.pages.metadata import PageReading
from tasks.domain.text.normalise import squeeze

_AFTER = 6  # lines after the text: where the rest is offered for sale
_KEY = 40  # characters by which a line of the text is found on the page
_OFFER = 160  # characters: longer lines are text that speaks of subscribers
_SHORT_WORDS = 120  # a text with fewer, on a page that declares itself paid, is a beginning
_LONG_WORDS = 400  # a text with more is complete unless the page declares itself paid


def find_partial_evidence(reading: PageReading, body: str, n_words: int) -> str | None:
    """Return what says that the page shows only a part of its article; None for a complete one."""
    is_paid = is_declared_paid(reading)
    if is_paid and n_words < _SHORT_WORDS:
        return f"declared as not free, {n_words} words shown"
    if n_words >= _LONG_WORDS and not is_paid:
        return None
    offer = _offer_after(body, reading.lines)
    return f"after the text: {offer}" if offer else None


def _offer_after(body: str, lines: Sequence[TextLine]) -> str | None:
    """Return the line that offers the rest for sale, at the text's end or right after it."""
    end = _end_of(body, lines)
    after = [line.text for line in lines[end + 1 : end + 1 + _AFTER]] if end is not None else []
    candidates = [body.rpartition("\n")[2], *after]
    return next((text for text in candidates if len(text) <= _OFFER and PAYWALL.search(text)), None)


def _end_of(body: str, lines: Sequence[TextLine]) -> int | None:
    """Return the place of the text's last line among the page's lines."""
    last = squeeze(body.rpartition("\n")[2]).removeprefix("- ")[:_KEY]
    places = [place for place, line in enumerate(lines) if last and line.text.startswith(last)]
    return places[-1] if places else None

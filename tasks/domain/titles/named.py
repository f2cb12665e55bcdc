"""A candidate for the headline: what one place of the page calls the article."""

from dataclasses import dataclass

from tasks.domain.bodies.line_kinds import n_wide


@dataclass(frozen=True, slots=True)
class Named:
    """One place's headline, cleaned, and the text that stood there."""

    value: str
    origin: str
    raw: str


def n_words(text: str) -> int:
    """Return how many words a headline has; two Chinese, Japanese or Korean characters count as one."""
    return len(text.split()) + n_wide(text) // 2

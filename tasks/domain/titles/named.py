"""A candidate for the headline: what one place of the page calls the article."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Named:
    """One place's headline, cleaned, and the text that stood there."""

    value: str
    origin: str
    raw: str

"""One date that a page, its feed or its URL names, with the trust that its place deserves."""

from dataclasses import dataclass
from enum import IntEnum

from warehouse.records.article import Moment


class Trust(IntEnum):
    """Where a date was found, the most trusted first."""

    SOURCE_RULE = 0  # the selector that sources.toml gives for this source
    JSON_LD_ARTICLE = 10
    META = 20
    ITEMPROP = 30
    TIME_PUBLISHED = 40  # <time> that says it is the publication
    TIME_NEAR = 45  # <time> near the headline
    VISIBLE_TEXT = 50
    FEED = 60
    JSON_LD_OTHER = 65
    META_WEAK = 70  # meta "date", "created": often the day of rendering
    TIME_IN_ARTICLE = 80
    URL = 90
    VISIBLE_FAR = 95
    HTMLDATE = 100


@dataclass(frozen=True, slots=True)
class DatedCandidate:
    """One date of a page, where it was found, and the text or markup that says so."""

    moment: Moment
    trust: Trust
    evidence: str
    is_modified: bool = False  # of a later change, not of the publication
    other: Moment | None = None  # with day and month in the other order, where digits allow it

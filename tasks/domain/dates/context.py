"""What is known around a date that is read: when its document was fetched, and how its source writes dates.

One value for all readers of dates, in feeds, pages and imports.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from warehouse.records.source import Source


@dataclass(frozen=True, slots=True)
class DateContext:
    """The time of reading and the source's settings; None where a setting is not known."""

    now: datetime  # when the document was fetched, aware
    zone: str | None = None  # the source's, IANA; counts only where a text names no zone
    date_order: str | None = None  # the source's: "dmy", "mdy" or "ymd"
    language: str | None = None  # BCP 47 tag of the document, else the source's language
    is_fetch_time: bool = True  # False when `now` is only an upper bound: "2 hours ago" is not read then

    @classmethod
    def of_source(cls, source: Source, now: datetime) -> Self:
        """Return the context of a source's documents that are fetched at `now`."""
        return cls(now, source.timezone, source.date_order, source.language)

    def in_language(self, language: str | None) -> "DateContext":
        """Return the context of a document that names its own language; unchanged when it names none."""
        return replace(self, language=language) if language else self

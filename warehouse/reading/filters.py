"""What a reader asks for: words or a URL, sources, languages, days, order, and where the last page ended."""

import base64
import json
import math
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from warehouse.reading.questions import QuestionSql, question_sql
from warehouse.search.parts import Inflection


class Order(StrEnum):
    """In which order articles are listed."""

    NEW = "new"  # latest publication first
    BEST = "best"  # highest BM25 score first; needs a question


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row of a page; the next page begins after it (keyset, no offset)."""

    place: float  # sort_at in microseconds since 1970, or the score
    article_id: str

    def __str__(self) -> str:
        text = json.dumps([self.place, self.article_id], separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """Return the cursor that `str()` wrote. Raises ValueError."""
        try:
            padded = text + "=" * (-len(text) % 4)
            place, article_id = json.loads(base64.urlsafe_b64decode(padded.encode("ascii", "strict")))
            cursor = cls(float(place), str(UUID(str(article_id))))
        except (ValueError, TypeError, RecursionError, OverflowError) as error:
            raise ValueError(f"{text!r} is not a cursor") from error
        if not math.isfinite(cursor.place):
            raise ValueError(f"{text!r} is not a cursor")
        return cursor


@dataclass(frozen=True, slots=True)
class AskedUrl:
    """A URL that is asked for instead of words."""

    text: str  # as given
    key: str  # its URL key


@dataclass(frozen=True, slots=True)
class Selection:
    """Which articles are meant. Days are inclusive: as printed, else the day first seen (UTC)."""

    question: str = ""
    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    only_edited: bool = False
    only_copied: bool = False
    url: AskedUrl | None = None  # then there is no question
    inflections: tuple[Inflection, ...] = ()  # of the question's ~words; `with_inflections` adds them

    @property
    def asked(self) -> str:
        """Return what was asked as it was typed: the question, or the URL."""
        return self.url.text if self.url else self.question

    def _question_sql(self) -> QuestionSql:
        return question_sql(self.question, self.inflections)

    def parameters(self) -> dict[str, Any]:
        """Return the values of the parameters of `from_clause` and `condition`. Raises QuestionError."""
        return {
            **(self._question_sql().parameters if self.question else {}),
            **({"url": self.url.text, "url_key": self.url.key} if self.url else {}),
            **({"sources": list(self.sources)} if self.sources else {}),
            **({"languages": list(self.languages)} if self.languages else {}),
            **({"since": self.since} if self.since else {}),
            **({"until": self.until} if self.until else {}),
        }

    def condition(self) -> str:
        """Return the SQL condition on `core.listing as a`."""
        conditions = (
            (self.url, f"a.article_id in ({_OF_URL})"),
            (self.sources, "a.source in (select unnest($sources::text[]))"),
            (self.languages, "a.language in (select unnest($languages::text[]))"),
            (self.since, "a.day >= $since"),
            (self.until, "a.day <= $until"),
            (self.only_edited, "a.n_edits > 0"),
            (self.only_copied, "a.n_copies > 0"),
        )
        return " and ".join(sql for is_wanted, sql in conditions if is_wanted) or "true"

    def from_clause(self) -> str:
        """Return the SQL relation of matching articles: `a` is core.listing, `s.score` the score.

        Raises QuestionError.
        """
        if not self.question:
            return "from core.listing as a cross join (select null::float as score) as s"
        return f"""
            from ({self._question_sql().relation}) as s
            join core.listing as a on a.doc_no = s.doc_no
        """


# By the key a URL is found with other parameters, another scheme, or as the target of a redirect. A declared
# canonical URL that was not believed, such as that of another site's article, is an article's only when none
# has the key.
_OF_URL = """
    select article_id from core.article where url_key = $url_key
    union all
    select article_id from core.url_alias where url_key = $url_key
    union all
    select article_id
    from core.article
    where
        (final_url = $url or canonical_url = $url)
        and not exists (select 1 from core.article where url_key = $url_key)
        and not exists (select 1 from core.url_alias where url_key = $url_key)
"""

"""Differences between a stored article and the same page read by the current rules, field by field.

Used by the report of re-extraction.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from tasks.domain.articles.fields import moment_text
from warehouse.records.article import Article, Moment

SHOWN = 160  # characters of a value in a sample
_CONTEXT = 40  # of them before the first difference
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that differs; None where there was or is no value."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class ArticleChange:
    """The differences of one article."""

    url: str
    fields: tuple[FieldChange, ...]
    grown_by: int  # characters that the body has more, negative: fewer
    is_day_moved: bool  # the publication moved by a day or more


def compare_articles(before: Article, after: Article) -> ArticleChange:
    """Return the fields that differ, in a fixed order."""
    changes = [FieldChange(name, get(before), get(after)) for name, get in _FIELDS.items()]
    return ArticleChange(
        url=before.url,
        fields=tuple(change for change in changes if change.before != change.after),
        grown_by=len(after.body) - len(before.body),
        is_day_moved=_is_day_moved(before.published, after.published),
    )


def shown_change(before: str | None, after: str | None) -> tuple[str | None, str | None]:
    """Return both values, shortened to the text around their first difference."""
    if before is None or after is None or max(len(before), len(after)) <= SHOWN:
        return _cut(before, 0), _cut(after, 0)
    pairs = zip(before, after, strict=False)
    same = next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(before), len(after)))
    start = max(0, same - _CONTEXT)
    return _cut(before, start), _cut(after, start)


def _cut(text: str | None, start: int) -> str | None:
    if text is None:
        return None
    end = start + SHOWN
    return ("…" if start else "") + text[start:end] + ("…" if len(text) > end else "")


def _is_day_moved(before: Moment | None, after: Moment | None) -> bool:
    if before is None or after is None:
        return False
    if before.at and after.at:
        return abs(before.at - after.at) >= _DAY
    return before.on != after.on


def _moment(moment: Moment | None) -> str | None:
    return f"{moment_text(moment)} ({moment.precision})" if moment else None


def _names(names: Iterable[str]) -> str | None:
    return "; ".join(names) or None


_FIELDS: Mapping[str, Callable[[Article], str | None]] = {
    "address": lambda a: a.identity_key or a.url_key,
    "title": lambda a: a.title,
    "body": lambda a: a.body,
    "published": lambda a: _moment(a.published),
    "published_from": lambda a: a.published.origin if a.published else None,
    "zone_from": lambda a: a.published.zone_from if a.published else None,
    "dates_disagree": lambda a: "yes" if a.dates_disagree else "no",
    "modified": lambda a: a.modified.at.isoformat() if a.modified and a.modified.at else None,
    "authors": lambda a: _names(a.authors),
    "author_kinds": lambda a: _names(a.author_kinds),
    "source_credit": lambda a: a.source_credit,
    "dateline_place": lambda a: a.dateline_place,
    "language": lambda a: a.language,
    "site_name": lambda a: a.site_name,
    "canonical_url": lambda a: a.canonical_url,
    "section": lambda a: a.section,
    "tags": lambda a: _names(a.tags),
    "image_url": lambda a: a.image_url,
    "description": lambda a: a.description,
    "is_partial": lambda a: "yes" if a.is_partial else "no",
    "title_certainty": lambda a: a.certainty.title if a.certainty else None,
    "published_certainty": lambda a: a.certainty.published if a.certainty else None,
    "body_certainty": lambda a: a.certainty.body if a.certainty else None,
    "authors_certainty": lambda a: a.certainty.authors if a.certainty else None,
    "direction": lambda a: a.direction,
}

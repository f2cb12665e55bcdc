"""How values are shown to people: instants, days, numbers, links, hashes. Used by the templates."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup

from warehouse.text.web_links import web_link

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff]")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def shown(value: Any) -> Any:
    """Return a template's value without control characters; markup and other types as they are."""
    if type(value) is str and _CONTROLS.search(value):
        return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", value)
    return value


def day(value: date | None) -> str:
    """Return a day as 3 Nov 2026."""
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}" if value else ""


def instant(value: datetime | None) -> str:
    """Return an instant as 3 Nov 2026, 05:30 UTC."""
    return f"{day(value.date())}, {value:%H:%M} UTC" if value else ""


def when(article: Any) -> Markup:
    """Return an article's publication time as a `time` element, or the day it was first seen.

    A time without a zone is as printed, and is said to be.
    """
    if article.published_at:
        return Markup('<time datetime="{}">{}</time>').format(
            article.published_at.isoformat(), instant(article.published_at)
        )
    if article.published_local and article.published_on:
        local: datetime = article.published_local
        return Markup(
            '<time datetime="{}">{}, {}</time> <span class="note">time zone not known</span>'
        ).format(local.isoformat(), day(local.date()), f"{local:%H:%M}")
    if article.published_on:
        return Markup('<time datetime="{0}">{1}</time> <span class="note">day only</span>').format(
            article.published_on.isoformat(), day(article.published_on)
        )
    return Markup('<span class="note">no date; first seen</span> <time datetime="{}">{}</time>').format(
        article.first_seen_at.isoformat(), day(article.first_seen_at.date())
    )


def utc_offset(minutes: int) -> str:
    """Return an offset from UTC as UTC+05:30."""
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}"


def number(value: float | None) -> str:
    """Return a number with thin spaces between thousands."""
    return f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}") if value is not None else ""


def plural(n: int, noun: str, nouns: str = "") -> str:
    """Return a count with its noun: 1 story, 2 stories."""
    return f"{number(n)} {noun if n == 1 else nouns or noun + 's'}"


def percent(value: float | None) -> str:
    """Return a ratio (0..1) in per cent."""
    if value is None:
        return ""
    return f"{value * 100:.0f} %" if value >= 0.1 or value == 0 else f"{value * 100:.1f} %"


def duration(seconds: float | None) -> str:
    """Return a duration in its largest fitting unit: 40 s, 12 min, 3 h, 2 d."""
    if seconds is None:
        return ""
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if abs(seconds) >= size * 1.5:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def between(earlier: datetime, later: datetime) -> str:
    """Return how long after one instant another is; nothing when it is not later."""
    gap: timedelta = later - earlier
    return f"+{duration(gap.total_seconds())}" if gap > timedelta() else ""


def host(url: str | None) -> str:
    """Return the host of a URL that may become a link."""
    return urlsplit(web_link(url)).netloc.removeprefix("www.")


def cell(value: Any) -> str:
    """Return a value of any type of a table's cell as people read it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return instant(value.astimezone(UTC)) if value.tzinfo else f"{day(value.date())}, {value:%H:%M}"
    if isinstance(value, date):
        return day(value)
    if isinstance(value, int | float):
        return number(int(value) if value == int(value) else round(value, 2))
    if isinstance(value, list | tuple):
        return ", ".join(map(cell, value))
    return str(value)


def column_name(name: str) -> str:
    """Return a column's name in words: n_articles is Articles, first_percent is First %."""
    words = name.removeprefix("n_").replace("_percent", " %").replace("_", " ")
    return words.removesuffix(" at").removesuffix(" on").capitalize()


def cut(text: str, length: int) -> str:
    """Return a text, cut after about `length` characters, at a space where there is one near."""
    if len(text) <= length:
        return text
    space = text.rfind(" ", length * 3 // 4, length)
    return text[: space if space > 0 else length].rstrip() + "…"


def field_name(field: str) -> str:
    """Return a field's name for people."""
    return field.replace("_", " ")

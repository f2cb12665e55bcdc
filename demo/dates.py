"""Dates as the demo's pages print them, and the machine-readable forms of feeds."""

from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime

from demo.content import Site, read_words

ARABIC_INDIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


def printed(site: Site, local: datetime, pattern: str) -> str:
    """Return a naive local time in a site's format.

    Names in the pattern: d, dd, m, mm, yyyy, month, mon (short), weekday, hh, h12, mi, ampm.
    """
    words = read_words(site.language)
    months: Sequence[str] = words["months"]
    text = pattern.format(
        d=local.day,
        dd=f"{local.day:02}",
        m=local.month,
        mm=f"{local.month:02}",
        yyyy=local.year,
        month=months[local.month - 1],
        mon=words["months_short"][local.month - 1],
        weekday=words["weekdays"][local.weekday()],
        hh=f"{local.hour:02}",
        h12=(local.hour - 1) % 12 + 1,
        mi=f"{local.minute:02}",
        ampm="a.m." if local.hour < 12 else "p.m.",
    )
    return text.translate(ARABIC_INDIC) if site.digits == "arabic-indic" else text


def iso_local(site: Site, local: datetime) -> str:
    """Return ISO 8601 with the site's offset."""
    return local.replace(tzinfo=site.zone).isoformat(timespec="seconds")


def iso_utc(moment: datetime) -> str:
    """Return ISO 8601 in UTC with a Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def rfc822(site: Site, local: datetime) -> str:
    """Return the RSS 2.0 form (RFC 822), in the site's offset."""
    return format_datetime(local.replace(tzinfo=site.zone))


def http_date(moment: datetime) -> str:
    """Return an HTTP date (RFC 9110 section 5.6.7)."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)

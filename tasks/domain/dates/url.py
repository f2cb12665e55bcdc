"""The day in a URL's path: /2022/01/10/, /2022-01-10-title, /20220110/, /2022/jan/10/."""

import re
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from tasks.domain.dates.calendars import common_day

_FIRST_YEAR = 1995
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: n for n, name in enumerate(_MONTH_NAMES, 1)}
_DIGITS = re.compile(
    r"(?<!\d)(?P<y>(?:19|20)\d\d)(?P<s>[/\-_.]?)(?P<m>0[1-9]|1[0-2]|(?<=[/\-_.])[1-9])(?P<s2>[/\-_.]?)"
    r"(?P<d>0[1-9]|[12]\d|3[01]|(?<=[/\-_.])[1-9])(?!\d)"
)
_NAMED = re.compile(
    r"(?<!\d)(?P<y>(?:19|20)\d\d)[/\-](?P<m>[a-z]{3})[a-z]{0,6}[/\-](?P<d>0?[1-9]|[12]\d|3[01])(?!\d)",
    re.IGNORECASE,
)
_DAY_FIRST = re.compile(
    r"(?<!\d)(?P<d>0[1-9]|[12]\d|3[01])(?P<s>[\-_./]?)(?P<m>0[1-9]|1[0-2])(?P=s)(?P<y>20\d\d)(?!\d)"
)


def find_url_day(url: str, now: datetime) -> date | None:
    """Return the first possible day in a URL's path; None when there is none."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return None
    for pattern in (_DIGITS, _NAMED, _DAY_FIRST):
        for match in pattern.finditer(path):
            month = match["m"].lower()
            number = int(month) if month.isdigit() else _MONTHS.get(month, 0)
            day = common_day(int(match["y"]), number, int(match["d"]))
            if day is not None and day.year >= _FIRST_YEAR and day <= (now + timedelta(days=1)).date():
                return day
    return None

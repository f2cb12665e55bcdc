"""Datelines of agencies that are on no list: `PORT MARL, Jan 10 (MTA) -- `, `Astana. 10 January. Kazagro – `.

Their form must be sure: a date, a place in capitals, slashes, or a name that says what it is.
"""

import re

from tasks.domain.dates.vocabulary import weekdays
from tasks.domain.text.vocabulary import alternatives

_PACKAGE = "tasks.domain.credits"
_DASH = r"\s*(?:\.?[-–—―]+)\s*"
_MONTH = r"[^\W\d_]{3,12}\.?"
_DAY = rf"(?:{_MONTH}\s*\d{{1,2}}\.?|\d{{1,2}}\.?\s*(?:de\s+)?{_MONTH})(?:,?\s*\d{{4}})?"
_PLACE = (
    r"[^\W\d_a-zа-яё][\w.'’-]*(?:[ /-][^\W\d_][\w.'’-]*){0,4}?"
    r"(?:,\s[^\W\d_a-zа-яё][\w.'’]+(?:\s[^\W\d_][\w.'’]+)?)?"
)
_WORD = r"[^\W\d_a-zà-ÿа-яёіїєґ][\w&+’'.-]*\w|[^\W\d_a-zа-яё]"
_NAME = rf"(?:{_WORD})(?:\s(?:{_WORD}|of|de|del|der|and|&|\d{{1,3}})){{0,4}}"
_SIGNED = rf"[(/\[]\s*(?P<name>{_NAME}|[a-z]{{2,5}}(?:/[a-z]{{2,5}})?)\s*[)/\]]"
_BEHIND = rf"(?:{_DASH}|\.\s+|\s+)(?=\S)"

_DATED_SIGNED = rf"[(/\[]\s*(?P<name>(?:{_WORD}|[a-z]{{2,5}})(?:[\s/][\w.&’'-]+){{0,4}})\s*[)/\]]"
_DATED = re.compile(rf"^(?P<place>{_PLACE})[.,]\s+{_DAY}[.,]?\s*{_DATED_SIGNED}{_BEHIND}")
_DATED_PLAIN = re.compile(
    rf"^(?P<place>{_PLACE})[.,]\s+{_DAY}[.,]?(?:{_DASH}|\s+)"
    rf"(?P<name>(?:{_WORD})(?:\s(?:{_WORD})){{0,2}})(?:\s+[-–—]+\s+|\.\s+)(?=\S)"
)
_UNDATED = re.compile(rf"^(?P<place>{_PLACE}),?\s*{_SIGNED}{_DASH}(?=\S)")
_PLACE_FIRST = re.compile(rf"^(?P<place>{_PLACE}){_DASH}[(/]\s*(?P<name>{_NAME})\s*[)/]{_BEHIND}")
_ALONE = re.compile(
    rf"^(?P<place>)(?:/\s*(?P<name>{_NAME})\s*/\.?(?:{_DASH}|\s+)|\((?P<name2>{_NAME})\){_DASH})(?=\S)"
)
# Words in brackets that name no agency.
_REMARK = re.compile(rf"^(?:{alternatives(_PACKAGE, 'bracket_remark')}|\d+)\b", re.IGNORECASE)
_SHOUTED = re.compile(r"[^\W\d_a-zа-яё]{2}|[a-zа-яё][^\W\d_a-zа-яё]")  # `MTA`, `AlpInfo`
_WEEKDAYS = weekdays()
_SAYS_AGENCY = re.compile(alternatives(_PACKAGE, "agency_word"), re.IGNORECASE)


def read_unknown_agency(head: str) -> tuple[str | None, str, str] | None:
    """Return place, agency and the whole dateline; None when no form is sure."""
    for pattern in (_DATED, _DATED_PLAIN, _UNDATED, _PLACE_FIRST, _ALONE):
        match = pattern.match(head)
        if match is None:
            continue
        name = match.group("name") or match.groupdict().get("name2") or ""
        place = match.group("place").strip(" ,.") or None
        if _REMARK.match(name) or name.casefold() in _WEEKDAYS:
            continue
        if pattern in (_DATED, _DATED_PLAIN) or _is_sure(place, name):
            return place, name.strip(), match.group().strip()
    return None


def _is_sure(place: str | None, name: str) -> bool:
    """Say whether place and name can only be those of a dateline: `Angela Merkel (CDU) -` is none."""
    if _SAYS_AGENCY.search(name) or name.islower():
        return True
    return (place is None or place.isupper()) and bool(_SHOUTED.search(name))

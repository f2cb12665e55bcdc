"""Whom a text is credited to, as opposed to who published it, and the place in its dateline.

`Source: X` lines in many languages, agency datelines (`OREANDA-NEWS. ...`, `PARIS, Jan 10 (AFP) - ...`),
agencies in the byline, sign-offs (`(dpa)`), JSON-LD. The dateline itself stays in the text.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from tasks.domain.credits.datelines import read_unknown_agency
from tasks.domain.pages.json_ld import LinkedData, Node, node_text
from tasks.domain.text.agencies import has_agency, is_agency
from tasks.domain.text.normalise import comparison_key, squeeze
from tasks.domain.text.vocabulary import alternatives

_PACKAGE = "tasks.domain.credits"
_SOURCE = (
    rf"(?:{alternatives(_PACKAGE, 'source_label')})(?:\s+(?:de|der|des|the))?\s*(?:[:：]|\s[-–—](?=\s))\s*"
)
_SOURCE_LABEL = re.compile(rf"^[\s\W_]*(?:{alternatives(_PACKAGE, 'source_label')})[\s\W_]*$", re.IGNORECASE)
_SOURCE_LINE = re.compile(rf"^[\s\W_]*{_SOURCE}(\S.{{0,118}})$", re.IGNORECASE)
# `22.08.2018 09:41. Source: X`, `2022年01月10日 16:58 来源：X`
_SOURCE_BEHIND = re.compile(
    r"(?:\d\s?[^\W\d_]{0,4}[^\w:：]*\s*[\s|,.;·•/(-]|\s[|•·/]\s"
    r"|\d.{0,40}\s(?=(?-i:[^\W\d_a-zà-ÿа-яёіїєґ])))"
    rf"{_SOURCE}([^\s:：].{{0,58}})$",
    re.IGNORECASE,
)
_LONGEST_LABEL = 24
_LONGEST_NAME = 60
_LONGEST_SOURCE_LINE = 200
_DASHED = re.compile(r".{2,20}\s[-–—]\s")
# What may follow the name in its line: a date, a clock, a counter, the next label.
_BEHIND_NAME = re.compile(
    r"[\s|,;/•·([–—-]+"
    r"(?=\d{1,2}[./-]\d{1,2}[./-]\d{2}|\d{1,2}:\d{2}|\d{4}[-./年]\d|\d{1,2}\.?\s+[^\W\d_]{3,}\.?\s+\d{4})"
    r"|\s+[|•·]\s+(?=[^|•·]*[:：\d])|\s*👁|\s+[^\W\d_]{2,20}\s?[(（]\d+[)）]|(?:评论|評論|コメント)\s?[(（]\d"
)
_QUOTED = re.compile(r"[\"“«„]([^\"“”«»„]+)[\"”“»]")
_PICTURE = re.compile(alternatives(_PACKAGE, "picture"), re.IGNORECASE)
_DASH = r"\s*(?:[-–—―:]+|--)\s*"
_DATE = r"(?:[\s,.]*(?:[^\W\d_]{2,12}\.?\s*\d{1,2}\.?|\d{1,2}\.?\s*[^\W\d_]{2,12}\.?)(?:,?\s*\d{4})?)"
_PLACE = r"[^\W\d_][\w.'’-]*(?:[ /-][^\W\d_][\w.'’-]*){0,4}(?:,\s[^\W\d_][\w.'’]+(?:\s[^\W\d_][\w.'’]+)?)?"
# `PARIS, Jan 10 (AFP) - `, `Hamburg (dpa/lno) - `, `МОСКВА, 10 янв (ТАСС) - `
_PLACE_AGENCY = re.compile(rf"^({_PLACE}?),?{_DATE}?[\s.,]*[(/\[]\s*([^()\[\]]{{2,40}}?)\s*[)/\]]\.?{_DASH}")
# `МОСКВА, 10 янв - РИА Новости. `, `Москва. 10 января. INTERFAX.RU - `, `BAKU, January 10. /Trend/. `
_PLACE_DATE_AGENCY = re.compile(
    rf"^({_PLACE}?)[.,]?{_DATE}[.,]?(?:{_DASH}|\s*/?)([^\W\d_][\w .-]{{1,28}}?)/?(?:\.\s|{_DASH}|:\s|/\.?\s)"
)
# `OREANDA-NEWS. Tajik President ...`, `AFP - `, `(Reuters) - `
_AGENCY_FIRST = re.compile(
    r"^[(\[/]?\s*([^\W\d_][\w&./+-]*(?:[ -][^\W\d_][\w.-]*){0,2}?)\s*[)\]/]?"
    r"\s*(?:\.\s+|[-–—]+\s+|--\s*|:\s+)(?=\S)"
)
# `WASHINGTON — `, `BHOPAL: `
_PLACE_ONLY = re.compile(
    r"^([^\W\d_a-zа-яёß][^\W\d_a-zа-яёß.'’ -]{2,30}(?:,\s[^\W\d_][\w.'’]+(?:\s[^\W\d_][\w.'’]+)?)?)(?:,?\s"
    + _DATE
    + r")?\s*(?:[-–—]+|--|:)\s+\S"
)
# `Varberg, October 21, 2025 – `: without the year it may be any sentence.
_PLACE_AND_DAY = re.compile(
    r"^([^\W\d_a-zа-яёß][\w.'’-]*(?:[ /-][^\W\d_][\w.'’-]*){0,4}),"
    + _DATE
    + r"(?<=\d{4})\s*(?:[-–—]+|--)\s+\S"
)
# `新华社东港1月10日电 ...`, `【ロンドン共同】...`
_CJK_DATELINE = re.compile(
    r"^[\s（(【]*(新华社|新華社|中新社|中新网|中央社|人民网)([^\d，。\s]{1,10}?)\d{1,2}月\d{1,2}日(?:[电電讯訊]|)"
    r"|^【([^】]{1,12}?)(共同|時事|ＡＦＰ時事|AFP時事)】"
)
_BY = re.compile(r"^\s*(?:by|von|par|por|di|door|av)\s+", re.IGNORECASE)
_BETWEEN_NAMES = re.compile(r"\s*(?:[;,|/]|\s(?:and|und|et|y|e|og|och|en|и)\s)\s*")
_SIGN_OFF = re.compile(
    r"[(\[/–—-]\s*(?:mit\s+|with\s+|Quelle:\s*|©\s*)?"
    r"([A-Za-zÀ-ÿА-я.]{2,24}(?:[\s/,&-]+[A-Za-zÀ-ÿА-я.]{2,24}){0,3})\s*[)\]/]?\.?$"
)
# `(dpa)`, `© dpa-infocom GmbH`, `Mit Material von AFP`
_SIGN_LINE = re.compile(
    rf"^[\s\W]*(?:(?:{alternatives(_PACKAGE, 'sign_off')})\s+|©\s*)?"
    r"(?P<name>.{2,50}?)(?:\s+(?:gmbh|ag|inc|ltd)\b)?(?:,?\s+(?:19|20)\d\d)?[\s\W]*$",
    re.IGNORECASE,
)
# An agency's own number of a report: `dpa:230314-99-955123/2`.
_REPORT_NUMBER = re.compile(r"\b([^\W\d_]{2,12}):\d{6,8}-\d")
_LONGEST_SIGN_LINE = 70
_CACHED_LINES = 2_000  # each is asked for several times, those of navigation on each page of a site


@dataclass(frozen=True, slots=True)
class Credit:
    """Who is credited, where it was found, and the whole text that says so."""

    value: str
    origin: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Dateline:
    """What stands before the first sentence: place, agency; either may be unknown."""

    place: str | None
    agency: str | None
    raw: str


def source_line(line: str) -> str | None:
    """Return whom a `Source: X` line credits; None when it is no such line."""
    if ":" not in line and "：" not in line and not _DASHED.match(line):
        return None  # most lines: saves the slower patterns
    line = squeeze(line)
    return _credited_in(line) if len(line) <= _LONGEST_SOURCE_LINE else None


def is_source_label(line: str) -> bool:
    """Say whether a line is the label of a source alone; its name stands in the next line."""
    return len(line) <= _LONGEST_LABEL and _SOURCE_LABEL.match(line) is not None


def is_source_name(line: str) -> bool:
    """Say whether a line behind the label of a source can be its name."""
    return 1 < len(line) <= _LONGEST_NAME and line[-1] not in ".!?:" and not line[0].isdigit()


@lru_cache(maxsize=_CACHED_LINES)
def _credited_in(line: str) -> str | None:
    credit = _SOURCE_LINE.match(line) or (_SOURCE_BEHIND.search(line) if len(line) <= 160 else None)
    if not credit:
        return None
    name = _BEHIND_NAME.split(credit.group(1))[0]
    name = re.sub(r"^\s*(?:https?://)?(?:www\.)?([\w.-]+\.\w{2,})/?\S*$", r"\1", name).strip(" .,;|/•·–—-")
    for opening, closing in ("()", "[]"):
        if name.endswith(closing) and opening not in name:
            name = name.rstrip(closing).rstrip(" .")
    if (quoted := _QUOTED.fullmatch(name)) is not None:
        name = quoted.group(1)
    return name if 1 < len(name) <= 100 else None


def read_dateline(first_line: str, known_names: Iterable[str] = ()) -> Dateline | None:
    """Return place and agency at the head of the first paragraph; None when it has no dateline.

    `known_names` are names that count as agencies here: the source's title, the credited source.
    """
    head = first_line[:160]
    known = {comparison_key(name) for name in known_names if name}

    def is_known(name: str) -> bool:
        return (
            has_agency(name)
            or comparison_key(name) in known
            or bool(re.fullmatch(r"[A-Z]{3,}[-. ]?(?:NEWS|RU)", name))
        )

    for pattern in (_PLACE_AGENCY, _PLACE_DATE_AGENCY):
        match = pattern.match(head)
        if match and is_known(match.group(2).strip()):
            return Dateline(_place(match.group(1)), match.group(2).strip(), match.group().strip())
    if match := _CJK_DATELINE.match(head):
        agency, place = match.group(1) or match.group(4), match.group(2) or match.group(3)
        return Dateline(_place(place), agency, match.group().strip())
    match = _AGENCY_FIRST.match(head)
    if match and is_known(match.group(1)):
        return Dateline(None, match.group(1), match.group().strip())
    if unknown := read_unknown_agency(head):
        return Dateline(*unknown)
    match = _PLACE_ONLY.match(head)
    if match and match.group(1).isupper():
        return Dateline(_place(match.group(1)), None, match.group(1).strip())
    if match := _PLACE_AND_DAY.match(head):
        return Dateline(_place(match.group(1)), None, match.group().strip())
    return None


def _place(text: str) -> str | None:
    return squeeze(text).strip(" ,.-–—(") or None


def collect_credits(
    *,
    lines: Sequence[str],
    body: str,
    dateline: Dateline | None,
    bylines: Sequence[str],
    linked: LinkedData,
    articles: Sequence[Node],
) -> list[Credit]:
    """Return who is credited, surest first: source and agency lines, dateline, byline, sign-off, JSON-LD."""
    credits: list[Credit] = []
    for line in lines:
        name = source_line(line)
        if name and not _PICTURE.search(line):
            credits.append(Credit(name, "source_line", line[:200]))
    for label, name in pairwise(lines):
        if is_source_label(label) and is_source_name(name):
            credits.append(Credit(name, "source_line", f"{label} {name}"))
    for line in lines:
        if not source_line(line) and (name := signed_line(line)):
            credits.append(Credit(name, "sign_off", line[:200]))
    if dateline and dateline.agency:
        credits.append(Credit(dateline.agency, "dateline", dateline.raw[:200]))
    for byline in bylines:
        agencies = _agencies_in(byline)
        if agencies:
            credits.append(Credit(agencies, "byline", byline[:200]))
    if name := _signed(body):
        credits.append(Credit(name, "sign_off", body[-120:].rsplit("\n", 1)[-1]))
    return [*credits, *_from_json_ld(linked, articles)]


def _agencies_in(byline: str) -> str | None:
    parts = [part.strip() for part in _BETWEEN_NAMES.split(_BY.sub("", squeeze(byline)))]
    agencies = [part for part in parts if part and is_agency(part)]
    return ", ".join(dict.fromkeys(agencies)) or None


def signed_line(line: str) -> str | None:
    """Return the agency that a line of its own signs with: `(dpa)`, `© AFP`; None when it is no such line."""
    return _agency_in(line) if len(line) <= _LONGEST_SIGN_LINE else None


@lru_cache(maxsize=_CACHED_LINES)
def _agency_in(line: str) -> str | None:
    number = _REPORT_NUMBER.search(line)
    if number and is_agency(number.group(1)):
        return number.group(1)
    sign = _SIGN_LINE.match(line)
    return sign.group("name").strip() if sign and is_agency(sign.group("name")) else None


def _signed(body: str) -> str | None:
    """Return the agency that the last lines are signed with: `(dpa)`, `mit AFP`."""
    for line in reversed(body.rsplit("\n", 2)[-2:]):
        if name := signed_line(line):
            return name
        sign = _SIGN_OFF.search(line[-70:])
        if sign and is_agency(sign.group(1)):
            return sign.group(1).strip()
    return None


def _from_json_ld(linked: LinkedData, articles: Sequence[Node]) -> list[Credit]:
    credits = []
    for node in articles[:1]:
        for key in ("sourceOrganization", "provider", "creditText", "author"):
            value = linked.follow(node.get(key))
            for item in value if isinstance(value, list) else [value]:
                name = node_text(linked.follow(item))
                if name and (is_agency(name) or key == "sourceOrganization"):
                    credits.append(Credit(name, "json_ld", f"{key}: {name}"[:200]))
    return credits

"""Relative times, counted back from the fetch: "2 hours ago", "vor 3 Stunden", "вчера в 16:58".

Tried when a text holds no full date. Hours and minutes give an instant, days give a day; weeks and
longer give neither, since the day would be a guess.
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from tasks.domain.dates.grammar import Clock, find_clock
from tasks.domain.dates.tokens import DateTokens, tokens_of
from tasks.domain.dates.vocabulary import plain_word, plain_words, read_data
from tasks.domain.dates.zones import Zone

MAX_CHARS = 80
_UNIT_MINUTES = {"second": 0, "minute": 1, "hour": 60}


@dataclass(frozen=True, slots=True)
class Relative:
    """How far back a text points: minutes, or days with a clock where one is printed."""

    minutes: int | None = None
    days: int | None = None
    clock: Clock | None = None
    zone: Zone | None = None


_DATA = read_data("relative")
_MINUTES = plain_words(_DATA["minute"])
_HOURS = plain_words(_DATA["hour"])
_DAYS = plain_words(_DATA["day"])
_DUALS = dict.fromkeys(plain_words(_DATA["two_minutes"]), 2) | dict.fromkeys(
    plain_words(_DATA["two_hours"]), 120
)
_DUAL_DAYS = plain_words(_DATA["two_days"])
_AGO_UNITS = plain_words(_DATA["unit_ago"])  # Hungarian: the ending says "ago"
_ONES = plain_words(_DATA["one"])
_TWOS = plain_words(_DATA["two"])
_BEFORE_WORDS = plain_words(_DATA["before"])
_AFTER_WORDS = plain_words(_DATA["after"])
_FILLER = plain_words(_DATA["filler"])
_NOW = frozenset(word.replace("_", " ") for word in plain_words(_DATA["now"]))
_DAY_NAMES = {
    name.replace("_", " "): days
    for days, key in enumerate(("today", "yesterday", "day_before_yesterday"))
    for name in plain_words(_DATA[key])
}
_MAX_NAME_TOKENS = 5
# Written without spaces, so that the tokens do not part them from what follows.
_EAST_DAYS = {name: days for name, days in _DAY_NAMES.items() if "\u3400" <= name[0] <= "\u9fff"}
_COUNTED_EAST = re.compile(
    r"(\d{1,4})\s?(分|分鐘|分钟|分間|분|小時|小时|時間|시간|個小時|个小时|天|日|일)\s?(?:之?前|以前|전)"
)


_SIGNAL_WORDS = frozenset(
    {*_MINUTES, *_HOURS, *_DAYS, *_DUALS, *_DUAL_DAYS, *_AGO_UNITS}
    | {word for phrase in (*_NOW, *_DAY_NAMES) for word in re.split(r"[ '-]", phrase) if len(word) > 1}
)
_EAST = re.compile("[前天日전제늘금今昨剛刚]")


# Minus signs are one character; spaces, full stops and apostrophes do not count.
_TEMPLATE_CHARS = str.maketrans(
    dict.fromkeys("~\u2212\u2013\u2010\u2011", "-") | dict.fromkeys(" .'\n\u00a0\u202f")
)
_EDGES = "|•·–—-:,()"
_NUMBER = re.compile(r"\d{1,4}")
_BETWEEN_WORDS = re.compile(r"[\s'-]+")


@lru_cache(maxsize=4_096)
def may_be_relative(text: str) -> bool:
    """Say whether a text can be such a time: a cheap filter before `read_relative`.

    Cached, because the labels around a headline are the same on each page of a site.
    """
    if _template_unit(text)[0] is not None:
        return True
    words = _BETWEEN_WORDS.split(text.lower(), maxsplit=9)[:9]
    if not _SIGNAL_WORDS.isdisjoint([word.strip(".,:|()") for word in words]):
        return True
    return not text.isascii() and (
        _EAST.search(text) is not None or any(plain_word(word) in _SIGNAL_WORDS for word in words)
    )


def read_relative(text: str) -> Relative | None:
    """Return how far back the text points; None when it is not one relative time."""
    if not 2 <= len(text) <= MAX_CHARS:
        return None
    tokens = tokens_of(text)
    plain = plain_word(tokens.text).strip(" .!")
    if plain in _NOW:
        return Relative(minutes=0)
    if (relative := _of_template(tokens)) is not None:
        return relative
    if (east := _COUNTED_EAST.fullmatch(plain)) is not None:
        return _counted(int(east[1]), east[2])
    return _day_named(tokens) or _ago([plain_word(tokens.text[start:end]) for start, end in tokens.spans])


def _of_template(tokens: DateTokens) -> Relative | None:
    """Return the meaning of a text that is one form of `data/relative_forms.toml`, after a label or none."""
    labels = len(tokens.shape) - len(tokens.shape.lstrip("u:|~-?"))
    labels -= labels > 0 and tokens.shape[labels - 1] in "-~"  # "-5 min"
    start = tokens.spans[labels][0] if labels < len(tokens.spans) else len(tokens.text)
    unit, number = _template_unit(tokens.text[start:])
    if unit is None:
        return None
    return Relative(days=number) if unit == "day" else Relative(minutes=number * _UNIT_MINUTES[unit])


def _template_unit(text: str) -> tuple[str | None, int]:
    """Return the unit of a text that is a known form with one number, and the number."""
    number = _NUMBER.search(text)
    if number is None:
        return None, 0
    key = plain_word(f"{text[: number.start()]}#{text[number.end() :]}").translate(_TEMPLATE_CHARS)
    templates = _templates()  # "-5 min" is such a form, "5 min" is none: the time that reading takes
    return templates.get(key) or templates.get(key.strip(_EDGES)), int(number[0])


@cache
def _templates() -> dict[str, str]:
    """Return the unit of each relative time with a number: `#` for it, without spaces and full stops."""
    return {
        plain_word(form).translate(_TEMPLATE_CHARS): unit
        for unit, by_language in read_data("relative_forms").items()
        for forms in by_language.values()
        for form in forms.split(",")
    }


def _counted(number: int, unit: str) -> Relative | None:
    if unit in _MINUTES:
        return Relative(minutes=number)
    if unit in _HOURS:
        return Relative(minutes=number * 60)
    return Relative(days=number) if unit in _DAYS else None


def _ago(words: list[str]) -> Relative | None:
    """Return the meaning of "2 hours ago", "1 hour 5 mins ago", "il y a une heure", "منذ ساعتين"."""
    words = [word for word in words if word not in ".,()|!:"]
    if not 2 <= len(words) <= 7 or not (
        _BEFORE_WORDS & set(words[:4]) or words[-1] in _AFTER_WORDS | _AGO_UNITS
    ):
        return None
    counted: list[Relative] = []
    rest: list[str] = []
    for index, word in enumerate(words):
        unit = _unit(word, words[index - 1] if index else "")
        if unit is None:
            rest.append(word)
            continue
        n_used, relative = unit
        del rest[len(rest) - n_used :]
        counted.append(relative)
    if not counted or not _all_known(rest) or not (rest or words[-1] in _AGO_UNITS):
        return None
    return counted[0] if len(counted) == 1 else _sum_of(counted)


def _sum_of(parts: list[Relative]) -> Relative | None:
    """Return the sum of "1 hour 5 minutes"; None for a sum that holds days."""
    if len(parts) > 2 or any(part.minutes is None for part in parts):
        return None
    return Relative(minutes=sum(part.minutes or 0 for part in parts))


def _unit(word: str, number: str) -> tuple[int, Relative] | None:
    """Return (words used for the number, meaning) of a unit word and the word before it."""
    if word in _DUALS:
        return 0, Relative(minutes=_DUALS[word])
    if word in _DUAL_DAYS:
        return 0, Relative(days=2)
    if word not in _MINUTES and word not in _HOURS and word not in _DAYS:
        return None
    if number.isdigit() and len(number) <= 4:
        relative = _counted(int(number), word)
        return (1, relative) if relative else None
    relative = _counted(2 if number in _TWOS else 1, word)
    return (1 if number in _ONES or number in _TWOS else 0, relative) if relative else None


def _all_known(words: list[str]) -> bool:
    return all(word in _BEFORE_WORDS or word in _AFTER_WORDS or word in _FILLER for word in words)


def _day_named(tokens: DateTokens) -> Relative | None:
    """Return the meaning of "Today", "вчера в 16:58", "avant-hier", "Heute, 16:58 Uhr"."""
    for name, days_back in _EAST_DAYS.items():
        if tokens.text.startswith(name):
            end = next((i for i, (at, _) in enumerate(tokens.spans) if at >= len(name)), len(tokens.spans))
            return _with_clock(tokens, days_back, 0, end)
    for start in range(min(4, len(tokens.spans))):
        for end in range(min(start + _MAX_NAME_TOKENS, len(tokens.spans)), start, -1):
            phrase = tokens.text[tokens.spans[start][0] : tokens.spans[end - 1][1]]
            days = _DAY_NAMES.get(" ".join(plain_word(phrase).split()))
            if days is not None:
                return _with_clock(tokens, days, start, end)
    return None


def _with_clock(tokens: DateTokens, days: int, start: int, end: int) -> Relative | None:
    rest = tokens.shape[end:]
    clock, zone, clock_end = find_clock(tokens, end)
    surplus = tokens.shape[:start] + (tokens.shape[clock_end:] if clock else rest)
    if surplus.strip("uo.,:!()|hW~@"):
        return None
    return Relative(days=days, clock=clock, zone=zone)

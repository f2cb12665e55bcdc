"""Words of the day beside a 12-hour clock: "9:15 da noite", "3:40 chiều", "夜9時15分", "in the evening".

Part of `grammar`. Each phrase covers some hours (`data/day_periods.toml`, after the CLDR day periods). An
hour of the clock has two meanings; the one in these hours is taken, else one right beside them ("9 tối" is
21:00, where CLDR ends the evening), else the one in the same half of the day. An hour that fits neither way
has no meaning: the caller then keeps no clock, since a wrong one would be 12 hours off.
"""

from functools import cache

from tasks.domain.dates.tokens import DateTokens
from tasks.domain.dates.vocabulary import plain_word, read_data

MAX_TOKENS = 5
_SHORT = 2  # characters: "em", "ip"; such an abbreviation must not be followed by a word or a number
_WORDS = "xoMBWJua"
_NUMBERS = "dyf"

_Meaning = tuple[int, int | None]  # rank, hour of 24
Hours = tuple[int | None, ...]  # by the hour of a 12-hour clock, 0 to 12: the hour of 24, None when unclear


def period_after(tokens: DateTokens, start: int) -> tuple[Hours, int] | None:
    """Return the hours of the phrase that starts at a token, and the index of the token after it."""
    for end in range(min(start + MAX_TOKENS, len(tokens.spans)), start, -1):
        if (hours := _hours_of(tokens, start, end)) is not None:
            return hours, end
    return None


def period_before(tokens: DateTokens, end: int) -> tuple[Hours, int] | None:
    """Return the hours of the phrase that ends before token `end`, and the index of its first token."""
    for start in range(max(0, end - MAX_TOKENS), end):
        if (hours := _hours_of(tokens, start, end)) is not None:
            return hours, start
    return None


def _hours_of(tokens: DateTokens, start: int, end: int) -> Hours | None:
    phrase = " ".join(tokens.text[tokens.spans[start][0] : tokens.spans[end - 1][1]].split())
    hours = _table().get(plain_word(phrase).strip("."))
    following = tokens.shape[end : end + 1]
    if len(phrase) > _SHORT or phrase >= "\u2e80":  # two signs are a word
        return hours
    is_latin = phrase < "\u0590"
    return None if following in tuple(_WORDS + _NUMBERS if is_latin else _WORDS) else hours


@cache
def _table() -> dict[str, Hours]:
    """Return each phrase with its hours; None where its languages disagree."""
    ranked: dict[str, list[_Meaning]] = {}
    for periods in read_data("day_periods").values():
        for span, phrases in periods.items():
            first, end = map(int, span.split("-"))
            meanings = [_meaning(hour, first, end) for hour in range(13)]
            for phrase in phrases.split():
                key = plain_word(phrase.replace("_", " "))
                ranked[key] = list(map(_better, ranked.get(key, meanings), meanings))
    return {phrase: tuple(hour for _, hour in meanings) for phrase, meanings in ranked.items()}


def _meaning(hour: int, first: int, end: int) -> _Meaning:
    """Return the meaning of an hour of a 12-hour clock beside a phrase for `first` to `end`, with its rank.

    Rank 0 is inside these hours, 1 right beside them, 2 in the same half of the day, 3 no meaning.
    """
    if hour == 0:
        return 0, 12 if first == 12 else 0
    morning, evening = hour % 12, hour % 12 + 12
    distances = {meaning: _hours_off(meaning, first, end) for meaning in (morning, evening)}
    nearest = min(distances, key=lambda meaning: distances[meaning])
    if distances[nearest] <= 1 and distances[morning] != distances[evening]:
        return distances[nearest], nearest
    if hour == 12 or end < first or first < 12 < end:
        return 3, None
    return 2, morning if end <= 12 else evening


def _better(one: _Meaning, two: _Meaning) -> _Meaning:
    """Return the meaning with the lower rank; none when two languages differ at the same rank."""
    if one[0] != two[0]:
        return min(one, two, key=lambda meaning: meaning[0])
    return one if one[1] == two[1] else (one[0], None)


def _hours_off(hour: int, first: int, end: int) -> int:
    """Return how many hours an hour lies outside of a span, around the clock; 0 inside."""
    length = (end - first) % 24 or 24
    if (hour - first) % 24 < length:
        return 0
    return min((first - hour) % 24, (hour - end) % 24 + 1)

"""A text as one letter per token, so that the grammar of printed dates can be written as patterns.

First step of reading a printed date: `tokens_of` cuts a text into numbers, words and marks and gives
each a class letter; `grammar` matches over the string of letters ("shape") and looks up the values.

    d  number of 1 or 2 digits        M  month name           h m s  hour, minute, second word
    y  number of 4 digits             B  month or weekday     Y L D  year, month, day sign (年 月 日)
    f  any other number               W  weekday              E      Japanese or Taiwanese era
    A  half-day after the clock       J  Jalali month         V      Vietnamese "tháng" (month)
    a  half-day on either side        Z  zone                 o      connector ("de", "th", "um", "в")
    T  the letter T of ISO 8601       u  label ("Updated")    x      any other word
    .  dot before a digit   !  any other dot   -  hyphen before a digit   ~  any other dash
    , : / + ( ) | @ '  themselves     ?  any other mark
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from tasks.domain.dates.vocabulary import (
    connectors,
    jalali_table,
    modified_labels,
    month_table,
    plain_word,
    plain_words,
    published_labels,
    read_data,
    weekdays,
    without_accents,
)
from tasks.domain.dates.zones import CAPITAL_ZONES, ZONE_NAMES, ZONE_PHRASE

MAX_CHARS = 2000  # a date line is short; what follows is not read
_CACHED_TEXTS = 128  # credits and dates read the same few lines of a page up to eight times

Value = int | str | dict[str, int] | None


@dataclass(frozen=True, slots=True)
class DateTokens:
    """A text cut into tokens; the n-th letter of `shape` is the class of the n-th token."""

    text: str
    shape: str
    values: tuple[Value, ...]
    spans: tuple[tuple[int, int], ...]  # character offsets in `text`


def _digits() -> dict[int, str]:
    """Return the decimal digits of the scripts that news sites print, as ASCII."""
    zeros: tuple[int, ...] = (
        0x660,
        0x6F0,
        0x966,
        0x9E6,
        0xE50,
        0xFF10,
        0xBE6,
        0xC66,
        0xD66,
        0xAE6,
        0x1040,
        0x17E0,
    )
    zeros += (0xA66, 0xB66, 0xCE6, 0xED0)
    return {zero + value: str(value) for zero in zeros for value in range(10)}


# One character for one, so that offsets stay those of the text as it was found.
_PLAIN = (
    _digits()
    | {
        ord(mark): plain
        for mark, plain in zip("：／．，（）－～［］＋｜−‐‑‒–—―․׳״’", ":/.,()-~()+|---~~~~.'''", strict=True)
    }
    | {ord(mark): plain for mark, plain in zip("،٬٫⁄·•∙●【】「」『』[]॰", ",,./||||()()()().", strict=True)}
    | dict.fromkeys(
        (0xA0, 0x2009, 0x202F, 0x3000, 0x200E, 0x200F, 0x202A, 0x202B, 0x202C, 0x2066, 0x2067, 0x2069), " "
    )
    | {0x2068: " ", 0x61C: " ", 0xFEFF: " "}
)

MARKS = (  # combining marks, which `\w` does not take for part of a word
    "\u0300-\u036f\u0591-\u05c7\u064b-\u0655\u0900-\u0903\u093a-\u094f\u0981-\u0983\u09bc-\u09cd\u0a81-\u0a83"
    "\u0abc-\u0acd\u0b82\u0bbe-\u0bcd\u0c00-\u0c04\u0c3e-\u0c4d\u0d00-\u0d03\u0d3e-\u0d4d"
    "\u0a01-\u0a03\u0a3c-\u0a4d\u0a70\u0a71\u0b01-\u0b03\u0b3c-\u0b4d\u0c81-\u0c83\u0cbc-\u0cd6"
    "\u0d81-\u0d83\u0dca-\u0ddf\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ecd"
    "\u102b-\u103e\u17b4-\u17d3\u200b-\u200d\u00ad"
)
_LETTER = r"[^\W\d_\u3040-\u30ff\u3400-\u9fff]"
_TOKEN = re.compile(
    rf"""(?P<n>\d+)
    |(?P<Z>{ZONE_PHRASE})
    |(?P<dotted>เม\.ย\.?|{_LETTER}[{MARKS}]*\.(?:\s(?=[mM]\b))?{_LETTER}(?!{_LETTER}|[{MARKS}])\.?)
    |(?P<W>[月火水木金土日]曜日?|(?:星期|周|週|礼拜)[一二三四五六日天]|\([月火水木金土日월화수목금토일一二三四五六]\))
    |(?P<E>令和|平成|昭和|民國|民国)
    |(?P<han>元(?=年)|[〇零○一二三四五六七八九十]+(?=[年月日號号時时点點分]))
    |(?P<sign>[年月日号號時时点點分秒]|(?<=\d)\s?[년월일시분초])
    |(?P<eastern>午前|午後|上午|下午|凌晨|早上|清晨|中午|傍晚|晚上|晚间
        |[\u3040-\u30ff\u3400-\u9fff]+?(?=[年月日時时上下午]|\b|[^\u3040-\u9fff]))
    |(?P<month>(?:كانون|تشرين)\s(?:ال)?(?:ثان[يى]|[أا]ول)|(?i:me[áa]n|deireadh)\s(?i:f[óo]mhair))
    |(?P<o>\(e\)ko|\([ae]\)(?!\w)|(?<=\d)(?:e?ko|an?|ean?)\b)
    |(?P<L>(?:-р\s)?сарын)
    |(?P<word>{_LETTER}(?:{_LETTER}|[{MARKS}]|(?<={_LETTER})['’ʼ](?={_LETTER}{{3}}))*)
    |(?P<mark>\S)""",
    re.VERBOSE,
)
_SIGNS = dict(zip("年月日号號년월일", "YLDDDYLD", strict=True)) | dict(
    zip("時时点點分秒시분초", "hhhhmshms", strict=True)
)
_HAN = {digit: value for value, digit in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0, "十": 10}
ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "民國": 1911, "民国": 1911}  # year before the first


def _classes() -> dict[str, tuple[str, Value]]:
    """Return each known word with its class and value; what comes later in the list wins."""
    clock = read_data("clock")
    words: dict[str, tuple[str, Value]] = dict.fromkeys(published_labels() | modified_labels(), ("u", None))
    for letter, group in (("o", connectors()), ("W", weekdays())):
        words |= dict.fromkeys(group, (letter, None))
        bare_words = (without_accents(word) for word in group)
        words |= {bare: (letter, None) for bare in bare_words if bare.isascii()}
    for letter, unit in (("h", "hour"), ("m", "minute"), ("s", "second")):
        words |= dict.fromkeys(plain_words(clock[unit]), (letter, None))
    for half in ("am", "pm", "noon"):
        words |= {word: ("A" if word.isascii() else "a", half) for word in plain_words(clock[half])}
    for word, meanings in month_table().items():
        values = set(meanings.values())
        letter = "B" if words.get(word, "x")[0] == "W" else "M"
        words[word] = (letter, values.pop() if len(values) == 1 else meanings)
    words |= {word: ("J", month) for word, month in jalali_table().items()}
    words |= {"tháng": ("V", None), "thg": ("V", None), "t": ("T", None)}
    words["оны"] = ("Y", None)  # Mongolian: "2024 оны 3-р сарын 19"
    return words


_WORDS = _classes()


@lru_cache(maxsize=4096)
def _word_class(word: str) -> tuple[str, Value]:
    """Return class and value of one word as it was found."""
    if word.isupper() and word in CAPITAL_ZONES:
        return "Z", word
    if word in ("AM", "PM"):  # before the clock, too: "2024.03.19 PM 3:40"; "am" is a word of German
        return "a", word.lower()
    plain = plain_word(word)
    if plain in ZONE_NAMES:
        return "Z", plain
    known = _WORDS.get(plain)
    if known is None and "\u0370" <= plain[0] <= "\u03ff":  # Greek accents move with the form of a word
        known = _WORDS.get(without_accents(plain))
    return known or ("x", None)


def _dotted_class(text: str) -> tuple[str, Value]:
    """Return the class of an abbreviation of two dotted letters: "p.m.", "μ.μ.", "ม.ค."."""
    plain = plain_word(text).replace(" ", "").rstrip(".")
    known = _WORDS.get(plain)
    return known or ("x", None)


def _han_number(text: str) -> tuple[str, Value]:
    """Return the number of Chinese numerals: 二〇二二, 十二, 二十三, and 元 for an era's first year."""
    if text == "元":
        return "d", 1
    if "十" in text:
        tens, _, ones = text.partition("十")
        value = (_HAN.get(tens, 1) if len(tens) < 2 else 99) * 10 + (
            _HAN.get(ones, 0) if len(ones) < 2 else 99
        )
        return ("d", value) if value < 100 else ("f", None)
    value = int("".join(str(_HAN[digit]) for digit in text[:9]))
    return _NUMBER_CLASS.get(len(text), "f"), value


_NUMBER_CLASS = {1: "d", 2: "d", 4: "y"}


def _mark_class(text: str, position: int) -> str:
    """Return the class of the punctuation mark at `position` of the text."""
    mark = text[position]
    if mark in ".-":
        before_digit = position + 1 < len(text) and text[position + 1].isdigit()
        return mark if before_digit else "!" if mark == "." else "~"
    if mark in "«»“”„":
        return "|"
    return mark if mark in ",:/+()|@'~" else "o" if mark in "º°ª" else "?"


def _classify(kind: str, token: str, text: str, position: int) -> tuple[str, Value]:
    """Return class letter and value of one match of the token pattern."""
    if kind == "n":
        return _NUMBER_CLASS.get(len(token), "f"), int(token) if len(token) < 19 else None
    if kind in ("word", "eastern"):
        return _word_class(token)
    if kind == "mark":
        return _mark_class(text, position), None
    if kind == "sign":
        return _SIGNS[token[-1]], None
    if kind == "dotted":
        return _dotted_class(token)
    if kind == "han":
        return _han_number(token)
    if kind == "month":
        return _word_class(token)
    return kind, token  # W, E, Z, L, o: the group is the class


@lru_cache(maxsize=_CACHED_TEXTS)
def tokens_of(text: str) -> DateTokens:
    """Return the text as classified tokens; at most `MAX_CHARS` of it are read."""
    plain = text[:MAX_CHARS].translate(_PLAIN)
    shape, values, spans = [], [], []
    for match in _TOKEN.finditer(plain):
        letter, value = _classify(match.lastgroup or "mark", match.group(), plain, match.start())
        shape.append(letter)
        values.append(value)
        spans.append(match.span())
    return DateTokens(plain, "".join(shape), tuple(values), tuple(spans))

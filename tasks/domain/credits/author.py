"""The people who wrote an article: names out of JSON-LD, meta elements and bylines.

Agencies, desks, roles, addresses and the site's own name are no people; agencies go to
`source_credit` instead.
"""

import re
from collections.abc import Iterable

from tasks.domain.text.agencies import is_agency
from tasks.domain.text.normalise import compact_key, comparison_key, squeeze, word_set
from tasks.domain.text.vocabulary import alternatives

_PACKAGE = "tasks.domain.credits"
_PREFIX = re.compile(
    rf"^[\s\W_]*(?:(?:(?:{alternatives(_PACKAGE, 'byline_verb')})"
    rf"\s*(?:{alternatives(_PACKAGE, 'byline_by')}|:)+"
    rf"|{alternatives(_PACKAGE, 'byline_label')})(?![\w-])\s*[:：]?\s*)+",
    re.IGNORECASE,
)
_SPLIT = re.compile(
    r"\s*(?:[;|•·\n、，]|,|\s/\s|/|\s(?:and|und|et|y|e|i|a|og|och|en|и|та|ve|dan|và|ja|och|&|\+)\s|&)\s*",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"\s*(?:\(.*?\)|\[.*?\]|\s[–—|-]\s.*|\s*/\s.*|\bfor\s+the\s+.*|\bin\s+[A-Z]\w+$"
    r"|\b(?:twitter|facebook|follow|folgen|instagram|x\.com)\b.*|@\S+.*|\d{1,2}[.:/]\d{1,2}.*|\|.*|<.*)$",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"\S+@\S+\.\w+|https?://|www\.|^@")
_NOT_PEOPLE = re.compile(
    rf"\b(?:{alternatives(_PACKAGE, 'not_people')})\b|{alternatives(_PACKAGE, 'not_people_cjk')}",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(r"\s+(?:Mo|Di|Mi|Do|Fr|Sa|So|Mon|Tue|Wed|Thu|Fri|Sat|Sun)\.?$")
# `dmk` signs for an editor, `MDR SACHSEN` for a station; `AMY LEE` is a name.
_INITIALS = re.compile(r"^(?:[a-zäöüß]{1,3}|red|[B-DF-HJ-NP-TV-XZ]{3,4}(?:\s.*)?)$")
_MAX_AUTHORS = 25


def clean_names(raw: str, site_keys: Iterable[str] = ()) -> list[str]:
    """Return the people whom a byline names, in its order; empty when it names none."""
    text = squeeze(re.sub(r"<[^<>]{1,200}>", " ", raw))[:400]
    if not text or (_ADDRESS.search(text) and " " not in text):
        return []
    text = _PREFIX.sub("", text)
    sites = set(site_keys)
    names: list[str] = []
    for part in _parts(text):
        name = person_name(part, sites)
        if name and comparison_key(name) not in map(comparison_key, names):
            names.append(name)
    return names[:_MAX_AUTHORS]


def _parts(text: str) -> list[str]:
    # `You, Xiaoying` is one person, as catalogues write it.
    inverted = re.fullmatch(r"([^\W\d_][\w'’-]+),\s*((?:[^\W\d_][\w.'’-]*\s?){1,2})", text)
    if (
        inverted
        and not _NOT_PEOPLE.search(text)
        and text.count(" ") <= 2
        and len(inverted.group(2).split()) == 1
    ):
        return [f"{inverted.group(2).strip()} {inverted.group(1)}"]
    return [part for part in _SPLIT.split(text) if part and part.strip()]


def person_name(text: str, site_keys: set[str]) -> str | None:
    """Return the name of a person without role or place; None when the text names none."""
    name = _PREFIX.sub("", text)
    name = _ADDRESS.split(name)[0] if _ADDRESS.search(name) else name
    name = _TAIL.sub("", name).strip(" \t.,:;–—-|/*()\"“”„'")
    if re.search(r"\b(?:Dr|Prof|jr|Jr|Sr)$", name):
        name += "."
    name = _WEEKDAY.sub("", name)
    words = name.split()
    if not (1 <= len(words) <= 6) or not (2 <= len(name) <= 60) or re.search(r"\d{3}|[=<>{}#$%]", name):
        return None
    if _INITIALS.match(name):
        return None
    if is_agency(name) or _NOT_PEOPLE.search(name) or compact_key(name) in site_keys:
        return None
    if any(len(key) > 6 and key in compact_key(name) and len(words) <= 2 for key in site_keys):
        return None
    # A byline of several small words is a sentence, not a name.
    small = sum(word[0].islower() and word.lower() not in _PARTICLES for word in words)
    return name if small <= len(words) / 2 or len(words) <= 2 else None


_PARTICLES = word_set(
    "de da di du del della der den van von zu zur la le les el al bin ibn ben dos das e y af av ter ten"
)

"""The authors of an article as clean names: people, else the house or desk that signs.

Takes the text of one place (JSON-LD, meta element, byline). Labels, roles, dates, topics and addresses are no
names. Agencies are credited by `credit`; here they count as organisations.
"""

import re
from collections.abc import Collection, Iterable
from functools import lru_cache

from tasks.domain.dates.tokens import tokens_of
from tasks.domain.text.agencies import has_agency, is_agency
from tasks.domain.text.normalise import compact_key, comparison_key, squeeze, word_set
from tasks.domain.text.patterns import CREDIT
from tasks.domain.text.vocabulary import alternatives

_PACKAGE = "tasks.domain.credits"
_PREFIX = re.compile(
    rf"^[\s\W_]*(?:(?:(?:{alternatives(_PACKAGE, 'byline_verb')})"
    rf"\s*(?:{alternatives(_PACKAGE, 'byline_by')}|:)+"
    rf"|{alternatives(_PACKAGE, 'byline_label')})(?![\w-])\s*[:：–-]?\s*)+",
    re.IGNORECASE,
)
_AND = "and|und|et|y|e|i|a|og|och|en|и|і|й|та|ve|və|és|și|ir|un|και|dan|và|ja|eta|dhe"
_SPLIT = re.compile(rf"\s*(?:[;|•·\n、，]|,|\s/\s|/|\s(?:{_AND}|&|\+)\s|&)\s*", re.IGNORECASE)
_TAIL = re.compile(
    r"\s*(?:\(.*?\)|\[.*?\]|\s[–—|-]\s.*|\s*/\s.*|\bin\s+[A-Z]\w+$|@\S+.*|\d{1,2}[.:/]\d{1,2}.*|\|.*|<.*"
    rf"|\b(?:{alternatives(_PACKAGE, 'tail_label')}|twitter|facebook|instagram|x\.com)\b.*)$",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"<[^<>]{1,200}>")
_TWO_DIGITS = re.compile(r"\d{2}")
_TITLE_AT_END = re.compile(r"\b(?:Dr|Prof|jr|Jr|Sr)$")
_INVERTED = re.compile(r"([^\W\d_][\w'’-]+),\s*((?:[^\W\d_][\w.'’-]*\s?){1,2})")
_ADDRESS = re.compile(r"\S+@\S+\.\w+|https?://|www\.|^@")
_ORGANISATION = re.compile(
    rf"\b(?:{alternatives(_PACKAGE, 'organisation')})(?!\w)|{alternatives(_PACKAGE, 'organisation_cjk')}",
    re.IGNORECASE,
)
_ROLE = re.compile(
    rf"\b(?:{alternatives(_PACKAGE, 'role')})(?!\w)|{alternatives(_PACKAGE, 'role_cjk')}", re.IGNORECASE
)
_LABEL = re.compile(rf"\b(?:{alternatives(_PACKAGE, 'not_author')})\b", re.IGNORECASE)
# `dmk` signs for an editor, `MDR SACHSEN` for a station; `AMY LEE` is a name.
_INITIALS = re.compile(r"^(?:[a-zäöüß]{1,3}|red|[A-ZÄÖÜ]{1,2}|[B-DF-HJ-NP-TV-XZ]{3,6}(?:\s.*)?)$")
# What says nothing by itself: the section of a site, not its desk.
_BARE = re.compile(
    r"(?:news|nachrichten|presse|press|online|digital|web|media|tv|radio|blog|forum|sport)", re.I
)
_FORBIDDEN = re.compile(r"^\d|\d{3}|[=<>{}#$%:：]")
_PARTICLES = word_set(
    "de da di du del della der den van von zu zur la le les el al bin ibn ben dos das e y af av ter ten v."
)
# A date among the classes of `dates.tokens`: it begins with a weekday, a month beside a number, or a number.
_DATE_RUN = re.compile(
    r"(?:u[:!.]?)?(?:[WB][.!,]{0,2}(?=[dMB]))?(?:[MB][.!]?d|[dyf])"
    r"(?:[dyfMBWAahmsTZuo.!,:/()|@+~?-]*(?:[dyfAahmsZ)]|(?<=d)[MB]|(?<=d[.!])[MB]))?"
)
_REAL_DATE = re.compile(r"d[.!]?[MB]|[MB][.!]?d|d:d|d[./-]d[./-][dy]|y[./-]d")
_DATE_WORDS = re.compile(r"[WBMAahms.!,]+")
_MAX_AUTHORS = 25
_MAX_NAME = 60  # characters
_MAX_ORGANISATION = 80


def clean_names(raw: str, site_keys: Iterable[str] = ()) -> list[str]:
    """Return the people whom a byline names, in its order; empty when it names none."""
    return list(_names_in(_plain(raw), frozenset(site_keys)))


# A byline is read when it is found, when it is compared with others, and when it is chosen.
@lru_cache(maxsize=1_000)
def _names_in(text: str, sites: frozenset[str]) -> tuple[str, ...]:
    if not text or (_ADDRESS.search(text) and " " not in text):
        return ()
    if CREDIT.match(text):
        return ()  # `Photo: Ann Lee`
    text = _PREFIX.sub("", text)
    names: list[str] = []
    parts = _parts(text)
    if (
        len(parts) > 1
        and not any(is_full_name(_without_role(part)) for part in parts)
        and any(map(_ORGANISATION.search, parts))
    ):
        return ()  # `Landesanstalt für Wald und Forst`
    for part in parts:
        name = person_name(part, sites)
        if name and comparison_key(name) not in map(comparison_key, names):
            names.append(name)
    return tuple(names[:_MAX_AUTHORS])


def organisation_name(raw: str, site_keys: Iterable[str] = (), *, is_marked: bool = False) -> str | None:
    """Return the house, desk or agency that a byline names, as a whole; None when it names none.

    `is_marked`: the page says by its markup that the text names an organisation.
    """
    text = _PREFIX.sub("", _plain(raw))
    if text and (_ADDRESS.search(text) and " " not in text):
        return None
    name = re.sub(r"\s*(?:\|.*|\s[–—-]\s*$)", "", text).strip(' \t,:;–—-|/*"“”„')
    if not (2 <= len(name) <= _MAX_ORGANISATION) or not re.search(r"[^\W\d_]{2}", name):
        return None
    is_house = bool(_ORGANISATION.search(name) or _ROLE.search(name)) or has_agency(name)
    is_site = compact_key(name) in set(site_keys)
    if _BARE.fullmatch(name):
        return None
    if is_site or is_marked:
        return name
    return name if is_house and not (_LABEL.search(name) or _FORBIDDEN.search(name)) else None


def _plain(raw: str) -> str:
    """Return a byline as one line of words, without markup and dates."""
    text = squeeze(_MARKUP.sub(" ", raw))[:400]
    return without_dates(text) if _TWO_DIGITS.search(text) else text


def without_dates(text: str) -> str:
    """Return the text with a bar in place of each date and time."""
    tokens = tokens_of(text)
    pieces, end = [], 0
    for run in _DATE_RUN.finditer(tokens.shape):
        if not _REAL_DATE.search(run.group()):
            continue
        pieces.append(text[end : tokens.spans[run.start()][0]])
        end = tokens.spans[run.end() - 1][1]
    if not pieces:
        return text
    return " | ".join([*pieces, text[end:]]).strip(" |,.·•-–")


def _parts(text: str) -> list[str]:
    # `You, Xiaoying` is one person, as catalogues write it.
    inverted = _INVERTED.fullmatch(text)
    if inverted and not _is_no_person(text) and text.count(" ") <= 2 and len(inverted.group(2).split()) == 1:
        return [f"{inverted.group(2).strip()} {inverted.group(1)}"]
    return [part for part in _SPLIT.split(text) if part and part.strip()]


def person_name(text: str, site_keys: Collection[str]) -> str | None:
    """Return the name of a person without role or place; None when the text names none."""
    name = _PREFIX.sub("", text)
    name = _ADDRESS.split(name)[0] if _ADDRESS.search(name) else name
    name = _without_role(_TAIL.sub("", name)).strip(" \t.,:;–—-|/*()\"“”„'")
    if _TITLE_AT_END.search(name):
        name += "."
    words = name.split()
    while len(words) > 1 and words[-1] in _PARTICLES:
        words.pop()
    name = " ".join(words)
    if not (1 <= len(words) <= 6) or not (2 <= len(name) <= _MAX_NAME) or _FORBIDDEN.search(name):
        return None
    if _INITIALS.match(name) or is_agency(name) or _is_no_person(name) or is_date_word(name):
        return None
    key = compact_key(name)
    if key in site_keys or (len(words) <= 2 and any(len(site) > 6 and site in key for site in site_keys)):
        return None
    # A byline of several small words is a sentence, not a name.
    n_small = sum(is_small_letter(word[0]) and word.lower() not in _PARTICLES for word in words)
    return name if n_small <= len(words) / 2 or len(words) <= 2 else None


def _without_role(text: str) -> str:
    """Return what stands before a role, if it can be a full name: `Ann Lee Senior Editor` -> `Ann Lee`."""
    role = _ROLE.search(text)
    if role is None:
        return text
    name = text[: role.start()].strip(" ,")
    return name if 2 <= len(name.split()) <= 4 and is_full_name(name) else text


def is_full_name(text: str) -> bool:
    """Say whether a text has the form of a full name: two to five words with capitals, or particles."""
    words = text.split()
    if not 2 <= len(words) <= 5 or _FORBIDDEN.search(text) or _is_no_person(text):
        return False
    capitals = [word[0].isalpha() and not is_small_letter(word[0]) for word in words]
    return capitals[-1] and all(
        is_capital or word in _PARTICLES for is_capital, word in zip(capitals, words, strict=True)
    )


def is_small_letter(letter: str) -> bool:
    """Say whether a letter is a small one; those of Georgian, which writes no capitals, are none."""
    return letter.islower() and not "\u10d0" <= letter <= "\u10ff"


def _is_no_person(text: str) -> bool:
    return any(pattern.search(text) for pattern in (_ORGANISATION, _ROLE, _LABEL))


def is_date_word(text: str) -> bool:
    """Say whether a text is only the name of a weekday or month: `Monday`."""
    return bool(_DATE_WORDS.fullmatch(tokens_of(text).shape))

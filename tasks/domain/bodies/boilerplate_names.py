"""What class names and ids say about a block: which names mark boilerplate on news pages.

A name is cut into words (`articleShare-box` -> `article-share-box`) and looked up whole or at word
boundaries. Names that articles' own blocks carry as well are only accepted whole (`data/*_names.toml`).
"""

import re
from functools import lru_cache

from tasks.domain.text.vocabulary import alternatives, read_phrases

_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_MARKS = re.compile(r"[^A-Za-z0-9\u0080-\uffff]+")

_PACKAGE = "tasks.domain.bodies"
_PREFIXES = (
    r"(?:(?:js|is|has|c|m|o|b|u|l|g|wp-block|block|article|post|entry|story|page|content|text|the|td|tdb)-)?"
)
# Each word of a name begins with a hyphen, to which the engine skips: faster than `(?:^|-)`.
_WHOLE_NAME = re.compile(rf"^-{_PREFIXES}(?:{alternatives(_PACKAGE, 'whole_names')})(?:-\d+)?$")
_PARTIAL_NAME = re.compile(rf"-(?:{alternatives(_PACKAGE, 'partial_names')})(?=-|$)")
_AD_SLOTS = [
    "|".join(read_phrases(_PACKAGE, concept)["ad_slots"]) for concept in ("whole_names", "partial_names")
]
_AD_SLOT = re.compile(rf"^-{_PREFIXES}(?:{_AD_SLOTS[0]})(?:-\d+)?$|-(?:{_AD_SLOTS[1]})(?=-|$)")
_MARKED = {mark: "|".join(names) for mark, names in read_phrases(_PACKAGE, "marked_names").items()}
_ARTICLE_NAME = re.compile(rf"-(?:{_MARKED['article']})(?=-|$)")
_COMMENTS_NAME = re.compile(rf"^-(?:(?:wp|block|js|article|post)-)?(?:{_MARKED['comments']})$")
_HIDDEN_NAME = re.compile(rf"-(?:{_MARKED['hidden']})(?=-|$)")
_HIDDEN_WHOLE_NAME = re.compile(rf"^-(?:{_MARKED['hidden_whole']})$")


@lru_cache(maxsize=30_000)
def names_boilerplate(classes: str) -> bool:
    """Say whether a block's class names or ids mark boilerplate."""
    return any(map(_is_boilerplate, classes.split()[:30]))


# Pages combine the same few names in ever new ways.
@lru_cache(maxsize=30_000)
def _is_boilerplate(name: str) -> bool:
    words = _words(name)
    if _WHOLE_NAME.search(words):
        return True
    return _PARTIAL_NAME.search(words) is not None and not _ARTICLE_NAME.search(words)


@lru_cache(maxsize=30_000)
def names_ad_slot(classes: str) -> bool:
    """Say whether a block's class names or ids mark the place of an advertisement that a script loads."""
    return any(_AD_SLOT.search(_words(name)) for name in classes.split()[:30])


@lru_cache(maxsize=30_000)
def names_comments(classes: str) -> bool:
    """Say whether a block's class names or ids mark readers' comments."""
    return any(map(_is_comments, classes.split()[:30]))


@lru_cache(maxsize=30_000)
def _is_comments(name: str) -> bool:
    return _COMMENTS_NAME.search(_words(name)) is not None


@lru_cache(maxsize=30_000)
def names_hidden(classes: str) -> bool:
    """Say whether an inline element's class names mark hidden text or a credit."""
    names = map(_words, classes.split()[:30])
    return any(_HIDDEN_NAME.search(name) or _HIDDEN_WHOLE_NAME.match(name) for name in names)


@lru_cache(maxsize=30_000)
def _words(name: str) -> str:
    """Return a name's words in lower case, a hyphen before each: `-article-share-box`."""
    name = name[:120]
    if not name.islower():
        name = _CAPITAL.sub("-", name)
    return "-" + _MARKS.sub("-", name).lower().strip("-")

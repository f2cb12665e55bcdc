"""What class names and ids say about a block: which names mark boilerplate on news pages.

A name is cut into words (`articleShare-box` -> `article-share-box`) and looked up whole or at word
boundaries. Names that articles' own blocks carry as well are only accepted whole (`data/*_names.toml`).
"""

import re
from functools import lru_cache

from tasks.domain.text.vocabulary import alternatives, read_phrases

_WORD_BREAK = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9\u0080-\uffff]+")

_PACKAGE = "tasks.domain.bodies"
_PREFIXES = (
    r"(?:(?:js|is|has|c|m|o|b|u|l|g|wp-block|block|article|post|entry|story|page|content|text|the|td|tdb)-)?"
)
_WHOLE_NAME = re.compile(rf"^{_PREFIXES}(?:{alternatives(_PACKAGE, 'whole_names')})(?:-\d+)?$")
_PARTIAL_NAME = re.compile(rf"(?:^|-)(?:{alternatives(_PACKAGE, 'partial_names')})(?=-|$)")
_MARKED = {mark: "|".join(names) for mark, names in read_phrases(_PACKAGE, "marked_names").items()}
_ARTICLE_NAME = re.compile(rf"(?:^|-)(?:{_MARKED['article']})(?=-|$)")
_COMMENTS_NAME = re.compile(rf"^(?:(?:wp|block|js|article|post)-)?(?:{_MARKED['comments']})$")
_HIDDEN_NAME = re.compile(rf"(?:^|-)(?:{_MARKED['hidden']})(?=-|$)|^(?:{_MARKED['hidden_whole']})$")


@lru_cache(maxsize=30_000)
def names_boilerplate(classes: str) -> bool:
    """Say whether a block's class names or ids mark boilerplate."""
    names = [_words(name) for name in classes.split()[:30]]
    return any(
        _WHOLE_NAME.search(name) or (_PARTIAL_NAME.search(name) and not _ARTICLE_NAME.search(name))
        for name in names
    )


@lru_cache(maxsize=30_000)
def names_comments(classes: str) -> bool:
    """Say whether a block's class names or ids mark readers' comments."""
    return any(_COMMENTS_NAME.search(_words(name)) for name in classes.split()[:30])


@lru_cache(maxsize=30_000)
def names_hidden(classes: str) -> bool:
    """Say whether an inline element's class names mark hidden text or a credit."""
    return any(_HIDDEN_NAME.search(_words(name)) for name in classes.split()[:30])


def _words(name: str) -> str:
    return _WORD_BREAK.sub("-", name[:120]).lower().strip("-")

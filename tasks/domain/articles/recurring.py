"""Lines that recur in the articles of one source are boilerplate: learnt from the articles themselves.

Pure functions of a set of articles: neither the order of arrival nor the batch size matters. The learnt
set is applied to the text that people read; hashes and fingerprints are computed before.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b

from tasks.domain.text.normalise import comparison_key

RECURRING_VERSION = "1"
MIN_ARTICLES = 3
MIN_DAYS = 2
_MAX_LINE = 600  # characters: a longer line that recurs is a republished text
_MIN_KEY = 2


@dataclass(frozen=True, slots=True)
class ArticleLines:
    """One article's text for learning: its identity, its day, its body."""

    article: str
    on: date | None  # day of publication; None counts as a day of its own
    body: str


def learn_recurring(
    articles: Iterable[ArticleLines], *, min_articles: int = MIN_ARTICLES, min_days: int = MIN_DAYS
) -> frozenset[str]:
    """Return the keys of the lines that occur in several different articles of one source, on several days.

    Copies of one text under several addresses count as one article.
    """
    texts: dict[str, set[str]] = defaultdict(set)
    days: dict[str, set[date | str]] = defaultdict(set)
    for article in articles:
        keys = {key for line in article.body.split("\n") if (key := line_key(line))}
        text = _text_of(article.body)
        for key in keys:
            texts[key].add(text)
            days[key].add(article.on or article.article)
    return frozenset(key for key in texts if len(texts[key]) >= min_articles and len(days[key]) >= min_days)


def apply_recurring(body: str, recurring: Collection[str]) -> tuple[str, tuple[str, ...]]:
    """Return the body without recurring lines, and the removed lines in their order.

    A body that would lose all its lines keeps them.
    """
    if not recurring:
        return body, ()
    lines = body.split("\n")
    removed = tuple(line for line in lines if line_key(line) in recurring)
    kept = [line for line in lines if line_key(line) not in recurring]
    return ("\n".join(kept), removed) if kept and removed else (body, ())


def line_key(line: str) -> str:
    """Return a key that is equal for two spellings of one line; empty for one that cannot be boilerplate."""
    if len(line) > _MAX_LINE:
        return ""
    key = comparison_key(line)
    return key if len(key) >= _MIN_KEY else ""


def keyed_lines(body: str) -> tuple[str, dict[str, str]]:
    """Return the hash of a body's text, and its lines that may be boilerplate by their keys."""
    lines = {key: line for line in reversed(body.split("\n")) if (key := line_key(line))}
    return _text_of(body), lines


def _text_of(body: str) -> str:
    """Return a hash of the article's own text: copies of a text share their longest line."""
    longest = max(body.split("\n"), key=len, default="")
    return blake2b(comparison_key(longest).encode(), digest_size=8).hexdigest()


def learn_title_tails(titles: Sequence[str]) -> frozenset[str]:
    """Return the endings (` | The Site`) that all but a few headlines of a source share, as they stand."""
    counts: dict[str, int] = defaultdict(int)
    distinct = set(titles)
    for title in distinct:
        for separator in (" | ", " - ", " – ", " — ", " :: ", " » ", " · "):
            cut = title.rfind(separator)
            if cut > 8:
                counts[title[cut:]] += 1
    enough = max(MIN_ARTICLES, round(0.8 * len(distinct)))
    return frozenset(tail for tail, n in counts.items() if n >= enough)


def strip_title_tail(title: str, tails: Collection[str]) -> str:
    """Return the headline without one of the learnt endings."""
    tail = next((tail for tail in tails if title.endswith(tail) and len(title) > len(tail) + 8), "")
    return title[: len(title) - len(tail)].strip()

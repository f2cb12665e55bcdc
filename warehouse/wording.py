"""Words that messages, reports and log lines share: counts with their nouns, and suggestions."""

from collections.abc import Iterable
from difflib import get_close_matches

_PLURALS = {
    "entry": "entries", "copy": "copies", "address": "addresses", "story": "stories", "search": "searches"
}  # fmt: skip


def plural(n: int, noun: str) -> str:
    """Return a count with its noun, such as "1 reject", "2 feeds" or "1,200 entries"."""
    if n == 1:
        return f"1 {noun}"
    first, _, last = noun.rpartition(" ")
    many = _PLURALS.get(last, f"{last}s")
    return f"{n:,} {f'{first} {many}' if first else many}"


def suggest(name: str, known: Iterable[str]) -> str:
    """Return a sentence that helps after an unknown name: the most similar known one, else all of them."""
    names = sorted(known)
    if similar := get_close_matches(name, names, n=1, cutoff=0.5):
        return f"Did you mean '{similar[0]}'?"
    return f"Known: {', '.join(names) or 'none'}."

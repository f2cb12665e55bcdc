"""Counts in sentences: the same plurals in messages, reports and log lines."""

_PLURALS = {"entry": "entries", "copy": "copies", "address": "addresses"}


def plural(n: int, noun: str) -> str:
    """Return a count with its noun, such as "1 reject", "2 feeds" or "1,200 entries"."""
    if n == 1:
        return f"1 {noun}"
    first, _, last = noun.rpartition(" ")
    many = _PLURALS.get(last, f"{last}s")
    return f"{n:,} {f'{first} {many}' if first else many}"

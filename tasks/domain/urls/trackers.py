"""Query parameters that name how a reader came or how a page is shown, never which article it is.

By exact name, compared in lower case: a pattern such as `*source` or `*mc` would also take `source=2` or
`mc=7`, which choose the article on some sites. Where a name is used for both, its value decides
(`ref=rss` is dropped, `ref=41` stays). The lists are data (`data/trackers.toml`).
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

_WORDY = re.compile(r"^(?=.*[a-z])[a-z0-9_.:|%+\- ]+$", re.IGNORECASE)
_RANDOM = re.compile(r"^(?=.*[a-z])(?=.*\d)[a-z0-9]{16,}$", re.IGNORECASE)
_CLOCK = re.compile(r"^\d{10,}$")


@dataclass(frozen=True, slots=True)
class Trackers:
    """Names of parameters that never choose the article, all in lower case."""

    families: tuple[str, ...]  # prefixes
    names: frozenset[str]  # whatever their value
    wordy: frozenset[str]  # unless the value is a bare number
    by_value: Mapping[str, frozenset[str]]  # with one of these values only
    by_site: Mapping[str, frozenset[str]]  # names that only one registrable domain uses


def read_trackers() -> Trackers:
    """Return the lists of `data/trackers.toml`."""
    text = files("tasks.domain.urls").joinpath("data", "trackers.toml").read_text(encoding="utf-8")
    lists = tomllib.loads(text)
    values = {name: _words(words) for name, words in lists["values"].items()}
    return Trackers(
        families=tuple(lists["families"].split()),
        names=_words(lists["names"]),
        wordy=_words(lists["wordy"]),
        by_value={
            name: frozenset().union(*(values[kind] for kind in kinds))
            for name, kinds in lists["by_value"].items()
        },
        by_site={site: _words(names) for site, names in lists["by_site"].items()},
    )


def _words(text: str | list[str]) -> frozenset[str]:
    return frozenset(text.split() if isinstance(text, str) else text)


_TRACKERS = read_trackers()


def is_tracker(name: str, value: str, site: str) -> bool:
    """Say whether a parameter of a page of `site` (registrable domain) never chooses the article."""
    name, lower_value = name.lower(), value.lower()
    if name in _TRACKERS.names or name.startswith(_TRACKERS.families):
        return True
    if name in _TRACKERS.by_site.get(site, ()) or lower_value in _TRACKERS.by_value.get(name, ()):
        return True
    if name in _TRACKERS.wordy:
        return bool(_WORDY.match(value))
    return _is_session_or_clock(name, value)


def _is_session_or_clock(name: str, value: str) -> bool:
    """Say whether a parameter holds a session or the time of a request."""
    if name in ("session_id", "sess_id", "sessid"):
        return bool(_RANDOM.match(value))
    if name in ("_", "cb", "rnd", "rand"):
        return bool(_CLOCK.match(value))  # jQuery's and others' cache busters
    return name.startswith("aspsessionid")

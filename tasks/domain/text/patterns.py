"""Patterns of lines that are not an article's text, in many languages: labels, notices, credits, pointers.

Each is matched against one line of text, case ignored. The phrases are data (`data/*.toml`).
"""

import re

from tasks.domain.text.vocabulary import alternatives, read_words

_PACKAGE = "tasks.domain.text"


class LinePattern:
    """A pattern of lower-case words, matched against lines in any case.

    The line is lowered instead of the case ignored: only then can the engine skip an alternative by its
    first letter, which makes these long lists five times faster (6 µs a line instead of 35).
    """

    __slots__ = ("_pattern",)

    def __init__(self, pattern: str) -> None:
        self._pattern = re.compile(pattern)

    def match(self, line: str) -> re.Match[str] | None:
        """Match at the line's start, as `re.Pattern.match` does."""
        return self._pattern.match(line.lower())

    def search(self, line: str) -> re.Match[str] | None:
        """Search in the line, as `re.Pattern.search` does."""
        return self._pattern.search(line.lower())

    def find_all(self, line: str) -> set[str]:
        """Return the different texts that match in the line, in lower case."""
        return {match.group() for match in self._pattern.finditer(line.lower())}


def _whole_line(concept: str) -> LinePattern:
    return LinePattern(rf"^[\s\W_]*(?:{alternatives(_PACKAGE, concept)})[\s\W_]*$")


def _counted_label(concept: str) -> LinePattern:
    """Return a pattern of whole lines that may hold a counter: `Comments (3)`, `12 yorum`."""
    label = alternatives(_PACKAGE, concept)
    return LinePattern(rf"^[\s\W_]*(?:\d[\d\s]{{0,8}}(?<=\d)\s*)?(?:{label})(?:[\s\W_]*\d{{1,5}})?[\s\W_]*$")


ALSO_READ = LinePattern(rf"^[\s\W_]*(?:{alternatives(_PACKAGE, 'also_read')})(?!\w)")
COMMENTS = _counted_label("comments")
SHARE = _counted_label("share")
NOTICE = _whole_line("notice")
# What lines of labels begin with, and few others: the three patterns above without their ends.
_LABELS = "|".join(alternatives(_PACKAGE, concept) for concept in ("comments", "share", "notice"))
LABEL_START = LinePattern(rf"^[\s\W_]*(?:\d[\d\s]{{0,8}}(?<=\d)\s*)?(?:{_LABELS})")
SOURCE_LIST = _whole_line("source_list")
FOOTER = _whole_line("footer")
CREDIT = _whole_line("credit")
# A sentence of a consent wall or a bot check, anywhere in a line.
WALL_TEXT = LinePattern(alternatives(_PACKAGE, "wall_text"))
CAPTION = LinePattern(
    rf"(?<=[.)\]|–—,\s])(?:{alternatives(_PACKAGE, 'caption')})\s*[:：/©]\s*[^.:]{{2,60}}\.?$"
)
MAX_CAPTION = 230  # characters
BYLINE = LinePattern(rf"^[\s\W_]*(?:{alternatives(_PACKAGE, 'byline')})\b\s*[:：|]?\s*\S.{{1,90}}$")


class CallToReaders:
    """A line in which a site asks its readers to subscribe or to follow it: what it names, what it asks for.

    Either alone is found in any article; both in one short line are not.
    """

    __slots__ = ("_asked", "_named")

    def __init__(self, named: str, asked: str) -> None:
        self._named = tuple(read_words(_PACKAGE, named))
        self._asked = re.compile(asked)

    def is_in(self, line: str) -> bool:
        """Say whether the line is such a call."""
        lower = line.lower()
        return any(word in lower for word in self._named) and self._asked.search(lower) is not None


NEWSLETTER = CallToReaders("newsletter", alternatives(_PACKAGE, "subscribe"))
# The words of the second stand near the line's beginning: "Follow us on …".
FOLLOW = CallToReaders("channel", rf"^.{{0,40}}?(?<!\w)(?:{alternatives(_PACKAGE, 'follow')})")
MAX_CALL = 240  # characters

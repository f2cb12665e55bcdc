"""Teasers of other articles: a row of linked headlines, each with its first words below it.

Recognised by their alternation alone, without class names: at least three links to pages of the same site, in
elements of the same shape, most of them followed by a short text without a link. A row without a label
("Most read") that has more text than all other paragraphs of the page, or less text in front of it than
behind it, is the page's own: a list of recommendations, each linked.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from tasks.domain.bodies.line_kinds import has_weight
from tasks.domain.pages.lines import INLINE, TextLine
from tasks.domain.text.patterns import ALSO_READ

_LEAST_ENTRIES = 3
_LINKED = 0.9  # of the characters of a headline
_HEADLINE = 12  # characters
_ENTRY_LINES = 4  # below a headline
_ENTRY = 400  # characters below a headline
_LINE = 300  # characters of one line below a headline
_EXCERPT = 30  # characters
_PARAGRAPH = 60  # characters
_LABEL = 60  # characters

_Shape = tuple[str, ...]


def find_teasers(lines: Sequence[TextLine], url: str) -> frozenset[str]:
    """Return the lines of a page that are teasers of other articles and nothing else."""
    rows = list(_rows(lines, _site_of(url)))
    if not rows:
        return frozenset()
    labelled = {place for row in rows if _has_label(lines, row) for place in row}
    places = labelled.union(*rows)
    prose = [_prose_length(line) if place not in places else 0 for place, line in enumerate(lines)]
    teased = sum(len(lines[place].text) for place in places if not lines[place].is_linked)
    if teased > sum(prose):
        places = labelled
    places = {
        place
        for row in rows
        if labelled.issuperset(row) or sum(prose[: row.start]) > sum(prose[row.stop :])
        for place in row
        if place in places
    }
    others = {line.text for place, line in enumerate(lines) if place not in places}
    return frozenset(lines[place].text for place in places).difference(others)


def _prose_length(line: TextLine) -> int:
    return len(line.text) if has_weight(line.text, _PARAGRAPH) else 0


def without_teasers(text: str, teasers: frozenset[str]) -> str:
    """Return a reading without the lines that are teasers; as it is where nothing else would remain."""
    if not teasers:
        return text
    kept = [line for line in text.split("\n") if line.removeprefix("- ") not in teasers]
    return "\n".join(kept) or text


def _rows(lines: Sequence[TextLine], site: str) -> Iterator[range]:
    """Yield the places of each row of teasers, from its first headline to the end of its last entry."""
    for near in _near_headlines(lines):
        if not _may_have_row(lines, near):
            continue
        for heads in _of_one_shape(lines, near):
            if len(heads) < _LEAST_ENTRIES or not all(_is_of_site(lines[head], site) for head in heads):
                continue
            row = range(heads[0], _end_of_entry(lines, heads[-2], heads[-1]))
            if 2 * sum(_is_excerpt(lines[place]) for place in row) >= len(heads):
                yield row


def _near_headlines(lines: Sequence[TextLine]) -> Iterator[list[int]]:
    """Yield the places of all linked headlines; in one list those with no more than an entry between them."""
    heads = [place for place, line in enumerate(lines) if line.linked and _is_headline(line)]
    near = heads[:1]
    for head, following in pairwise(heads):
        if not _is_near(lines, head, following):
            yield near
            near = []
        near.append(following)
    yield near


def _may_have_row(lines: Sequence[TextLine], near: Sequence[int]) -> bool:
    """Say whether headlines are enough for a row and have an excerpt for half of it: menus have none."""
    if len(near) < _LEAST_ENTRIES:
        return False
    # No entry is longer than the one before it, and only the last few may end behind the last headline.
    stop = max(following + following - head for head, following in pairwise(near[-_ENTRY_LINES - 2 :]))
    return 2 * sum(map(_is_excerpt, lines[near[0] : stop])) >= _LEAST_ENTRIES


def _of_one_shape(lines: Sequence[TextLine], near: Sequence[int]) -> Iterator[list[int]]:
    """Yield headlines near each other, in one list those that follow each other in the same shape."""
    for _, heads in groupby(near, key=lambda place: _shape(lines[place])):
        yield list(heads)


def _has_label(lines: Sequence[TextLine], row: range) -> bool:
    """Say whether the line above a row is the label of other articles: "Most read"."""
    above = lines[row.start - 1].text if row.start else ""
    return len(above) <= _LABEL and ALSO_READ.match(above) is not None


def _is_headline(line: TextLine) -> bool:
    text = line.text
    if line.linked < _LINKED * len(text) and line.linked < _LINKED * len(text.replace(" ", "")):
        return False
    return has_weight(text, _HEADLINE)


def _is_excerpt(line: TextLine) -> bool:
    return has_weight(line.text, _EXCERPT) and not line.is_linked


def _is_of_site(line: TextLine, site: str) -> bool:
    """Say whether a line's link leads to another page of the same site."""
    element = line.start
    while element is not None and element.tag != "a":
        element = element.getparent()
    href = (element.get("href") or "").strip() if element is not None else ""
    return bool(href) and href[0] != "#" and ("//" not in href or _site_of(href) == site)


def _site_of(url: str) -> str:
    """Return the last two labels of a URL's host; empty for a URL without one."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return ".".join(host.split(".")[-2:])


def _is_near(lines: Sequence[TextLine], head: int, following: int) -> bool:
    """Say whether there is no more between a headline and the next one than the text of an entry."""
    if following == head + 1:  # most links of a menu
        return True
    if following - head > _ENTRY_LINES + 1:
        return False
    between = lines[head + 1 : following]
    return sum([len(line.text) for line in between]) <= _ENTRY and not any(map(_is_apart, between))


def _is_apart(line: TextLine) -> bool:
    return len(line.text) > _LINE or line.tag == "h1"


def _shape(line: TextLine) -> _Shape:
    """Return the tags and first classes of the block that holds a line and of the block around it."""
    element = line.start
    while element is not None and element.tag in INLINE:
        element = element.getparent()
    if element is None:
        return ()
    parent = element.getparent()
    return (*_name_of(element), *_name_of(parent)) if parent is not None else _name_of(element)


def _name_of(block: HtmlElement) -> _Shape:
    return str(block.tag), (block.get("class") or "").partition(" ")[0]


def _end_of_entry(lines: Sequence[TextLine], previous: int, head: int) -> int:
    """Return the place behind the last entry, which has no more lines than the one before it."""
    end = min(head + head - previous, len(lines))
    return next((place for place in range(head + 1, end) if _is_apart(lines[place])), end)

"""The article's text: the tree pruned, trafilatura's reading, a second one on doubt, lines cleaned.

Destroys the tree that it is given: it is the last reader of a page.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

from tasks.domain.bodies.clean import LineContext, clean_lines, edge_lines
from tasks.domain.bodies.consensus import choose_reading, is_settled, read_shown_prose
from tasks.domain.bodies.joiners import Spellings, find_spellings, restore_joiners
from tasks.domain.bodies.json_ld_body import is_missing
from tasks.domain.bodies.left_out import add_left_out
from tasks.domain.bodies.loose_lines import drop_above_headline, drop_loose_lines
from tasks.domain.bodies.own_text import read_own_text
from tasks.domain.bodies.prose_run import added_length, read_run
from tasks.domain.bodies.prune import prune_boilerplate
from tasks.domain.bodies.teasers import find_teasers, without_teasers
from tasks.domain.bodies.trafilatura_reading import SHORT, is_doubtful, read_cascade, read_main_text
from tasks.domain.credits.credit import signed_line, source_line
from tasks.domain.pages.lines import TextLine, lines_of, read_lines
from tasks.domain.pages.paragraphs import gather_paragraphs, paragraphs_length
from tasks.domain.pages.source_rules import select_first
from tasks.domain.text.normalise import squeeze

_ADDED = 0.05  # of a run of prose: a reading that adds more to it holds text that the run missed
_MANY_ELEMENTS = 20_000  # the cascade of readability and jusText takes seconds on more
_COUNT = "count(//*)"
_MOST = 0.8  # of the paragraphs that the page shows: a reading with more is not doubtful
_HALF = 0.5  # of the paragraphs that the page shows: a reading with less is doubtful
_LONGER = 1.3  # times the text: a longer run of prose makes it doubtful
_MAX_LINES = 4_000  # of a page: on more, the cascade takes seconds
_SHORT_RUN = 60  # characters: less is no article
_DOUBTFUL = 0.9  # of the paragraphs' text: a reading with less may have lost a part


@dataclass(frozen=True, slots=True)
class BodyHints:
    """What is known of the article before its text is read."""

    titles: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    strip: tuple[re.Pattern[str], ...] = ()
    selector: str | None = None  # the source's own, for the element that holds the text
    linked: str = ""  # the text that the page's JSON-LD carries
    url: str = ""  # of the page
    is_marked: bool = True  # the page's markup says where its article is: JSON-LD, an article element


@dataclass(frozen=True, slots=True)
class BodyText:
    """An article's text, one paragraph a line, and the `Source: X` lines that stood at its ends."""

    text: str
    credits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the page shows before pruning."""

    lines: Sequence[TextLine]
    titles: tuple[str, ...]
    spellings: Spellings
    teasers: frozenset[str]


def read_body(
    root: HtmlElement,
    lines: Sequence[TextLine],
    hints: BodyHints,
    parse_again: Callable[[], HtmlElement | None],
) -> BodyText:
    """Return the page's main text; empty when there is none.

    `lines` are the page's lines before pruning. `parse_again` returns the tree as it was parsed; it is
    called only where the usual reading is doubtful.
    """
    chosen = select_first(root, hints.selector)
    shown = _Shown(lines, hints.titles, find_spellings(lines), find_teasers(lines, hints.url))
    prune_boilerplate(root)
    text = _of_element(chosen) if chosen is not None else ""
    if not text:
        text = _read_page(root, shown)
        if not hints.is_marked:
            text = _run_of_prose(text, root, hints.titles)
        text = _agreed_reading(without_teasers(text, shown.teasers), root, shown, parse_again)
        text = add_left_out(text, lines, root, hints.titles, hints.authors)
        text = hints.linked if is_missing(text, hints.linked) else text
    credits = tuple(line for line in edge_lines(text) if source_line(line) or signed_line(line))
    cleaned = clean_lines(text, LineContext(hints.titles, hints.authors, hints.strip))
    cleaned = drop_above_headline(cleaned, lines, hints.titles)
    return BodyText(drop_loose_lines(cleaned, lines), credits)


def _of_element(element: HtmlElement) -> str:
    return "\n".join(lines_of(element))


def _read_page(root: HtmlElement, shown: _Shown) -> str:
    """Return trafilatura's reading, or another where it holds too little of the page's paragraphs."""
    total = paragraphs_length(root)
    text = restore_joiners(read_main_text(root), shown.spellings)
    if len(text) < _DOUBTFUL * total or len(text) < SHORT:
        text = _second_opinion(text, root)
    doubtful = is_doubtful(text, root)
    main = text
    if total < SHORT or doubtful:
        text = _own_text(text, root)
    if (len(text) < SHORT or (total < SHORT and doubtful)) and root.xpath(_COUNT) < _MANY_ELEMENTS:
        cascade = restore_joiners(read_cascade(root), shown.spellings)
        # The cascade holds the same paragraphs as the bare text of a block, and the menus of an old layout.
        is_same = text is not main and _prose_lines(cascade) == _prose_lines(text) != set()
        text = text if is_same else cascade or text
    return text


def _agreed_reading(
    text: str, root: HtmlElement, shown: _Shown, parse_again: Callable[[], HtmlElement | None]
) -> str:
    """Return the text, or where it is doubtful the reading that agrees most with the others."""
    lines, titles = shown.lines, shown.titles
    prose = read_shown_prose(lines, titles, text, shown.teasers)
    held = prose.length_of(prose.held_by(text))
    if len(text) >= SHORT and held >= _MOST * prose.length:
        return text
    run = read_run(lines, titles)
    if len(text) >= SHORT and held >= _HALF * prose.length and run.length <= _LONGER * len(text):
        return text
    if len(lines) > _MAX_LINES:
        return text
    prose, own = prose.without_walls(lines), "\n".join(run.lines)
    if own == text and prose.continues(group := "\n".join(gather_paragraphs(root, text)), text):
        return group
    others = [own, "\n".join(gather_paragraphs(root))]
    # The cascade takes longer than all else: it is asked only where its answer can count.
    if is_settled(text, others, prose) or (whole := parse_again()) is None:
        return text
    cascade = without_teasers(restore_joiners(read_cascade(whole), shown.spellings), shown.teasers)
    if not prose.length and len(text) < SHORT and _prose_length(cascade) >= SHORT:
        return cascade  # a page that scripts render: its text is in its data
    others.insert(1, cascade)
    return choose_reading(text, others, prose)


def _second_opinion(text: str, root: HtmlElement) -> str:
    """Return the gathered paragraphs where they hold this text and more, else the text."""
    first = _words_of(text.split("\n"))
    known = "\n".join(first) if len(text) > SHORT else ""
    lines = gather_paragraphs(root, known)
    gathered = _words_of(lines)
    missed = sum(map(len, set(gathered).difference(first)))
    lost = sum(map(len, set(first).difference(gathered)))
    total = sum(map(len, gathered))
    if total <= max(SHORT, len(text)) or missed < 0.15 * total:
        return text
    return "\n".join(lines) if not known or lost < 0.4 * len(text) else text


def _own_text(text: str, root: HtmlElement) -> str:
    """Return the bare text of a page without paragraphs, where the reading lost or buried it."""
    own = "\n".join(read_own_text(root))
    if len(own) < SHORT:
        return text
    have = " ".join(_words_of(text.split("\n")))
    missed = sum(len(line) for line in own.split("\n") if line[:50] not in have)
    is_lost = missed > 0.1 * len(own) and len(own) > (3 if missed > 0.8 * len(own) else 0.8) * len(text)
    # The text is there, but among the page's menus.
    is_buried = len(text) > 1.5 * len(own) + SHORT and _prose_length(text) < 1.3 * len(own)
    return own if is_lost or is_buried else text


def _run_of_prose(text: str, root: HtmlElement, titles: tuple[str, ...]) -> str:
    """Return the run of prose behind the headline, where the reading adds to it little but boilerplate."""
    body = root.find("body")
    lines = list(read_lines(body if body is not None else root))
    run = read_run(lines, titles)
    if run.length < _SHORT_RUN or added_length(text.split("\n"), run, lines) > _ADDED * run.length:
        return text
    return "\n".join(run.lines)


def _prose_length(text: str) -> int:
    return sum(len(line) for line in text.split("\n") if len(line) >= 80)


def _prose_lines(text: str) -> set[str]:
    return {squeeze(line) for line in text.split("\n") if len(line) >= 80}


def _words_of(lines: list[str]) -> list[str]:
    return [squeeze(line).removeprefix("- ") for line in lines]

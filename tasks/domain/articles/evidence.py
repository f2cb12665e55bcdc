"""What speaks for and against each field of an article, as named numbers; after all fields are read.

`certainty` weighs them. Agreement counts only between independent places: JSON-LD, meta elements, markup, the
text that readers see, the feed, the URL.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tasks.domain.articles.fields import Fields
from tasks.domain.bodies.line_kinds import ends_sentence, n_wide
from tasks.domain.credits.author import is_full_name
from tasks.domain.publication.candidate import DatedCandidate, Trust
from tasks.domain.publication.choice import DateChoice
from tasks.domain.text.normalise import comparison_key
from tasks.domain.titles.named import Named

Features = Mapping[str, float]  # a feature that is not named is 0

_QUOTED = re.compile(r"[»\"”’')」』]$")
_PROSE = 80  # characters of a line
_SHORT_LINE = 40
_DESCRIBED = 40  # characters of a description by which it is found in the text
_BEGINNING = 600  # characters
# Places that name a headline and stand for each other: what the site gives to others, what it shows.
_TITLE_PLACES = {
    "og_title": "shared",
    "twitter_title": "shared",
    "feed": "shared",
    "heading": "page",
    "h1": "page",
    "shown": "page",
}
# Another headline there says little: title tags are written for search engines.
_WEAK_TITLES = frozenset(["title_tag", "short_heading"])
_DATE_PLACES = {
    Trust.SOURCE_RULE: "rule",
    Trust.JSON_LD_ARTICLE: "json_ld",
    Trust.JSON_LD_OTHER: "json_ld",
    Trust.META: "meta",
    Trust.META_WEAK: "meta",
    Trust.ITEMPROP: "markup",
    Trust.TIME_PUBLISHED: "markup",
    Trust.TIME_NEAR: "markup",
    Trust.TIME_IN_ARTICLE: "markup_far",
    Trust.VISIBLE_TEXT: "visible",
    Trust.VISIBLE_FAR: "visible_far",
    Trust.FEED: "feed",
    Trust.URL: "url",
    Trust.HTMLDATE: "last_resort",
}
_WEAK_PLACES = frozenset({"markup_far", "visible_far", "url", "last_resort"})


@dataclass(frozen=True, slots=True)
class Evidence:
    """The features of each field."""

    title: Features
    published: Features
    body: Features
    authors: Features


@dataclass(frozen=True, slots=True)
class BodyEvidence:
    """What is known of a text beside itself."""

    text: str
    paragraphs_length: int  # characters in the page's paragraphs, before pruning
    linked: str  # the text that JSON-LD carries
    description: str  # the page's own summary
    is_marked: bool  # the markup says where the article is


def collect_evidence(fields: Fields, body: BodyEvidence) -> Evidence:
    """Return what speaks for and against each field."""
    return Evidence(
        title=title_features(fields.title, fields.titles),
        published=published_features(fields.published, fields.dated),
        body=body_features(body),
        authors=authors_features(fields),
    )


def title_features(title: Named | None, candidates: Sequence[Named]) -> Features:
    """Return the features of the chosen headline among its candidates.

    Few, because each one more made the bounds less stable on folds that they were not set on
    (docs/decisions/certainty.md).
    """
    if title is None:
        return {"missing": 1.0}
    key = comparison_key(title.value)
    same: set[str] = set()
    is_disputed = False
    for candidate in candidates:
        if comparison_key(candidate.value) == key:
            same.add(_TITLE_PLACES.get(candidate.origin, candidate.origin))
        elif candidate.origin not in _WEAK_TITLES:
            other = comparison_key(candidate.value)
            is_disputed |= other not in key and key not in other
    are_both = {"page", "shared"} <= same
    return {
        "shown_and_shared": float(are_both),
        "disputed": float(are_both and is_disputed),
        "unsupported": float(not are_both and (is_disputed or len(same - {"short_heading"}) < 2)),
    }


def published_features(choice: DateChoice, dated: Sequence[DatedCandidate]) -> Features:
    """Return the features of the chosen day among the page's dates; few, as for titles."""
    if choice.moment is None or choice.chosen is None:
        return {"missing": 1.0}
    day = choice.moment.on
    own = _DATE_PLACES[choice.chosen.trust]
    first: dict[str, int] = {}
    for candidate in sorted(dated, key=lambda candidate: candidate.trust):
        place = _DATE_PLACES[candidate.trust]
        if not candidate.is_modified:
            distance = abs((candidate.moment.on - day).days)
            first[place] = min(distance, first.get(place, distance))
    others = {place: distance for place, distance in first.items() if place != own}
    n_same = sum(distance == 0 for distance in others.values())
    return {
        "same": float(n_same),
        "alone": float(n_same == 0),
        "alone_in_weak_place": float(n_same == 0 and own in _WEAK_PLACES),
        "same_visible": float(others.get("visible") == 0),
        "next_day": float(sum(distance == 1 for distance in others.values())),
        "disagree": float(choice.disagree),
        "modified_same_day": float(
            any(candidate.is_modified and candidate.moment.on == day for candidate in dated)
        ),
    }


def body_features(body: BodyEvidence) -> Features:
    """Return the features of the text beside its page."""
    lines = body.text.split("\n")
    length = max(1, len(body.text))
    share = len(body.text) / max(1, body.paragraphs_length)
    prose = sum(len(line) for line in lines if _weight(line) >= _PROSE) / length
    linked = len(body.text) / len(body.linked) if body.linked else 0.0
    return {
        "prose": prose,
        "little_prose": float(prose < 0.5),
        "half_of_paragraphs": float(share < 0.6),
        "less_than_paragraphs": float(0.6 <= share < 0.85),
        "as_paragraphs": float(0.85 <= share <= 1.15),
        "twice_paragraphs": float(share > 1.6),
        "as_json_ld": float(0.9 < linked < 1.1),
        "unlike_json_ld": float(bool(body.linked) and not 0.75 < linked < 1.3),
        "holds_description": float(_holds(body.text, comparison_key(body.description)[:_DESCRIBED])),
        "marked": float(body.is_marked),
        "ends_in_sentence": float(ends_sentence(lines[-1]) or bool(_QUOTED.search(lines[-1]))),
        "short_lines": sum(_weight(line) < _SHORT_LINE for line in lines) / len(lines),
    }


def _weight(line: str) -> int:
    """Return a length in which a Chinese, Japanese or Korean character counts as three."""
    return len(line) + 2 * n_wide(line)


def _holds(text: str, words: str) -> bool:
    """Say whether a text holds the words of a comparison key; most that do begin with them."""
    return bool(words) and (words in comparison_key(text[:_BEGINNING]) or words in comparison_key(text))


def authors_features(fields: Fields) -> Features:
    """Return the features of the chosen byline among all."""
    signed = fields.signed
    if signed is None:
        return {"missing": 1.0}
    keys = set(map(comparison_key, fields.authors))
    has_same = has_other = False
    for byline in fields.bylines:
        if byline is signed or byline.origin == signed.origin:
            continue
        names = set(map(comparison_key, byline.names or byline.organisations))
        has_same |= bool(names) and names == keys
        has_other |= bool(byline.names) and names != keys
    is_partial = not has_same and not all(map(is_full_name, fields.authors))
    is_contradicted = has_other and not has_same
    from_text = signed.origin.startswith("visible_text")
    return {
        "same": float(has_same),
        "from_text": float(from_text),
        "alone_in_markup": float(not has_same and not from_text and signed.origin != "json_ld"),
        "suspect": float(is_partial or is_contradicted or (len(fields.authors) > 1 and not has_same)),
    }

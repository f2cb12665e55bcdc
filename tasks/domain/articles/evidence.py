"""What speaks for and against each field of an article, as named numbers; after all fields are read.

`certainty` weighs them. Agreement counts only between independent places: JSON-LD, meta elements, markup, the
text that readers see, the feed, the URL.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tasks.domain.articles.fields import Fields
from tasks.domain.credits.author import is_full_name
from tasks.domain.publication.candidate import DatedCandidate, Trust
from tasks.domain.publication.choice import DateChoice
from tasks.domain.text.normalise import comparison_key
from tasks.domain.titles.named import Named
from warehouse.records import Precision

Features = Mapping[str, float]  # a feature that is not named is 0

_SENTENCE_END = re.compile(r"[.!?…。！？»\"”’')]$")
_PROSE = 80  # characters of a line
_DESCRIBED = 40  # characters of a description by which it is found in the text
_BEGINNING = 600  # characters
# Of the places that name a headline, those that stand for each other.
_TITLE_PLACES = {
    "og_title": "social",
    "twitter_title": "social",
    "heading": "page",
    "h1": "page",
    "shown": "page",
}
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
    n_words: int


def collect_evidence(fields: Fields, body: BodyEvidence) -> Evidence:
    """Return what speaks for and against each field."""
    return Evidence(
        title=title_features(fields.title, fields.titles),
        published=published_features(fields.published, fields.dated),
        body=body_features(body),
        authors=authors_features(fields),
    )


def title_features(title: Named | None, candidates: Sequence[Named]) -> Features:
    """Return the features of the chosen headline among its candidates."""
    if title is None:
        return {"missing": 1.0}
    key = comparison_key(title.value)
    own = _TITLE_PLACES.get(title.origin, title.origin)
    same: set[str] = set()
    near: set[str] = set()
    other: set[str] = set()
    for candidate in candidates:
        place = _TITLE_PLACES.get(candidate.origin, candidate.origin)
        candidate_key = comparison_key(candidate.value)
        if place != own or candidate_key != key:
            is_near = candidate_key in key or key in candidate_key
            group = same if candidate_key == key else near if is_near else other
            group.add(place)
    return {
        f"from_{own}": 1.0,
        "same": float(min(2, len(same - {own}))),
        "same_page": float("page" in same),
        "same_tag": float("title_tag" in same),
        "alone": float(not same - {own}),
        "near": float(len(near)),
        "other": float(len(other)),
        "other_page": float("page" in other),
        "other_json_ld": float("json_ld" in other),
    }


def published_features(choice: DateChoice, dated: Sequence[DatedCandidate]) -> Features:
    """Return the features of the chosen day among the page's dates."""
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
    modified = [candidate.moment.on for candidate in dated if candidate.is_modified]
    return {
        f"from_{own}": 1.0,
        "same": float(n_same),
        "alone": float(n_same == 0),
        "same_visible": float(others.get("visible") == 0),
        "same_url": float(others.get("url") == 0),
        "next_day": float(sum(distance == 1 for distance in others.values())),
        "other": float(sum(distance > 1 for distance in others.values())),
        "other_visible": float(others.get("visible", 0) > 1),
        "other_url": float(others.get("url", 0) > 1),
        "disagree": float(choice.disagree),
        "day_only": float(choice.moment.precision is Precision.DAY),
        "new_year": float(day.month == day.day == 1),
        "modified_same_day": float(day in modified),
        "modified_far": float(any(abs((other - day).days) > 30 for other in modified)),
    }


def body_features(body: BodyEvidence) -> Features:
    """Return the features of the text beside its page."""
    lines = body.text.split("\n")
    length = max(1, len(body.text))
    share = len(body.text) / max(1, body.paragraphs_length)
    prose = sum(len(line) for line in lines if len(line) >= _PROSE) / length
    linked = len(body.text) / len(body.linked) if body.linked else 0.0
    return {
        "log_words": math.log1p(body.n_words) / 6,
        "few_words": float(body.n_words < 120),
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
        "ends_in_sentence": float(bool(_SENTENCE_END.search(lines[-1]))),
        "short_lines": sum(len(line) < 40 for line in lines) / len(lines),
    }


def _holds(text: str, words: str) -> bool:
    """Say whether a text holds the words of a comparison key; most that do begin with them."""
    return bool(words) and (words in comparison_key(text[:_BEGINNING]) or words in comparison_key(text))


def authors_features(fields: Fields) -> Features:
    """Return the features of the chosen byline among all."""
    signed = fields.signed
    if signed is None:
        return {"missing": 1.0}
    keys = set(map(comparison_key, fields.authors))
    n_same = n_other = 0
    for byline in fields.bylines:
        if byline is signed or byline.origin == signed.origin:
            continue
        names = set(map(comparison_key, byline.names or byline.organisations))
        n_same += bool(names) and names == keys
        n_other += bool(byline.names) and names != keys
    place = signed.origin.split(" ")[0]
    return {
        f"from_{place}": 1.0,
        "same": float(min(n_same, 4)),
        "other": float(min(n_other, 4)),
        "organisation": float(not signed.names),
        "full_names": float(all(map(is_full_name, fields.authors))),
        "one_word": float(any(" " not in name and name.isascii() for name in fields.authors)),
        "several": float(len(fields.authors) > 1),
        "many": float(len(fields.authors) > 4),
    }

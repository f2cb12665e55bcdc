"""Two texts -> exact, near, part_of or nothing, with measures and a sentence; after candidates are found.

A pure function of two texts and two days; neither other stored texts nor the order of arrival matter. The
measures and their weights were fitted on labelled copies and similar texts (bench/dedup.py):

- a copy is cut from the bottom, edited here and there, given a new headline, dateline and a few lines of
  boilerplate: its opening, its names and its figures remain;
- reports from one form share their words and differ in names and figures;
- a follow-up opens with its own news; an edition of a live blog has long passages of its own in both texts;
- two briefs above one footer share the footer only.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import product

from tasks.domain.duplicates.fingerprint import Fingerprint
from tasks.domain.duplicates.measures import (
    LEAST_LEAD,
    LEAST_SIMILARITY,
    MOST_HEAD,
    PART_CONTAINMENT,
    PART_HEAD,
    PART_LENGTH,
    Measures,
    measure,
)
from warehouse.records.article import DuplicateLink, Relation

RULE = "1"  # version of what follows; stored with each link
WINDOW_DAYS = 6  # an eighth of true copies are 4 or 5 days apart; weekly forms must not match
LEAST_SHARED_RATIO = 0.07  # of the smaller sample; this bound lost no labelled copy

NEAR_EVIDENCE = 0.41
_DIGEST_CONTAINMENT = 0.4
_SHORTEST_EXACT = 5  # tokens
# A brief that lost half of its figures and little else is the same form on another day.
_BRIEF_TOKENS, _BRIEF_NUMBERS, _BRIEF_FORMULAIC = 60, 0.55, 0.2


@dataclass(frozen=True, slots=True)
class Text:
    """One version of an article's text, as the comparison sees it."""

    article_id: str
    published_on: date | None
    fingerprint: Fingerprint


def compare(first: Text, second: Text) -> DuplicateLink | None:
    """Return the link between two articles' texts, or None. `a` is the smaller id."""
    a, b = (first, second) if first.article_id < second.article_id else (second, first)
    if not _is_in_window(a.published_on, b.published_on) or a.article_id == b.article_id:
        return None
    if is_same_text(a.fingerprint, b.fingerprint):
        return _exact(a, b)
    if a.published_on is None or b.published_on is None:
        return None
    short, long = _by_length(a.fingerprint, b.fingerprint)
    measures = measure(short, long)
    relation = _relation(short, measures) if measures else None
    if relation is None or measures is None:
        return None
    similarity = measures.similarity if relation is Relation.NEAR else measures.containment
    return _link(a, b, relation, similarity, _why(relation, short, long, measures), measures)


def declared_links(claims: Iterable[tuple[str, str]], texts: Mapping[str, list[Text]]) -> list[DuplicateLink]:
    """Return a link for each pair (article, original) where an article declares another as its original.

    Evidence of syndication, independent of texts and days; the similarity is that of the texts.
    """
    links = []
    for copy, original in claims:
        a, b = min(copy, original), max(copy, original)
        ratio = max((_similarity(x, y) for x, y in product(texts[a], texts[b])), default=0.0)
        which = "The first" if copy == a else "The second"
        why = f"{which} of the two, by id, declares the other as its canonical URL."
        measures = {"a_declares": float(copy == a)}
        links.append(DuplicateLink(a, b, Relation.DECLARED_SYNDICATION, round(ratio, 4), why, measures, RULE))
    return links


def best_link(first: list[Text], second: list[Text]) -> DuplicateLink | None:
    """Return the strongest link between any versions of two articles."""
    links = [link for a, b in product(first, second) if (link := compare(a, b))]
    return max(links, key=_strength, default=None)


def is_longer(a: Fingerprint, b: Fingerprint) -> bool:
    """Say whether `a` counts as the longer of two texts."""
    if a.n_tokens != b.n_tokens:
        return a.n_tokens > b.n_tokens
    return a.content_sha256 > b.content_sha256


def is_same_text(a: Fingerprint, b: Fingerprint) -> bool:
    """Say whether two texts have the same tokens in the same order."""
    return a.n_tokens == b.n_tokens and a.content_sha256 == b.content_sha256


def may_be_in_digest(link: DuplicateLink) -> bool:
    """Say whether a link's short text could be one of several stories in a digest, the long one."""
    measures = link.measures
    return (
        link.relation in (Relation.NEAR, Relation.PART_OF)
        and measures["length_ratio"] < PART_LENGTH
        and measures["containment"] >= _DIGEST_CONTAINMENT
    )


def _exact(a: Text, b: Text) -> DuplicateLink | None:
    n = a.fingerprint.n_tokens
    is_dated = a.published_on is not None and b.published_on is not None
    if n < _SHORTEST_EXACT or (a.fingerprint.is_short and not is_dated):
        return None  # "Watch the video" is the text of many pages
    return _link(a, b, Relation.EXACT, 1.0, f"The same text, word for word ({n} words).", None)


def _similarity(a: Text, b: Text) -> float:
    if is_same_text(a.fingerprint, b.fingerprint):
        return 1.0
    measures = measure(*_by_length(a.fingerprint, b.fingerprint))
    return measures.similarity if measures else 0.0


def _relation(short: Fingerprint, measures: Measures) -> Relation | None:
    if _is_near(short, measures):
        return Relation.NEAR
    is_part = measures.containment >= PART_CONTAINMENT and measures.length_ratio < PART_LENGTH
    return Relation.PART_OF if is_part and measures.short_head <= PART_HEAD else None


def _is_near(short: Fingerprint, measures: Measures) -> bool:
    if (
        measures.similarity < LEAST_SIMILARITY
        or measures.lead < LEAST_LEAD
        or measures.latest_head > MOST_HEAD
    ):
        return False
    is_brief = short.n_tokens < _BRIEF_TOKENS * (2 if short.is_spaceless else 1)
    if is_brief and measures.number_share < _BRIEF_NUMBERS and measures.formulaic >= _BRIEF_FORMULAIC:
        return False
    return measures.evidence >= NEAR_EVIDENCE


def _is_in_window(a: date | None, b: date | None) -> bool:
    """Say whether two days are close enough; without a day only exact copies count, at any distance."""
    return a is None or b is None or abs((a - b).days) <= WINDOW_DAYS


def _by_length(a: Fingerprint, b: Fingerprint) -> tuple[Fingerprint, Fingerprint]:
    return (b, a) if is_longer(a, b) else (a, b)


def _strength(link: DuplicateLink) -> tuple[int, float, str]:
    rank = {Relation.EXACT: 2, Relation.NEAR: 1}.get(link.relation, 0)
    return rank, link.similarity, link.why


def _why(relation: Relation, short: Fingerprint, long: Fingerprint, measures: Measures) -> str:
    size = f"{short.n_tokens} words against {long.n_tokens}"
    if relation is Relation.PART_OF:
        return f"{_percent(measures.containment)} of the shorter text is inside the longer one ({size})."
    return (
        f"{_percent(measures.containment)} of the shorter text's phrases are in the longer one ({size}); "
        f"opening {_percent(measures.lead)}, names and figures {_percent(measures.entity_share)} in common."
    )


def _percent(ratio: float) -> str:
    return f"{ratio * 100:.0f} %"


def _link(
    a: Text, b: Text, relation: Relation, similarity: float, why: str, values: Measures | None
) -> DuplicateLink:
    measures: dict[str, float] = {}
    if values is not None:
        measures = {
            "jaccard": round(values.jaccard, 4),
            "prefix_jaccard": round(values.prefix_jaccard, 4),
            "containment": round(values.containment, 4),
            "lead": round(values.lead, 4),
            "entity_share": round(values.entity_share, 4),
            "number_share": round(values.number_share, 4),
            "length_ratio": round(values.length_ratio, 4),
            "evidence": round(values.evidence, 4),
            "n_shared": values.n_shared,
            "part_from": values.part_from,
            "part_to": values.part_to,
            "a_is_longer": float(is_longer(a.fingerprint, b.fingerprint)),
        }
    return DuplicateLink(a.article_id, b.article_id, relation, round(similarity, 4), why, measures, RULE)

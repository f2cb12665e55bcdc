"""How a question asks the index: of plain words and phrases by a short statement, else by a macro.

The macro `core.search_documents` answers every question, but binding and planning all of its branches takes
45 CPU ms, whatever is asked. Most questions are words, phrases, prefixes and inflections: their statement has
one branch per word and is planned in a few milliseconds (bench/browse.py).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from warehouse.text.folding import fold

_WORD = re.compile(r"(-?)([^\W_]+)(\*?)")
_FORMS = re.compile(r"(-?)~([^\W_]+(?:\|[^\W_]+)*)")
_PHRASE = re.compile(r'(-?)"([^\W_]+(?: [^\W_]+)+)"')
_PART = re.compile(r'-?"[^"]*"|\S+')
_LAST_SPACED = "\u08ff"  # above it there are scripts that the index divides into pairs of characters
_REMOVED = "\u0640"  # Arabic tatweel: a letter to Python, removed by the index
MAX_WORDS = 8


class _WordKind(Enum):
    TERM = "term"
    PREFIX = "prefix"
    FORMS = "forms"  # text is a|b|c, folded: one of them is needed
    PHRASE = "phrase"  # text is words with a space between


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    is_excluded: bool
    kind: _WordKind

    @classmethod
    def of(cls, match: re.Match[str]) -> "_Word":
        if match.re is _FORMS:
            return cls(match[2], bool(match[1]), _WordKind.FORMS)
        if match.re is _PHRASE:
            return cls(match[2], bool(match[1]), _WordKind.PHRASE)
        return cls(match[2], bool(match[1]), _WordKind.PREFIX if match[3] else _WordKind.TERM)


def documents_sql(question: str, parameters: dict[str, Any]) -> str:
    """Return a relation of the documents that match: `doc_no`, `score`. Its values go to `parameters`.

    `question`: words that all must occur, "a phrase", a prefix*, ~one|of|several, -excluded; any script.
    """
    parts = _PART.findall(question)
    matches = [_WORD.fullmatch(p) or _FORMS.fullmatch(p) or _PHRASE.fullmatch(p) for p in parts]
    words = list(dict.fromkeys(_Word.of(match) for match in matches if match))
    if all(matches) and _is_simple(words):
        return _words_sql(words, parameters)
    return f"from core.search_documents({_added(parameters, question)})"


def _is_simple(words: Sequence[_Word]) -> bool:
    """Say whether a short statement answers: few terms, and none twice, which would count twice."""
    terms = [fold(term).text for word in words if not word.is_excluded for term in word.text.split()]
    has_phrase = any(word.kind is _WordKind.PHRASE for word in words)
    n_terms = sum(len(word.text.split()) for word in words)
    return (
        bool(terms)
        and n_terms <= MAX_WORDS
        and (not has_phrase or len(terms) == len(set(terms)))
        and all(map(_are_terms, words))
    )


def _are_terms(word: _Word) -> bool:
    """Say whether the index has each word of a text as one term."""
    return max(word.text) <= _LAST_SPACED and _REMOVED not in word.text


def _words_sql(words: Sequence[_Word], parameters: dict[str, Any]) -> str:
    wanted: list[str] = []
    unwanted: list[str] = []
    for word in words:
        sql = _word_sql(word, parameters)
        if word.is_excluded:
            unwanted.append(f"select doc_no from ({sql})")
        else:
            wanted.append(sql)
    names = [f"word_{n}" for n in range(len(wanted))]
    others = [
        f"join ({sql}) as {name} using (doc_no)" for name, sql in zip(names[1:], wanted[1:], strict=True)
    ]
    return _WORDS.format(
        score=" + ".join(f"{name}.score" for name in names),
        first=wanted[0],
        others="\n".join(others),
        condition=_UNWANTED.format(documents="\nunion all\n".join(unwanted)) if unwanted else "",
    )


def _word_sql(word: _Word, parameters: dict[str, Any]) -> str:
    if word.kind is _WordKind.FORMS:
        return _SEVERAL.format(terms=_added(parameters, word.text.split("|")))
    if word.kind is _WordKind.PHRASE:
        return _phrase_sql(word.text.split(), parameters)
    sql = _PREFIX if word.kind is _WordKind.PREFIX else _TERM
    return sql.format(term=f"core.search_fold({_added(parameters, word.text)})")


def _phrase_sql(terms: Sequence[str], parameters: dict[str, Any]) -> str:
    folded = [f"core.search_fold({_added(parameters, term)})" for term in terms]
    numbers = range(len(terms))
    places = [_POSITIONS.format(term=term, place=n, is_dense="not is_dense") for n, term in enumerate(folded)]
    first_words = [*range(0, len(terms) - 1, 2), *([len(terms) - 2] if len(terms) % 2 else [])]
    pairs = [
        _POSITIONS.format(term=f"' ' || {folded[n]} || ' ' || {folded[n + 1]}", place=n, is_dense="is_dense")
        for n in first_words
    ]
    pair_of = {word: n for n, first in enumerate(first_words) for word in (first, first + 1)}
    halves = [
        f"part_{pair_of[n]}.weight {'>> 4' if first_words[pair_of[n]] == n else '& 15'}" for n in numbers
    ]
    return _PHRASE_DOCUMENTS.format(
        terms=f"[{', '.join(folded)}]",
        n_terms=len(terms),
        in_pairs=_joined(pairs, halves),
        one_by_one=_joined(places, [f"part_{n}.weight" for n in numbers]),
        worths=", ".join(
            f"max(worth) filter (where term = {term}) as worth_{n}" for n, term in enumerate(folded)
        ),
        score=" + ".join(f"worth_{n} * weight_{n}" for n in numbers),
    )


def _joined(parts: Sequence[str], weights: Sequence[str]) -> str:
    """Return where parts of a phrase stand in order, with the weight of each of its words."""
    others = [f"join ({sql}) as part_{n} using (start)" for n, sql in enumerate(parts[1:], 1)]
    named = ", ".join(f"{weight} as weight_{n}" for n, weight in enumerate(weights))
    return _IN_ORDER.format(weights=named, first=parts[0], others="\n".join(others))


def _added(parameters: dict[str, Any], value: object) -> str:
    """Add a parameter and return how a statement refers to it."""
    name = f"asked_{len(parameters)}"
    parameters[name] = value
    return f"${name}"


# The weight of a word in BM25 is that of `core.search_documents`, and so are the rows of postings.
_ROWS = """
select
    unnest(case when is_dense then range(docs[1], docs[1] + 128)::uinteger[] else docs end) as doc_no,
    unnest(weights) as weight,
    (
        ln(1 + (greatest(n_documents, n_found) - n_found + 0.5) / (n_found + 0.5)) * 2.2 / 15
    )::float as worth
from (
    select is_dense, docs, weights, sum(n_docs) over () as n_found
    from core.search_posting
    where {condition}
)
cross join (select count(*) as n_documents from core.search_document)
"""

_IS_TERM = "term_key = core.search_term_key({term}) and term = {term}"
_TERM = f"""
select doc_no, worth * weight as score
from ({_ROWS.format(condition=_IS_TERM)})
where weight > 0
"""

# Where a phrase begins: in segments where all its words are dense, by their pairs in the index; in others, by
# the positions of each word. A document's number and the position where the phrase begins are one key, as in
# `core.search_documents`; a join of such keys takes a third of the time of grouping them.
_PHRASE_DOCUMENTS = """
with word_row as materialized (
    select segment_no, term, is_dense, n_docs
    from core.search_posting
    where
        term_key in (select core.search_term_key(unnest({terms})))
        and term in (select unnest({terms}))
),
word as materialized (
    select
        term,
        (
            ln(1 + (greatest(n_documents, n_found) - n_found + 0.5) / (n_found + 0.5)) * 2.2 / 15
        )::float as worth
    from (select term, sum(n_docs) as n_found from word_row group by term)
    cross join (select count(*) as n_documents from core.search_document)
),
segment as materialized (
    select segment_no, bool_and(is_dense) as is_dense
    from word_row
    group by segment_no
    having count(distinct term) = {n_terms}
)
select doc_no, max({score}) as score
from (
    {in_pairs}
    union all
    {one_by_one}
)
cross join (select {worths} from word)
group by doc_no
"""
_POSITIONS = """
select (doc_no::bigint << 17) + unnest(spots) - {place} as start, weight
from (
    select
        unnest(case when is_dense then range(docs[1], docs[1] + 128)::uinteger[] else docs end) as doc_no,
        unnest(weights) as weight,
        unnest(spots) as spots
    from core.search_posting
    semi join (select segment_no from segment where {is_dense}) using (segment_no)
    where term_key = core.search_term_key({term}) and term = {term}
)
where weight > 0
"""
_IN_ORDER = """
select (start + 65536) >> 17 as doc_no, {weights}
from ({first}) as part_0
{others}
"""

_PREFIX = f"""
select doc_no, sum(worth * weight) as score
from ({_ROWS.format(condition="term >= {term} and term < {term} || chr(1114111)")})
where weight > 0
group by doc_no
"""

_IS_ONE = (
    "term_key in (select core.search_term_key(unnest({terms}::text[])))"
    " and term in (select unnest({terms}::text[]))"
)
_SEVERAL = f"""
select doc_no, sum(worth * weight) as score
from ({_ROWS.format(condition=_IS_ONE)})
where weight > 0
group by doc_no
"""

_WORDS = """
select doc_no::uinteger as doc_no, ({score})::float as score
from ({first}) as word_0
{others}
{condition}
"""

_UNWANTED = """
where doc_no not in (
    {documents}
)
"""

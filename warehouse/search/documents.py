"""How a question asks the index: of words alone by a short statement, else by `core.search_documents`.

The macro answers every question, but binding and planning all of its branches takes 45 CPU ms, whatever
is asked. Most questions are words, prefixes and inflections: their statement has one branch per word and is
planned in a few milliseconds (bench/browse.py).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

_WORD = re.compile(r"(-?)([^\W_]+)(\*?)")
_FORMS = re.compile(r"(-?)~([^\W_]+(?:\|[^\W_]+)*)")
_LAST_SPACED = "\u08ff"  # above it there are scripts that the index divides into pairs of characters
_REMOVED = "\u0640"  # Arabic tatweel: a letter to Python, removed by the index
MAX_WORDS = 8


class _WordKind(Enum):
    TERM = "term"
    PREFIX = "prefix"
    FORMS = "forms"  # text is a|b|c, folded: one of them is needed


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    is_excluded: bool
    kind: _WordKind

    @classmethod
    def of(cls, match: re.Match[str]) -> "_Word":
        if match.re is _FORMS:
            return cls(match[2], bool(match[1]), _WordKind.FORMS)
        return cls(match[2], bool(match[1]), _WordKind.PREFIX if match[3] else _WordKind.TERM)


def documents_sql(question: str, parameters: dict[str, Any]) -> str:
    """Return a relation of the documents that match: `doc_no`, `score`. Its values go to `parameters`.

    `question`: words that all must occur, "a phrase", a prefix*, ~one|of|several, -excluded; any script.
    """
    matches = [_WORD.fullmatch(part) or _FORMS.fullmatch(part) for part in question.split()]
    words = list(dict.fromkeys(_Word.of(match) for match in matches if match))
    is_short = 0 < len(matches) <= MAX_WORDS and all(matches)
    if is_short and all(map(_is_one_term, words)) and not all(word.is_excluded for word in words):
        return _words_sql(words, parameters)
    return f"from core.search_documents({_added(parameters, question)})"


def _is_one_term(word: _Word) -> bool:
    return max(word.text) <= _LAST_SPACED and _REMOVED not in word.text


def _words_sql(words: Sequence[_Word], parameters: dict[str, Any]) -> str:
    wanted: list[str] = []
    unwanted: list[str] = []
    for word in words:
        (unwanted if word.is_excluded else wanted).append(_word_sql(word, parameters))
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
    sql = _PREFIX if word.kind is _WordKind.PREFIX else _TERM
    return sql.format(term=f"core.search_fold({_added(parameters, word.text)})")


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

_TERM = f"""
select doc_no, worth * weight as score
from ({_ROWS.format(condition="term_key = core.search_term_key({term}) and term = {term}")})
where weight > 0
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
    select doc_no
    from (
    {documents}
    )
)
"""

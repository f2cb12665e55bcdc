"""How a question asks the index: of words alone by a short statement, else by `core.search_documents`.

The macro answers every question, but binding and planning all of its branches takes 45 CPU ms, whatever
is asked. Most questions are words and prefixes: their statement has one branch per word and is planned in
a few milliseconds (bench/browse.py).
"""

import re
from typing import Any

_WORD = re.compile(r"(-?)([^\W_]+)(\*?)")
_LAST_SPACED = "\u08ff"  # above it there are scripts that the index divides into pairs of characters
_REMOVED = "\u0640"  # Arabic tatweel: a letter to Python, removed by the index
MAX_WORDS = 8


def documents_sql(question: str, parameters: dict[str, Any]) -> str:
    """Return a relation of the documents that match: `doc_no`, `score`. Its values go to `parameters`.

    `question`: words that all must occur, "a phrase", a prefix*, -excluded; any script.
    """
    words = [_WORD.fullmatch(part) for part in question.split()]
    if 0 < len(words) <= MAX_WORDS and all(word and _is_one_term(word[2]) for word in words):
        parts = list(dict.fromkeys((word[2], bool(word[1]), bool(word[3])) for word in words if word))
        if not all(is_excluded for _, is_excluded, _ in parts):
            return _words_sql(parts, parameters)
    return f"from core.search_documents({_added(parameters, question)})"


def _is_one_term(word: str) -> bool:
    return max(word) <= _LAST_SPACED and _REMOVED not in word


def _words_sql(parts: list[tuple[str, bool, bool]], parameters: dict[str, Any]) -> str:
    """Return the statement of (word, is excluded, is a prefix)."""
    wanted: list[str] = []
    unwanted: list[str] = []
    for word, is_excluded, is_prefix in parts:
        sql = (_PREFIX if is_prefix else _TERM).format(term=f"core.search_fold({_added(parameters, word)})")
        (unwanted if is_excluded else wanted).append(sql)
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


def _added(parameters: dict[str, Any], value: str) -> str:
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

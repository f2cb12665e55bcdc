"""Inflections of a question's ~words that the index has, so that they can be searched for and shown.

Called before a question is asked. The languages of the articles that have the word decide which endings
apply, unless the question or its filters name languages.
"""

from collections.abc import Sequence
from dataclasses import replace

import duckdb

from warehouse.reading.filters import Selection
from warehouse.search.endings import endings_by_language, possible_forms
from warehouse.search.grammar import inflected_words, parse_question
from warehouse.search.parts import Inflection
from warehouse.text.folding import fold

MAX_FORMS = 40  # of a word, the most frequent
_MIN_SHARE = 0.1  # of the articles that have the word, for a language to count
_EXAMINED_ROWS = 40  # of the word's postings, up to 128 articles each


def with_inflections(con: duckdb.DuckDBPyConnection, selection: Selection) -> Selection:
    """Return the selection with the forms of its question's ~words. Raises QuestionError."""
    alternatives = parse_question(selection.question) if "~" in selection.question else ()
    words = inflected_words(alternatives)
    if not words or selection.inflections:
        return selection
    asked = {
        part.text.lower()
        for alternative in alternatives
        for part in alternative.parts
        if part.field == "lang" and not part.is_excluded
    }
    languages = selection.languages or tuple(sorted(asked))
    found = tuple(_inflection(con, word, languages) for word in words)
    return replace(selection, inflections=found)


def _inflection(con: duckdb.DuckDBPyConnection, word: str, languages: Sequence[str]) -> Inflection:
    known = endings_by_language()
    languages = languages or _find_languages(con, fold(word).text) or tuple(known)
    used = tuple(language for language in languages if language in known)
    candidates = possible_forms(word, used)
    stored = con.execute(_FIND_FORMS.format(limit=MAX_FORMS), {"forms": list(candidates)}).fetchall()
    forms = dict.fromkeys([candidates[0], *(form for (form,) in stored)])
    return Inflection(word, used, tuple(forms))


def _find_languages(con: duckdb.DuckDBPyConnection, term: str) -> tuple[str, ...]:
    """Return the languages of the articles that have a word, the most frequent first."""
    counts = con.execute(_FIND_LANGUAGES.format(rows=_EXAMINED_ROWS), {"term": term}).fetchall()
    n_articles = sum(n for _, n in counts)
    return tuple(language for language, n in counts if n >= n_articles * _MIN_SHARE)


_FIND_FORMS = """
select term
from core.search_posting
where
    term_key in (select core.search_term_key(unnest($forms::text[])))
    and term in (select unnest($forms::text[]))
group by term
order by sum(n_docs) desc, term
limit {limit}
"""

_FIND_LANGUAGES = """
with posting as (
    select is_dense, docs, weights
    from core.search_posting
    where term_key = core.search_term_key($term) and term = $term
    limit {rows}
),
document as (
    select
        unnest(case when is_dense then range(docs[1], docs[1] + 128)::uinteger[] else docs end) as doc_no,
        unnest(weights) as weight
    from posting
)
select a.language, count(*) as n
from core.article as a
where
    a.language is not null
    and a.article_id in (
        select d.article_id
        from core.search_document as d
        where d.doc_no in (select doc_no from document where weight > 0)
    )
group by a.language
order by n desc, a.language
"""

"""Words that stand out in the headlines of a selection, compared with all texts.

A word's weight is its share of the headlines times the logarithm of how much larger that share is than
its share of all indexed texts (Kullback-Leibler divergence, term by term). Headlines are counted once per
story, so that a text that many sources carry counts once. A word stands out only when the difference is
significant: log-likelihood ratio of at least 6.63, 1 % by chance (Dunning 1993, Accurate Methods for the
Statistics of Surprise and Coincidence, section 3); else a few headlines would put "for" and "the" in front.
"""

from dataclasses import dataclass

import duckdb

from warehouse.reading.filters import Selection
from warehouse.reading.inflections import with_inflections
from warehouse.reading.rows import fetch_as

MAX_ARTICLES = 2_000  # the latest: more of them change the order of the first words little


@dataclass(frozen=True, slots=True)
class WordShare:
    """A word of headlines, folded as the index has it."""

    word: str
    n_headlines: int
    share: float  # of the headlines read, 0..1
    share_of_all: float  # of all indexed texts, 0..1


def find_words(con: duckdb.DuckDBPyConnection, selection: Selection, limit: int) -> tuple[WordShare, ...]:
    """Return the words that stand out in the latest headlines of a selection, the strongest first."""
    selection = with_inflections(con, selection)
    sql = _WORDS.format(hits=selection.from_clause(), condition=selection.condition(), most=MAX_ARTICLES)
    return fetch_as(con, WordShare, sql, {**selection.parameters(), "limit": limit})


_WORDS = """
with latest as (
    select a.article_id, a.story_id, a.sort_at
    {hits}
    where {condition}
    order by a.sort_at desc, a.article_id
    limit {most}
),
chosen as materialized (
    select arg_min(article_id, row(sort_at, article_id)) as article_id
    from latest
    group by story_id
),
chosen_row as materialized (
    select i.rowid as row_no, i.seen_on
    from core.article as i
    join chosen using (article_id)
),
headline as materialized (
    select list_distinct(core.search_terms(title)) as terms
    from core.article
    where rowid in (select row_no from chosen_row) and seen_on in (select seen_on from chosen_row)
),
word as materialized (
    select word, core.search_term_key(word) as term_key, count(*) as n_headlines
    from (select unnest(terms) as word from headline)
    where length(word) > 1 and not regexp_matches(word, '^\\d+$')
    group by word
    having count(*) > 1
),
everywhere as (
    select p.term, sum(p.n_docs) as n_documents
    from core.search_posting as p
    semi join word as w on w.term_key = p.term_key and w.word = p.term
    group by p.term
)
select word, n_headlines, share, share_of_all
from (
    select
        w.word,
        w.n_headlines,
        h.n - w.n_headlines as n_without,
        w.n_headlines / h.n as share,
        least(e.n_documents / d.n, 1) as share_of_all
    from word as w
    join everywhere as e on e.term = w.word
    cross join (select count(*) as n from headline) as h
    cross join (select count(*) as n from core.search_document) as d
)
where
    share > share_of_all
    and 2 * (
        n_headlines * ln(share / share_of_all)
        + case when n_without = 0 then 0 else n_without * ln((1 - share) / (1 - share_of_all)) end
    ) >= 6.63
order by share * ln(share / share_of_all) desc, word
limit $limit
"""

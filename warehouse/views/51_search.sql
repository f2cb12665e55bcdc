-- Full text in SQL: from search('climate "green deal" elect* -sport') order by score desc limit 20.

-- What `wirehouse search`, browse and the API answer and this macro does not, outside of quotation marks, in a
-- question with a space before it: its first group is what stands before, its second the part itself.
create or replace macro core.search_unsupported() as
'^((?:[^"]|"[^"]*")*?)(\s-?(?:OR|AND|NOT|NEAR(?:/\d+)?)(?:\s|$)|\s-?(?:title|author|source|lang|before|after):|\s-?~|[()|])';

-- The question as it is; an error with the position of the first part that is not supported.
create or replace macro core.search_checked(question) as
case
    when regexp_matches(' ' || question, core.search_unsupported())
        then error(
            'search(): ' || trim(regexp_extract(' ' || question, core.search_unsupported(), 2))
            || ' is not supported in SQL (position '
            || (
                length(regexp_extract(' ' || question, core.search_unsupported(), 1))
                + regexp_matches(regexp_extract(' ' || question, core.search_unsupported(), 2), '^\s')::integer
            )
            || '); expected words, "a phrase", a prefix* or -excluded words'
        )
    else question
end;

-- A query: each part is a word, a "phrase" or a prefix*, or the terms ~a|b|c of which one is needed; -part excludes. A
-- word of several terms (covid-19, 東京都) is a phrase. One row per term; the terms of which one is needed are one row.
create or replace macro core.search_question(question) as table
with part as (
    select
        unnest(parts) as part,
        generate_subscripts(parts, 1) as part_no
    from (select regexp_extract_all(question, '-?"[^"]*"?|[^\s"]+') as parts)
),
word as (
    select
        part_no,
        starts_with(part, '-') and length(part) > 1 as is_excluded,
        regexp_matches(part, '[^*"]\*"?$') as is_prefix,
        case when regexp_matches(part, '^-?~') then core.search_terms(part) end as forms,
        case when regexp_matches(part, '^-?~') then [ltrim(part, '-')] else core.search_terms(part) end as terms
    from part
),
run as (
    -- the last character of a run is a term of its own: a query needs it only when there is nothing else
    select
        part_no,
        is_excluded,
        forms,
        is_prefix or (len(terms) = 1 and core.search_is_run(terms[1])) as is_prefix,
        case
            when len(terms) > 1 and length(terms[-1]) = 1 and core.search_is_run(terms[-1]) then terms[:-2]
            else terms
        end as terms
    from word
)
select
    part_no,
    is_excluded,
    (is_prefix and place = len(terms)) or forms is not null as is_several,
    forms,
    len(terms) as n_terms,
    place,
    terms[place] as term
from (
    select
        *,
        unnest(range(1, len(terms) + 1)) as place
    from run
);

-- Matching documents with their BM25 score.
--
-- Candidates have all the words. They are found in three ways, because frequent words of a language are in almost
-- every document. In a segment where all words are dense, their weights are read side by side. Otherwise the rarest
-- word leads: the documents of the others are looked up among its own. A single word needs neither. The rows of
-- each word are read in a branch of its own, because a join with one row filters the scan itself; a join with
-- several rows also decompresses the lists of their neighbours.
create or replace macro core.search_documents(question) as table
with asked as materialized (
    select
        dense_rank() over (order by is_excluded, term, is_several) as word_no,
        part_no,
        is_excluded,
        is_several,
        forms,
        n_terms,
        place,
        term
    from core.search_question(question)
),
word as materialized (
    select
        *,
        sum(is_wanted::integer) over (order by word_no) * is_wanted::integer as wanted_slot,
        sum(is_phrase::integer) over (order by word_no) * is_phrase::integer as phrase_slot
    from (
        select
            word_no,
            is_several,
            forms,
            term,
            core.search_term_key(term) as term_key,
            not is_excluded as is_wanted,
            bool_or(n_terms > 1) as is_phrase,
            bool_or(is_excluded and n_terms = 1) as is_unwanted
        from asked
        group by all
    )
),
row_found as materialized (
    select w.word_no, w.is_several, p.segment_no, p.is_dense, p.n_docs, p.docs, p.weights
    from core.search_posting as p
    join (from word where wanted_slot = 1 and not is_several) as w on p.term_key = w.term_key and p.term = w.term
    union all
    select w.word_no, w.is_several, p.segment_no, p.is_dense, p.n_docs, p.docs, p.weights
    from core.search_posting as p
    join (from word where wanted_slot = 2 and not is_several) as w on p.term_key = w.term_key and p.term = w.term
    union all
    select w.word_no, w.is_several, p.segment_no, p.is_dense, p.n_docs, p.docs, p.weights
    from core.search_posting as p
    join (from word where wanted_slot = 3 and not is_several) as w on p.term_key = w.term_key and p.term = w.term
    union all
    select w.word_no, w.is_several, p.segment_no, p.is_dense, p.n_docs, p.docs, p.weights
    from core.search_posting as p
    join (from word where wanted_slot = 4 and not is_several) as w on p.term_key = w.term_key and p.term = w.term
    union all
    select w.word_no, w.is_several, p.segment_no, p.is_dense, p.n_docs, p.docs, p.weights
    from core.search_posting as p
    join (from word where wanted_slot > 4 and not is_several) as w on p.term_key = w.term_key and p.term = w.term
    union all
    select w.word_no, w.is_several, p.segment_no, p.is_dense, p.n_docs, p.docs, p.weights
    from core.search_posting as p
    join (from word where wanted_slot > 0 and is_several and forms is null) as w
        on p.term >= w.term and p.term < w.term || chr(1114111)
    union all
    select w.word_no, true as is_several, p.segment_no, p.is_dense, p.n_docs, p.docs, p.weights
    from core.search_posting as p
    join (select word_no, unnest(forms) as form from word where wanted_slot > 0) as w
        on p.term_key = core.search_term_key(w.form) and p.term = w.form
),
rarity as materialized (
    select
        word_no,
        sum(n_docs) as n_docs,
        (ln(1 + (greatest(any_value(n_documents), sum(n_docs)) - sum(n_docs) + 0.5) / (sum(n_docs) + 0.5)) * 2.2 / 15)::float as worth
    from row_found
    cross join (select count(*) as n_documents from core.search_document)
    group by word_no
),
-- segments that have all the words
segment as materialized (
    select
        segment_no,
        count(distinct word_no) <= 4 and bool_and(is_dense and not is_several) as is_dense
    from row_found
    group by segment_no
    having count(distinct word_no) = (select count(*) from word where is_wanted)
),
dense_row as (
    select
        count(*) as n_words,
        any_value(f.docs[1]) as first_doc,
        any_value(f.weights) filter (f.word_no = 1) as weights1,
        any_value(f.weights) filter (f.word_no = 2) as weights2,
        any_value(f.weights) filter (f.word_no = 3) as weights3,
        any_value(f.weights) filter (f.word_no = 4) as weights4,
        any_value(r.worth) filter (f.word_no = 1) as worth1,
        any_value(r.worth) filter (f.word_no = 2) as worth2,
        any_value(r.worth) filter (f.word_no = 3) as worth3,
        any_value(r.worth) filter (f.word_no = 4) as worth4
    from row_found as f
    join rarity as r using (word_no)
    join (from segment where is_dense) as s using (segment_no)
    group by segment_no, f.docs[1]
    -- a word without a row is in no document
    having count(*) = (select count(*) from word where is_wanted)
),
side_by_side as (
    select
        n_words,
        first_doc + unnest(range(0, 128)) as doc_no,
        unnest(weights1) as w1,
        unnest(weights2) as w2,
        unnest(weights3) as w3,
        unnest(weights4) as w4,
        worth1,
        worth2,
        worth3,
        worth4
    from dense_row
),
leader as materialized (
    select
        arg_min(word_no, (n_docs, word_no)) as word_no,
        count(*) as n_words
    from rarity
),
other_row as materialized (
    select
        f.word_no,
        f.is_several,
        f.word_no = l.word_no as is_leader,
        l.n_words,
        r.worth,
        f.is_dense,
        f.docs,
        f.weights
    from row_found as f
    join rarity as r using (word_no)
    join (from segment where not is_dense) as s using (segment_no)
    cross join leader as l
),
leader_hit as (
    select doc_no, is_several, n_words, worth * weight as score
    from (
        select
            unnest(case when is_dense then range(docs[1], docs[1] + 128)::uinteger[] else docs end) as doc_no,
            unnest(weights) as weight,
            is_several,
            n_words,
            worth
        from other_row
        where is_leader
    )
    where weight > 0
),
led as (
    select doc_no, score
    from leader_hit
    where not is_several and n_words > 1
    union all
    select doc_no, sum(score) as score
    from leader_hit
    where is_several and n_words > 1
    group by doc_no
),
follower_hit as (
    select word_no, is_several, doc_no, worth * weight as score
    from (
        select
            word_no,
            is_several,
            unnest(docs) as doc_no,
            unnest(weights) as weight,
            worth
        from other_row
        where not is_leader and not is_dense
    )
    where doc_no in (select doc_no from led)
    union all
    select f.word_no, f.is_several, l.doc_no, f.worth * f.weights[l.doc_no % 128 + 1] as score
    from led as l
    join (
        select word_no, is_several, worth, weights, docs[1] as first_doc
        from other_row
        where not is_leader and is_dense
    ) as f on f.first_doc = l.doc_no - l.doc_no % 128
    where f.weights[l.doc_no % 128 + 1] > 0
),
candidate as materialized (
    select
        doc_no::uinteger as doc_no,
        case n_words
            when 1 then w1 * worth1
            when 2 then w1 * worth1 + w2 * worth2
            when 3 then w1 * worth1 + w2 * worth2 + w3 * worth3
            when 4 then w1 * worth1 + w2 * worth2 + w3 * worth3 + w4 * worth4
        end as score
    from side_by_side
    where
        w1 > 0
        and w2 is distinct from 0
        and w3 is distinct from 0
        and w4 is distinct from 0
    union all
    select doc_no::uinteger as doc_no, score
    from leader_hit
    where n_words = 1 and not is_several
    union all
    select doc_no::uinteger as doc_no, sum(score) as score
    from leader_hit
    where n_words = 1 and is_several
    group by doc_no
    union all
    select doc_no::uinteger as doc_no, sum(score) as score
    from (
        select doc_no, score
        from led
        union all
        select doc_no, score
        from follower_hit
        where not is_several
        union all
        select doc_no, sum(score) as score
        from follower_hit
        where is_several
        group by word_no, doc_no
    )
    group by doc_no
    having count(*) = (select n_words from leader)
),
-- where the index has all that phrases ask as pairs of words
phrase_segment as materialized (
    select segment_no, coalesce(is_paired, false) as is_paired
    from core.search_segment
    left join (
        select
            f.segment_no,
            bool_and(f.is_dense and not f.is_several)
            and count(distinct word_no) = (select count(*) from word where is_phrase) as is_paired
        from row_found as f
        semi join (from word where is_phrase) as w using (word_no)
        group by f.segment_no
    ) using (segment_no)
    where exists (from word where is_phrase)
),
pair as materialized (
    select part_no, place, n_terms, pair, core.search_term_key(pair) as pair_key
    from (
        select
            part_no,
            place,
            n_terms,
            ' ' || term || ' ' || lead(term) over (partition by part_no order by place) as pair
        from asked
        where n_terms > 1
    )
    where place < n_terms
),
pair_spot as (
    select part_no, place, n_terms, doc_no::bigint * 131072 + unnest(spots) - place as start
    from (
        select
            q.part_no,
            q.place,
            q.n_terms,
            unnest(case when p.is_dense then range(p.docs[1], p.docs[1] + 128)::uinteger[] else p.docs end) as doc_no,
            unnest(p.spots) as spots
        from core.search_posting as p
        semi join (from phrase_segment where is_paired) as s using (segment_no)
        join pair as q on p.term_key = q.pair_key and p.term = q.pair
    )
),
-- empty when pairs answer all phrases, or there is none
searched as materialized (
    select doc_no
    from candidate
    where exists (from phrase_segment where not is_paired)
),
phrase_row as (
    select w.word_no, w.is_several, p.is_dense, p.docs, p.spots
    from core.search_posting as p
    semi join (from phrase_segment where not is_paired) as s using (segment_no)
    join (from word where phrase_slot = 1 and not is_several) as w on p.term_key = w.term_key and p.term = w.term
    union all
    select w.word_no, w.is_several, p.is_dense, p.docs, p.spots
    from core.search_posting as p
    semi join (from phrase_segment where not is_paired) as s using (segment_no)
    join (from word where phrase_slot = 2 and not is_several) as w on p.term_key = w.term_key and p.term = w.term
    union all
    select w.word_no, w.is_several, p.is_dense, p.docs, p.spots
    from core.search_posting as p
    semi join (from phrase_segment where not is_paired) as s using (segment_no)
    join (from word where phrase_slot = 3 and not is_several) as w on p.term_key = w.term_key and p.term = w.term
    union all
    select w.word_no, w.is_several, p.is_dense, p.docs, p.spots
    from core.search_posting as p
    semi join (from phrase_segment where not is_paired) as s using (segment_no)
    join (from word where phrase_slot = 4 and not is_several) as w on p.term_key = w.term_key and p.term = w.term
    union all
    select w.word_no, w.is_several, p.is_dense, p.docs, p.spots
    from core.search_posting as p
    semi join (from phrase_segment where not is_paired) as s using (segment_no)
    join (from word where phrase_slot > 4 and not is_several) as w on p.term_key = w.term_key and p.term = w.term
    union all
    select w.word_no, w.is_several, p.is_dense, p.docs, p.spots
    from core.search_posting as p
    semi join (from phrase_segment where not is_paired) as s using (segment_no)
    join (from word where phrase_slot > 0 and is_several) as w on p.term >= w.term and p.term < w.term || chr(1114111)
),
phrase_doc as (
    select
        word_no,
        unnest(case when is_dense then range(docs[1], docs[1] + 128)::uinteger[] else docs end) as doc_no,
        unnest(spots) as spots
    from phrase_row
    where not is_dense or docs[1] // 128 in (select doc_no // 128 from searched)
),
phrase_spot as materialized (
    select a.part_no, a.place, s.doc_no::bigint * 131072 + s.spot - a.place as start
    from (
        select word_no, doc_no, unnest(spots) as spot
        from phrase_doc
        where doc_no in (select doc_no from searched)
    ) as s
    join (from asked where n_terms > 1) as a using (word_no)
),
phrase_leader as materialized (
    select part_no, arg_min(place, (n, place)) as place
    from (
        select part_no, place, count(*) as n
        from phrase_spot
        group by part_no, place
    )
    group by part_no
),
phrase as (
    -- start lies before the document's own numbers when a phrase begins at its first term
    select s.part_no, (s.start + 65536) // 131072 as doc_no
    from phrase_spot as s
    join (select distinct part_no, n_terms from asked) as a using (part_no)
    where (s.part_no, s.start) in (select part_no, start from phrase_spot join phrase_leader using (part_no, place))
    group by s.part_no, s.start, a.n_terms
    having count(distinct s.place) = a.n_terms
    union all
    select part_no, (start + 65536) // 131072 as doc_no
    from pair_spot
    group by part_no, start, n_terms
    having count(distinct place) = n_terms - 1
),
found_phrase as (
    select p.doc_no
    from phrase as p
    semi join (from asked where not is_excluded) as a using (part_no)
    group by p.doc_no
    having count(distinct p.part_no) = (select count(distinct part_no) from asked where n_terms > 1 and not is_excluded)
),
excluded_row as (
    select p.is_dense, p.docs, p.weights
    from core.search_posting as p
    join (from word where is_unwanted and not is_several) as w on p.term_key = w.term_key and p.term = w.term
    union all
    select p.is_dense, p.docs, p.weights
    from core.search_posting as p
    join (from word where is_unwanted and is_several and forms is null) as w
        on p.term >= w.term and p.term < w.term || chr(1114111)
    union all
    select p.is_dense, p.docs, p.weights
    from core.search_posting as p
    join (select unnest(forms) as form from word where is_unwanted) as w
        on p.term_key = core.search_term_key(w.form) and p.term = w.form
),
excluded as (
    select doc_no
    from (
        select
            unnest(case when is_dense then range(docs[1], docs[1] + 128)::uinteger[] else docs end) as doc_no,
            unnest(weights) as weight
        from excluded_row
    )
    where weight > 0
    union all
    select p.doc_no
    from phrase as p
    semi join (from asked where is_excluded) as a using (part_no)
)
select doc_no, score
from candidate
where not exists (from asked where is_excluded or n_terms > 1)
union all
select c.doc_no, c.score
from candidate as c
where
    exists (from asked where is_excluded)
    and not exists (from asked where n_terms > 1 and not is_excluded)
    and c.doc_no not in (select doc_no from excluded)
union all
select c.doc_no, c.score
from candidate as c
where
    exists (from asked where n_terms > 1 and not is_excluded)
    and c.doc_no in (select doc_no from found_phrase)
    and c.doc_no not in (select doc_no from excluded);

create or replace macro main.search(question) as table
select
    a.article_id,
    s.score,
    a.url,
    a.title,
    a.source,
    a.language,
    a.published_at,
    a.published_on,
    a.first_seen_at
from core.search_documents(core.search_checked(question)) as s
join core.search_document as d using (doc_no)
join core.article as a using (article_id);

-- Words near each other: what NEAR asks, on the positions of the full-text index. A title's positions are below 48, a
-- text's from 48 on; 65535 stands for all later ones.

-- Where a word, "phrase", prefix* or one of ~several|words stands: documents with the positions of its first and last
-- term.
create or replace macro core.search_places(asked_for) as table
with asked as materialized (
    select place, n_terms, is_several, forms, term
    from core.search_question(asked_for)
),
posting as (
    select a.place, a.n_terms, p.is_dense, p.docs, p.spots
    from core.search_posting as p
    join (from asked where not is_several) as a on p.term_key = core.search_term_key(a.term) and p.term = a.term
    union all
    select a.place, a.n_terms, p.is_dense, p.docs, p.spots
    from core.search_posting as p
    join (from asked where is_several and forms is null) as a on p.term >= a.term and p.term < a.term || chr(1114111)
    union all
    select a.place, a.n_terms, p.is_dense, p.docs, p.spots
    from core.search_posting as p
    join (select place, n_terms, unnest(forms) as form from asked) as a
        on p.term_key = core.search_term_key(a.form) and p.term = a.form
),
document as (
    select
        place,
        n_terms,
        unnest(case when is_dense then range(docs[1], docs[1] + 128)::uinteger[] else docs end) as doc_no,
        unnest(spots) as spots
    from posting
),
spot as (
    select place, n_terms, doc_no, unnest(spots)::integer as spot
    from document
)
select doc_no, spot - place + 1 as first_spot, spot - place + n_terms as last_spot
from spot
where spot < 65535
group by doc_no, spot - place, n_terms
having count(distinct place) = n_terms;

-- Documents that have both within `distance` positions of each other, in either order: both in the title or both in
-- the text.
create or replace macro core.search_near(first_part, second_part, distance) as table
with first_place as materialized (
    select doc_no, first_spot, last_spot
    from core.search_places(first_part)
),
second_place as materialized (
    select doc_no, first_spot, last_spot
    from core.search_places(second_part)
)
select a.doc_no
from first_place as a
asof join second_place as b on a.doc_no = b.doc_no and a.last_spot < b.first_spot
where b.first_spot - a.last_spot <= distance and (a.last_spot < 48) = (b.first_spot < 48)
union
select a.doc_no
from first_place as a
asof join second_place as b on a.doc_no = b.doc_no and a.first_spot > b.last_spot
where a.first_spot - b.last_spot <= distance and (a.first_spot < 48) = (b.last_spot < 48);

-- Full text again: shorter rows, frequent terms dense. The index is made anew when the next snapshot is published.

drop table core.search_posting;
drop table core.search_document;
delete from core.search_segment;
delete from core.setting where name in ('search_rules', 'search_load_id');

create table core.search_document (
    doc_no uinteger not null,
    article_id uuid not null,
    text_key uinteger not null
);
comment on table core.search_document is 'Articles that the full-text index covers, one row each; postings of other numbers are of texts since replaced.';
comment on column core.search_document.doc_no is 'Number of the article in the postings; a changed text gets a new one.';
comment on column core.search_document.article_id is 'The article.';
comment on column core.search_document.text_key is 'First 32 bits of a hash of the title and text that were indexed.';

create table core.search_posting (
    segment_no integer not null,
    term_key uinteger not null,
    term text not null,
    is_dense boolean not null,
    n_docs utinyint not null,
    docs uinteger[] not null,
    weights utinyint[] not null,
    spots usmallint[][] not null
);
comment on table core.search_posting is 'Where each term stands: rows of up to 128 documents of a segment, in the order of terms.';
comment on column core.search_posting.segment_no is 'The segment that the row belongs to.';
comment on column core.search_posting.term_key is 'A number made of the term, which a scan compares faster.';
comment on column core.search_posting.term is 'A word, folded; of scripts without spaces two characters, or the last of a run.';
comment on column core.search_posting.is_dense is 'True: the row speaks of 128 documents one after the other, some of which may lack the term.';
comment on column core.search_posting.n_docs is 'How many of its documents have the term.';
comment on column core.search_posting.docs is 'Numbers of the documents that have it; of a dense row the first of its 128 alone.';
comment on column core.search_posting.weights is 'For each document the term''s BM25 weight without its rarity, in fifteenths of the most that it can be; 0 where a dense row''s document lacks it.';
comment on column core.search_posting.spots is 'For each document where the term stands in it, counted in terms; the body starts at 48.';
comment on column core.search_segment.n_terms is 'Different terms in it.';

-- Full text: an inverted index in plain tables, so that any connection on the snapshot can search.
-- A segment is the index of some articles; small segments are merged into larger ones.

create table core.search_document (
    doc_no uinteger not null,
    article_id uuid not null,
    text_key ubigint not null
);
comment on table core.search_document is 'Articles that the full-text index covers, one row each; postings of other numbers are of texts since replaced.';
comment on column core.search_document.doc_no is 'Number of the article in the postings; a changed text gets a new one.';
comment on column core.search_document.article_id is 'The article.';
comment on column core.search_document.text_key is 'First 64 bits of a hash of the title and text that were indexed.';

create table core.search_segment (
    segment_no integer not null,
    n_documents integer not null,
    n_terms integer not null,
    last_doc_no uinteger not null,
    made_at timestamptz not null
);
comment on table core.search_segment is 'One row each part of the full-text index.';
comment on column core.search_segment.segment_no is 'Its number.';
comment on column core.search_segment.n_documents is 'Documents in it.';
comment on column core.search_segment.n_terms is 'Different terms in it: its rows in core.search_posting.';
comment on column core.search_segment.last_doc_no is 'The highest document number that it has had.';
comment on column core.search_segment.made_at is 'When it was written.';

create table core.search_posting (
    segment_no integer not null,
    term text not null,
    docs uinteger[] not null,
    weights utinyint[] not null,
    spots usmallint[][] not null
);
comment on table core.search_posting is 'Where each term stands: one row a segment and term, documents in order.';
comment on column core.search_posting.segment_no is 'The segment that the row belongs to.';
comment on column core.search_posting.term is 'A word, folded; of scripts without spaces two characters, or the last of a run.';
comment on column core.search_posting.docs is 'Numbers of the documents that have it, ascending.';
comment on column core.search_posting.weights is 'For each of them the term''s BM25 weight without its rarity, in 255ths of the most that it can be.';
comment on column core.search_posting.spots is 'For each of them where it stands, counted in terms; the body starts at 1,000.';

-- The full-text index also has pairs of frequent words. It is rebuilt when the next snapshot is published.
comment on column core.search_posting.term is
    'A folded word; in scripts without spaces two characters, or the last one of a run. With a space before it, a pair of words that follow each other, each in at least a quarter of the segment''s documents.';
comment on column core.search_posting.weights is
    'BM25 weight of the term in each document without its rarity, in fifteenths of the maximum; 0 for a document of a dense row without the term. Of a pair the first word''s weight times sixteen plus the second''s.';
comment on column core.search_posting.spots is
    'Positions of the term in each document, counted in terms, of a pair those of its first word; the body starts at 48.';
comment on column core.search_segment.n_terms is
    'Number of different terms in it, without pairs.';

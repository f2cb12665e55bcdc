-- What pages of results count, sort and fold, one narrow row per article: a search that every article answers reads
-- these columns instead of the articles.
create table core.listing (
    doc_no uinteger,
    article_id uuid not null,
    story_id uuid not null,
    source text not null,
    language text not null,
    day date not null,
    sort_at timestamptz not null,
    n_edits integer not null,
    n_copies integer not null,
    n_other_sources integer not null
);
comment on table core.listing is 'Articles as lists count, sort and fold them, one row each; derived, brought up to date before each snapshot.';
comment on column core.listing.doc_no is 'Number of the article in the postings; null while it is not indexed.';
comment on column core.listing.article_id is 'The article.';
comment on column core.listing.story_id is 'article_id of the representative of its story; its own when it has no copies.';
comment on column core.listing.source is 'Key of its source.';
comment on column core.listing.language is 'ISO 639-1; unknown when it is not known.';
comment on column core.listing.day is 'Publication day as printed, else the day first seen (UTC).';
comment on column core.listing.sort_at is 'For ordering only: published_at, else the start of published_on, else first_seen_at.';
comment on column core.listing.n_edits is 'Revisions after the first one.';
comment on column core.listing.n_copies is 'Other articles of the story.';
comment on column core.listing.n_other_sources is 'Sources of the story besides the first.';

-- The beginning of each text, apart from the text: a page of results shows it without unpacking bodies.
create table core.lead (
    article_id uuid not null,
    load_id text not null,
    lead text not null
);
comment on table core.lead is 'The beginning of each current text, one row per article; derived, brought up to date before each snapshot';
comment on column core.lead.article_id is 'The article';
comment on column core.lead.load_id is 'load_id of the article when the lead was taken; the lead is stale when the two differ';
comment on column core.lead.lead is 'First line of more than 40 characters, 500 at most; empty when the text is empty';

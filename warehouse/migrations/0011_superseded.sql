-- What articles were before today's rules read their pages again.
create table core.superseded (
    run_id text not null,
    load_id text not null,
    article_id uuid not null,
    superseded_at timestamptz not null,
    change text not null check (change in ('replaced', 'removed', 'added')),
    parts text[] not null,
    source text,
    url text,
    title text,
    published_at timestamptz,
    published_on date,
    body text,
    extractor text,
    row_after text,
    rows_before text not null
);
comment on table core.superseded is 'An article as it was before a re-extraction changed it; one row for each run and article. With it the run is rolled back.';
comment on column core.superseded.run_id is 'The run that changed it.';
comment on column core.superseded.load_id is 'The load that changed it.';
comment on column core.superseded.article_id is 'The article; for a page that gave none, the id that its URL key gives.';
comment on column core.superseded.superseded_at is 'When it was changed, UTC.';
comment on column core.superseded.change is 'replaced; removed (its pages give no article any more); added (a page that had been refused gives one).';
comment on column core.superseded.parts is 'What differs: columns of core.article by name, else the table: body, revision, field_origin, article_link, url_alias, reject.';
comment on column core.superseded.source is 'Key of its source; null when there was no article.';
comment on column core.superseded.url is 'Its address; null when there was no article.';
comment on column core.superseded.title is 'Its headline before; null when there was no article.';
comment on column core.superseded.published_at is 'Its publication instant before; null unless day, time and zone were known.';
comment on column core.superseded.published_on is 'Its publication day before; null when none was known.';
comment on column core.superseded.body is 'Its text before, as it was read; null when there was no article.';
comment on column core.superseded.extractor is 'Rules that had read it; null when there was no article.';
comment on column core.superseded.row_after is 'Hash of the article''s row as the run left it; null when it left none. An article that has changed since is not rolled back.';
comment on column core.superseded.rows_before is 'Its rows before, as JSON: table name to rows.';

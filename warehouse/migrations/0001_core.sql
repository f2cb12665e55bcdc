-- The truth: every table of the warehouse. Analysts read the views in `main`; these tables may change.
-- No primary key and no index: on large tables they multiply the cost of a load, and they are unknown to
-- DuckLake. Uniqueness is kept by anti-joins under the writer's lock and asserted after each load.
create schema if not exists core;

create table core.schema_migration (
    version integer not null,
    name text not null,
    sha256 text not null,
    applied_at timestamptz not null,
    duckdb_version text not null
);
comment on table core.schema_migration is 'One row a migration that this file has had.';
comment on column core.schema_migration.version is 'Number of the migration, 1 and up.';
comment on column core.schema_migration.name is 'Name of its file.';
comment on column core.schema_migration.sha256 is 'Hash of its text when it was applied; a released migration never changes.';
comment on column core.schema_migration.applied_at is 'When it was applied.';
comment on column core.schema_migration.duckdb_version is 'The engine that applied it.';

create table core.setting (
    name text not null,
    value text not null,
    changed_at timestamptz not null
);
comment on table core.setting is 'Facts about this file that code keeps in it, by name.';
comment on column core.setting.name is 'Which fact; one row each: views_sha256, and others.';
comment on column core.setting.value is 'The fact, as text.';
comment on column core.setting.changed_at is 'When it was last set.';

create table core.source (
    name text not null,
    title text not null,
    homepage text,
    country text,
    language text,
    timezone text,
    added_at timestamptz not null,
    removed_at timestamptz
);
comment on table core.source is 'A publisher, as sources.toml (or an import) names it.';
comment on column core.source.name is 'Its key: [a-z0-9-].';
comment on column core.source.title is 'Its name for people.';
comment on column core.source.homepage is 'Its front page; null when not given.';
comment on column core.source.country is 'ISO 3166-1 alpha-2; null when not given.';
comment on column core.source.language is 'ISO 639-1, of most of its articles; null when not given.';
comment on column core.source.timezone is 'IANA zone for dates that name none; null when not given.';
comment on column core.source.added_at is 'When the warehouse first heard of it.';
comment on column core.source.removed_at is 'When it left sources.toml; null while it is read. Its articles stay.';

create table core.feed (
    feed_url text not null,
    source text not null,
    kind text not null check (kind in ('auto', 'rss', 'atom', 'json', 'sitemap', 'listing')),
    added_at timestamptz not null,
    removed_at timestamptz
);
comment on table core.feed is 'A document that is polled for new entries.';
comment on column core.feed.feed_url is 'Its address, as sources.toml writes it; the key.';
comment on column core.feed.source is 'Key of the source that it belongs to.';
comment on column core.feed.kind is 'Format, as sources.toml says it: auto, rss, atom, json, sitemap, listing.';
comment on column core.feed.added_at is 'When the warehouse first heard of it.';
comment on column core.feed.removed_at is 'When it left sources.toml; null while it is polled.';

create table core.feed_state (
    feed_url text not null,
    source text not null,
    kind text not null,
    etag text,
    last_modified text,
    items_sha256 text,
    last_polled_at timestamptz,
    last_ok_at timestamptz,
    last_new_at timestamptz,
    last_unconditional_at timestamptz,
    n_failures integer not null,
    error_class text,
    reason text,
    not_before_at timestamptz,
    next_due_at timestamptz,
    next_due_reason text,
    new_per_day double,
    moved_to_url text,
    n_moved_polls integer not null,
    overlap_lost boolean not null,
    stopped_at timestamptz
);
comment on table core.feed_state is 'What is remembered of a feed between polls; written with the entries that it covers.';
comment on column core.feed_state.feed_url is 'The feed; one row each.';
comment on column core.feed_state.source is 'Key of its source.';
comment on column core.feed_state.kind is 'Format as it was found.';
comment on column core.feed_state.etag is 'Validator as sent (RFC 9110 8.8.3); null when the server gives none.';
comment on column core.feed_state.last_modified is 'Validator as sent (RFC 9110 8.8.2); null when the server gives none.';
comment on column core.feed_state.items_sha256 is 'Hash over the entries, not the bytes; null before the first good poll.';
comment on column core.feed_state.last_polled_at is 'When it was last asked for; null: never.';
comment on column core.feed_state.last_ok_at is 'When it last answered well (304 counts); null: never.';
comment on column core.feed_state.last_new_at is 'When it last showed something new; null: never.';
comment on column core.feed_state.last_unconditional_at is 'When it was last asked for without validators; null: never.';
comment on column core.feed_state.n_failures is 'Failed polls in a row.';
comment on column core.feed_state.error_class is 'How the last poll failed; null when it did not.';
comment on column core.feed_state.reason is 'Sentence of the last failure; null when it did not fail.';
comment on column core.feed_state.not_before_at is 'Retry-After of the server; null when it named none.';
comment on column core.feed_state.next_due_at is 'When it is to be polled next; null: at once.';
comment on column core.feed_state.next_due_reason is 'Why then.';
comment on column core.feed_state.new_per_day is 'Its own rate of news, entries a day; null while not known.';
comment on column core.feed_state.moved_to_url is 'Where a permanent redirect points; null when it has not moved.';
comment on column core.feed_state.n_moved_polls is 'Polls in a row that were redirected there.';
comment on column core.feed_state.overlap_lost is 'True when the last poll showed nothing that was known: entries may have been missed.';
comment on column core.feed_state.stopped_at is 'When the server said that it is gone (410); null while it is polled.';

create table core.run (
    run_id text not null,
    flow text not null,
    parameters text,
    started_at timestamptz not null,
    ended_at timestamptz,
    status text not null check (status in ('running', 'completed', 'partial', 'failed', 'crashed', 'cancelled')),
    n_entries bigint,
    n_fetched bigint,
    n_new bigint,
    n_revised bigint,
    n_unchanged bigint,
    n_duplicates bigint,
    n_rejects bigint,
    n_not_modified bigint,
    code_version text
);
comment on table core.run is 'One run of a flow or of a command that loads.';
comment on column core.run.run_id is 'Its key.';
comment on column core.run.flow is 'ingest, backfill, reextract, import, ...';
comment on column core.run.parameters is 'What it was asked for, as JSON; null when nothing.';
comment on column core.run.started_at is 'When it began.';
comment on column core.run.ended_at is 'When it ended; null while it runs, or when it was killed.';
comment on column core.run.status is 'running, completed, partial (some items failed), failed, crashed, cancelled.';
comment on column core.run.n_entries is 'Entries that feeds showed; null until it ends, as all counts.';
comment on column core.run.n_fetched is 'Pages fetched.';
comment on column core.run.n_new is 'Articles that were new.';
comment on column core.run.n_revised is 'Articles whose text or title had changed.';
comment on column core.run.n_unchanged is 'Articles that were fetched again and had not changed.';
comment on column core.run.n_duplicates is 'New articles that carry a text which another article has.';
comment on column core.run.n_rejects is 'Items that failed.';
comment on column core.run.n_not_modified is 'Requests that were answered 304.';
comment on column core.run.code_version is 'Version of wirehouse that ran; null when not known.';

create table core.load (
    load_id text not null,
    run_id text not null,
    kind text not null check (kind in ('polls', 'articles', 'data')),
    batch_sha256 text not null,
    loaded_at timestamptz not null,
    n_entries bigint not null,
    n_fetched bigint not null,
    n_new bigint not null,
    n_revised bigint not null,
    n_unchanged bigint not null,
    n_duplicates bigint not null,
    n_rejects bigint not null,
    n_not_modified bigint not null,
    n_articles_after bigint,
    n_revisions_after bigint
);
comment on table core.load is 'One batch that was loaded, in the same transaction as its rows.';
comment on column core.load.load_id is 'Its key: number of the load, then the start of the batch hash; sorts by time of commit.';
comment on column core.load.run_id is 'The run that loaded it.';
comment on column core.load.kind is 'polls (feeds and entries), articles, data (a change of the data, as a renamed source).';
comment on column core.load.batch_sha256 is 'Hash of the batch as it came.';
comment on column core.load.loaded_at is 'When it was loaded.';
comment on column core.load.n_entries is 'Entries in it.';
comment on column core.load.n_fetched is 'Pages fetched for it.';
comment on column core.load.n_new is 'Articles in it that were new.';
comment on column core.load.n_revised is 'Articles in it that had changed.';
comment on column core.load.n_unchanged is 'Articles in it that had not changed.';
comment on column core.load.n_duplicates is 'New articles in it whose text another article has.';
comment on column core.load.n_rejects is 'Items in it that failed.';
comment on column core.load.n_not_modified is 'Requests in it that were answered 304.';
comment on column core.load.n_articles_after is 'Rows of core.article after it, to check against; null for loads that touch none.';
comment on column core.load.n_revisions_after is 'Rows of core.revision after it, to check against; null for loads that touch none.';

create table core.fetch (
    load_id text not null,
    run_id text not null,
    source text not null,
    url text not null,
    url_key text,
    feed_url text,
    final_url text,
    started_at timestamptz not null,
    duration_ms integer not null,
    status smallint,
    outcome text not null,
    reason text,
    n_bytes bigint not null,
    body_sha256 text,
    archive_file text,
    archive_offset bigint,
    archive_length bigint
);
comment on table core.fetch is 'One request that was made, for a page or a feed.';
comment on column core.fetch.load_id is 'The load that brought this row.';
comment on column core.fetch.run_id is 'The run that made it.';
comment on column core.fetch.source is 'Key of the source that it was made for.';
comment on column core.fetch.url is 'What was asked for; with started_at the key.';
comment on column core.fetch.url_key is 'URL key of the page; null for feeds.';
comment on column core.fetch.feed_url is 'The feed that was polled, or that showed the page; null when none did.';
comment on column core.fetch.final_url is 'Address after redirects; null when nothing answered.';
comment on column core.fetch.started_at is 'When the request was sent.';
comment on column core.fetch.duration_ms is 'How long the answer took, milliseconds.';
comment on column core.fetch.status is 'HTTP status; null when nothing answered.';
comment on column core.fetch.outcome is 'ok, not_modified, or the error class.';
comment on column core.fetch.reason is 'Why it was made: new, updated, recheck, retry, backfill, import, poll.';
comment on column core.fetch.n_bytes is 'Size of the body, bytes, decoded.';
comment on column core.fetch.body_sha256 is 'Hash of the body; null without one.';
comment on column core.fetch.archive_file is 'File of the raw archive that holds the answer; null when none does.';
comment on column core.fetch.archive_offset is 'Where in that file, bytes; null when in none.';
comment on column core.fetch.archive_length is 'Length of the record there, bytes; null when in none.';

create table core.entry (
    feed_url text not null,
    source text not null,
    url text not null,
    url_key text not null,
    title text,
    guid text,
    published_at timestamptz,
    published_raw text,
    updated_at timestamptz,
    summary text,
    authors text[],
    language text,
    first_seen_at timestamptz not null,
    last_seen_at timestamptz not null,
    changed_at timestamptz,
    load_id text not null
);
comment on table core.entry is 'A feed showed this link; one row for each feed and link.';
comment on column core.entry.feed_url is 'The feed that showed it.';
comment on column core.entry.source is 'Key of the feed''s source.';
comment on column core.entry.url is 'The link, absolute, as the feed gave it.';
comment on column core.entry.url_key is 'Its URL key.';
comment on column core.entry.title is 'Title in the feed; null when it gave none.';
comment on column core.entry.guid is 'The feed''s own id of the entry; null when it gave none.';
comment on column core.entry.published_at is 'Publication time in the feed; null unless day, time and zone are known.';
comment on column core.entry.published_raw is 'The same as the feed wrote it; null when it wrote none.';
comment on column core.entry.updated_at is 'When the feed says that the item changed; null when it does not say.';
comment on column core.entry.summary is 'The feed''s summary, cut; null when it gave none.';
comment on column core.entry.authors is 'Authors that the feed names; empty when it names none.';
comment on column core.entry.language is 'Language that the feed names; null when it names none.';
comment on column core.entry.first_seen_at is 'When this feed first showed it.';
comment on column core.entry.last_seen_at is 'When this feed last showed it.';
comment on column core.entry.changed_at is 'When its title or update time was seen to differ from before; null: never.';
comment on column core.entry.load_id is 'The load that last changed this row.';

create table core.article (
    article_id uuid not null,
    url text not null,
    url_key text not null,
    source text not null,
    title text not null,
    source_credit text,
    dateline_place text,
    authors text[],
    language text,
    published_at timestamptz,
    published_on date,
    published_local timestamp,
    utc_offset_minutes smallint,
    published_precision text check (published_precision in ('minute', 'day')),
    published_from text,
    published_raw text,
    zone_from text,
    dates_disagree boolean not null,
    modified_at timestamptz,
    site_name text,
    canonical_url text,
    final_url text,
    lead text,
    direction text not null check (direction in ('ltr', 'rtl')),
    word_count integer not null,
    content_sha256 text not null,
    extractor text not null,
    archive_file text,
    archive_offset bigint,
    archive_length bigint,
    first_seen_at timestamptz not null,
    fetched_at timestamptz not null,
    checked_at timestamptz not null,
    gone_at timestamptz,
    n_revisions integer not null,
    load_id text not null
);
comment on table core.article is 'One row an article, as its latest page says it.';
comment on column core.article.article_id is 'First 128 bits of sha256(url_key).';
comment on column core.article.url is 'Its address as a feed or file gave it; of several for one key the smallest.';
comment on column core.article.url_key is 'The URL that makes its identity, normalised, without scheme.';
comment on column core.article.source is 'Key of the source that it was read for.';
comment on column core.article.title is 'Headline.';
comment on column core.article.source_credit is 'Who the text is credited to; null when it names nobody.';
comment on column core.article.dateline_place is 'Place in the dateline; null when there is none.';
comment on column core.article.authors is 'Authors; empty when none is named.';
comment on column core.article.language is 'ISO 639-1; null when not known.';
comment on column core.article.published_at is 'Publication instant; null unless day, time and zone are known.';
comment on column core.article.published_on is 'Publication day as printed, local; null only when no day is known.';
comment on column core.article.published_local is 'Publication time as printed, without zone; null when only the day is known.';
comment on column core.article.utc_offset_minutes is 'Offset of published_local from UTC, minutes; null when no zone is known.';
comment on column core.article.published_precision is 'minute or day; null when no day is known.';
comment on column core.article.published_from is 'Where the date was found: json_ld, meta, feed, visible_text, url, ...; null when nowhere.';
comment on column core.article.published_raw is 'The date as printed; null when none was found.';
comment on column core.article.zone_from is 'Where the zone comes from: page, feed, source; null when none is known.';
comment on column core.article.dates_disagree is 'True when the origins of the date differ by more than a day.';
comment on column core.article.modified_at is 'When the page says that it was changed; null when it does not say.';
comment on column core.article.site_name is 'The publisher as the page names it; null when it does not.';
comment on column core.article.canonical_url is 'The address that the page declares as its own; null when it declares none.';
comment on column core.article.final_url is 'Address after redirects; null when not known.';
comment on column core.article.lead is 'Description or first sentences; null when there is none.';
comment on column core.article.direction is 'Reading direction: ltr, rtl.';
comment on column core.article.word_count is 'Words of the body.';
comment on column core.article.content_sha256 is 'Hash of the body''s normalised tokens.';
comment on column core.article.extractor is 'Name and version of the rules that read the page.';
comment on column core.article.archive_file is 'File of the raw archive with the page; null when there is none.';
comment on column core.article.archive_offset is 'Where in that file, bytes; null when there is none.';
comment on column core.article.archive_length is 'Length of the record there, bytes; null when there is none.';
comment on column core.article.first_seen_at is 'When a feed first showed it or its page was first fetched, whichever was earlier.';
comment on column core.article.fetched_at is 'When the page that this row comes from was fetched.';
comment on column core.article.checked_at is 'When its page was last asked for, with whatever outcome.';
comment on column core.article.gone_at is 'When its page was found gone (404 or 410); null while it is there.';
comment on column core.article.n_revisions is 'How many different titles or texts it has had.';
comment on column core.article.load_id is 'The load that last changed this row.';

create table core.article_text (
    article_id uuid not null,
    body text not null using compression zstd
);
comment on table core.article_text is 'The current text of each article, apart from the rest so that counting never reads it.';
comment on column core.article_text.article_id is 'The article; one row each.';
comment on column core.article_text.body is 'Its text; a newline between paragraphs.';

create table core.revision (
    article_id uuid not null,
    content_sha256 text not null,
    title text not null,
    revision_no integer not null,
    change text not null check (change in ('first', 'body', 'title', 'both')),
    seen_at timestamptz not null,
    last_seen_at timestamptz not null,
    modified_at timestamptz,
    word_count integer not null,
    body text using compression zstd,
    archive_file text,
    archive_offset bigint,
    archive_length bigint,
    load_id text not null
);
comment on table core.revision is 'Each title and text that an article has had; one row for each different pair.';
comment on column core.revision.article_id is 'The article.';
comment on column core.revision.content_sha256 is 'Hash of this text''s normalised tokens.';
comment on column core.revision.title is 'Headline of this revision.';
comment on column core.revision.revision_no is 'Its place among the article''s revisions by seen_at, from 1.';
comment on column core.revision.change is 'What differs from the revision before: first, body, title, both.';
comment on column core.revision.seen_at is 'When it was first fetched.';
comment on column core.revision.last_seen_at is 'When it was last fetched; the latest of an article is its current revision.';
comment on column core.revision.modified_at is 'When the page said that it was changed; null when it did not say.';
comment on column core.revision.word_count is 'Words of this text.';
comment on column core.revision.body is 'Its text; null for the current revision, whose text is in core.article_text.';
comment on column core.revision.archive_file is 'File of the raw archive with its page; null when there is none.';
comment on column core.revision.archive_offset is 'Where in that file, bytes; null when there is none.';
comment on column core.revision.archive_length is 'Length of the record there, bytes; null when there is none.';
comment on column core.revision.load_id is 'The load that brought it.';

create table core.field_origin (
    article_id uuid not null,
    field text not null,
    value text not null,
    origin text not null,
    evidence text not null,
    chosen boolean not null
);
comment on table core.field_origin is 'What each reader of the current page said of a field, and which was chosen.';
comment on column core.field_origin.article_id is 'The article.';
comment on column core.field_origin.field is 'title, published, modified, authors, source_credit, site_name, language, body.';
comment on column core.field_origin.value is 'The value, cut after 500 characters.';
comment on column core.field_origin.origin is 'Where it was found: json_ld, meta, feed, visible_text, ...';
comment on column core.field_origin.evidence is 'The text or markup that says so, cut.';
comment on column core.field_origin.chosen is 'True for the value that the article has.';

create table core.article_link (
    article_id uuid not null,
    position integer not null,
    kind text not null check (kind in ('image', 'link')),
    url text not null,
    text text
);
comment on table core.article_link is 'Images and outgoing links of an article''s current body.';
comment on column core.article_link.article_id is 'The article.';
comment on column core.article_link.position is 'Its place in the body, from 0.';
comment on column core.article_link.kind is 'image or link.';
comment on column core.article_link.url is 'Where it points, absolute.';
comment on column core.article_link.text is 'Link text or image caption; null when there is none.';

create table core.url_alias (
    url_key text not null,
    alias_id uuid not null,
    article_id uuid not null,
    reason text not null check (reason in ('redirect', 'canonical', 'key_version')),
    added_at timestamptz not null
);
comment on table core.url_alias is 'Further URL keys that lead to an article.';
comment on column core.url_alias.url_key is 'The other key.';
comment on column core.url_alias.alias_id is 'The article_id that this key would give; an id kept elsewhere is followed through here.';
comment on column core.url_alias.article_id is 'The article that it leads to.';
comment on column core.url_alias.reason is 'redirect, canonical (the page says so), key_version (the key''s rules changed).';
comment on column core.url_alias.added_at is 'When that was first seen.';

create table core.reject (
    reject_id uuid not null,
    source text not null,
    item text not null,
    step text not null check (step in ('poll', 'fetch', 'extract', 'deduplicate', 'load')),
    error_class text not null,
    reason text not null,
    url text,
    url_key text,
    feed_url text,
    archive_file text,
    archive_offset bigint,
    archive_length bigint,
    attempts integer not null,
    first_at timestamptz not null,
    last_at timestamptz not null,
    next_try_at timestamptz,
    resolved_at timestamptz,
    load_id text not null
);
comment on table core.reject is 'An item that failed; one row for each item and step, kept when it is resolved.';
comment on column core.reject.reject_id is 'First 128 bits of a hash of source, item and step.';
comment on column core.reject.source is 'Key of its source.';
comment on column core.reject.item is 'What failed: the URL key of a page, else its URL, else the feed''s URL.';
comment on column core.reject.step is 'Where it failed: poll, fetch, extract, deduplicate, load.';
comment on column core.reject.error_class is 'One word for how it failed last.';
comment on column core.reject.reason is 'A sentence that says why.';
comment on column core.reject.url is 'The page; null when a feed failed as a whole.';
comment on column core.reject.url_key is 'Its URL key; null for feeds, and for links that give no key.';
comment on column core.reject.feed_url is 'The feed that failed, or that showed the page; null when none did.';
comment on column core.reject.archive_file is 'File of the raw archive with the page; null when it was not stored.';
comment on column core.reject.archive_offset is 'Where in that file, bytes; null when it was not stored.';
comment on column core.reject.archive_length is 'Length of the record there, bytes; null when it was not stored.';
comment on column core.reject.attempts is 'How often it failed at this step.';
comment on column core.reject.first_at is 'When it first failed.';
comment on column core.reject.last_at is 'When it last failed.';
comment on column core.reject.next_try_at is 'When it is tried again; null: not by itself.';
comment on column core.reject.resolved_at is 'When the item went through after all; null while it is open.';
comment on column core.reject.load_id is 'The load that last changed this row.';

create table core.recurring_line (
    source text not null,
    line text not null,
    n_articles integer not null,
    first_at timestamptz not null,
    last_at timestamptz not null
);
comment on table core.recurring_line is 'Lines that a source prints under many articles; furniture, not text.';
comment on column core.recurring_line.source is 'Key of the source.';
comment on column core.recurring_line.line is 'The line.';
comment on column core.recurring_line.n_articles is 'In how many of its articles it was seen.';
comment on column core.recurring_line.first_at is 'When it was first seen.';
comment on column core.recurring_line.last_at is 'When it was last seen.';

create table core.forgotten (
    url_key text not null,
    forgotten_at timestamptz not null,
    reason text
);
comment on table core.forgotten is 'Articles that were taken out on request and are kept out.';
comment on column core.forgotten.url_key is 'URL key that is not fetched or stored again.';
comment on column core.forgotten.forgotten_at is 'When it was taken out.';
comment on column core.forgotten.reason is 'Why; null when nobody said.';

-- Comments in plain technical English. No table and no row changes.
comment on table core.archive_file is
    'How far each archive file is loaded. A file that is longer than its row says, or without a row, has pages of a killed run.';
comment on column core.archive_file.n_bytes is
    'Offset up to which every page of the file is loaded, bytes.';
comment on column core.archive_file.checked_at is
    'When that was recorded, UTC.';
comment on table core.article is
    'One row per article, from its latest page.';
comment on column core.article.url is
    'URL as a feed or file gave it; of several for one key the first by alphabet.';
comment on column core.article.url_key is
    'The normalised URL without scheme that identifies the article.';
comment on column core.article.source is
    'Key of its source.';
comment on column core.article.source_credit is
    'Whom the text is credited to; null without a credit.';
comment on column core.article.published_on is
    'Publication day as printed, local; null when no day is known.';
comment on column core.article.published_from is
    'Where the date was found: json_ld, meta, feed, visible_text, url, ...; null without a date.';
comment on column core.article.modified_at is
    'Modification time according to the page; null when it gives none.';
comment on column core.article.site_name is
    'Publisher according to the page; null when it names none.';
comment on column core.article.canonical_url is
    'Canonical URL that the page declares; null when it declares none.';
comment on column core.article.final_url is
    'URL after redirects; null when not known.';
comment on column core.article.word_count is
    'Number of words in the body.';
comment on column core.article.extractor is
    'Name and version of the extraction rules.';
comment on column core.article.archive_file is
    'Archive file with the page; null when there is none.';
comment on column core.article.archive_offset is
    'Offset of the record in that file, bytes; null when there is none.';
comment on column core.article.archive_length is
    'Length of the record, bytes; null when there is none.';
comment on column core.article.first_seen_at is
    'When a feed first showed it or its page was first fetched, whichever is earlier.';
comment on column core.article.fetched_at is
    'When the current page was fetched.';
comment on column core.article.checked_at is
    'When its page was last requested, whatever the outcome.';
comment on column core.article.gone_at is
    'When its page was first found gone (404 or 410); null while it is available.';
comment on column core.article.n_revisions is
    'Number of different titles or texts so far.';
comment on column core.article_link.url is
    'Target URL, absolute.';
comment on table core.article_text is
    'The current text of each article, in a table of its own so that counting does not read it.';
comment on column core.article_text.body is
    'Its text before cleaning, one paragraph per line; hashes, revisions and fingerprints are computed from it.';
comment on column core.article_text.cleaned_body is
    'The text without recurring lines of its source; null when it has none.';
comment on table core.duplicate_link is
    'Two articles with the same text, or part of it; one row per pair and relation, article_a < article_b.';
comment on column core.duplicate_link.article_a is
    'The smaller of the two article ids.';
comment on column core.duplicate_link.article_b is
    'The larger of the two article ids.';
comment on column core.duplicate_link.relation is
    'exact: equal token sequence; near: same text with small differences; part_of: one contains the other; declared_syndication: one declares the other as its original.';
comment on column core.duplicate_link.similarity is
    'Similarity of the texts, 0 to 1; 1 for exact.';
comment on column core.duplicate_link.jaccard is
    'Jaccard similarity of the sets of three-token shingles; null when not measured.';
comment on column core.duplicate_link.prefix_jaccard is
    'Jaccard similarity with the beginning of the longer text, cut to the length of the shorter; null when not measured.';
comment on column core.duplicate_link.containment is
    'Share of the shorter text''s shingles that are in the longer; null when not measured.';
comment on column core.duplicate_link.lead is
    'Share of one text''s opening that is in the other''s first half, the better of both; null when not measured.';
comment on column core.duplicate_link.entity_share is
    'Share of names and figures in common, shrunk to the middle where there are few; null when not measured.';
comment on column core.duplicate_link.number_share is
    'Share of figures in common, shrunk to the middle where there are few; null when not measured.';
comment on column core.duplicate_link.length_ratio is
    'Tokens of the shorter text divided by tokens of the longer; null when not measured.';
comment on column core.duplicate_link.evidence is
    'Combined evidence of the measures for one story text, at most 1; null when not measured.';
comment on column core.duplicate_link.n_shared is
    'Number of shingles in common; null when not measured.';
comment on column core.duplicate_link.longer is
    'The article with the longer text; null when not measured.';
comment on column core.duplicate_link.part_from is
    'Shingle of the longer text where the common text begins; null when not measured.';
comment on column core.duplicate_link.part_to is
    'Shingle of the longer text before which the common text ends; null when not measured.';
comment on column core.duplicate_link.found_as is
    'Relation by the two texts alone; relation differs (part_of instead of near) where other articles show that the longer text is a digest.';
comment on column core.duplicate_link.declared_by is
    'The article that declares the other as its original; null for other relations.';
comment on column core.duplicate_link.rule is
    'Version of the rule that decided.';
comment on column core.duplicate_link.why is
    'The reason, as a sentence.';
comment on column core.duplicate_link.load_id is
    'The load that first found the link.';
comment on table core.entry is
    'Links that feeds showed; one row per feed and link.';
comment on column core.entry.url_key is
    'URL key of the link.';
comment on column core.entry.title is
    'Title in the feed; null when it has none.';
comment on column core.entry.guid is
    'Id of the entry in the feed; null when it has none.';
comment on column core.entry.published_raw is
    'Publication time as in the feed; null when it has none.';
comment on column core.entry.updated_at is
    'Update time of the entry according to the feed; null when it gives none.';
comment on column core.entry.summary is
    'Summary in the feed, truncated; null when it has none.';
comment on column core.entry.authors is
    'Authors according to the feed; empty when it names none.';
comment on column core.entry.language is
    'Language according to the feed; null when it names none.';
comment on column core.entry.changed_at is
    'When a change of its title or update time was observed; null: never.';
comment on table core.feed is
    'Documents that are polled for new entries.';
comment on column core.feed.feed_url is
    'URL as in sources.toml; the key.';
comment on column core.feed.source is
    'Key of its source.';
comment on column core.feed.kind is
    'Format as in sources.toml: auto, rss, atom, json, sitemap, listing.';
comment on column core.feed.added_at is
    'When it was added to the warehouse.';
comment on column core.feed.removed_at is
    'When it was removed from sources.toml; null while it is polled.';
comment on table core.feed_state is
    'State of each feed between polls; written together with the entries that it covers.';
comment on column core.feed_state.kind is
    'Format as detected.';
comment on column core.feed_state.etag is
    'Validator as sent (RFC 9110 section 8.8.3); null when the server sends none.';
comment on column core.feed_state.last_modified is
    'Validator as sent (RFC 9110 section 8.8.2); null when the server sends none.';
comment on column core.feed_state.items_sha256 is
    'Hash of the entries (not of the bytes); null before the first successful poll.';
comment on column core.feed_state.last_polled_at is
    'When it was last polled; null: never.';
comment on column core.feed_state.last_ok_at is
    'When a poll last succeeded (304 included); null: never.';
comment on column core.feed_state.last_new_at is
    'When it last had a new entry; null: never.';
comment on column core.feed_state.last_unconditional_at is
    'When it was last polled without validators; null: never.';
comment on column core.feed_state.n_failures is
    'Consecutive failed polls.';
comment on column core.feed_state.error_class is
    'Error class of the last poll; null when it succeeded.';
comment on column core.feed_state.reason is
    'Reason of the last failure, as a sentence; null when the last poll succeeded.';
comment on column core.feed_state.not_before_at is
    'Time of the server''s Retry-After; null when it sent none.';
comment on column core.feed_state.next_due_at is
    'When it is next due; null: now.';
comment on column core.feed_state.next_due_reason is
    'Reason for that time.';
comment on column core.feed_state.new_per_day is
    'Its rate of new entries per day; null while not known.';
comment on column core.feed_state.moved_to_url is
    'Target of a permanent redirect; null when it has not moved.';
comment on column core.feed_state.n_moved_polls is
    'Consecutive polls that were redirected there.';
comment on column core.feed_state.overlap_lost is
    'True when the last poll had no known entry: entries may have been missed.';
comment on column core.feed_state.stopped_at is
    'When the server answered 410 (gone); null while it is polled.';
comment on table core.fetch is
    'Requests for pages and feeds, one row each.';
comment on column core.fetch.source is
    'Key of its source.';
comment on column core.fetch.url is
    'Requested URL; the key together with started_at.';
comment on column core.fetch.feed_url is
    'The feed that was polled, or that showed the page; null when no feed did.';
comment on column core.fetch.final_url is
    'URL after redirects; null when it equals url or there was no response.';
comment on column core.fetch.duration_ms is
    'Duration until the response was complete, milliseconds.';
comment on column core.fetch.status is
    'HTTP status; null without a response.';
comment on column core.fetch.reason is
    'Reason of the request: new, updated, recheck, retry, backfill, import, poll.';
comment on column core.fetch.n_bytes is
    'Size of the decoded body, bytes.';
comment on column core.fetch.archive_file is
    'Archive file with the response; null when it is not archived.';
comment on column core.fetch.archive_offset is
    'Offset of the record in that file, bytes; null when it is not archived.';
comment on column core.fetch.archive_length is
    'Length of the record, bytes; null when it is not archived.';
comment on column core.fetch.etag is
    'Validator of the page as sent; null for feeds, and when the server sends none.';
comment on column core.fetch.last_modified is
    'Validator of the page as sent; null for feeds, and when the server sends none.';
comment on table core.field_origin is
    'The values that were found for each field of the current page, with their origin, and which was chosen.';
comment on column core.field_origin.value is
    'The value, at most 500 characters; empty for the title that the article has.';
comment on column core.field_origin.evidence is
    'The text or markup with the value, truncated.';
comment on table core.fingerprint is
    'Sampled shingle hashes of each article, all revisions together; candidates for near-duplicates share one. No index: a scan of the date window is faster.';
comment on column core.fingerprint.hash is
    '40 bits of the hash of five tokens (ten characters in scripts without spaces), or of the whole text.';
comment on column core.fingerprint.article_id is
    'The article with the shingle.';
comment on column core.fingerprint.published_on is
    'The article''s day, for the date window; null when not known: such an article has exact copies only.';
comment on column core.fingerprint.n_hashes is
    'Number of hashes of the article.';
comment on table core.forgotten is
    'URL keys that were removed on request (wirehouse forget); they are not fetched or stored again.';
comment on column core.forgotten.forgotten_at is
    'When it was removed.';
comment on column core.forgotten.reason is
    'Reason; null when none was given.';
comment on table core.load is
    'Batches that were loaded; written in the same transaction as their rows.';
comment on column core.load.load_id is
    'Key: number of the load, then the start of the batch hash; sorts in the order of commits.';
comment on column core.load.kind is
    'polls: feeds and entries; articles; data: a change of stored data, such as a renamed source.';
comment on column core.load.batch_sha256 is
    'Hash of the batch.';
comment on column core.load.n_new is
    'New articles in it.';
comment on column core.load.n_revised is
    'Changed articles in it.';
comment on column core.load.n_unchanged is
    'Unchanged articles in it.';
comment on column core.load.n_duplicates is
    'New articles in it whose text another article has as well.';
comment on column core.load.n_not_modified is
    'Requests in it answered 304 (not modified).';
comment on column core.load.n_articles_after is
    'Rows of core.article after the load, for doctor; null for loads without articles.';
comment on column core.load.n_revisions_after is
    'Rows of core.revision after the load, for doctor; null for loads without articles.';
comment on table core.recurring_line is
    'Boilerplate lines that recur over many articles of a source, one row per source and line; computed from all stored articles, independent of their order.';
comment on column core.recurring_line.line_key is
    'Normalised line: its words, without case and punctuation.';
comment on column core.recurring_line.line is
    'The line in its most frequent form; of equally frequent ones the first by alphabet.';
comment on column core.recurring_line.n_articles is
    'Number of different texts of the source with this line; copies of one text count once.';
comment on column core.recurring_line.n_days is
    'Number of days on which these texts were published.';
comment on table core.reject is
    'Items that failed, one row per item and step; kept when the item succeeds later.';
comment on column core.reject.item is
    'The item: the URL key of a page, else its URL, else the feed''s URL.';
comment on column core.reject.step is
    'Step that failed: poll, fetch, extract, deduplicate, load.';
comment on column core.reject.error_class is
    'Error class of the last failure.';
comment on column core.reject.reason is
    'Reason, as a sentence.';
comment on column core.reject.url is
    'URL of the page; null when a feed failed as a whole.';
comment on column core.reject.url_key is
    'URL key of the page; null for feeds, and for invalid links.';
comment on column core.reject.feed_url is
    'The feed that failed, or that showed the page; null when no feed did.';
comment on column core.reject.archive_file is
    'Archive file with the page; null when it is not archived.';
comment on column core.reject.archive_offset is
    'Offset of the record in that file, bytes; null when it is not archived.';
comment on column core.reject.archive_length is
    'Length of the record, bytes; null when it is not archived.';
comment on column core.reject.attempts is
    'Number of failures at this step.';
comment on column core.reject.next_try_at is
    'When it is retried; null: not automatically.';
comment on column core.reject.resolved_at is
    'When the item succeeded; null while it is open.';
comment on table core.revision is
    'Each version of an article: one row per different pair of title and text.';
comment on column core.revision.revision_no is
    'Number among the revisions of the article by seen_at, from 1.';
comment on column core.revision.change is
    'Difference to the revision before: first, body, title, both.';
comment on column core.revision.last_seen_at is
    'When it was last fetched; the latest is the current revision of the article.';
comment on column core.revision.modified_at is
    'Modification time according to the page; null when it gave none.';
comment on column core.revision.word_count is
    'Number of words in this text.';
comment on column core.revision.archive_file is
    'Archive file with its page; null when there is none.';
comment on column core.revision.archive_offset is
    'Offset of the record in that file, bytes; null when there is none.';
comment on column core.revision.archive_length is
    'Length of the record, bytes; null when there is none.';
comment on table core.run is
    'Runs of flows, and of commands that load.';
comment on column core.run.run_id is
    'Key.';
comment on column core.run.parameters is
    'Parameters as JSON; null without any.';
comment on column core.run.started_at is
    'Start time.';
comment on column core.run.ended_at is
    'End time; null while it runs, or when it was killed.';
comment on column core.run.n_entries is
    'Entries seen in feeds; null until the run ends, like all counts.';
comment on column core.run.n_new is
    'New articles.';
comment on column core.run.n_revised is
    'Articles whose text or title changed.';
comment on column core.run.n_unchanged is
    'Articles that were fetched again without a change.';
comment on column core.run.n_duplicates is
    'New articles whose text another article has as well.';
comment on column core.run.n_not_modified is
    'Requests answered 304 (not modified).';
comment on column core.run.code_version is
    'Version of wirehouse; null when not known.';
comment on column core.run.removed is
    'What a prune removed, as JSON: rows by table, files with their bytes; null for other runs.';
comment on table core.schema_migration is
    'One row per migration that was applied to this file.';
comment on column core.schema_migration.version is
    'Number of the migration, from 1.';
comment on column core.schema_migration.sha256 is
    'Hash of the file when it was applied; a released migration never changes.';
comment on column core.schema_migration.duckdb_version is
    'DuckDB version that applied it.';
comment on table core.search_document is
    'Articles in the full-text index, one row each; postings of other numbers belong to texts that were replaced.';
comment on table core.search_posting is
    'Postings of each term: rows of up to 128 documents of a segment, in the order of terms.';
comment on column core.search_posting.term_key is
    'Hash of the term, which a scan compares faster.';
comment on column core.search_posting.term is
    'A folded word; in scripts without spaces two characters, or the last one of a run.';
comment on column core.search_posting.is_dense is
    'True: the row covers 128 consecutive documents, some of which may lack the term.';
comment on column core.search_posting.n_docs is
    'Number of its documents with the term.';
comment on column core.search_posting.docs is
    'Numbers of the documents with the term; in a dense row only the first of its 128.';
comment on column core.search_posting.weights is
    'BM25 weight of the term in each document without its rarity, in fifteenths of the maximum; 0 for a document of a dense row without the term.';
comment on column core.search_posting.spots is
    'Positions of the term in each document, counted in terms; the body starts at 48.';
comment on table core.search_segment is
    'One row per segment of the full-text index.';
comment on column core.search_segment.n_documents is
    'Number of documents in it.';
comment on column core.search_segment.n_terms is
    'Number of different terms in it.';
comment on column core.search_segment.last_doc_no is
    'The highest document number that it ever had.';
comment on table core.setting is
    'Facts about this file, by name.';
comment on column core.setting.name is
    'Name of the fact, such as views_sha256.';
comment on column core.setting.value is
    'Value of the fact, as text.';
comment on table core.source is
    'Publishers, from sources.toml or an import.';
comment on column core.source.name is
    'Key: [a-z0-9-].';
comment on column core.source.title is
    'Display name.';
comment on column core.source.homepage is
    'URL of its home page; null when not given.';
comment on column core.source.language is
    'Main language of its articles, ISO 639-1; null when not given.';
comment on column core.source.timezone is
    'IANA time zone for dates without one; null when not given.';
comment on column core.source.added_at is
    'When it was added to the warehouse.';
comment on column core.source.removed_at is
    'When it was removed from sources.toml; null while it is listed. Its articles stay.';
comment on table core.story_alias is
    'Former ids of stories: an earlier article arrived, or two stories were merged.';
comment on column core.story_alias.old_story_id is
    'The former id.';
comment on column core.story_alias.story_id is
    'The present id.';
comment on column core.story_alias.changed_at is
    'When the id changed.';
comment on table core.story_member is
    'Articles with copies, and their story; an article without copies has no row and is a story of its own.';
comment on column core.story_member.article_id is
    'The article.';
comment on column core.story_member.story_id is
    'article_id of the story''s representative, the earliest published.';
comment on table core.superseded is
    'Articles as they were before a re-extraction changed them, one row per run and article; used to roll the run back.';
comment on column core.superseded.article_id is
    'The article; for a page without one, the id that its URL key gives.';
comment on column core.superseded.change is
    'replaced; removed: its pages give no article any more; added: a page that was rejected gives one.';
comment on column core.superseded.parts is
    'What changed: columns of core.article by name, else the table: body, revision, field_origin, article_link, url_alias, reject.';
comment on column core.superseded.url is
    'Its URL; null when there was no article.';
comment on column core.superseded.body is
    'Its text before, without cleaning; null when there was no article.';
comment on column core.superseded.extractor is
    'Extraction rules before; null when there was no article.';
comment on column core.superseded.row_after is
    'Hash of the article''s row after the run; null without one. An article that has changed since is not rolled back.';
comment on column core.superseded.rows_before is
    'Its rows before, as JSON by table.';
comment on table core.syndication_claim is
    'Articles whose page declares a canonical URL of another site; becomes a link once both are stored.';
comment on column core.syndication_claim.article_id is
    'The article whose page declares it.';
comment on column core.syndication_claim.original_id is
    'article_id of the declared URL, stored or not.';
comment on table core.url_alias is
    'Further URL keys of an article.';
comment on column core.url_alias.url_key is
    'The other URL key.';
comment on column core.url_alias.alias_id is
    'The article_id that this key gives; resolves ids that are kept elsewhere.';
comment on column core.url_alias.reason is
    'redirect; canonical: declared by the page; key_version: the rules of the key changed.';
comment on column core.url_alias.added_at is
    'When it was first observed.';

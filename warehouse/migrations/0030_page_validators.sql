-- What a server gave with a page, to ask later whether the page has changed (RFC 9110 section 8.8).
alter table core.fetch add column etag text;
alter table core.fetch add column last_modified text;
comment on column core.fetch.etag is 'Validator that came with the page, or confirmed it; null for feeds, and when the server gives none.';
comment on column core.fetch.last_modified is 'Validator that came with the page, or confirmed it; null for feeds, and when the server gives none.';

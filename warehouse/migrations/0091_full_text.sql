-- The text of feeds that carry whole articles, and where an article's text comes from.
alter table core.entry add column content text;
alter table core.article add column body_from text;
update core.article set body_from = case when extractor like 'import %' then 'import' else 'page' end;
comment on column core.entry.content is
    'HTML of the whole article where the feed carries it, kept until the page is stored; null otherwise.';
comment on column core.article.body_from is
    'Where the text comes from: page, feed (the entry carries the whole article) or import; null in rows of an earlier schema, whose pages are not in the archive.';

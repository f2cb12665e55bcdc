-- How sure extraction is of each field, kinds of authors, and more of what pages say of an article.
alter table core.article add column author_kinds text[];
alter table core.article add column title_certainty text;
alter table core.article add column published_certainty text;
alter table core.article add column body_certainty text;
alter table core.article add column authors_certainty text;
alter table core.article add column is_partial boolean;
alter table core.article add column section text;
alter table core.article add column tags text[];
alter table core.article add column image_url text;
alter table core.article add column description text;
comment on column core.article.author_kinds is
    'Kind of each author, in the order of authors: person or organisation; null when extracted before kinds were known.';
comment on column core.article.title_certainty is
    'How sure the headline is: sure, likely or doubtful; null for imported rows and for articles of earlier rules.';
comment on column core.article.published_certainty is
    'How sure the day of publication is: sure, likely or doubtful (also when none was found); null as for title_certainty.';
comment on column core.article.body_certainty is
    'How sure the text is: sure, likely or doubtful; null as for title_certainty.';
comment on column core.article.authors_certainty is
    'How sure the authors are: sure, likely or doubtful (also when none were found); null as for title_certainty.';
comment on column core.article.is_partial is
    'True when the page shows only the beginning of its text (paywall); null for articles of earlier rules.';
comment on column core.article.section is
    'Section of the site according to the page; null when it names none.';
comment on column core.article.tags is
    'Keywords of the page, at most 50; empty when it has none, null for articles of earlier rules.';
comment on column core.article.image_url is
    'URL of the page''s main image, absolute; null when it names none.';
comment on column core.article.description is
    'The page''s own summary of the article; null when it has none.';

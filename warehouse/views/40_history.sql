-- What rules changed: lines removed from texts, and values replaced by re-extractions.

create view main.recurring_lines as
select source, line, n_articles, n_days, rule, learnt_at
from core.recurring_line;

comment on view main.recurring_lines is 'Boilerplate lines that recur over many articles of a source; removed from texts.body.';
comment on column main.recurring_lines.source is 'Key of the source.';
comment on column main.recurring_lines.line is 'The line in its most frequent form.';
comment on column main.recurring_lines.n_articles is 'Number of different texts of the source with this line; copies of one text count once.';
comment on column main.recurring_lines.n_days is 'Number of days on which these texts were published.';
comment on column main.recurring_lines.rule is 'Version of the rule that learnt it.';
comment on column main.recurring_lines.learnt_at is 'When the line was first learnt, UTC.';

create view main.removed_lines as
with line as (
    select
        article_id,
        cleaned_body,
        unnest(string_split(body, chr(10))) as line,
        generate_subscripts(string_split(body, chr(10)), 1) as line_no
    from core.article_text
    where cleaned_body is not null
)
select article_id, line_no, line
from line
where not list_contains(string_split(cleaned_body, chr(10)), line);

comment on view main.removed_lines is 'Recurring lines that were removed from each text; the rest is texts.body.';
comment on column main.removed_lines.article_id is 'The article.';
comment on column main.removed_lines.line_no is 'Number of the line in the text before cleaning, from 1.';
comment on column main.removed_lines.line is 'The line.';

create view main.superseded as
select
    run_id, superseded_at, article_id, change, parts, source, url, title, published_at, published_on, body, extractor
from core.superseded;

comment on view main.superseded is 'Articles as they were before a re-extraction changed them.';
comment on column main.superseded.run_id is 'The run that changed it; wirehouse reextract --rollback restores the old values.';
comment on column main.superseded.superseded_at is 'When it was changed, UTC.';
comment on column main.superseded.article_id is 'The article.';
comment on column main.superseded.change is 'replaced; removed: its pages give no article any more; added: a page that was rejected gives one.';
comment on column main.superseded.parts is 'What changed: columns of the article by name, else body, revision, field_origin, article_link, url_alias, reject.';
comment on column main.superseded.source is 'Key of its source; null when there was no article.';
comment on column main.superseded.url is 'Its URL; null when there was no article.';
comment on column main.superseded.title is 'Its headline before; null when there was no article.';
comment on column main.superseded.published_at is 'Its publication instant before; null unless day, time and zone were known.';
comment on column main.superseded.published_on is 'Its publication day before; null when none was known.';
comment on column main.superseded.body is 'Its text before, without cleaning; null when there was no article.';
comment on column main.superseded.extractor is 'Extraction rules before; null when there was no article.';

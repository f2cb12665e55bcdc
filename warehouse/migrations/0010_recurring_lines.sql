-- Recurring lines: what was learnt of each source, and each text without them beside the text as it was read.
drop table core.recurring_line;

create table core.recurring_line (
    source text not null,
    line_key text not null,
    line text not null,
    n_articles integer not null,
    n_days integer not null,
    rule text not null,
    learnt_at timestamptz not null
);
comment on table core.recurring_line is 'Lines that a source prints under many articles; furniture, not text. One row a source and line; computed from all stored articles, never from the order in which they came.';
comment on column core.recurring_line.source is 'Key of the source.';
comment on column core.recurring_line.line_key is 'What all writings of the line share: its words, without case and marks.';
comment on column core.recurring_line.line is 'The line as it is most often written; of equally many the first by alphabet.';
comment on column core.recurring_line.n_articles is 'In how many different texts of the source it stands; copies of one text count once.';
comment on column core.recurring_line.n_days is 'On how many days those were published.';
comment on column core.recurring_line.rule is 'Version of the rule that learnt it.';
comment on column core.recurring_line.learnt_at is 'When the line was first learnt, UTC.';

alter table core.article_text add column cleaned_body text;

comment on column core.article_text.body is 'Its text as it was read; a newline between paragraphs. Hashes, revisions and fingerprints are taken from it.';
comment on column core.article_text.cleaned_body is 'The text without the lines that recur over its source; null when it has none of them.';

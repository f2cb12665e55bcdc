-- What follows from another column is kept once. The beginning of a text is read from the text (view texts).

alter table core.article drop column lead;

comment on column core.fetch.final_url is 'Address after redirects; null when it is the url itself, or nothing answered.';
comment on column core.field_origin.value is 'The value, cut after 500 characters; empty for the title that the article has.';

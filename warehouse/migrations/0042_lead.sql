-- The beginning of a text is read from the text (view texts), not kept a second time.

alter table core.article drop column lead;

-- What a run took out of the store and from the disk, for those that do so.
alter table core.run add column removed text;
comment on column core.run.removed is 'What a prune took out, as JSON: rows by table, files with their bytes; null for other runs.';

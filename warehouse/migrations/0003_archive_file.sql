-- Which archive files are loaded to their end.
create table core.archive_file (
    file text not null,
    n_bytes bigint not null,
    checked_at timestamptz not null
);

comment on table core.archive_file is 'One row for each archive file whose pages are all loaded, up to a size. A file that is longer than its row says, or has none, holds pages of a run that was killed.';
comment on column core.archive_file.file is 'Path relative to the archive, such as 2026/11/name.warc.gz.';
comment on column core.archive_file.n_bytes is 'Bytes up to which every page in the file is loaded.';
comment on column core.archive_file.checked_at is 'When that was found, UTC.';

-- Where parts of archive files have moved to, so that older exports and old values still find their pages.
create table core.archive_move (
    file text not null,
    from_offset bigint not null,
    n_bytes bigint not null,
    new_file text not null,
    new_offset bigint not null,
    moved_at timestamptz not null
);
comment on table core.archive_move is
    'Parts of archive files that moved to another file, because small files were merged.';
comment on column core.archive_move.file is 'The former archive file.';
comment on column core.archive_move.from_offset is 'Where the part started in it, bytes.';
comment on column core.archive_move.n_bytes is 'Length of the part, bytes.';
comment on column core.archive_move.new_file is 'The archive file that has the part now, unless it moved again.';
comment on column core.archive_move.new_offset is 'Where the part starts there, bytes.';
comment on column core.archive_move.moved_at is 'When it moved, UTC.';

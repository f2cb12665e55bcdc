-- Saved searches: how far each has been read, and which changes were reported to whom.
create table core.search_cursor (
    search text not null,
    load_id text not null,
    moved_at timestamptz not null
);
comment on table core.search_cursor is
    'How far each saved search of searches.toml has looked at the loads; a search without a row has never run.';
comment on column core.search_cursor.search is 'Name of the saved search.';
comment on column core.search_cursor.load_id is 'The last load it has looked at.';
comment on column core.search_cursor.moved_at is 'When it did so, UTC.';

create table core.alert (
    search text not null,
    recipient text not null,
    article_id uuid not null,
    revision_no integer not null,
    change text not null check (change in ('new', 'edit', 'stealth_edit', 'gone')),
    noted_at timestamptz not null,
    due_at timestamptz not null,
    message_id uuid,
    attempts integer not null,
    next_try_at timestamptz,
    reason text,
    sent_at timestamptz
);
comment on table core.alert is
    'Changes that saved searches report: noted as due first, then sent in a message together with others.';
comment on column core.alert.search is 'Name of the saved search.';
comment on column core.alert.recipient is
    'Who is told, as searches.toml names it: an environment variable, never an address or secret.';
comment on column core.alert.article_id is 'The article that changed.';
comment on column core.alert.revision_no is 'The revision that is reported, from 1.';
comment on column core.alert.change is 'What happened: new, edit, stealth_edit or gone.';
comment on column core.alert.noted_at is 'When the change was noted, UTC.';
comment on column core.alert.due_at is 'When the message is due by the recipient''s schedule, UTC.';
comment on column core.alert.message_id is
    'The message that carries it, and the key that a repeated message has again; null until it is first due.';
comment on column core.alert.attempts is 'How often sending failed.';
comment on column core.alert.next_try_at is 'When sending is tried again after a failure, UTC; null without one.';
comment on column core.alert.reason is 'Why sending failed last; null without a failure.';
comment on column core.alert.sent_at is 'When the message was accepted, UTC; null while it is due.';

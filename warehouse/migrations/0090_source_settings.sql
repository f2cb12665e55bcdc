-- Which sources are switched off, and the tags of each.
alter table core.source add column enabled boolean;
alter table core.source add column tags text[];
comment on column core.source.enabled is
    'False while sources.toml disables it (enabled = false); null when it is not in sources.toml.';
comment on column core.source.tags is
    'Its tags in sources.toml; null when it is not in sources.toml.';

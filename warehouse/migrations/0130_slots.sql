-- The part of a cluster's work that a source belongs to: several machines split the sources by it.
alter table core.source add column slot smallint;
comment on column core.source.slot is 'CRC-32 of the registrable domain of its first feed, modulo 4096: which shard of a cluster reads it; null on one machine.';

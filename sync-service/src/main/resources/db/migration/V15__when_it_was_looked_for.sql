-- When a container was asked for in vain last. A count that is older, or of before a round that has read it, is begun anew: a replica of
-- before does not know of it.
alter table container add column missing_at timestamptz;

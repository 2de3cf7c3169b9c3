-- How often in a row, at some distance, a single thing was not found without a word of Graph's own, and when that counted last.
alter table container add column silent_looks integer not null default 0;
alter table container add column silent_at timestamptz;

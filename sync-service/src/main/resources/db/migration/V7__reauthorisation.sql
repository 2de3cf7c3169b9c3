-- When Graph was shown a fresh token last: what it asked for before that is done.
alter table subscription add column renewed_at timestamptz;

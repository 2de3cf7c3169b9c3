-- How far a container has been read as a whole, and when the portal was told last: the present sync, or the last one. One that has begun
-- anew has a later beginning. Replicas of before that end a sync do not say so; the next round of a new one does.
alter table container add column sync_first boolean not null default true;
alter table container add column sync_begun_at timestamptz not null default now();
alter table container add column sync_ended_at timestamptz;
alter table container add column sync_told_at timestamptz;
alter table container add column sync_pages integer not null default 0;
alter table container add column sync_items bigint not null default 0;

-- Of what was synchronised before nobody has counted anything.
update container set sync_begun_at = since, sync_ended_at = coalesce(last_round_at, now()) where not baseline;

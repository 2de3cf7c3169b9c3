-- Before this nobody asks Graph for the container, whatever notifications come: Graph said so.
alter table container add column not_before timestamptz;
create index container_path on container (path);

-- Graph may have kept quiet about changes: the next time that it is well a round finds out.
alter table subscription add column suspect boolean not null default false;

-- States are stored in capitals.
drop index watch_due;
create index watch_due on watch (next_attempt_at) where state in ('NEW', 'ENDING');

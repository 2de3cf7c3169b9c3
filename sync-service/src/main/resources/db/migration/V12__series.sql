-- Occurrences of series. Microsoft Graph does not say which of them is gone, only that the series has changed: what is known of it and
-- not shown with it is looked for when the round ends. Rounds are numbered, so that whoever goes on with one knows what it has shown.
alter table known_resource add column series text;
alter table known_resource add column shown_in bigint not null default 0;
alter table container add column rounds bigint not null default 1;
create index known_resource_series on known_resource (container_id, series) where series is not null;
create index known_resource_shown_in on known_resource (container_id, shown_in) where shown_in > 0;

-- Of what is known already nobody knows whether it is of a series, and the delta does not say that again: a full look at its next
-- round, for which each has its own time. It finds what went before as well.
update container
set delta_link = '2000-01-01T00:00:00Z' || substr(delta_link, strpos(delta_link, ' ')), page_link = null, lease_owner = null
where kind = 'calendar';

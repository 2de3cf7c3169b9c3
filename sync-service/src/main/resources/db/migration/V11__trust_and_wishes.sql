-- How far a subscription is trusted: rounds by the timer, one after the other, that found what no notification had told.
alter table subscription add column misses integer not null default 0;
-- It is to be made anew, since too much was missed.
alter table subscription add column replacing boolean not null default false;
-- Too much was missed even then: rounds are made as if there were none, until notifications come again. So many have come since.
alter table subscription add column distrusted boolean not null default false;
alter table subscription add column heard integer not null default 0;

-- What a portal wants to hear of a container.
alter table watch add column filter text;
alter table watch add column content boolean not null default false;
alter table watch add column include_own boolean not null default false;

-- The portal has not been told of it, since no watch's filter let it through.
alter table known_resource add column hidden boolean not null default false;

-- Filters look at a mail's recipients, which delta links of before do not show: once more from the beginning. Nothing is told by it
-- that has not changed.
update container set delta_link = null, page_link = null, scanning = true, scan = scan + 1, lease_owner = null, due_at = now()
where kind = 'mail-folder';

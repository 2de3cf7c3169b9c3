-- Version that the portal's record had when this was made, or set, last: what bears a lower one than the portal's end is of a life before.
-- Null where a replica of before has made it; until somebody has noted one it is taken for nobody's.
alter table delivery add column portal_version bigint;
alter table staged_event add column portal_version bigint;
alter table watch add column portal_version bigint;

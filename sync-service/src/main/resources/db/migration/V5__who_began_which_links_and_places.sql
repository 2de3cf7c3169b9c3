-- Who has begun what stands in the step: another default in between must not make another account go on with it.
alter table action add column acting_account text;

-- How often another sign-in link was told after the first: a link lives for a day and serves once.
alter table action add column links_told integer not null default 0;

-- Where below its container's messages a resource is, where that is more than its id: a reply is below what it answers. Older
-- rows learn it with the next change.
alter table known_resource add column place text;

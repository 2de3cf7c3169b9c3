-- Since when something is being taken down: its subscriptions at Graph go first, while there still is a token.
alter table portal add column ending_since timestamptz;
alter table registration add column ending_since timestamptz;
create index portal_ending on portal (ending_since) where ending_since is not null;
create index registration_ending on registration (ending_since) where ending_since is not null;

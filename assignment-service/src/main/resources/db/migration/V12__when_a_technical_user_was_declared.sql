-- The end of a portal that is read late ends him who was declared before it, whether or not the portal has told of him since.
alter table technical_user add column declared_at timestamptz not null default now();

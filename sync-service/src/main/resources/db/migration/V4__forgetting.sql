-- Since when a resource is known to be deleted; it is forgotten when nobody can show an older state of it any more.
alter table known_resource add column deleted_at timestamptz;
update known_resource set deleted_at = now() where deleted;
create index known_resource_deleted on known_resource (deleted_at) where deleted;

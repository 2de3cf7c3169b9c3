-- Notifications with content (rich ones), where a watch asks for them.
alter table watch add column rich boolean not null default false;

-- How the present subscription was asked for, and the key that Graph encrypts for.
alter table subscription add column rich boolean not null default false;
alter table subscription add column certificate_id text;

-- Key pairs: the certificate is public, the private key sealed.
create table notification_key (
    id          text primary key,
    certificate bytea       not null,
    private_key bytea       not null,
    made_at     timestamptz not null
);

-- Told from a notification's content, and no round has shown it yet: the next one does, or asks for it singly.
alter table known_resource add column unproven boolean not null default false;
create index known_resource_unproven on known_resource (container_id) where unproven;

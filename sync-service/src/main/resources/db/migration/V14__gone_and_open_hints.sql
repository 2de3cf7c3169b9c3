-- A container that Microsoft Graph does not find any more: since when, how often that was confirmed at some distance, and since when
-- it counts as gone.
alter table container add column missing_since timestamptz;
alter table container add column missing_looks integer not null default 0;
-- Watches on whose behalf it was looked for, with a blank between them.
alter table container add column missing_for text not null default '';
alter table container add column gone_since timestamptz;

-- What a notification has named and no round has shown yet, one row for each thing.
create table open_hint (
    container_id bigint  not null references container on delete cascade,
    resource_id  text    not null,
    -- below its container's items; null where that is just the id
    place        text,
    change_type  text    not null,
    -- version that it named, if it did
    etag         text,
    -- how many notifications the container had by then: a round that began with as many has come later
    hint         bigint  not null,
    -- rounds that have not shown it
    looks        integer not null default 0,
    primary key (container_id, resource_id)
);

-- Told from a look at this one thing, before any round has shown it: a delta that lags may still show what was before.
alter table known_resource add column ahead boolean not null default false;

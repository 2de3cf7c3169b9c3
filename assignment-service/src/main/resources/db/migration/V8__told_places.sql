-- Where on its topic the last record stood that counted for a user, a group, a role or a static account: whatever stands in front of it
-- does not count any more, in whatever order records are worked on, and however often the topic is read from its beginning.
create table told_place (
    portal_id text not null,
    -- SHA-256 of the record's key: of somebody who has been removed, nothing else is kept.
    key_hash bytea not null,
    place bigint not null,
    told_at timestamptz not null,
    primary key (portal_id, key_hash)
);

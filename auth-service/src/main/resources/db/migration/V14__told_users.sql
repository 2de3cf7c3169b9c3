-- When a portal was removed; nothing where it was not, or is there again. What is told of its users comes through Kafka, and may be read
-- behind its removal. A row for each portal that was told of or removed: whoever keeps what is told shares it, whoever removes the portal
-- has it alone. Not the portal's own row: a portal may tell of its users before we know it.
create table portal_removal (
    portal_id  text primary key,
    removed_at timestamptz
);

-- Where on its topic the last record stood that counted for a user: whatever stands in front of it does not count any more, however often
-- the topic is read from its beginning.
create table told_place (
    portal_id text        not null,
    -- SHA-256 of the user's id: of somebody who has been removed, nothing else is kept.
    user_hash bytea       not null,
    place     bigint      not null,
    told_at   timestamptz not null,
    primary key (portal_id, user_hash)
);

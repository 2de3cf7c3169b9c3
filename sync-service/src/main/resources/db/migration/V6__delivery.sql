-- How a portal without Kafka gets its events: pushed to its URL, or, without one, kept until it asks.
create table delivery (
    portal            text primary key,
    url               text,
    -- of the portal's endpoint; encrypted
    api_key           bytea,
    -- changes,results,logins: what of it is wanted
    topics            text        not null,
    created_at        timestamptz not null,
    -- when something may be pushed again; null while there is nothing
    due_at            timestamptz,
    -- before this the portal is left in peace, whatever comes
    paused_until      timestamptz,
    -- calls in a row that found it away
    away              integer     not null default 0,
    problem           text,
    last_delivered_at timestamptz,
    lease_owner       text,
    lease_expires_at  timestamptz
);
create index delivery_due on delivery (due_at) where url is not null;
create index delivery_leased on delivery (lease_owner) where lease_owner is not null;

-- A record of a topic as it is. Whoever adds one holds the lock of its delivery, so the ids of one portal rise with the commits.
create table staged_event (
    id              bigint generated always as identity primary key,
    portal          text        not null references delivery on delete cascade,
    topic           text        not null,
    record_partition integer    not null,
    record_offset   bigint      not null,
    record_key      text,
    -- what stays in order: hash of topic and key
    lane            text        not null,
    headers         text        not null,
    body            bytea       not null,
    staged_at       timestamptz not null,
    -- whether no earlier one of its lane waits
    turn            boolean     not null,
    next_attempt_at timestamptz not null,
    refusals        integer     not null default 0,
    attempts        integer     not null default 0,
    failing_since   timestamptz
);
create index staged_event_of_portal on staged_event (portal, id);
create index staged_event_lane on staged_event (portal, lane, id);
create index staged_event_due on staged_event (portal, next_attempt_at, id) where turn;
create index staged_event_old on staged_event (staged_at);

-- Outbound: what portals asked for. Rows of one (portal, ordering_key) are worked on in the order of their ids.
create table action (
    id               bigint generated always as identity primary key,
    portal           text        not null,
    action_id        text        not null,
    source           text        not null,
    type             text        not null,
    ordering_key     text        not null,
    portal_user      text        not null,
    registration     text        not null,
    account          text,
    park             boolean     not null,
    deadline         timestamptz not null,
    traceparent      text,
    data             text        not null,
    received_at      timestamptz not null,
    -- received | waiting | parked | attempting | finished
    state            text        not null,
    -- what may have happened at Graph already: creating-draft | drafted | sending-draft | posting-message
    step             text,
    step_ref         text,
    step_at          timestamptz,
    attempts         integer     not null default 0,
    next_attempt_at  timestamptz not null,
    parked_account   text,
    parked_announced boolean     not null default false,
    login_url        text,
    lease_owner      text,
    lease_expires_at timestamptz,
    outcome          text,
    result           text,
    -- id of what it made at Graph, by which a change is traced back to it
    effect_id        text,
    finished_at      timestamptz,
    constraint action_once unique (portal, action_id)
);
create index action_due on action (next_attempt_at, id) where state <> 'finished';
create index action_order on action (portal, ordering_key, id) where state <> 'finished';
create index action_parked on action (portal, registration, parked_account) where state = 'parked';
create index action_effect on action (portal, effect_id) where effect_id is not null;
create index action_finished on action (finished_at) where state = 'finished';

-- Inbound: what is ordered and has a delta. Several watches of a portal may look at one container.
create table container (
    id               bigint generated always as identity primary key,
    portal           text        not null,
    path             text        not null,
    kind             text        not null,
    -- the watch on whose behalf Graph is asked; kept without a foreign key, since it may end before another takes over
    carrier          text        not null,
    -- what was created or changed from here on is told; what is older is the initial state
    since            timestamptz not null,
    delta_link       text,
    page_link        text,
    -- number of the present full scan; resources that it has not shown when it ends are gone
    scan             integer     not null default 1,
    scanning         boolean     not null default true,
    baseline         boolean     not null default true,
    hints            bigint      not null default 0,
    served_hints     bigint      not null default 0,
    follow_ups       integer     not null default 0,
    last_hint_at     timestamptz,
    last_round_at    timestamptz,
    due_at           timestamptz not null,
    attempts         integer     not null default 0,
    problem          text,
    lease_owner      text,
    lease_expires_at timestamptz,
    constraint container_once unique (portal, path)
);
create index container_due on container (due_at);

create table watch (
    id               text primary key,
    portal           text        not null,
    registration     text        not null,
    kind             text        not null,
    resource         text        not null,
    portal_user      text,
    account          text,
    -- new | watching | refused | ending
    state            text        not null,
    problem          text,
    container_id     bigint references container,
    created_at       timestamptz not null,
    next_attempt_at  timestamptz not null,
    attempts         integer     not null default 0,
    lease_owner      text,
    lease_expires_at timestamptz
);
create index watch_of_registration on watch (portal, registration, id);
create index watch_of_container on watch (container_id);
create index watch_due on watch (next_attempt_at) where state in ('new', 'ending');

-- One subscription of Graph per container. The record comes first, then the call, then Graph's id.
create table subscription (
    container_id     bigint primary key references container on delete cascade,
    -- the watch whose id the client state carries; it stays the same while the subscription lives
    watch_id         text        not null,
    graph_id         text,
    expires_at       timestamptz,
    -- longest life that Graph has accepted so far
    life_minutes     integer     not null,
    -- a call that may have created one has been begun
    posted           boolean     not null default false,
    next_attempt_at  timestamptz not null,
    attempts         integer     not null default 0,
    problem          text,
    lease_owner      text,
    lease_expires_at timestamptz
);
create index subscription_due on subscription (next_attempt_at);
create index subscription_of_watch on subscription (watch_id);

-- What the portal has been told of each resource.
create table known_resource (
    container_id bigint      not null references container on delete cascade,
    resource_id  text        not null,
    -- rises when a resource that was deleted comes back
    generation   integer     not null,
    etag         text        not null,
    modified_at  timestamptz not null,
    deleted      boolean     not null,
    scan         integer     not null,
    -- hashes of the members by which updates are described; no content
    fields       text        not null,
    primary key (container_id, resource_id)
);

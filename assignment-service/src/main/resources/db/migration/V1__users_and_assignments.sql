-- Portals are known here only as something to lock: whoever changes which registrations a portal has excludes
-- everybody who writes records for all of them.
create table portal (
    portal_id text primary key
);

-- Who the portal's users are, as the portal tells it.
create table portal_user (
    portal_id text not null,
    portal_user text not null,
    fields jsonb not null,
    member_of text[] not null,
    roles text[] not null,
    changed_at timestamptz not null,
    primary key (portal_id, portal_user)
);
create index portal_user_groups on portal_user using gin (member_of);
create index portal_user_roles on portal_user using gin (roles);

-- What auth-service told of its registrations; source_version is the version of that record.
create table registration (
    portal_id text not null,
    name text not null,
    source_version bigint not null,
    active boolean not null,
    initialised boolean not null,
    primary key (portal_id, name)
);

create table assignment (
    id uuid primary key,
    portal_id text not null,
    registration text not null,
    principal_kind text not null check (principal_kind in ('USER', 'GROUP', 'ROLE', 'DEFAULT')),
    principal_id text not null,
    accounts text[] not null check (cardinality(accounts) > 0),
    default_account text not null check (default_account = any (accounts)),
    version bigint not null,
    changed_at timestamptz not null,
    unique (portal_id, registration, principal_kind, principal_id),
    foreign key (portal_id, registration) references registration
);

-- What stands on m365.assignments: one row for each record there.
create table effective_assignments (
    portal_id text not null,
    registration text not null,
    portal_user text not null,
    version bigint not null,
    accounts text[] not null,
    default_account text,
    primary key (portal_id, registration, portal_user)
);

-- Versions of the records on m365.assignments. One sequence for all keys: taken under the key's lock it rises in the
-- order of the commits, also over a removal and a new beginning.
create sequence assignments_version;

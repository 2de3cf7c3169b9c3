-- What is left of the power of each account, by the account's name.
alter table assignment add column narrowing jsonb not null default '{}';
alter table effective_assignments add column narrowing jsonb not null default '{}';
-- Only in the row of 'default'.
alter table effective_assignments add column technical_user text;
-- Pages go on after the last id, of one registration.
create index assignment_pages on assignment (portal_id, registration, id);
create index assignment_accounts on assignment using gin (accounts);

-- Which field of a user holds his user principal name, under this registration.
-- Null until it has been told.
alter table registration add column upn_field text;

-- Whom processes without a user run as.
create table technical_user (
    portal_id text primary key,
    portal_user text not null
);

-- Groups and roles that a portal has told of. Users may name others.
create table portal_group (
    portal_id text not null,
    kind text not null check (kind in ('GROUP', 'ROLE')),
    id text not null,
    name text,
    -- Of a user's groups that with the highest priority decides.
    priority int not null default 0,
    -- Groups that this one lies in. They may be unknown, and lie in circles.
    member_of text[] not null default '{}',
    changed_at timestamptz not null,
    primary key (portal_id, kind, id)
);
create index portal_group_member_of on portal_group using gin (member_of);

-- What a REST call has put on its way to the users topic is about a user, a group or a role: the record's key says which.
alter table told_by_rest rename column portal_user to record_key;

-- Effective assignments that are to be worked out again, a few users at a time. One row for each registration and reason to begin
-- anew; a second one that comes meanwhile lets the first begin again.
create table recalculation (
    id bigint generated always as identity primary key,
    portal_id text not null,
    registration text not null,
    -- Whose rule or place has changed: its members are worked out again. DEFAULT is everybody.
    principal_kind text not null check (principal_kind in ('GROUP', 'ROLE', 'DEFAULT')),
    principal_id text not null,
    -- Rises when the same is asked for again.
    round int not null default 1,
    -- The users up to this one are done.
    done_until text not null default '',
    users_done bigint not null default 0,
    users_total bigint,
    requested_at timestamptz not null,
    finished_at timestamptz,
    unique (portal_id, registration, principal_kind, principal_id)
);
create index recalculation_open on recalculation (id) where finished_at is null;

-- Who changed which assignment, when and why. Nothing here is ever changed, but for the person that is taken out of it.
create table assignment_history (
    id bigint generated always as identity primary key,
    portal_id text not null,
    registration text not null,
    assignment_id uuid not null,
    at timestamptz not null,
    what text not null check (what in ('MADE', 'CHANGED', 'REMOVED')),
    version bigint not null,
    principal_kind text not null,
    -- Empty where it was a user who is gone.
    principal_id text not null,
    -- As they are afterwards; of what was removed, as they were.
    accounts text[] not null,
    default_account text not null,
    narrowing jsonb not null,
    actor_kind text not null check (actor_kind in ('ADMIN', 'PORTAL', 'SYSTEM')),
    -- Name of the key, subject of the token.
    actor text not null,
    reason text,
    -- The assignment's person is gone and has been taken out.
    person_removed boolean not null default false
);
create index assignment_history_registration on assignment_history (portal_id, registration, id);
create index assignment_history_assignment on assignment_history (assignment_id, id);
create index assignment_history_person on assignment_history (portal_id, principal_id) where principal_kind = 'USER';

create function assignment_history_is_append_only() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' then
        if new.person_removed and new.principal_kind = 'USER' and new.principal_id = '' and new.reason is null
            and new.narrowing = '{}'
            and (new.id, new.portal_id, new.registration, new.assignment_id, new.at, new.what, new.version,
                 new.principal_kind, new.accounts, new.default_account, new.actor_kind, new.actor)
            = (old.id, old.portal_id, old.registration, old.assignment_id, old.at, old.what, old.version,
                 old.principal_kind, old.accounts, old.default_account, old.actor_kind, old.actor)
        then
            return new;
        end if;
    end if;
    raise exception 'the history of assignments is never changed';
end $$;
create trigger assignment_history_is_append_only
    before update or delete on assignment_history for each row execute function assignment_history_is_append_only();
create trigger assignment_history_is_never_emptied
    before truncate on assignment_history for each statement execute function assignment_history_is_append_only();

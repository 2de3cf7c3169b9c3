-- What has ended and is still being taken out of assignments, some of them at a time. From the moment on in which a row stands here
-- nobody is given any more what has ended, wherever rules are read; the row goes when no assignment names it any more.
create table ending (
    id bigint generated always as identity primary key,
    portal_id text not null,
    registration text not null,
    -- The static account that has ended; empty where it is the registration itself, with all its assignments.
    account text not null default '',
    -- The portal has ended as well: people are taken out of the registration's history.
    forgets boolean not null default false,
    -- Assignments are gone through in the order of their principals, the history in that of its entries. Up to these it is done.
    done_kind text not null default '',
    done_id text not null default '',
    done_entry bigint not null default 0,
    assignments_done bigint not null default 0,
    assignments_total bigint,
    began_at timestamptz not null default now(),
    -- Portals take turns, and within one those who wait. Whoever fails or finds locked what he needs lets the others pass.
    stepped_at timestamptz,
    failures int not null default 0,
    next_attempt_at timestamptz not null default now(),
    unique (portal_id, registration, account)
);

-- What was told of a registration's new beginning while the one of that name before it was still ending: it begins afterwards.
alter table registration add column begins_as text;

-- A replica of an older version would go on giving what has ended.
drop trigger assignment_generation on assignment;
drop trigger assignment_generation on effective_assignments;
drop trigger assignment_generation on assignment_import;
create trigger assignment_generation before insert or update or delete on assignment
    for each statement execute function assignment_generation_is_known('10');
create trigger assignment_generation before insert or update or delete on effective_assignments
    for each statement execute function assignment_generation_is_known('10');
create trigger assignment_generation before insert or update or delete on assignment_import
    for each statement execute function assignment_generation_is_known('10');
-- Nor must it take a step of a recalculation for done, having found that whoever has what has ended keeps it.
create trigger assignment_generation before insert or update or delete on recalculation
    for each statement execute function assignment_generation_is_known('10');

-- Rows of imports. Those of one that has been taken (assignment_import.taken_at) count from that moment on, before what stands
-- in assignment for the same principal; they move there a few at a time, and each is gone from here when it has.
create table import_row (
    import_id uuid not null,
    -- In the file; 0 where the file does not have the principal and it is to go.
    line bigint not null,
    kind text not null,
    id text not null,
    -- Of the assignment that is made, where there is none of that principal yet.
    assignment_id uuid not null default gen_random_uuid(),
    -- Null: there is no such assignment any more.
    accounts text[],
    default_account text,
    -- Null: what was narrowed stays so.
    narrowing jsonb
);
create index import_row_principal on import_row (import_id, kind, id);

-- When it was decided that all of it takes effect.
alter table assignment_import add column taken_at timestamptz;
-- One at a time.
create unique index assignment_import_taken on assignment_import (portal_id, registration)
    where taken_at is not null and state = 'WRITING';

-- Users who were removed while an import was under way, which must not bring them back. Gone with the import.
create table import_removed_user (
    import_id uuid not null,
    portal_user text not null,
    primary key (import_id, portal_user)
);

-- Of a portal that is gone, reasons are taken out as well: they are free text and may name somebody.
create or replace function assignment_history_is_append_only() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' then
        if new.reason is null
            and ((new.person_removed and new.principal_kind = 'USER' and new.principal_id = '' and new.narrowing = '{}')
                or (new.person_removed, new.principal_id, new.narrowing)
                    = (old.person_removed, old.principal_id, old.narrowing))
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

-- Whoever writes says which generation of the service he is (m365.generation, set when he connects). A replica of an older one
-- beside this would not know of import_row, and would say in its own words what was said anew: it is refused and tries again, until
-- it is stopped.
create function assignment_generation_is_known() returns trigger language plpgsql as $$
begin
    if coalesce(nullif(current_setting('m365.generation', true), ''), '0')::int < tg_argv[0]::int then
        raise exception 'assignment-service is older than its tables: stop this replica' using errcode = '55000';
    end if;
    return null;
end $$;
create trigger assignment_generation before insert or update or delete on assignment
    for each statement execute function assignment_generation_is_known('7');
create trigger assignment_generation before insert or update or delete on effective_assignments
    for each statement execute function assignment_generation_is_known('7');
create trigger assignment_generation before insert or update or delete on assignment_import
    for each statement execute function assignment_generation_is_known('7');

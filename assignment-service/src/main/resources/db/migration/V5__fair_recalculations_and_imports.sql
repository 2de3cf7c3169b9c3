-- Users stand in a circle, by their ids. Whoever is asked again in the middle goes on to the last user, then does those before
-- once more, instead of beginning again: what is asked for all the time still comes round to everybody.
alter table recalculation
    -- The users up to this one are done in this stretch; null is to the last.
    add column stretch_until text,
    -- After the last one those from the first to this one come again; null where there is no need.
    add column then_until text,
    -- Portals take turns, and within one those who wait.
    add column stepped_at timestamptz,
    -- In a row; whoever fails or finds locked what he needs lets the others pass.
    add column failures int not null default 0,
    add column next_attempt_at timestamptz not null default now();
create index recalculation_turns on recalculation (portal_id, stepped_at);

-- For pages only. An index that begins like the unique one is taken for that by a planner who does not know yet how many
-- assignments a registration has, and then each look for one of them goes through all.
drop index assignment_pages;
create index assignment_pages on assignment ((portal_id || '/' || registration), id);

-- Who ordered the import and why. updated_at says that it still runs: it is renewed all the time, by the database's clock.
alter table assignment_import
    add column actor_kind text not null default 'ADMIN' check (actor_kind in ('ADMIN', 'PORTAL', 'SYSTEM')),
    add column actor text not null default 'admin-key',
    add column reason text;

-- Static accounts that have been taken out of all assignments, so that whoever checked an account before that does not
-- assign it afterwards. A row goes when the account is there again.
create table gone_account (
    portal_id text not null,
    registration text not null,
    account text not null,
    -- Of the record that told of the end; null where an operator erased it.
    version bigint,
    primary key (portal_id, registration, account)
);

-- A link that is sent on shows a page with a button first, so that whoever only looks at links does not use it up.
alter table ticket add column start_page boolean not null default false;
-- Links for whoever needs an account were always sent on.
update ticket set start_page = shared;

-- When a callback was taken: a process that dies then must not keep the attempt for ever.
alter table login_attempt add column taken_at timestamptz;
-- What Entra wants the next attempt to satisfy.
alter table login_attempt add column claims text;

-- An administrator's consent that was asked for. Entra's answer is believed for its state alone, and once.
create table admin_consent (
    state_hash      text primary key,
    registration_id bigint      not null references registration (id) on delete cascade,
    sealed          bytea       not null,
    outcome         text,
    code            text,
    created_at      timestamptz not null,
    expires_at      timestamptz not null,
    used_at         timestamptz
);
create index admin_consent_registration on admin_consent (registration_id, expires_at);
create index admin_consent_expires on admin_consent (expires_at);

-- Versions and generations of everything told on the compacted topics, see RecordVersions.
create sequence record_version;

create table portal (
    id              text primary key,
    name            text        not null,
    language        text        not null,
    intrexx_version text        not null,
    contact         text,
    entitlement     text,
    origins         text[]      not null,
    version         bigint      not null,
    created_at      timestamptz not null
);

create table portal_key (
    id         text primary key,
    portal_id  text        not null references portal (id) on delete cascade,
    hash       text        not null unique,
    created_at timestamptz not null
);
create index portal_key_portal on portal_key (portal_id);

-- No reference to portal: a portal may tell of its users before we know it.
create table portal_user (
    portal_id   text not null,
    portal_user text not null,
    fields      text not null,
    primary key (portal_id, portal_user)
);

create table registration (
    id            bigint generated always as identity primary key,
    portal_id     text        not null references portal (id) on delete cascade,
    name          text        not null,
    cloud         text        not null,
    tenant_id     text,
    client_id     text,
    account_types text        not null,
    upn_field     text        not null,
    features      text[]      not null,
    administrator text        not null,
    state         text        not null,
    version       bigint      not null,
    created_at    timestamptz not null,
    unique (portal_id, name)
);

create table credential (
    id              text primary key,
    registration_id bigint      not null references registration (id) on delete cascade,
    kind            text        not null,
    sealed          bytea       not null,
    expires_at      timestamptz,
    created_at      timestamptz not null
);
create index credential_registration on credential (registration_id);

create table account (
    id              bigint generated always as identity primary key,
    registration_id bigint      not null references registration (id) on delete cascade,
    portal_id       text        not null,
    registration    text        not null,
    account         text        not null,
    state           text        not null,
    reason          text,
    expected_upn    text,
    upn             text,
    tid             text,
    oid             text,
    account_type    text,
    claims          text,
    generation      bigint      not null,
    version         bigint      not null,
    changed_at      timestamptz not null,
    unique (portal_id, registration, account)
);
create index account_registration on account (registration_id);

-- Written by TokenStore alone, one statement at a time. All tokens are encrypted.
create table account_token (
    account_id             bigint primary key references account (id) on delete cascade,
    generation             bigint      not null,
    revision               bigint      not null,
    refresh_token          bytea,
    previous_refresh_token bytea,
    access_token           bytea,
    obtained_at            timestamptz,
    access_expires_at      timestamptz,
    public_client          boolean     not null
);

-- Who may ask Entra for new tokens of an account, by the database's clock.
create table token_lease (
    account_id bigint primary key references account (id) on delete cascade,
    owner      text        not null,
    number     bigint      not null,
    expires_at timestamptz not null
);

create table ticket (
    hash       text primary key,
    account_id bigint      not null references account (id) on delete cascade,
    sealed     bytea       not null,
    shared     boolean     not null,
    display    text        not null,
    return_url text,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at    timestamptz
);
create index ticket_account on ticket (account_id, expires_at);
create index ticket_expires on ticket (expires_at);

create table login_attempt (
    state_hash    text primary key,
    account_id    bigint      not null references account (id) on delete cascade,
    browser_hash  text        not null,
    verifier      bytea       not null,
    nonce         bytea       not null,
    silent        boolean     not null,
    stage         text        not null,
    outcome       text,
    expected_name text,
    actual_name   text,
    code          text,
    display       text        not null,
    return_url    text,
    created_at    timestamptz not null,
    expires_at    timestamptz not null,
    finished_at   timestamptz
);
create index login_attempt_account on login_attempt (account_id, finished_at);
create index login_attempt_expires on login_attempt (expires_at);

create table device_login (
    id               text primary key,
    account_id       bigint      not null references account (id) on delete cascade,
    sealed           bytea       not null,
    user_code        text        not null,
    verification_uri text        not null,
    state            text        not null,
    outcome          text,
    interval_seconds integer     not null,
    next_poll_at     timestamptz not null,
    expires_at       timestamptz not null,
    created_at       timestamptz not null
);
create index device_login_due on device_login (next_poll_at) where state = 'PENDING';
create index device_login_account on device_login (account_id, created_at);

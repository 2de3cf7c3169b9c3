-- What needs a human. No reference to portal and registration: a raise would lock their rows, in the opposite order to those who
-- change a registration and then its accounts. Attentions takes the rows away when either goes.
create table attention (
    id           bigint generated always as identity primary key,
    portal_id    text        not null,
    registration text,
    account      text,
    kind         text        not null,
    subject      text,
    urgency      integer     not null,
    since        timestamptz not null,
    due          timestamptz,
    unique nulls not distinct (portal_id, registration, account, kind, subject)
);

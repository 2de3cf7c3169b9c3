-- The vault's keys in the order in which they came to this installation: never the keys, only how they are called. A value that was
-- sealed by a key that a process lacks is lost if that key came before those it has, and only too new for it if it came after them.
create table vault_key (
    id         bigint primary key,
    number     bigint      not null generated always as identity,
    first_seen timestamptz not null
);

-- A thing in a container that was asked for, and of which nothing was heard since but 404s without a word of Graph's own: how many there
-- were at some distance from each other, and when one counted last.
create table silence (
    container_id bigint      not null references container on delete cascade,
    resource_id  text        not null,
    looks        integer     not null,
    counted_at   timestamptz not null,
    primary key (container_id, resource_id)
);

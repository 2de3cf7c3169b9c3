-- The last event about a user that a REST call has put on its way to the users topic, until it comes back from there.
create table told_by_rest (
    portal_id text not null,
    portal_user text not null,
    event_id text not null,
    primary key (portal_id, portal_user)
);

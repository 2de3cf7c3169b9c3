-- Of a window that moves over a calendar: what is there, but outside. It is neither shown nor gone.
alter table known_resource add column away boolean not null default false;

-- Whether the portal's end has been heard of, and the version it was told with; without one it was an operator's hand. What is still
-- told of it afterwards comes too late, unless the portal is there again.
alter table portal add column gone boolean not null default false;
alter table portal add column gone_version bigint;

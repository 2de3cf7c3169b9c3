-- A watch of many containers (the chats of a user, the channels of a team …) has one part for each, which is a watch itself and
-- may end later than its whole.
alter table watch add column parent text;
create index watch_parts on watch (parent) where parent is not null;

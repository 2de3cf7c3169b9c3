-- Version that the registration's record had when the watch was made: one with a lower one than the registration's end is of a life before.
-- Null where a replica of before has made it, or nothing had been heard of the registration, until somebody notes it.
alter table watch add column registration_version bigint;

-- Which assignment decided, so that its record says so, and with it the audit. All records are worked out once more.
alter table effective_assignments
    add column rule_kind text,
    -- Of the group or role.
    add column rule_name text;
delete from recalculation where principal_kind = 'DEFAULT';
insert into recalculation (portal_id, registration, principal_kind, principal_id, requested_at)
select portal_id, name, 'DEFAULT', '', now() from registration where active;

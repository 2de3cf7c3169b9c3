-- Effective assignments used to say whose mailbox "own" is by the name that the portal told, as if an administrator had named it.
-- Now they say "own", with that name beside it; so all of them are worked out once more.
delete from recalculation where principal_kind = 'DEFAULT' and exists (
    select 1 from assignment a
    where a.portal_id = recalculation.portal_id and a.registration = recalculation.registration
        and jsonb_path_exists(a.narrowing, '$.*.mailbox ? (@ == "own")'));
insert into recalculation (portal_id, registration, principal_kind, principal_id, requested_at)
select portal_id, name, 'DEFAULT', '', now() from registration
where active and exists (
    select 1 from assignment a
    where a.portal_id = registration.portal_id and a.registration = registration.name
        and jsonb_path_exists(a.narrowing, '$.*.mailbox ? (@ == "own")'));

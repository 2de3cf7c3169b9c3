-- Whether no earlier action of its portal and ordering key is unfinished. Kept, so that whoever looks for work never walks the
-- backlog behind an action that waits. A version that does not know the column leaves it false; a chore repairs that.
alter table action add column turn boolean not null default false;
update action set turn = true
where id in (select min(id) from action where state <> 'finished' group by portal, ordering_key);

drop index action_due;
create index action_due on action (next_attempt_at, id) where state <> 'finished' and turn;
create index action_expiring on action (deadline, id) where state = 'received' and not turn;

-- What people wrote is needed until the action is finished.
update action set data = '{}' where state = 'finished';

-- Leases are renewed by their owner's name; few rows have one at a time.
create index action_leased on action (lease_owner) where lease_owner is not null;
create index container_leased on container (lease_owner) where lease_owner is not null;
create index watch_leased on watch (lease_owner) where lease_owner is not null;
create index subscription_leased on subscription (lease_owner) where lease_owner is not null;

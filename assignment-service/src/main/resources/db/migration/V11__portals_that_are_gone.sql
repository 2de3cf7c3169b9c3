-- When the portal's end was heard of. What is still told of it afterwards comes too late, unless the portal is there again.
alter table portal add column gone_at timestamptz;

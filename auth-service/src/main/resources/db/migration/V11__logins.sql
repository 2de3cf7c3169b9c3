-- What an attempt asked for: the code is redeemed for just that, also where the registration has changed meanwhile.
alter table login_attempt add column scopes text;

-- When a login began, in numbers of record_version, and until when what had begun no longer counts: whoever signs out, lifts a pin
-- or changes the app ends the logins that are under way.
alter table login_attempt add column begun bigint not null default 0;
alter table device_login add column begun bigint not null default 0;
alter table account add column logins_after bigint not null default 0;

-- Entra has taken the app for a public client when it was asked about a device login.
alter table device_login add column public_client boolean not null default false;

-- Somebody signed in once, whoever it is pinned to now: it is then worth sending a link where it needs a login again.
alter table account add column once_signed_in boolean not null default false;
update account set once_signed_in = true where oid is not null;

-- Why a link was of no use, told to the portal.
alter table ticket add column told_useless text;

-- What an administrator consented to shows in the app's token only some minutes later: when it is looked at again.
alter table admin_consent add column look_at timestamptz;
create index admin_consent_look on admin_consent (look_at) where look_at is not null;

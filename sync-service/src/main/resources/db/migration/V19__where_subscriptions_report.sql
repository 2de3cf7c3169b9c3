-- To which address Graph sends a subscription's notifications; unknown of those of before until they are renewed.
alter table subscription add column notification_url text;

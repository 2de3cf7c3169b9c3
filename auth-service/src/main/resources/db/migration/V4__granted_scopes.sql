-- What Entra said that it granted with the last token: a feature that comes later may not be among it, and the old ones go on.
alter table account_token add column granted_scopes text;

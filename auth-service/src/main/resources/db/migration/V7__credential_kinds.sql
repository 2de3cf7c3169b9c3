-- Credentials have an order, and there are other kinds than secrets. What a certificate is and where a token lies may be seen.
alter table credential
    add column position          integer,
    add column subject           text,
    add column thumbprint        text,
    add column thumbprint_sha256 text,
    add column not_before        timestamptz,
    add column token_file        text;

update credential
   set position = ordered.number
  from (select id, row_number() over (partition by registration_id order by created_at, id) as number from credential) ordered
 where ordered.id = credential.id;

alter table credential alter column position set not null;

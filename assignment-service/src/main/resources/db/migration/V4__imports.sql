-- How imports of assignments went, and how far the ones that run have come. Written beside the import's own transaction.
create table assignment_import (
    id uuid primary key,
    portal_id text not null,
    registration text not null,
    state text not null check (state in ('READING', 'WRITING', 'DONE', 'CHECKED', 'REFUSED', 'FAILED')),
    rows bigint not null,
    started_at timestamptz not null,
    updated_at timestamptz not null
);
create index assignment_import_by_registration on assignment_import (portal_id, registration, started_at desc);

-- Events that are to be published: written in the transaction that makes them true, deleted when Kafka has them.
CREATE TABLE outbox (
    -- Of one key, ids rise in the order of the commits, because whoever writes an event holds the lock of what it is about.
    -- Over all keys they do not, so nobody may read on from "the last id".
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic           text        NOT NULL,
    key             text,
    -- [{"name": …, "text": …}] or, where a value is no text, [{"name": …, "base64": …}], in the order of the record
    headers         jsonb       NOT NULL,
    value           bytea,
    created_at      timestamptz NOT NULL DEFAULT now(),
    -- Only what the broker refused counts as an attempt, not that it was away.
    attempts        int         NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    last_error      text
);

-- Refused rows block their key; there are few of them.
CREATE INDEX outbox_refused ON outbox (topic, key, id) WHERE attempts > 0;

-- Who relays at the moment. Times are the database's, so clocks of machines do not matter.
CREATE TABLE outbox_relay (
    name       text PRIMARY KEY,
    owner      text        NOT NULL,
    epoch      bigint      NOT NULL,
    expires_at timestamptz NOT NULL
);

-- Events whose effect is in this database already.
CREATE TABLE inbox (
    portal      text        NOT NULL, -- of the topic's name; '' for topics of the suite itself
    source      text        NOT NULL,
    id          text        NOT NULL,
    data_hash   bytea       NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (portal, source, id)
);

CREATE INDEX inbox_received_at ON inbox (received_at);

-- How far each log is published: entries under the largest checkpoint whose anchor is final. Kept in
-- the transaction that makes blocks final, so that nobody has to look for it among certificates.
CREATE TABLE published (
    authority text PRIMARY KEY REFERENCES log_state,
    size bigint NOT NULL CHECK (size > 0),
    final_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO published (authority, size)
SELECT checkpoint.authority, max(checkpoint.size)
FROM checkpoint
JOIN chain_event ON chain_event.name = 'CheckpointAnchored' AND chain_event.subject = checkpoint.root_hash
    AND chain_event.arguments ->> 'authority' = encode(substring(
        sha256('tulen/party/v1'::bytea || '\x00'::bytea || convert_to(checkpoint.authority, 'UTF8')), 1, 16), 'hex')
JOIN chain_block ON chain_block.chain_id = chain_event.chain_id AND chain_block.hash = chain_event.block_hash
WHERE chain_block.final
GROUP BY checkpoint.authority;

-- What somebody should look at, and until when; open ones are unique, so that each is raised once.
CREATE TABLE alarm (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    kind text NOT NULL CHECK (kind <> ''),
    subject text NOT NULL CHECK (subject <> ''),
    detail text NOT NULL,
    raised_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz CHECK (ended_at >= raised_at)
);
CREATE UNIQUE INDEX alarm_open_idx ON alarm (kind, subject) WHERE ended_at IS NULL;

-- The party may be the office itself, which is in no register. A deleted one keeps no secret.
CREATE TABLE webhook (
    id uuid PRIMARY KEY,
    party text NOT NULL CHECK (party ~ '^[A-Z]{2}\.[A-Z0-9]([A-Z0-9-]{0,22}[A-Z0-9])?$'),
    url text NOT NULL CHECK (length(url) BETWEEN 1 AND 2048),
    types text[] NOT NULL CHECK (types <> '{}'),
    secret bytea,
    previous_secret bytea,
    previous_until timestamptz,
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'disabled', 'deleted')),
    reason text,
    created_by text NOT NULL CHECK (created_by <> ''),
    created_at timestamptz NOT NULL,
    CONSTRAINT webhook_deleted_has_no_secret CHECK ((state = 'deleted') = (secret IS NULL)),
    CONSTRAINT webhook_previous_whole CHECK ((previous_secret IS NULL) = (previous_until IS NULL)),
    CONSTRAINT webhook_disabled_says_why CHECK ((state = 'disabled') = (reason IS NOT NULL))
);
CREATE INDEX webhook_party_idx ON webhook (party) WHERE state <> 'deleted';

-- One row a fact and party, in the transaction of the fact; `key` makes a second telling nothing.
CREATE TABLE webhook_event (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    party text NOT NULL,
    type text NOT NULL CHECK (type <> ''),
    key text NOT NULL,
    occurred_at timestamptz NOT NULL DEFAULT now(),
    data jsonb NOT NULL,
    UNIQUE (party, type, key)
);
CREATE INDEX webhook_event_party_idx ON webhook_event (party, occurred_at);
CREATE INDEX webhook_event_age_idx ON webhook_event (occurred_at);

-- `version` rises with each try and each replay: a job that was made for another one does nothing.
CREATE TABLE webhook_delivery (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    webhook uuid NOT NULL REFERENCES webhook,
    event uuid NOT NULL REFERENCES webhook_event ON DELETE CASCADE,
    state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'failed')),
    version integer NOT NULL DEFAULT 0 CHECK (version >= 0),
    tries smallint NOT NULL DEFAULT 0 CHECK (tries >= 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    due_at timestamptz DEFAULT now(),
    settled_at timestamptz,
    UNIQUE (webhook, event),
    CONSTRAINT webhook_delivery_pending_is_due CHECK ((state = 'pending') = (due_at IS NOT NULL)),
    CONSTRAINT webhook_delivery_settled_has_time CHECK ((state = 'pending') = (settled_at IS NULL))
);
CREATE INDEX webhook_delivery_recent_idx ON webhook_delivery (webhook, created_at);
CREATE INDEX webhook_delivery_event_idx ON webhook_delivery (event);

CREATE TABLE webhook_attempt (
    delivery uuid NOT NULL REFERENCES webhook_delivery ON DELETE CASCADE,
    number integer NOT NULL CHECK (number > 0),
    attempted_at timestamptz NOT NULL,
    milliseconds integer NOT NULL CHECK (milliseconds >= 0),
    status smallint CHECK (status BETWEEN 100 AND 999),
    error text,
    PRIMARY KEY (delivery, number),
    CONSTRAINT webhook_attempt_says_something CHECK (num_nonnulls(status, error) > 0)
);

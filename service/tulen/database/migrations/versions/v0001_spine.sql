-- Every invariant that one row, or two, can show is a constraint here: the rules above may have a fault.

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is kept for ever: % is refused', tg_table_name, tg_op
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = tg_table_name || '_is_kept';
END $$;

-- Fencing tokens of writers: each lease gets a higher one.
CREATE SEQUENCE fence;

CREATE TABLE party (
    code text PRIMARY KEY CHECK (code ~ '^[A-Z]{2}\.[A-Z0-9]([A-Z0-9-]{0,22}[A-Z0-9])?$'),
    name text NOT NULL CHECK (name <> ''),
    country text NOT NULL CHECK (country = left(code, 2)),
    roles text[] NOT NULL CHECK (
        roles <@ ARRAY['exporter', 'authority', 'importer', 'customs', 'steward', 'auditor'] AND roles <> '{}'
    )
);

CREATE TABLE api_key (
    prefix text PRIMARY KEY CHECK (length(prefix) BETWEEN 4 AND 32),
    secret_hash bytea NOT NULL CHECK (length(secret_hash) = 32),
    party text NOT NULL REFERENCES party,
    officer text NOT NULL CHECK (officer <> ''),
    role text NOT NULL CHECK (role IN ('exporter', 'officer', 'importer', 'customs', 'steward', 'auditor')),
    created_at timestamptz NOT NULL,
    revoked_at timestamptz CHECK (revoked_at >= created_at)
);
CREATE INDEX api_key_party_idx ON api_key (party);

CREATE TABLE application (
    id uuid PRIMARY KEY,
    exporter text NOT NULL REFERENCES party,
    authority text NOT NULL REFERENCES party,
    agreement text NOT NULL,
    form text NOT NULL,
    document_ref bytea NOT NULL CHECK (length(document_ref) = 32),
    outcome text NOT NULL CHECK (outcome IN ('MET', 'NOT_MET', 'UNDETERMINED')),
    verdict_digest bytea NOT NULL CHECK (length(verdict_digest) = 32),
    submitted_at timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN ('submitted', 'recommended', 'approved', 'issued', 'rejected')),
    recommended_by text,
    recommended_at timestamptz,
    approved_by text,
    approved_at timestamptz,
    rejected_by text,
    rejected_at timestamptz,
    rejection text,
    CONSTRAINT application_two_officers CHECK (recommended_by <> approved_by),
    CONSTRAINT application_not_met_is_not_approved CHECK (outcome <> 'NOT_MET' OR approved_by IS NULL),
    CONSTRAINT application_recommendation_whole CHECK ((recommended_by IS NULL) = (recommended_at IS NULL)),
    CONSTRAINT application_approval_whole CHECK ((approved_by IS NULL) = (approved_at IS NULL)),
    CONSTRAINT application_rejection_whole CHECK (num_nulls(rejected_by, rejected_at, rejection) IN (0, 3)),
    CONSTRAINT application_state_has_its_acts CHECK (
        CASE state
            WHEN 'submitted' THEN num_nonnulls(recommended_by, approved_by, rejected_by) = 0
            WHEN 'recommended' THEN recommended_by IS NOT NULL AND num_nonnulls(approved_by, rejected_by) = 0
            WHEN 'rejected' THEN rejected_by IS NOT NULL AND approved_by IS NULL
            ELSE num_nonnulls(recommended_by, approved_by) = 2 AND rejected_by IS NULL
        END
    )
);
CREATE INDEX application_exporter_idx ON application (exporter, submitted_at);
CREATE INDEX application_authority_idx ON application (authority, state, submitted_at);

-- Row-locked by whoever appends: one writer per log.
CREATE TABLE log_state (
    authority text PRIMARY KEY REFERENCES party,
    size bigint NOT NULL CHECK (size >= 0),
    sealed_size bigint NOT NULL CHECK (sealed_size BETWEEN 0 AND size)
);

-- `previous` makes a gap in a log impossible; `leaf_hash` is RFC 9162 section 2.1.1 over kind || digest.
CREATE TABLE log_entry (
    authority text NOT NULL REFERENCES log_state,
    index bigint NOT NULL CHECK (index >= 0),
    kind smallint NOT NULL CHECK (kind BETWEEN 1 AND 255),
    digest bytea NOT NULL CHECK (length(digest) = 32),
    leaf_hash bytea NOT NULL GENERATED ALWAYS AS (
        sha256('\x00'::bytea || set_byte('\x00'::bytea, 0, kind) || digest)
    ) STORED,
    logged_at timestamptz NOT NULL DEFAULT now(),
    previous bigint GENERATED ALWAYS AS (nullif(index, 0) - 1) STORED,
    PRIMARY KEY (authority, index),
    UNIQUE (authority, digest),
    FOREIGN KEY (authority, previous) REFERENCES log_entry
);
CREATE TRIGGER log_entry_is_kept BEFORE UPDATE OR DELETE ON log_entry
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE log_tile (
    authority text NOT NULL REFERENCES log_state,
    level smallint NOT NULL CHECK (level BETWEEN 0 AND 7),
    index bigint NOT NULL CHECK (index >= 0),
    hashes bytea NOT NULL CHECK (length(hashes) BETWEEN 32 AND 8192 AND length(hashes) % 32 = 0),
    PRIMARY KEY (authority, level, index)
);

CREATE TABLE checkpoint (
    authority text NOT NULL REFERENCES log_state,
    size bigint NOT NULL CHECK (size > 0),
    root_hash bytea NOT NULL UNIQUE CHECK (length(root_hash) = 32),
    note text NOT NULL CHECK (note <> ''),
    sealed_at timestamptz NOT NULL,
    PRIMARY KEY (authority, size)
);
CREATE TRIGGER checkpoint_is_kept BEFORE UPDATE OR DELETE ON checkpoint
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Written before it is signed: there is never a signature without its record.
CREATE TABLE certificate (
    number text PRIMARY KEY CHECK (number <> ''),
    application uuid NOT NULL UNIQUE REFERENCES application,
    authority text NOT NULL REFERENCES party,
    agreement text NOT NULL,
    form text NOT NULL,
    year smallint NOT NULL,
    serial integer NOT NULL CHECK (serial > 0),
    digest bytea NOT NULL UNIQUE CHECK (length(digest) = 32),
    document_ref bytea NOT NULL CHECK (length(document_ref) = 32),
    key bytea NOT NULL CHECK (length(key) = 32),
    issued_on date NOT NULL,
    valid_until date NOT NULL,
    precommitted_at timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN ('precommitted', 'signed', 'logged')),
    signature bytea CHECK (length(signature) = 64),
    signed_at timestamptz,
    log_index bigint,
    UNIQUE (authority, form, year, serial),
    FOREIGN KEY (authority, log_index) REFERENCES log_entry,
    CONSTRAINT certificate_serial_of_its_year CHECK (year = extract(year FROM issued_on)),
    CONSTRAINT certificate_valid_for_a_day CHECK (valid_until > issued_on),
    CONSTRAINT certificate_signature_whole CHECK ((signature IS NULL) = (signed_at IS NULL)),
    CONSTRAINT certificate_state_has_its_acts CHECK (
        (state <> 'precommitted') = (signature IS NOT NULL) AND (state = 'logged') = (log_index IS NOT NULL)
    )
);
CREATE UNIQUE INDEX certificate_log_idx ON certificate (authority, log_index);
CREATE INDEX certificate_unfinished_idx ON certificate (precommitted_at) WHERE state <> 'logged';
CREATE TRIGGER certificate_is_kept BEFORE DELETE ON certificate
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE certificate_line (
    number text NOT NULL REFERENCES certificate,
    line smallint NOT NULL CHECK (line > 0),
    hs_code text NOT NULL,
    unit text NOT NULL,
    certified_micro numeric(24) NOT NULL CHECK (certified_micro > 0),
    PRIMARY KEY (number, line)
);
CREATE TRIGGER certificate_line_is_kept BEFORE UPDATE OR DELETE ON certificate_line
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE revocation (
    id uuid PRIMARY KEY,
    certificate text NOT NULL REFERENCES certificate,
    kind text NOT NULL CHECK (kind IN ('revoke', 'suspend', 'resume')),
    reason smallint NOT NULL CHECK (reason BETWEEN 1 AND 255),
    note text NOT NULL,
    requested_by text NOT NULL CHECK (requested_by <> ''),
    requested_at timestamptz NOT NULL
);
CREATE INDEX revocation_certificate_idx ON revocation (certificate, requested_at);

-- The nonce is a key, not a counter: no row, no nonce; and a row is never deleted.
CREATE TABLE chain_transaction (
    chain_id bigint NOT NULL CHECK (chain_id > 0),
    sender bytea NOT NULL CHECK (length(sender) = 20),
    nonce bigint NOT NULL CHECK (nonce >= 0),
    purpose text NOT NULL CHECK (purpose <> ''),
    ref text NOT NULL CHECK (ref <> ''),
    fence bigint NOT NULL,
    state text NOT NULL CHECK (state IN ('ready', 'sent', 'mined', 'final', 'failed')),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (chain_id, sender, nonce)
);
CREATE UNIQUE INDEX chain_transaction_live_idx ON chain_transaction (chain_id, purpose, ref)
    WHERE state <> 'failed';
CREATE INDEX chain_transaction_unsettled_idx ON chain_transaction (chain_id, sender, nonce)
    WHERE state IN ('ready', 'sent', 'mined');
CREATE TRIGGER chain_transaction_is_kept BEFORE DELETE ON chain_transaction
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Every signature ever made for a nonce; any of them may win.
CREATE TABLE chain_attempt (
    tx_hash bytea PRIMARY KEY CHECK (length(tx_hash) = 32),
    chain_id bigint NOT NULL,
    sender bytea NOT NULL,
    nonce bigint NOT NULL,
    raw bytea NOT NULL CHECK (length(raw) > 0),
    max_fee numeric(78) NOT NULL CHECK (max_fee >= tip),
    tip numeric(78) NOT NULL CHECK (tip >= 0),
    cancels boolean NOT NULL,
    sent_at timestamptz,
    block_number bigint,
    block_hash bytea CHECK (length(block_hash) = 32),
    gas_used bigint,
    succeeded boolean,
    FOREIGN KEY (chain_id, sender, nonce) REFERENCES chain_transaction,
    CONSTRAINT chain_attempt_receipt_whole
        CHECK (num_nulls(block_number, block_hash, gas_used, succeeded) IN (0, 4))
);
CREATE UNIQUE INDEX chain_attempt_mined_idx ON chain_attempt (chain_id, sender, nonce)
    WHERE block_hash IS NOT NULL;
CREATE INDEX chain_attempt_nonce_idx ON chain_attempt (chain_id, sender, nonce);
CREATE TRIGGER chain_attempt_is_kept BEFORE DELETE ON chain_attempt
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- The canonical chain as last seen. An orphaned block goes, and with it every fact that it held.
CREATE TABLE chain_block (
    chain_id bigint NOT NULL CHECK (chain_id > 0),
    hash bytea NOT NULL CHECK (length(hash) = 32),
    number bigint NOT NULL CHECK (number >= 0),
    parent_hash bytea NOT NULL CHECK (length(parent_hash) = 32),
    block_time timestamptz NOT NULL,
    final boolean NOT NULL,
    PRIMARY KEY (chain_id, hash),
    UNIQUE (chain_id, number)
);
CREATE INDEX chain_block_pending_idx ON chain_block (chain_id, number) WHERE NOT final;

-- `subject` is the digest, root or reference that the event is about.
CREATE TABLE chain_event (
    chain_id bigint NOT NULL,
    tx_hash bytea NOT NULL CHECK (length(tx_hash) = 32),
    block_hash bytea NOT NULL,
    log_index integer NOT NULL CHECK (log_index >= 0),
    block_number bigint NOT NULL,
    address bytea NOT NULL CHECK (length(address) = 20),
    name text NOT NULL CHECK (name <> ''),
    subject bytea NOT NULL,
    arguments jsonb NOT NULL,
    PRIMARY KEY (chain_id, block_hash, log_index),
    FOREIGN KEY (chain_id, block_hash) REFERENCES chain_block ON DELETE CASCADE
);
CREATE INDEX chain_event_subject_idx ON chain_event (subject, name);

CREATE TABLE chain_cursor (
    chain_id bigint PRIMARY KEY CHECK (chain_id > 0),
    block_number bigint NOT NULL CHECK (block_number >= 0),
    block_hash bytea NOT NULL CHECK (length(block_hash) = 32),
    moved_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE declaration (
    number text PRIMARY KEY CHECK (number <> ''),
    importer text NOT NULL REFERENCES party,
    content_digest bytea NOT NULL CHECK (length(content_digest) = 32),
    document_ref bytea NOT NULL CHECK (length(document_ref) = 32),
    assessment jsonb NOT NULL,
    declared_on date NOT NULL,
    filed_at timestamptz NOT NULL
);
CREATE INDEX declaration_importer_idx ON declaration (importer, filed_at);
CREATE TRIGGER declaration_is_kept BEFORE UPDATE OR DELETE ON declaration
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- The certificate may be another deployment's, so its digest is not a foreign key; the chain is the judge.
CREATE TABLE drawdown (
    declaration text NOT NULL REFERENCES declaration,
    line smallint NOT NULL CHECK (line > 0),
    certificate text NOT NULL CHECK (certificate <> ''),
    digest bytea NOT NULL CHECK (length(digest) = 32),
    certificate_line smallint NOT NULL CHECK (certificate_line > 0),
    quantity_micro numeric(24) NOT NULL CHECK (quantity_micro > 0),
    office text NOT NULL CHECK (office <> ''),
    customs text NOT NULL REFERENCES party,
    salt bytea NOT NULL CHECK (length(salt) = 16),
    reference bytea NOT NULL UNIQUE CHECK (length(reference) = 32),
    requested_at timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN ('requested', 'mined', 'final', 'refused')),
    refusal text,
    settled_at timestamptz,
    PRIMARY KEY (declaration, line),
    CONSTRAINT drawdown_refusal_says_why CHECK ((state = 'refused') = (refusal IS NOT NULL)),
    CONSTRAINT drawdown_settled_has_time CHECK ((state = 'requested') = (settled_at IS NULL))
);
CREATE INDEX drawdown_certificate_idx ON drawdown (digest, certificate_line);
CREATE TRIGGER drawdown_is_kept BEFORE DELETE ON drawdown
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE idempotency (
    party text NOT NULL REFERENCES party,
    route text NOT NULL,
    key text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    request_hash bytea NOT NULL CHECK (length(request_hash) = 32),
    status smallint CHECK (status BETWEEN 100 AND 599),
    response bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (party, route, key),
    CONSTRAINT idempotency_answer_whole CHECK ((status IS NULL) = (response IS NULL))
);
CREATE INDEX idempotency_age_idx ON idempotency (created_at);

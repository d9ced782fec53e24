-- What others signed beneath a checkpoint; the newest signature of each key.
CREATE TABLE cosignature (
    authority text NOT NULL,
    size bigint NOT NULL,
    name text NOT NULL CHECK (name <> ''),
    key_id bytea NOT NULL CHECK (length(key_id) = 4),
    signature bytea NOT NULL CHECK (length(signature) BETWEEN 1 AND 6144),
    attached_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (authority, size, name, key_id),
    FOREIGN KEY (authority, size) REFERENCES checkpoint
);

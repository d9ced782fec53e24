-- Who leads: the fencing token of the last that took over. Share-locked by each transaction of the leader.
CREATE TABLE lease (
    name text PRIMARY KEY CHECK (name <> ''),
    fence bigint NOT NULL CHECK (fence > 0),
    taken_at timestamptz NOT NULL DEFAULT now()
);

-- When the bytes were signed: how long a transaction has waited at this fee.
ALTER TABLE chain_attempt ADD COLUMN signed_at timestamptz NOT NULL DEFAULT now();

-- Customs of the importing country asks about lines of a certificate. What was said stands in life_step; here is what counts now.
-- due_clock names the clock after which the request lapses; due_on is its last day, null where the agreement's is not held.
CREATE TABLE verification_request (
    id uuid PRIMARY KEY,
    certificate text NOT NULL REFERENCES certificate,
    authority text NOT NULL REFERENCES party,
    customs text NOT NULL REFERENCES party,
    agreement text NOT NULL,
    doubt text NOT NULL CHECK (doubt IN ('random', 'reasonable')),
    reason text NOT NULL CHECK (reason <> ''),
    question text NOT NULL CHECK (question <> ''),
    asked_by text NOT NULL CHECK (asked_by <> ''),
    asked_at timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN (
        'asked', 'acknowledged', 'replied', 'visit-announced', 'visit-postponed', 'visit-agreed', 'visit-refused',
        'visited', 'unanswered', 'determined', 'withdrawn'
    )),
    changed_at timestamptz NOT NULL CHECK (changed_at >= asked_at),
    due_clock text,
    due_on date,
    CONSTRAINT verification_request_waits_by_a_clock CHECK (
        CASE WHEN state IN ('asked', 'acknowledged', 'visit-announced', 'visit-postponed') THEN due_clock IS NOT NULL
            ELSE num_nonnulls(due_clock, due_on) = 0 END
    )
);
CREATE INDEX verification_request_certificate_idx ON verification_request (certificate);
CREATE INDEX verification_request_customs_idx ON verification_request (customs, asked_at);
CREATE INDEX verification_request_authority_idx ON verification_request (authority, asked_at);
CREATE INDEX verification_request_due_idx ON verification_request (due_on) WHERE due_on IS NOT NULL;

CREATE TABLE verification_line (
    request uuid NOT NULL REFERENCES verification_request,
    line smallint NOT NULL CHECK (line > 0),
    answer text CHECK (answer IN ('confirmed', 'not-confirmed', 'corrected')),
    note text CHECK (note <> ''),
    preference text CHECK (preference IN ('kept', 'denied')),
    denial text CHECK (denial IN ('ORIGIN_CRITERIA', 'RETRO_CHECK_NO_REPLY', 'VISIT_REFUSED')),
    PRIMARY KEY (request, line),
    CONSTRAINT verification_line_denied_has_its_reason CHECK ((denial IS NOT NULL) = (preference IS NOT DISTINCT FROM 'denied'))
);

-- What customs tells the issuer that it has done with a certificate; never changed: a later response counts beside it.
CREATE TABLE customs_response (
    id uuid PRIMARY KEY,
    certificate text NOT NULL REFERENCES certificate,
    authority text NOT NULL REFERENCES party,
    customs text NOT NULL REFERENCES party,
    agreement text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('accepted', 'partly', 'refused')),
    reason text,
    note text,
    received_on date NOT NULL,
    responded_by text NOT NULL CHECK (responded_by <> ''),
    responded_at timestamptz NOT NULL,
    CONSTRAINT customs_response_refused_has_its_reason CHECK ((reason IS NULL) = (kind = 'accepted'))
);
CREATE INDEX customs_response_certificate_idx ON customs_response (certificate);
CREATE INDEX customs_response_customs_idx ON customs_response (customs, responded_at);
CREATE INDEX customs_response_authority_idx ON customs_response (authority, responded_at);
CREATE TRIGGER customs_response_is_kept BEFORE UPDATE OR DELETE ON customs_response
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE customs_response_line (
    response uuid NOT NULL REFERENCES customs_response,
    line smallint NOT NULL CHECK (line > 0),
    unit text NOT NULL,
    used_micro numeric(24) NOT NULL CHECK (used_micro >= 0),
    PRIMARY KEY (response, line)
);
CREATE TRIGGER customs_response_line_is_kept BEFORE UPDATE OR DELETE ON customs_response_line
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

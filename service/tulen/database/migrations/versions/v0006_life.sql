-- An application may be supplemented, sent back and withdrawn.
ALTER TABLE application
    ADD COLUMN version smallint NOT NULL DEFAULT 1 CHECK (version > 0),
    DROP CONSTRAINT application_state_check,
    DROP CONSTRAINT application_state_has_its_acts,
    ADD CONSTRAINT application_state_check CHECK (
        state IN ('submitted', 'supplementing', 'recommended', 'approved', 'issued', 'rejected', 'withdrawn')
    ),
    ADD CONSTRAINT application_state_has_its_acts CHECK (
        CASE state
            WHEN 'submitted' THEN num_nonnulls(recommended_by, approved_by, rejected_by) = 0
            WHEN 'supplementing' THEN num_nonnulls(recommended_by, approved_by, rejected_by) = 0
            WHEN 'recommended' THEN recommended_by IS NOT NULL AND num_nonnulls(approved_by, rejected_by) = 0
            WHEN 'rejected' THEN rejected_by IS NOT NULL AND approved_by IS NULL
            WHEN 'withdrawn' THEN num_nonnulls(approved_by, rejected_by) = 0
            ELSE num_nonnulls(recommended_by, approved_by) = 2 AND rejected_by IS NULL
        END
    );

-- What was done, by whom, on the strength of which article; never changed. The number of a step comes from its subject's
-- last one, so two that happen at once cannot both be the next.
CREATE TABLE life_step (
    subject text NOT NULL CHECK (subject IN ('application', 'certificate', 'verification')),
    id text NOT NULL,
    step smallint NOT NULL CHECK (step > 0),
    event text NOT NULL,
    state text NOT NULL,
    party text NOT NULL REFERENCES party,
    officer text NOT NULL,
    at timestamptz NOT NULL,
    article text NOT NULL,
    detail jsonb NOT NULL,
    PRIMARY KEY (subject, id, step)
);
CREATE TRIGGER life_step_is_kept BEFORE UPDATE OR DELETE ON life_step
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- The highest serial that is known to have been given, where no certificate's row says so: a floor never sinks.
CREATE TABLE serial_floor (
    authority text NOT NULL REFERENCES party,
    year smallint NOT NULL,
    serial integer NOT NULL CHECK (serial > 0),
    PRIMARY KEY (authority, year)
);
CREATE FUNCTION refuse_sinking() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF tg_op = 'DELETE' OR new.serial < old.serial OR (new.authority, new.year) <> (old.authority, old.year) THEN
        RAISE EXCEPTION '% only rises: % is refused', tg_table_name, tg_op
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = tg_table_name || '_only_rises';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER serial_floor_only_rises BEFORE UPDATE OR DELETE ON serial_floor
    FOR EACH ROW EXECUTE FUNCTION refuse_sinking();

-- The latest events of a kind, without looking at all the others.
CREATE INDEX chain_event_name_idx ON chain_event (chain_id, name, block_number);

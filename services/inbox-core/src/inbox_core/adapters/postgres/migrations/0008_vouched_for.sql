-- migrate:up
-- What the business itself vouches for of a person, apart from what they said of themselves; and
-- which parts a person has before them, whatever became of the send.

ALTER TABLE contacts
    -- By which the business's own system knows the person.
    ADD COLUMN external_id text,
    ADD COLUMN email_proven boolean NOT NULL DEFAULT false,
    DROP CONSTRAINT contacts_name_source_check,
    -- 0009 looks at the rows there are, which needs no lock that writers would wait for.
    ADD CONSTRAINT contacts_name_source_check
        CHECK (name_source IN ('channel', 'proven', 'user')) NOT VALID;

-- What a watermark of a place says of a part: 0, 5 delivered or 6 read.
ALTER TABLE deliveries ADD COLUMN shown smallint NOT NULL DEFAULT 0;

-- migrate:down

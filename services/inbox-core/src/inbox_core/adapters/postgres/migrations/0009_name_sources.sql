-- migrate:up
-- The rows that were there before 0008 pass its check, too.

ALTER TABLE contacts VALIDATE CONSTRAINT contacts_name_source_check;

-- migrate:down

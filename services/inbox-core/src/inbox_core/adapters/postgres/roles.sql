-- The three database roles, made before the first migration by someone who may (CREATEROLE).
-- Passwords come as session settings, because DDL takes no parameters.
DO $$
DECLARE
    role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['sluice_owner', 'sluice_api', 'sluice_worker'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
            EXECUTE format('CREATE ROLE %I NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS', role_name);
        END IF;
        EXECUTE format(
            'ALTER ROLE %I LOGIN PASSWORD %L', role_name, current_setting('sluice.' || role_name)
        );
        EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), role_name);
    END LOOP;
    EXECUTE format('GRANT sluice_owner TO %I', current_user);
    -- A temporary table, or a view with a function in it, stands before those of `public`: whoever
    -- may make one could have a SECURITY DEFINER function read it, or run it as the owner.
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
    ALTER SCHEMA public OWNER TO sluice_owner;
    REVOKE ALL ON SCHEMA public FROM PUBLIC;
    GRANT USAGE ON SCHEMA public TO sluice_api, sluice_worker;
END
$$;

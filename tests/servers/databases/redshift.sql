-- What of Redshift's system views, functions and types PostgreSQL does not have; by the superuser.
SET allow_system_table_mods = on;
CREATE VIEW pg_catalog.svv_all_schemas AS
SELECT current_database()::varchar AS database_name, nspname::varchar AS schema_name, 'local'::varchar AS schema_type
FROM pg_namespace;
CREATE VIEW pg_catalog.svv_all_tables AS
SELECT table_catalog::varchar AS database_name, table_schema::varchar AS schema_name,
  table_name::varchar AS table_name,
  (CASE table_type WHEN 'BASE TABLE' THEN 'TABLE' ELSE table_type END)::varchar AS table_type
FROM information_schema.tables;
CREATE VIEW pg_catalog.svv_all_columns AS
SELECT table_catalog::varchar AS database_name, table_schema::varchar AS schema_name,
  table_name::varchar AS table_name, column_name::varchar AS column_name,
  ordinal_position::integer AS ordinal_position, is_nullable::varchar AS is_nullable,
  data_type::varchar AS data_type, character_maximum_length::integer AS character_maximum_length,
  numeric_precision::integer AS numeric_precision, numeric_scale::integer AS numeric_scale
FROM information_schema.columns;
GRANT SELECT ON pg_catalog.svv_all_schemas, pg_catalog.svv_all_tables, pg_catalog.svv_all_columns TO PUBLIC;
-- Redshift's own types under their own numbers, as text: in Redshift, too, that is how they are sent.
CREATE TEMPORARY TABLE new_types AS SELECT * FROM pg_type WHERE typname = 'text';
UPDATE new_types SET typarray = 0, typcategory = 'U', typispreferred = false, typsend = 0, typreceive = 0;
INSERT INTO pg_type SELECT (own).* FROM (
  SELECT jsonb_populate_record(t, jsonb_build_object('oid', named.oid, 'typname', named.name)) AS own
  FROM new_types t, (VALUES (4000, 'super'), (6551, 'varbyte'), (3000, 'geometry'), (2935, 'hllsketch'))
    AS named (oid, name)
) AS made;
CREATE CAST (text AS varbyte) WITHOUT FUNCTION;
CREATE FUNCTION pg_catalog.from_hex(text) RETURNS varbyte LANGUAGE sql IMMUTABLE AS 'SELECT lower($1)::varbyte';

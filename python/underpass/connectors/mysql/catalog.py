"""Where the server describes its databases."""

SCHEMAS = """\
SELECT schema_name AS name FROM information_schema.schemata
WHERE schema_name > ? ORDER BY schema_name LIMIT ?"""
TABLES = """\
SELECT table_name AS name, CASE WHEN table_type LIKE '%VIEW' THEN 'view' ELSE 'table' END AS kind
FROM information_schema.tables WHERE table_schema = ? AND table_name > ? ORDER BY table_name LIMIT ?"""
COLUMNS = """\
SELECT column_name AS name, column_type AS type, is_nullable = 'YES' AS nullable
FROM information_schema.columns WHERE table_schema = ? AND table_name = ? ORDER BY ordinal_position"""
SEARCHED = "SELECT DATABASE() AS name"

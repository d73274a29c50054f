package main

import "context"

const catalog = "INFORMATION_SCHEMA"

var catalogTables = []string{
	`CREATE TABLE IF NOT EXISTS INFORMATION_SCHEMA.SCHEMATA (SCHEMA_NAME VARCHAR)`,
	`CREATE TABLE IF NOT EXISTS INFORMATION_SCHEMA."TABLES" (
		TABLE_SCHEMA VARCHAR, TABLE_NAME VARCHAR, TABLE_TYPE VARCHAR)`,
	`CREATE TABLE IF NOT EXISTS INFORMATION_SCHEMA."COLUMNS" (
		TABLE_SCHEMA VARCHAR, TABLE_NAME VARCHAR, COLUMN_NAME VARCHAR, ORDINAL_POSITION INT, IS_NULLABLE VARCHAR,
		DATA_TYPE VARCHAR)`,
}

// refreshCatalog fills Dremio's catalog from SQLite's.
func (s *store) refreshCatalog(ctx context.Context) error {
	change, err := s.database.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = change.Rollback() }()
	for _, text := range []string{
		`DELETE FROM INFORMATION_SCHEMA.SCHEMATA`,
		`DELETE FROM INFORMATION_SCHEMA."TABLES"`,
		`DELETE FROM INFORMATION_SCHEMA."COLUMNS"`,
		`INSERT INTO INFORMATION_SCHEMA.SCHEMATA SELECT name FROM pragma_database_list
			WHERE name NOT IN ('main', 'temp')`,
		`INSERT INTO INFORMATION_SCHEMA."TABLES"
			SELECT "schema", name, CASE WHEN "schema" = 'INFORMATION_SCHEMA' THEN 'SYSTEM_TABLE' ELSE upper(type) END
			FROM pragma_table_list WHERE "schema" NOT IN ('main', 'temp') AND name NOT LIKE 'sqlite_%'`,
		`INSERT INTO INFORMATION_SCHEMA."COLUMNS"
			SELECT t."schema", t.name, c.name, c.cid + 1, CASE c."notnull" WHEN 1 THEN 'NO' ELSE 'YES' END, c.type
			FROM pragma_table_list t JOIN pragma_table_xinfo(t.name, t."schema") c
			WHERE t."schema" NOT IN ('main', 'temp') AND t.name NOT LIKE 'sqlite_%'`,
	} {
		if _, err := change.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	return change.Commit()
}

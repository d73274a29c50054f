package main

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/flight"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"modernc.org/sqlite"
)

const batchRows = 16_384

// store is SQLite, with one file for each schema.
type store struct{ database *sql.DB }

func openStore(schemas []string) (*store, error) {
	sqlite.RegisterConnectionHook(func(connection sqlite.ExecQuerierContext, _ string) error {
		for _, schema := range append(schemas, catalog) {
			text := fmt.Sprintf(`ATTACH 'file:%s.sqlite?mode=rwc' AS "%s"; PRAGMA "%s".journal_mode = WAL`, schema, schema, schema)
			if _, err := connection.ExecContext(context.Background(), text, nil); err != nil {
				return err
			}
		}
		return nil
	})
	database, err := sql.Open("sqlite", "file:main.sqlite?_pragma=journal_mode(WAL)&_pragma=busy_timeout(20000)")
	if err != nil {
		return nil, err
	}
	for _, text := range catalogTables {
		if _, err := database.Exec(text); err != nil {
			return nil, err
		}
	}
	return &store{database}, nil
}

var (
	cast      = regexp.MustCompile(`(?i)\bCAST\s*\(\s*('(?:[^']|'')*'|[^()']*(?:\([^()]*\)[^()']*)*?)\s+AS\s+([^()]+?(?:\(.*?\))??)\s*\)\s+AS\s+"?(\w+)"?`)
	twice     = regexp.MustCompile(`CAST\(CAST\(('[^']*') AS DECIMAL\(\d+, \d+\)\)`)
	changes   = regexp.MustCompile(`(?i)^(?:\s|--[^\n]*\n)*(INSERT|UPDATE|DELETE|MERGE)\b`)
	defines   = regexp.MustCompile(`(?i)^(?:\s|--[^\n]*\n)*(CREATE|DROP|ALTER)\b`)
	emptyText = regexp.MustCompile(`(?s)^\s*$`)
)

// uncast takes CAST(… AS type) AS name out of a query; the types go to what is read.
func uncast(text string) (string, map[string]arrow.DataType) {
	types := map[string]arrow.DataType{}
	text = twice.ReplaceAllString(text, "CAST($1")
	text = cast.ReplaceAllStringFunc(text, func(found string) string {
		words := cast.FindStringSubmatch(found)
		kind, known := declared(words[2])
		if !known {
			return found
		}
		types[words[3]] = kind
		return fmt.Sprintf("(%s) AS %s", words[1], words[3])
	})
	return text, types
}

// check has SQLite read a statement without running it, and counts its parameters.
func (s *store) check(ctx context.Context, text string) (int, error) {
	if emptyText.MatchString(text) {
		return 0, fmt.Errorf(`near "": syntax error`)
	}
	if defines.MatchString(text) {
		return 0, nil
	}
	text, _ = uncast(text)
	planned, err := s.database.PrepareContext(ctx, text)
	if err != nil {
		return 0, err
	}
	defer planned.Close()
	rows, err := s.database.QueryContext(ctx, "EXPLAIN "+text, make([]any, strings.Count(unquoted(text), "?"))...)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	return strings.Count(unquoted(text), "?"), nil
}

var quoted = regexp.MustCompile(`'(?:[^']|'')*'|"[^"]*"|--[^\n]*`)

func unquoted(text string) string { return quoted.ReplaceAllString(text, "") }

// run starts a statement; finish is called when its rows are read or nobody wants them any longer.
func (s *store) run(
	ctx context.Context, text string, planned *statement, finish func(),
) (*arrow.Schema, <-chan flight.StreamChunk, error) {
	if defines.MatchString(text) {
		text = storable(text)
	}
	if defines.MatchString(text) || changes.MatchString(text) {
		result, err := s.database.ExecContext(ctx, text, planned.values...)
		if err != nil {
			return nil, nil, err
		}
		finish()
		if defines.MatchString(text) {
			return done("Table changed")
		}
		count, err := result.RowsAffected()
		if err != nil {
			return nil, nil, err
		}
		field := arrow.Field{Name: "Records", Type: arrow.PrimitiveTypes.Int64, Nullable: true}
		return one(arrow.NewSchema([]arrow.Field{field}, nil), count)
	}
	if strings.Contains(text, catalog) {
		if err := s.refreshCatalog(ctx); err != nil {
			return nil, nil, err
		}
	}
	text, types := uncast(text)
	rows, err := s.database.QueryContext(ctx, text, planned.values...)
	if err != nil {
		return nil, nil, err
	}
	reading, err := newReading(rows, types, planned)
	if err != nil {
		rows.Close()
		return nil, nil, err
	}
	chunks := make(chan flight.StreamChunk)
	go func() {
		defer finish()
		defer close(chunks)
		defer rows.Close()
		reading.send(ctx, chunks)
	}()
	return reading.schema, chunks, nil
}

// done is Dremio's answer to what defines something.
func done(summary string) (*arrow.Schema, <-chan flight.StreamChunk, error) {
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "ok", Type: arrow.FixedWidthTypes.Boolean, Nullable: true},
		{Name: "summary", Type: arrow.BinaryTypes.String, Nullable: true},
	}, nil)
	return one(schema, true, summary)
}

// one is a result of one row.
func one(schema *arrow.Schema, values ...any) (*arrow.Schema, <-chan flight.StreamChunk, error) {
	builder := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer builder.Release()
	for index, value := range values {
		if err := add(builder.Field(index), value); err != nil {
			return nil, nil, err
		}
	}
	chunks := make(chan flight.StreamChunk, 1)
	chunks <- flight.StreamChunk{Data: builder.NewRecordBatch()}
	close(chunks)
	return schema, chunks, nil
}

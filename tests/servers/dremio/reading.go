package main

import (
	"context"
	"database/sql"
	"regexp"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/flight"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// A query for nothing but a parameter gives it back with the type that it was sent with.
var echo = regexp.MustCompile(`(?is)^\s*SELECT\s+\?\s+AS\s+\w+\s*$`)

// reading turns rows into batches. The first row is read at once: it may be needed for the types.
type reading struct {
	rows   *sql.Rows
	schema *arrow.Schema
	values []any
	into   []any
	more   bool
}

func newReading(rows *sql.Rows, types map[string]arrow.DataType, planned *statement) (*reading, error) {
	columns, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	made := &reading{rows: rows, values: make([]any, len(columns)), into: make([]any, len(columns))}
	for index := range made.values {
		made.into[index] = &made.values[index]
	}
	if err := made.next(); err != nil {
		return nil, err
	}
	fields := make([]arrow.Field, len(columns))
	for index, column := range columns {
		kind, known := types[column.Name()]
		if !known && echo.MatchString(planned.text) {
			kind, known = planned.types[0], true
		}
		if !known {
			kind, known = declared(column.DatabaseTypeName())
		}
		if !known {
			kind = natural(made.values[index])
		}
		fields[index] = arrow.Field{Name: column.Name(), Type: kind, Nullable: true}
	}
	made.schema = arrow.NewSchema(fields, nil)
	return made, nil
}

func (r *reading) next() error {
	if r.more = r.rows.Next(); !r.more {
		return r.rows.Err()
	}
	return r.rows.Scan(r.into...)
}

// send gives all rows away, until there are no more or nobody takes them.
func (r *reading) send(ctx context.Context, chunks chan<- flight.StreamChunk) {
	builder := array.NewRecordBuilder(memory.DefaultAllocator, r.schema)
	defer builder.Release()
	for r.more {
		for count := 0; r.more && count < batchRows; count++ {
			err := r.append(builder)
			if err == nil {
				err = r.next()
			}
			if err != nil {
				give(ctx, chunks, flight.StreamChunk{Err: err})
				return
			}
		}
		if !give(ctx, chunks, flight.StreamChunk{Data: builder.NewRecordBatch()}) {
			return
		}
	}
}

func (r *reading) append(builder *array.RecordBuilder) error {
	for index, value := range r.values {
		if err := add(builder.Field(index), value); err != nil {
			return err
		}
	}
	return nil
}

func give(ctx context.Context, chunks chan<- flight.StreamChunk, chunk flight.StreamChunk) bool {
	select {
	case chunks <- chunk:
		return true
	case <-ctx.Done():
		return false
	}
}

package main

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/flight"
)

// reflection holds all rows of a query, as Dremio's reflections do.
type reflection struct {
	schema *arrow.Schema
	rows   []arrow.RecordBatch
}

func (s *server) reflect(text string) error {
	schema, chunks, err := s.store.run(context.Background(), text, &statement{text: text}, func() {})
	if err != nil {
		return err
	}
	made := &reflection{schema: schema}
	for chunk := range chunks {
		if chunk.Err != nil {
			return chunk.Err
		}
		made.rows = append(made.rows, chunk.Data)
	}
	s.reflections.Store(text, made)
	return nil
}

func (r *reflection) send(ctx context.Context) <-chan flight.StreamChunk {
	chunks := make(chan flight.StreamChunk)
	go func() {
		defer close(chunks)
		for _, batch := range r.rows {
			batch.Retain()
			if !give(ctx, chunks, flight.StreamChunk{Data: batch}) {
				return
			}
		}
	}()
	return chunks
}

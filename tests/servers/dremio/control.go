package main

import (
	"encoding/json"
	"io"
	"net/http"
)

// control answers whoever can reach the socket in the server's folder: GET /jobs lists the statements that run,
// POST /cancel?id=… ends one, POST /execute runs the statements in its body, POST /reflect keeps the rows of the query
// in its body in memory, so that who asks for it measures the way and not SQLite.
func (s *server) control() http.Handler {
	routes := http.NewServeMux()
	routes.HandleFunc("GET /jobs", func(answer http.ResponseWriter, _ *http.Request) {
		jobs := []*job{}
		s.jobs.Range(func(_, found any) bool {
			jobs = append(jobs, found.(*job))
			return true
		})
		_ = json.NewEncoder(answer).Encode(jobs)
	})
	routes.HandleFunc("POST /cancel", func(answer http.ResponseWriter, request *http.Request) {
		found, ok := s.jobs.Load(request.URL.Query().Get("id"))
		if !ok {
			http.NotFound(answer, request)
			return
		}
		found.(*job).end()
	})
	routes.HandleFunc("POST /execute", func(answer http.ResponseWriter, request *http.Request) {
		text, err := io.ReadAll(request.Body)
		if err == nil {
			_, err = s.store.database.ExecContext(request.Context(), storable(string(text)))
		}
		if err != nil {
			http.Error(answer, err.Error(), http.StatusBadRequest)
		}
	})
	routes.HandleFunc("POST /reflect", func(answer http.ResponseWriter, request *http.Request) {
		text, err := io.ReadAll(request.Body)
		if err == nil {
			err = s.reflect(string(text))
		}
		if err != nil {
			http.Error(answer, err.Error(), http.StatusBadRequest)
		}
	})
	return routes
}

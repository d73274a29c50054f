package main

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"strings"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// people knows the one user there is. Each log-in gets a bearer token of its own.
type people struct {
	user, password string
	// A personal access token, which needs no log-in.
	token string
}

var issued sync.Map

func same(one, other string) bool { return subtle.ConstantTimeCompare([]byte(one), []byte(other)) == 1 }

// Validate is asked in the handshake.
func (p *people) Validate(user, password string) (string, error) {
	if same(user, p.user) && same(password, p.password) {
		token := rand.Text()
		issued.Store(token, true)
		return token, nil
	}
	return "", status.Error(codes.Unauthenticated, "Unable to authenticate user "+user)
}

// IsValid is asked with every other call.
func (p *people) IsValid(token string) (any, error) {
	if _, found := issued.Load(token); found || same(token, p.token) {
		return p.user, nil
	}
	return nil, status.Error(codes.Unauthenticated, "invalid bearer token")
}

const cookie = "arrow_flight_session_id"

// sessions keeps the schema in use of each session.
type sessions struct {
	mutex   sync.Mutex
	schemas map[string]string
}

// of says which session a call belongs to, and starts one where it has none.
func (s *sessions) of(ctx context.Context) string {
	incoming, _ := metadata.FromIncomingContext(ctx)
	for _, header := range incoming.Get("cookie") {
		for _, pair := range strings.Split(header, ";") {
			if name, value, _ := strings.Cut(strings.TrimSpace(pair), "="); name == cookie {
				return value
			}
		}
	}
	made := rand.Text()
	_ = grpc.SetHeader(ctx, metadata.Pairs("set-cookie", cookie+"="+made))
	if schema := incoming.Get("schema"); len(schema) > 0 {
		s.use(made, schema[0])
	}
	return made
}

func (s *sessions) use(session, schema string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.schemas[session] = schema
}

func (s *sessions) schema(session string) string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.schemas[session]
}

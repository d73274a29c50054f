package main

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/flight"
	"github.com/apache/arrow-go/v18/arrow/flight/flightsql"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// statement is one that was planned; it may run more than once.
type statement struct {
	text    string
	session string
	values  []any
	types   []arrow.DataType
}

// job is a statement that runs.
type job struct {
	Id  string `json:"id"`
	Sql string `json:"sql"`
	end context.CancelFunc
}

type server struct {
	flightsql.BaseServer
	store      *store
	advertise  string
	parameters bool
	sessions   sessions
	planned    sync.Map
	jobs       sync.Map
	// By the text of their query.
	reflections sync.Map
	number      atomic.Int64
}

func newServer(store *store, advertise string, parameters bool) *server {
	made := &server{store: store, advertise: advertise, parameters: parameters}
	made.sessions.schemas = map[string]string{}
	info := map[flightsql.SqlInfo]any{
		flightsql.SqlInfoFlightSqlServerName:        "Dremio look-alike",
		flightsql.SqlInfoFlightSqlServerVersion:     "0",
		flightsql.SqlInfoFlightSqlServerTransaction: int32(flightsql.SqlTransactionNone),
	}
	for id, value := range info {
		if err := made.RegisterSqlInfo(id, value); err != nil {
			panic(err)
		}
	}
	return made
}

func (s *server) keep(made *statement) []byte {
	handle := fmt.Sprint("statement-", s.number.Add(1))
	s.planned.Store(handle, made)
	return []byte(handle)
}

func (s *server) find(handle []byte) (*statement, error) {
	if found, ok := s.planned.Load(string(handle)); ok {
		return found.(*statement), nil
	}
	return nil, status.Error(codes.InvalidArgument, "There is no such statement.")
}

var use = regexp.MustCompile(`(?is)^\s*USE\s+"?([^";]+)"?\s*$`)

// plan refuses what can not run.
func (s *server) plan(ctx context.Context, text string) (*statement, error) {
	made := &statement{text: text, session: s.sessions.of(ctx)}
	if use.MatchString(text) {
		return made, nil
	}
	count, err := s.store.check(ctx, s.rewritten(made))
	if err != nil {
		return nil, refusal(text, err)
	}
	if count > 0 && !s.parameters {
		return nil, status.Error(codes.InvalidArgument, "Illegal use of dynamic parameter")
	}
	made.types = make([]arrow.DataType, count)
	return made, nil
}

var timeLiteral = regexp.MustCompile(`\b(?:DATE|TIME|TIMESTAMP) '`)

// rewritten is what SQLite understands.
func (s *server) rewritten(planned *statement) string {
	current := strings.ReplaceAll(s.sessions.schema(planned.session), "'", "''")
	text := strings.ReplaceAll(planned.text, "CURRENT_SCHEMA", "'"+current+"'")
	return timeLiteral.ReplaceAllString(strings.ReplaceAll(text, "FROM_HEX(", "unhex("), "'")
}

func (s *server) info(ticket []byte, descriptor *flight.FlightDescriptor) *flight.FlightInfo {
	endpoint := &flight.FlightEndpoint{Ticket: &flight.Ticket{Ticket: ticket}}
	if s.advertise != "" {
		endpoint.Location = []*flight.Location{{Uri: s.advertise}}
	}
	return &flight.FlightInfo{
		FlightDescriptor: descriptor,
		Endpoint:         []*flight.FlightEndpoint{endpoint},
		TotalRecords:     -1,
		TotalBytes:       -1,
	}
}

// GetFlightInfoSqlInfo advertises the other host, too: drivers ask for this by themselves.
func (s *server) GetFlightInfoSqlInfo(
	_ context.Context, _ flightsql.GetSqlInfo, descriptor *flight.FlightDescriptor,
) (*flight.FlightInfo, error) {
	return s.info(descriptor.Cmd, descriptor), nil
}

func (s *server) GetFlightInfoStatement(
	ctx context.Context, command flightsql.StatementQuery, descriptor *flight.FlightDescriptor,
) (*flight.FlightInfo, error) {
	planned, err := s.plan(ctx, command.GetQuery())
	if err != nil {
		return nil, err
	}
	ticket, err := flightsql.CreateStatementQueryTicket(s.keep(planned))
	if err != nil {
		return nil, err
	}
	return s.info(ticket, descriptor), nil
}

func (s *server) DoGetStatement(
	ctx context.Context, ticket flightsql.StatementQueryTicket,
) (*arrow.Schema, <-chan flight.StreamChunk, error) {
	planned, err := s.find(ticket.GetStatementHandle())
	if err != nil {
		return nil, nil, err
	}
	s.planned.Delete(string(ticket.GetStatementHandle()))
	return s.run(ctx, planned)
}

func (s *server) CreatePreparedStatement(
	ctx context.Context, request flightsql.ActionCreatePreparedStatementRequest,
) (result flightsql.ActionCreatePreparedStatementResult, err error) {
	planned, err := s.plan(ctx, request.GetQuery())
	if err != nil {
		return result, err
	}
	fields := make([]arrow.Field, len(planned.types))
	for index := range fields {
		fields[index] = arrow.Field{Name: fmt.Sprint("?", index), Type: arrow.Null, Nullable: true}
	}
	result.Handle = s.keep(planned)
	result.ParameterSchema = arrow.NewSchema(fields, nil)
	return result, nil
}

func (s *server) ClosePreparedStatement(
	_ context.Context, request flightsql.ActionClosePreparedStatementRequest,
) error {
	s.planned.Delete(string(request.GetPreparedStatementHandle()))
	return nil
}

func (s *server) DoPutPreparedStatementQuery(
	_ context.Context, command flightsql.PreparedStatementQuery, reader flight.MessageReader, _ flight.MetadataWriter,
) ([]byte, error) {
	if !s.parameters {
		return nil, status.Error(codes.Unimplemented, "PreparedStatement with parameter binding not supported.")
	}
	planned, err := s.find(command.GetPreparedStatementHandle())
	if err != nil {
		return nil, err
	}
	planned.values, planned.types, err = bound(reader)
	return command.GetPreparedStatementHandle(), err
}

func (s *server) GetFlightInfoPreparedStatement(
	_ context.Context, command flightsql.PreparedStatementQuery, descriptor *flight.FlightDescriptor,
) (*flight.FlightInfo, error) {
	if _, err := s.find(command.GetPreparedStatementHandle()); err != nil {
		return nil, err
	}
	return s.info(descriptor.Cmd, descriptor), nil
}

func (s *server) DoGetPreparedStatement(
	ctx context.Context, command flightsql.PreparedStatementQuery,
) (*arrow.Schema, <-chan flight.StreamChunk, error) {
	planned, err := s.find(command.GetPreparedStatementHandle())
	if err != nil {
		return nil, nil, err
	}
	return s.run(ctx, planned)
}

// run answers once the first rows are there.
func (s *server) run(ctx context.Context, planned *statement) (*arrow.Schema, <-chan flight.StreamChunk, error) {
	if words := use.FindStringSubmatch(planned.text); words != nil {
		s.sessions.use(planned.session, words[1])
		return done(fmt.Sprintf("Default schema changed to [%s]", words[1]))
	}
	if found, ok := s.reflections.Load(planned.text); ok {
		kept := found.(*reflection)
		return kept.schema, kept.send(ctx), nil
	}
	ctx, end := context.WithCancel(ctx)
	running := &job{fmt.Sprint("job-", s.number.Add(1)), planned.text, end}
	s.jobs.Store(running.Id, running)
	finish := func() {
		s.jobs.Delete(running.Id)
		end()
	}
	schema, rows, err := s.store.run(ctx, s.rewritten(planned), planned, finish)
	if err != nil {
		cancelled := ctx.Err() != nil
		finish()
		if cancelled {
			return nil, nil, status.Error(codes.Canceled, "Query is cancelled by the server.")
		}
		return nil, nil, refusal(planned.text, err)
	}
	return schema, rows, nil
}

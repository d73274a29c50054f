// A Flight SQL server that speaks to clients as Dremio's port 32010 does, for tests.
//
// What it is: Apache Arrow's own Flight and Flight SQL server for Go over gRPC, with Dremio's log-in (Basic in the
// handshake, then a bearer token; personal access tokens), its session cookie, its INFORMATION_SCHEMA, its Arrow types
// and its way of answering: statements are planned in GetFlightInfo, run in DoGet, and each of them has rows. Queries
// end when their client goes away.
//
// What it is not: Dremio. SQLite reads the statements, so its SQL is SQLite's, a column has the type that its table
// declares for it or that CAST(… AS type) AS name says, and names have two parts.
package main

import (
	"crypto/tls"
	"flag"
	"log"
	"net"
	"net/http"
	"os"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/flight"
	"github.com/apache/arrow-go/v18/arrow/flight/flightsql"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
)

// listeners collects the values of a flag that may be given often.
type listeners []string

func (l *listeners) String() string { return strings.Join(*l, " ") }

func (l *listeners) Set(value string) error {
	*l = append(*l, value)
	return nil
}

func main() {
	var listen listeners
	folder := flag.String("folder", "", "where the databases and the socket `control` lie")
	schemas := flag.String("schemas", "", "names of the schemas, separated by commas")
	advertise := flag.String("advertise", "", "location that every endpoint names; none if empty")
	parameters := flag.Bool("parameters", true, "whether statements may have parameters, as since Dremio 25")
	flag.Var(&listen, "listen", "HOST:PORT[,CERTIFICATE,KEY]; may be given often")
	flag.Parse()
	if err := os.Chdir(*folder); err != nil {
		log.Fatal(err)
	}
	// Not among the arguments, which everybody on the machine can read.
	people := &people{os.Getenv("DREMIO_USER"), os.Getenv("DREMIO_PASSWORD"), os.Getenv("DREMIO_TOKEN")}
	store, err := openStore(strings.Split(*schemas, ","))
	if err != nil {
		log.Fatal(err)
	}
	server := newServer(store, *advertise, *parameters)
	for _, where := range listen {
		if err := serve(server, people, strings.Split(where, ",")); err != nil {
			log.Fatal(err)
		}
	}
	// Left behind by one that was killed.
	_ = os.Remove("control")
	control, err := net.Listen("unix", "control")
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.Serve(control, server.control()))
}

func serve(server *server, people *people, where []string) error {
	options := []grpc.ServerOption{grpc.MaxRecvMsgSize(64 << 20)}
	if len(where) == 3 {
		certificate, err := tls.LoadX509KeyPair(where[1], where[2])
		if err != nil {
			return err
		}
		configuration := &tls.Config{Certificates: []tls.Certificate{certificate}}
		options = append(options, grpc.Creds(credentials.NewTLS(configuration)))
	}
	listener, err := net.Listen("tcp", where[0])
	if err != nil {
		return err
	}
	middleware := []flight.ServerMiddleware{flight.CreateServerBasicAuthMiddleware(people)}
	front := flight.NewServerWithMiddleware(middleware, options...)
	front.RegisterFlightService(flightsql.NewFlightServer(server))
	front.InitListener(listener)
	go func() { log.Fatal(front.Serve()) }()
	return nil
}

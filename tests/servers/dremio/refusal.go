package main

import (
	"fmt"
	"regexp"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

var (
	near    = regexp.MustCompile(`near "(.+?)": syntax error`)
	missing = regexp.MustCompile(`no such (column|table): (?:.*\.)?(\w+)`)
)

// refusal says what is wrong with a statement, and where, in the words of Dremio's planner.
func refusal(text string, err error) error {
	if words := near.FindStringSubmatch(err.Error()); words != nil {
		line, column := place(text, words[1])
		return status.Errorf(
			codes.InvalidArgument,
			"Failure parsing the query.\nEncountered \"%s\" at line %d, column %d.\nSQL Query %s\nstartLine %d\nstartColumn %d",
			words[1], line, column, text, line, column,
		)
	}
	if words := missing.FindStringSubmatch(err.Error()); words != nil {
		line, column := place(text, words[2])
		what := fmt.Sprintf("Column '%s' not found in any table", words[2])
		if words[1] == "table" {
			what = fmt.Sprintf("Object '%s' not found", words[2])
		}
		return status.Errorf(
			codes.InvalidArgument,
			"From line %d, column %d to line %d, column %d: %s\nSQL Query %s",
			line, column, line, column+len(words[2])-1, what, text,
		)
	}
	return status.Error(codes.Internal, err.Error())
}

// place is the line and column, from 1, of a word's first occurrence.
func place(text, word string) (int, int) {
	before, _, _ := strings.Cut(text, word)
	line := strings.Count(before, "\n") + 1
	return line, len([]rune(before[strings.LastIndex(before, "\n")+1:])) + 1
}

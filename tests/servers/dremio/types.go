package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/flight"
)

var sized = regexp.MustCompile(`^DECIMAL\((\d+), ?(\d+)\)$`)

// plain are Dremio's types as Arrow has them.
var plain = map[string]arrow.DataType{
	"BOOLEAN":                arrow.FixedWidthTypes.Boolean,
	"INT":                    arrow.PrimitiveTypes.Int32,
	"INTEGER":                arrow.PrimitiveTypes.Int32,
	"BIGINT":                 arrow.PrimitiveTypes.Int64,
	"FLOAT":                  arrow.PrimitiveTypes.Float32,
	"DOUBLE":                 arrow.PrimitiveTypes.Float64,
	"VARCHAR":                arrow.BinaryTypes.String,
	"VARBINARY":              arrow.BinaryTypes.Binary,
	"DATE":                   arrow.FixedWidthTypes.Date64,
	"TIME":                   arrow.FixedWidthTypes.Time32ms,
	"TIMESTAMP":              &arrow.TimestampType{Unit: arrow.Millisecond},
	"INTERVAL YEAR TO MONTH": arrow.FixedWidthTypes.MonthInterval,
	"INTERVAL DAY TO SECOND": arrow.FixedWidthTypes.DayTimeInterval,
}

// declared is the Arrow type of a Dremio type. Values of LIST, ROW and MAP lie in SQLite as JSON.
func declared(name string) (arrow.DataType, bool) {
	name = strings.TrimSuffix(strings.Trim(strings.TrimSpace(name), `"`), asText)
	if kind, found := plain[strings.ToUpper(name)]; found {
		return kind, true
	}
	if words := sized.FindStringSubmatch(strings.ToUpper(name)); words != nil {
		precision, _ := strconv.Atoi(words[1])
		scale, _ := strconv.Atoi(words[2])
		return &arrow.Decimal128Type{Precision: int32(precision), Scale: int32(scale)}, true
	}
	outer, inner, found := strings.Cut(strings.TrimSuffix(name, ")"), "(")
	if !found {
		return nil, false
	}
	var parts []arrow.Field
	for _, part := range split(inner) {
		label, kind := "", part
		if strings.EqualFold(outer, "ROW") {
			label, kind, _ = strings.Cut(part, " ")
		}
		made, known := declared(kind)
		if !known {
			return nil, false
		}
		parts = append(parts, arrow.Field{Name: label, Type: made, Nullable: true})
	}
	switch {
	case strings.EqualFold(outer, "LIST") && len(parts) == 1:
		return arrow.ListOf(parts[0].Type), true
	case strings.EqualFold(outer, "MAP") && len(parts) == 2:
		return arrow.MapOf(parts[0].Type, parts[1].Type), true
	case strings.EqualFold(outer, "ROW"):
		return arrow.StructOf(parts...), true
	}
	return nil, false
}

// SQLite would make numbers of decimals, unless the name of the type has this word in it.
const asText = " TEXT"

var outer = regexp.MustCompile(`(?i)\b(?:DECIMAL|LIST|MAP|ROW)\(`)

// storable writes the types of a definition so that SQLite keeps them, and their values as text.
func storable(text string) string {
	made := ""
	for {
		found := outer.FindStringIndex(text)
		if found == nil {
			return made + text
		}
		end := found[1]
		for depth := 1; depth > 0 && end < len(text); end++ {
			switch text[end] {
			case '(':
				depth++
			case ')':
				depth--
			}
		}
		made += text[:found[0]] + `"` + text[found[0]:end] + asText + `"`
		text = text[end:]
	}
}

// split cuts at the commas that are not in brackets.
func split(text string) (parts []string) {
	depth, start := 0, 0
	for index, character := range text {
		switch {
		case character == '(':
			depth++
		case character == ')':
			depth--
		case character == ',' && depth == 0:
			parts = append(parts, strings.TrimSpace(text[start:index]))
			start = index + 1
		}
	}
	return append(parts, strings.TrimSpace(text[start:]))
}

// natural is the type of a value that nothing declares.
func natural(value any) arrow.DataType {
	switch value.(type) {
	case int64:
		return arrow.PrimitiveTypes.Int64
	case float64:
		return arrow.PrimitiveTypes.Float64
	case []byte:
		return arrow.BinaryTypes.Binary
	case bool:
		return arrow.FixedWidthTypes.Boolean
	}
	return arrow.BinaryTypes.String
}

// add appends a value of SQLite's.
func add(builder array.Builder, value any) error {
	switch known := value.(type) {
	case nil:
		builder.AppendNull()
		return nil
	case int64:
		switch kind := builder.(type) {
		case *array.Int64Builder:
			kind.Append(known)
			return nil
		case *array.Int32Builder:
			kind.Append(int32(known))
			return nil
		case *array.BooleanBuilder:
			kind.Append(known != 0)
			return nil
		}
	case float64:
		if kind, ok := builder.(*array.Float64Builder); ok {
			kind.Append(known)
			return nil
		}
	case []byte:
		if kind, ok := builder.(*array.BinaryBuilder); ok {
			kind.Append(known)
			return nil
		}
		value = string(known)
	case string:
		if kind, ok := builder.(*array.StringBuilder); ok {
			kind.Append(known)
			return nil
		}
		if kind, ok := builder.(*array.BinaryBuilder); ok {
			kind.Append([]byte(known))
			return nil
		}
	case time.Time:
		if kind, ok := builder.(*array.Date64Builder); ok {
			kind.Append(arrow.Date64FromTime(known))
			return nil
		}
		if kind, ok := builder.(*array.TimestampBuilder); ok {
			kind.Append(arrow.Timestamp(known.UnixMilli()))
			return nil
		}
		value = known.Format("2006-01-02 15:04:05.999")
	}
	return builder.AppendValueFromString(fmt.Sprint(value))
}

// bound reads the one row of parameters.
func bound(reader flight.MessageReader) (values []any, types []arrow.DataType, err error) {
	for reader.Next() {
		batch := reader.RecordBatch()
		values, types = nil, nil
		for index, column := range batch.Columns() {
			if column.Len() != 1 {
				return nil, nil, fmt.Errorf("%d rows of parameters", column.Len())
			}
			value, err := stored(column)
			if err != nil {
				return nil, nil, err
			}
			values = append(values, value)
			types = append(types, batch.Schema().Field(index).Type)
		}
	}
	return values, types, reader.Err()
}

// stored is the first value of an array as it lies in SQLite.
func stored(column arrow.Array) (any, error) {
	if column.IsNull(0) {
		return nil, nil
	}
	switch kind := column.(type) {
	case *array.Binary:
		return kind.Value(0), nil
	case *array.LargeBinary:
		return kind.Value(0), nil
	case *array.Boolean:
		return kind.Value(0), nil
	case *array.Int64:
		return kind.Value(0), nil
	case *array.Float64:
		return kind.Value(0), nil
	case *array.Timestamp:
		made := kind.Value(0).ToTime(kind.DataType().(*arrow.TimestampType).Unit)
		return made.Format("2006-01-02 15:04:05.000"), nil
	case *array.Time64:
		made := kind.Value(0).ToTime(kind.DataType().(*arrow.Time64Type).Unit)
		return made.Format("15:04:05.000"), nil
	case *array.Null:
		return nil, nil
	case *array.Date32, *array.String, *array.Decimal128:
		return column.ValueStr(0), nil
	}
	return nil, fmt.Errorf("parameters of type %s are not supported", column.DataType())
}

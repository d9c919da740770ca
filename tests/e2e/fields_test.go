// SPDX-License-Identifier: MIT

package e2e

// The words of field errors, which tests/vectors/errors/field_errors.json has for
// the unit tests, are those of k8s.io/apimachinery.

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

const fieldErrorsFile = "../vectors/errors/field_errors.json"

type fieldError struct {
	Kind      string          `json:"kind"`
	Path      string          `json:"path,omitempty"`
	Value     json.RawMessage `json:"value,omitempty"`
	Detail    string          `json:"detail,omitempty"`
	Supported *[]string       `json:"supported,omitempty"`
	Most      *int            `json:"most,omitempty"`
	Error     string          `json:"error,omitempty"`
}

type fieldErrors struct {
	Errors     []fieldError `json:"errors"`
	Aggregates []struct {
		Errors  []fieldError `json:"errors"`
		Message string       `json:"message,omitempty"`
	} `json:"aggregates"`
}

// size is what a validation passes for a list that is too long, and what it leaves out for none.
func size(value any) any {
	switch v := value.(type) {
	case []any:
		return int64(len(v))
	case map[string]any:
		return int64(len(v))
	}
	return nil
}

// original is the error as a validation of Kubernetes makes it.
func original(t *testing.T, e fieldError) *field.Error {
	t.Helper()
	var value any
	if len(e.Value) > 0 {
		if err := utiljson.Unmarshal(e.Value, &value); err != nil {
			t.Fatal(err)
		}
	}
	at := field.NewPath("x")
	switch {
	case e.Supported != nil:
		return field.NotSupported(at, value, *e.Supported)
	case e.Kind == "TooLong" && e.Most != nil:
		return field.TooLong(at, value, *e.Most)
	case e.Kind == "TooMany" && e.Most != nil:
		return field.TooMany(at, int(size(value).(int64)), *e.Most)
	case e.Kind == "TooMany" || e.Kind == "TooFew":
		made := field.TooMany(at, -1, -1) // has omitValue, which is private
		if n := size(value); n != nil {
			made.BadValue = n
		}
		made.Type, made.Detail = field.ErrorType("FieldValue"+e.Kind), e.Detail
		return made
	}
	return &field.Error{Type: field.ErrorType("FieldValue" + e.Kind), Field: "x", BadValue: value,
		Detail: e.Detail}
}

func readFieldErrors(t *testing.T) (fieldErrors, []byte) {
	t.Helper()
	data, err := os.ReadFile(fieldErrorsFile)
	if err != nil {
		t.Fatal(err)
	}
	var read fieldErrors
	if err := json.Unmarshal(data, &read); err != nil {
		t.Fatal(err)
	}
	return read, data
}

// line writes a case as one line of the file.
func line(t *testing.T, of any) string {
	t.Helper()
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(of); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(text.String())
}

// With ADMWH_UPDATE=1 it writes the words into the file.
func TestWordsOfFieldErrors(t *testing.T) {
	file, before := readFieldErrors(t)
	var lines, aggregates []string
	for _, e := range file.Errors {
		e.Error = original(t, e).ErrorBody()
		lines = append(lines, line(t, e))
	}
	for _, a := range file.Aggregates {
		var list field.ErrorList
		for _, e := range a.Errors {
			made := original(t, e)
			made.Field = e.Path
			list = append(list, made)
		}
		a.Message = list.ToAggregate().Error()
		aggregates = append(aggregates, line(t, a))
	}
	after := "{\"errors\": [\n" + strings.Join(lines, ",\n") + "\n], \"aggregates\": [\n" +
		strings.Join(aggregates, ",\n") + "\n]}\n"
	if os.Getenv("ADMWH_UPDATE") == "1" {
		if err := os.WriteFile(fieldErrorsFile, []byte(after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if len(lines) < 300 || len(aggregates) == 0 {
		t.Errorf("%d errors, %d aggregates", len(lines), len(aggregates))
	}
	was := strings.Split(string(before), "\n")
	for i, text := range strings.Split(after, "\n") {
		if i >= len(was) || was[i] != text {
			t.Errorf("%s:%d: k8s.io/apimachinery has %s", fieldErrorsFile, i+1, text)
		}
	}
}

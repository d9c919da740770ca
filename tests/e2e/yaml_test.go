// SPDX-License-Identifier: MIT

package e2e

// YAML scalars: what admwhctl reads against sigs.k8s.io/yaml, and the API server's reading of the
// JSON that it makes. ADMWHCTL is the program.

import (
	"encoding/json"
	"math/rand"
	"os/exec"
	"reflect"
	"strings"
	"testing"

	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"
)

// read is what kube-apiserver holds of a YAML document.
func read(text string) (value any, err error) {
	encoded, err := yaml.YAMLToJSON([]byte(text))
	if err == nil {
		err = kjson.UnmarshalCaseSensitivePreserveInts(encoded, &value)
	}
	return value, err
}

// newScalars makes scalars that both sides take; members have some as their names.
func newScalars(random *rand.Rand, count int) (lines []string) {
	alphabets := []string{"0123456789_.-+eEx0bo", "0123456789.e+-", "0123456789_.-+eExobXOBnyYNaf:TZ ~<",
		"yesnotrufalYESNO~"}
	for len(lines) < count {
		alphabet := alphabets[random.Intn(len(alphabets))]
		text := ""
		for n := random.Intn(20) + 1; n > 0; n-- {
			text += string(alphabet[random.Intn(len(alphabet))])
		}
		line := "- " + text
		if random.Intn(4) == 0 {
			line = "- " + text + ": 1"
		}
		value, err := read(line)
		if list, is := value.([]any); err == nil && is && len(list) == 1 {
			lines = append(lines, line)
		}
	}
	return lines
}

func TestYAMLIsReadAsByKubectl(t *testing.T) {
	program, seed := binary(t, "ADMWHCTL"), rand.Int63()
	lines := newScalars(rand.New(rand.NewSource(seed)), 20000)
	expected, err := read(strings.Join(lines, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	// The document as standard input, and a patch that changes nothing.
	command := exec.Command("sh", "-c", `echo '[]' >"$1/patch" && "$0" patch apply - "$1/patch"`,
		program, t.TempDir())
	command.Stdin = strings.NewReader(strings.Join(lines, "\n") + "\n")
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	var found []any
	if err := kjson.UnmarshalCaseSensitivePreserveInts(output, &found); err != nil {
		t.Fatal(err)
	}
	wrong := 0
	for i, value := range expected.([]any) {
		if reflect.DeepEqual(value, found[i]) {
			continue
		}
		if wrong++; wrong <= 20 {
			a, _ := json.Marshal(value)
			b, _ := json.Marshal(found[i])
			t.Errorf("%q: read as %s, by kubectl as %s", lines[i], b, a)
		}
	}
	t.Logf("%d scalars, seed %d, %d read otherwise", len(lines), seed, wrong)
}

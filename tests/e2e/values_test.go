// SPDX-License-Identifier: MIT

package e2e

// Image references, quantities and label selectors: the library's answers against those of the Go
// originals, github.com/distribution/reference and k8s.io/apimachinery. ADMWH_KUBE_FILTER
// (tests/kube/filter.c) is asked, one question a line.
//
// The table that the unit tests of the library read is written by
//
//	go test -run TestValuesTable -update .

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/distribution/reference"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

const valuesTable = "../vectors/kube/cases.json"

var updateValues = flag.Bool("update", false, "write "+valuesTable)

type question struct {
	Ask    []any  `json:"ask"`
	Answer string `json:"answer"`
}

// registry is a domain as the library writes it: in lower case, but for the letter that a domain
// without a dot or port needs.
func registry(domain string) string {
	host, port := strings.ToLower(domain), ""
	if at := strings.LastIndex(host, ":"); at > strings.LastIndex(host, "]") {
		host, port = host[:at], strings.TrimLeft(host[at+1:], "0")
		if port == "" {
			port = "0"
		}
		port = ":" + port
	}
	if at := strings.IndexAny(host, "abcdefghijklmnopqrstuvwxyz"); at >= 0 && port == "" &&
		!strings.ContainsAny(host, ".:") && host != "localhost" {
		host = host[:at] + strings.ToUpper(host[at:at+1]) + host[at+1:]
	}
	return host + port
}

var wholeDomain = regexp.MustCompile("^(?:" + reference.DomainRegexp.String() + ")$")

// isReadOtherwise tells of the three differences that image.h names.
func isReadOtherwise(text string) bool {
	first, _, found := strings.Cut(text, "/")
	if !found {
		return false
	}
	for _, special := range []string{"docker.io", "index.docker.io", "localhost"} {
		if strings.EqualFold(first, special) && first != special {
			return true
		}
	}
	isDomain := strings.ContainsAny(first, ".:") || first == "localhost" || strings.ToLower(first) != first
	return len(first) > 259 || (isDomain && !wholeDomain.MatchString(first))
}

func askImage(text string) (string, bool) {
	named, err := reference.ParseNormalizedNamed(text)
	if isReadOtherwise(text) {
		return "", false
	}
	if err != nil {
		return "!", true
	}
	full := registry(reference.Domain(named)) + "/" + reference.Path(named)
	if tagged, ok := named.(reference.Tagged); ok {
		full += ":" + tagged.Tag()
	}
	if digested, ok := named.(reference.Digested); ok {
		full += "@" + digested.Digest().String()
	}
	return full, true
}

// canonical is a quantity written anew; false where Go's text is another quantity, because Go leaves
// out a suffix it has no letter for.
func canonical(quantity resource.Quantity) (string, bool) {
	fresh := quantity.DeepCopy()
	fresh.Add(resource.Quantity{})
	text := fresh.String()
	again, err := resource.ParseQuantity(text)
	return text, err == nil && again.Cmp(quantity) == 0
}

// parseQuantity passes spaces over as UnmarshalJSON does.
func parseQuantity(text string) (resource.Quantity, error) {
	return resource.ParseQuantity(strings.Trim(text, " "))
}

func askQuantity(text string) (string, bool) {
	quantity, err := parseQuantity(text)
	if err != nil {
		return "! " + err.Error(), true
	}
	return canonical(quantity)
}

func askSum(a, b string) (string, bool) {
	x, errX := parseQuantity(a)
	y, errY := parseQuantity(b)
	if errX != nil || errY != nil {
		return "!", true
	}
	order := x.Cmp(y)
	sum, difference := x.DeepCopy(), x.DeepCopy()
	sum.Add(y)
	difference.Sub(y)
	sumText, sumOk := canonical(sum)
	differenceText, differenceOk := canonical(difference)
	fits := len(sumText) < 150 && len(differenceText) < 150 // more digits than quantity.h takes
	return fmt.Sprintf("%d %s %s", order, sumText, differenceText), sumOk && differenceOk && fits
}

func askSelector(text string, on map[string]string) (string, bool) {
	selector, err := labels.Parse(text)
	if err != nil {
		return "!", true
	}
	return strconv.FormatBool(selector.Matches(labels.Set(on))), true
}

func askLabelSelector(selector *metav1.LabelSelector, on map[string]string) (string, bool) {
	made, err := metav1.LabelSelectorAsSelector(selector)
	if err != nil {
		return "!", true
	}
	return strconv.FormatBool(made.Matches(labels.Set(on))), true
}

// questions collects those that Go has an answer to, each once.
type questions struct {
	list []question
	seen map[string]bool
}

func (q *questions) add(answer string, ok bool, ask ...any) {
	text, err := json.Marshal(ask)
	if err != nil {
		panic(err)
	}
	if ok && !q.seen[string(text)] {
		q.seen[string(text)] = true
		q.list = append(q.list, question{ask, answer})
	}
}

func (q *questions) image(text string) {
	answer, ok := askImage(text)
	q.add(answer, ok, "image", text)
}

func (q *questions) quantity(text string) {
	answer, ok := askQuantity(text)
	q.add(answer, ok, "quantity", text)
}

func (q *questions) sum(a, b string) {
	answer, ok := askSum(a, b)
	q.add(answer, ok, "sum", a, b)
}

func (q *questions) selector(text string, on map[string]string) {
	answer, ok := askSelector(text, on)
	q.add(answer, ok, "selector", text, on)
}

func (q *questions) labelSelector(selector *metav1.LabelSelector, on map[string]string) {
	answer, ok := askLabelSelector(selector, on)
	q.add(answer, ok, "label-selector", selector, on)
}

// pieces joins up to n of the words.
func pieces(random *rand.Rand, n int, words []string) string {
	var text strings.Builder
	for i := random.Intn(n + 1); i > 0; i-- {
		text.WriteString(words[random.Intn(len(words))])
	}
	return text.String()
}

const hex64 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

var (
	imageWords = []string{"a", "b1", "nginx", "library", "team", "docker.io", "index.docker.io", "localhost",
		"registry.example.com", "q.io", "host", "10.0.0.1", "[fd00::1]", "[FD00::a]", "X", "/", "/", "/", "/", ":", ":",
		":5000", ":0443", ":tag", ":1.2", "@", "@sha256:" + hex64, "sha256:", hex64, ".", "-", "--", "_", "__", "..",
		" ", "é", "%", "v1", "@sha512:" + hex64 + hex64, "@sha384:" + hex64, "@md5:" + hex64}
	numberWords   = []string{"0", "1", "2", "5", "7", "9", "00", "000", "10", "999", "1024", "123456789", "999999999999999999"}
	suffixWords   = []string{"", "", "", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "e3", "E3", "e-3", "e+5", "e-12", "e20", "e1", "E", "e", "i", "K", "ki", "Kii", "e3Ki", " ", "+", "1", "x"}
	selectorWords = []string{"a", "b", "c", "in", "notin", "example.com/x", "5", "10", "-3", ",", ",", ",", "=", "==", "!=", "!",
		"(", ")", "<", ">", " ", " ", "\t", "\n", "_", "-", ".", "/", "é", "A", " in ", " notin ", " in (", "a=b", ",!c", "a>4"}
	labelKeys   = []string{"a", "b", "c", "in", "example.com/x"}
	labelValues = []string{"", "a", "b", "c", "in", "5", "10", "-3", "+7", "99999999999999999999", "1_0"}
)

// randomImage is well-formed but for its words, two times of three.
func randomImage(random *rand.Rand) string {
	if random.Intn(3) == 0 {
		return pieces(random, 7, imageWords)
	}
	choose := func(words ...string) string { return words[random.Intn(len(words))] }
	text := choose("", "", "docker.io/", "index.docker.io/", "localhost/", "localhost:5000/", "q.io/", "Q.io:0443/", "host:1/",
		"team/", "10.0.0.1/", "[fd00::1]/", "[FD00::a]:05/", "docker.io:443/", "a-b.c:00/", "a_b/", "X/", "-a.io/", "a.io:/")
	for i := random.Intn(3); i > 0; i-- {
		text += choose("a", "b1", "c", "d", "e", "f", "library", "a.b", "a_b", "a__b", "a---b", "a..b", "a___b", "A", "a-") + "/"
	}
	text += choose("nginx", "a", "a.b", "a-b_c", "x", "a-.b", hex64)
	text += choose("", "", "", ":1", ":latest", ":V_1.-", ":1", ":2", ":-1", ":", ":a:b")
	return text + choose("", "", "", "", "", "", "", "@sha256:"+hex64, "@sha512:"+hex64+hex64, "@sha256:"+hex64[:62], "@md5:"+hex64[:32], "@")
}

func randomQuantity(random *rand.Rand) string {
	text := []string{"", "", "", "-", "+"}[random.Intn(5)] + pieces(random, 3, numberWords)
	if random.Intn(2) == 0 {
		text += "." + pieces(random, 3, numberWords)
	}
	return text + suffixWords[random.Intn(len(suffixWords))]
}

func randomLabels(random *rand.Rand) map[string]string {
	on := map[string]string{}
	for i := random.Intn(4); i > 0; i-- {
		on[labelKeys[random.Intn(len(labelKeys))]] = labelValues[random.Intn(len(labelValues))]
	}
	return on
}

// randomRequirement is well-formed but for its words.
func randomRequirement(random *rand.Rand) string {
	key := labelKeys[random.Intn(len(labelKeys))]
	value := func() string { return labelValues[random.Intn(len(labelValues))] }
	space := func() string { return []string{"", "", " "}[random.Intn(3)] }
	switch random.Intn(6) {
	case 0:
		return key
	case 1:
		return "!" + space() + key
	case 2, 3:
		return key + space() + []string{"=", "==", "!=", "<", ">"}[random.Intn(5)] + space() + value()
	default:
		text := key + []string{" in ", " notin "}[random.Intn(2)] + "(" + space() + value()
		for i := random.Intn(3); i > 0; i-- {
			text += space() + "," + space() + value()
		}
		return text + ")"
	}
}

func randomSelector(random *rand.Rand) string {
	if random.Intn(3) == 0 {
		return pieces(random, 8, selectorWords)
	}
	text := randomRequirement(random)
	for i := random.Intn(3); i > 0; i-- {
		text += "," + randomRequirement(random)
	}
	return text
}

// randomLabelSelector asks half of the time for labels that there are.
func randomLabelSelector(random *rand.Rand, on map[string]string) *metav1.LabelSelector {
	operators := []metav1.LabelSelectorOperator{"In", "NotIn", "Exists", "DoesNotExist", "In", "NotIn", "in", "Gt", ""}
	selector := &metav1.LabelSelector{MatchLabels: on}
	if random.Intn(2) == 0 {
		selector.MatchLabels = randomLabels(random)
	}
	for i := random.Intn(3); i > 0; i-- {
		one := metav1.LabelSelectorRequirement{
			Key:      append(labelKeys, "", "-", "a/b/c")[random.Intn(len(labelKeys)+random.Intn(4))],
			Operator: operators[random.Intn(len(operators)-random.Intn(3))],
		}
		isSet := one.Operator != "Exists" && one.Operator != "DoesNotExist"
		for j := random.Intn(3); j > 0 && (isSet || random.Intn(5) == 0); j-- {
			one.Values = append(one.Values, labelValues[random.Intn(7)])
		}
		selector.MatchExpressions = append(selector.MatchExpressions, one)
	}
	if random.Intn(20) == 0 {
		return nil
	}
	return selector
}

// addRandom adds n questions of each kind.
func (q *questions) addRandom(random *rand.Rand, n int) {
	for i := 0; i < n; i++ {
		q.image(randomImage(random))
		q.quantity(randomQuantity(random))
		q.sum(randomQuantity(random), randomQuantity(random))
		q.selector(randomSelector(random), randomLabels(random))
		on := randomLabels(random)
		q.labelSelector(randomLabelSelector(random, on), on)
	}
}

// chosen are the cases that a reader would think of.
func (q *questions) addChosen() {
	for _, text := range []string{"", " ", "nginx", "nginx:1.27", "library/nginx", "docker.io/nginx", "a:b:c@sha256:" + hex64,
		"localhost/x", "localhost", "host:5000/x", "host:5000", "nginx:", ":1", "nginx@", "NGINX", "a/B", "registry.example.com/team/app:1",
		"registry.example.com.evil/team/app", "nginx\x00", "nginx\x00.example.com", "nginx\n", "a//b", "/a", "a/", "a..b/c",
		strings.Repeat("a", 255), strings.Repeat("a", 247), strings.Repeat("a", 248), strings.Repeat("a", 300),
		"q.io/" + strings.Repeat("a", 255), "q.io/" + strings.Repeat("a", 256), "q.io/a:" + strings.Repeat("t", 128),
		"q.io/a:" + strings.Repeat("t", 129), hex64, hex64 + ":1", "docker.io/" + hex64, "a@sha256:" + hex64 + "00"} {
		q.image(text)
	}
	quantities := []string{"", "0", "1", "-1", "+1", "+", "-", ".", "1.", ".1", "1.1.1", "1 ", " 1", "0.1m", "-1Ki", "1Ki", "1024", "1000m",
		"9223372036854775807", "9223372036854775808", "-9223372036854775808", "9223372036854775807Ki", "8Ei", "7Ei", "1e100", "1e-100",
		"12e6", "12E6", "1E", "1e", "1n", "0.1n", "0.0000000001", "1.0000000001", "999999999999999999n", "1000000000000000000n", "1.5Gi",
		"0.5Ki", "0.0001Ki", "1.5", "1500m", "100000000000000000000", "0x1", "1\x00", "١", "1K", "--1", "1e1000000", "1e218"}
	for _, text := range quantities {
		q.quantity(text)
	}
	q.quantity("1e9223372036854775808")
	q.quantity("1e-9223372036854775809")
	for _, a := range quantities {
		for _, b := range quantities[:12] {
			if !strings.Contains(a, "e1000000") {
				q.sum(a, b)
			}
		}
	}
	for _, text := range []string{"", " ", "a", "!a", "a=", "a=b", "a==b", "a!=b", "a in (a,b)", "a notin (a)", "a in ()", "a in (,)",
		"a in (,a)", "a in (a,,b)", "a in (a", "a in a", "a>5", "a<5", "a>", "a>x", "a=b,b=c", "a,", ",a", "a b", "!a=b", "!!a", "in",
		"notin", "in in (in)", "a===b", "a=!b", "a!==b", "example.com/x=a", "/a", "a/", "a/b/c", "Example.com/a", "a=é",
		strings.Repeat("a", 63), strings.Repeat("a", 64), strings.Repeat("a", 253) + "/a", strings.Repeat("a", 254) + "/a"} {
		q.selector(text, map[string]string{"a": "b", "example.com/x": "a"})
		q.selector(text, map[string]string{"a": "6"})
		q.selector(text, nil)
	}
	q.labelSelector(nil, nil)
	q.labelSelector(&metav1.LabelSelector{}, nil)
}

func newQuestions(seed int64, n int) []question {
	q := questions{seen: map[string]bool{}}
	q.addChosen()
	q.addRandom(rand.New(rand.NewSource(seed)), n)
	return q.list
}

// askFilter has the filter answer all of them.
func askFilter(t *testing.T, list []question) []string {
	t.Helper()
	var lines bytes.Buffer
	for _, one := range list {
		line, err := json.Marshal(one.Ask)
		if err != nil {
			t.Fatal(err)
		}
		lines.Write(append(line, '\n'))
	}
	command := exec.Command(binary(t, "ADMWH_KUBE_FILTER"))
	command.Stdin = &lines
	output, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	var answers []string
	for scanner := bufio.NewScanner(bytes.NewReader(output)); scanner.Scan(); {
		answers = append(answers, scanner.Text())
	}
	if len(answers) != len(list) {
		t.Fatalf("%d answers to %d questions", len(answers), len(list))
	}
	return answers
}

func TestValuesAreReadAsByGo(t *testing.T) {
	list := newQuestions(rand.Int63(), 20000)
	wrong, kinds := 0, map[any]int{}
	for i, answer := range askFilter(t, list) {
		kinds[list[i].Ask[0]]++
		if answer == list[i].Answer {
			continue
		}
		if wrong++; wrong <= 20 {
			t.Errorf("%q: %q, not %q", list[i].Ask, answer, list[i].Answer)
		}
	}
	t.Logf("%d questions, %d answered otherwise: %v", len(list), wrong, kinds)
}

func TestValuesTable(t *testing.T) {
	var want bytes.Buffer
	for i, one := range newQuestions(2, 200) {
		line, err := json.Marshal(one)
		if err != nil {
			t.Fatal(err)
		}
		want.WriteString(map[bool]string{true: "[\n", false: ",\n"}[i == 0])
		want.Write(line)
	}
	want.WriteString("\n]\n")
	if *updateValues {
		if err := os.WriteFile(valuesTable, want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(valuesTable)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, want.Bytes()) {
		t.Errorf("%s is not what Go answers: go test -run TestValuesTable -update .", valuesTable)
	}
}

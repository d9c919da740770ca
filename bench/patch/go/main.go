// SPDX-License-Identifier: MIT

// The other side of the benchmark: the differ of controller-runtime and the
// library by which kube-apiserver applies patches. And the judge of our own
// kube-apiserver mode: what the library itself says to each vector.
//
//	patch bench A.json B.json ROUNDS
//	patch judge VECTORS.json...
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"sort"
	"strconv"
	"syscall"

	differ "gomodules.xyz/jsonpatch/v2"
	applier "gopkg.in/evanphx/json-patch.v4"
)

const batches = 9

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func read(name string) []byte {
	text, err := os.ReadFile(name)
	check(err)
	return text
}

// cpu is what the process has used so far, collector included, in nanoseconds.
func cpu() int64 {
	var usage syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return usage.Utime.Nano() + usage.Stime.Nano()
}

// measure prints the median of some batches.
func measure(name string, rounds int, run func()) {
	var times []int64
	for batch := 0; batch < batches; batch++ {
		start := cpu()
		for i := 0; i < rounds; i++ {
			run()
		}
		times = append(times, (cpu()-start)/int64(rounds))
	}
	sort.Slice(times, func(i, j int) bool { return times[i] < times[j] })
	fmt.Printf("%s %d\n", name, times[batches/2])
}

func diff(a, b []byte) []byte {
	operations, err := differ.CreatePatch(a, b)
	check(err)
	text, err := json.Marshal(operations)
	check(err)
	return text
}

func apply(a, patch []byte) []byte {
	decoded, err := applier.DecodePatch(patch)
	check(err)
	result, err := decoded.Apply(a)
	check(err)
	return result
}

func bench(a, b []byte, rounds int) {
	patch := diff(a, b)
	measure("diff", rounds, func() { diff(a, b) })
	measure("apply", rounds, func() { apply(a, patch) })
}

type verdict struct {
	Result json.RawMessage
	Error  string
}

type vector struct {
	verdict
	Comment string
	Doc     json.RawMessage
	Patch   json.RawMessage
	Text    string
	Kube    *verdict `json:"kube-apiserver"`
	Panics  bool
}

func sameJSON(a, b []byte) bool {
	var x, y interface{}
	decode := func(text []byte, value interface{}) {
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.UseNumber()
		check(decoder.Decode(value))
	}
	decode(a, &x)
	decode(b, &y)
	return reflect.DeepEqual(x, y)
}

func tryApply(v *vector) (result []byte, err error) {
	defer func() {
		if recovered := recover(); recovered != nil {
			err = fmt.Errorf("panic: %v", recovered)
		}
	}()
	patch, err := applier.DecodePatch(v.Patch)
	if err != nil {
		return nil, err
	}
	return patch.Apply(v.Doc)
}

// judge reports whether the library does what the vector says it does.
func judge(v *vector) bool {
	want := v.Kube
	if want == nil {
		want = &v.verdict
	}
	if v.Text != "" {
		want = &verdict{Result: json.RawMessage(v.Text)}
	}
	result, err := tryApply(v)
	if want.Error != "" {
		if err == nil {
			fmt.Printf("%s: applies, gives %s\n", v.Comment, result)
		}
		return err != nil
	}
	if err != nil {
		fmt.Printf("%s: %v\n", v.Comment, err)
		return false
	}
	if !sameJSON(result, want.Result) {
		fmt.Printf("%s: gives %s\n", v.Comment, result)
		return false
	}
	return true
}

func judgeAll(names []string) {
	cases, passed := 0, 0
	applier.AccumulatedCopySizeLimit = 3 * 1024 * 1024 // as kube-apiserver sets it
	for _, name := range names {
		var vectors []vector
		check(json.Unmarshal(read(name), &vectors))
		for i := range vectors {
			cases++
			if judge(&vectors[i]) {
				passed++
			}
		}
	}
	fmt.Printf("suite=kube-apiserver-mode cases=%d passed=%d failed=%d skipped=0\n", cases, passed, cases-passed)
	if passed != cases {
		os.Exit(1)
	}
}

func main() {
	if len(os.Args) > 2 && os.Args[1] == "judge" {
		judgeAll(os.Args[2:])
		return
	}
	if len(os.Args) != 5 || os.Args[1] != "bench" {
		fmt.Fprintln(os.Stderr, "usage: patch bench A.json B.json ROUNDS | patch judge VECTORS.json...")
		os.Exit(2)
	}
	rounds, err := strconv.Atoi(os.Args[4])
	check(err)
	bench(read(os.Args[2]), read(os.Args[3]), rounds)
}

// SPDX-License-Identifier: MIT

// Load asks a webhook server as many API servers at once would, through their
// own plugin, for a time; then it says how many requests were answered, how
// fast, and what became of the others. It exits with 1 when an answer was
// missing or wrong; requests without a listener are counted apart.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"

	"admwh.dev/e2e/kube"
)

type options struct {
	server, url, path, ca, cert, key  string
	goroutines, pools, bytes, seconds int
	duration                          time.Duration
	mutating                          bool
}

func parse() options {
	var o options

	flag.StringVar(&o.server, "server", "", "HOST:PORT that the service "+kube.ServiceHost+" resolves to")
	flag.StringVar(&o.path, "path", "/validate", "path of the service")
	flag.StringVar(&o.url, "url", "", "call this URL instead of the service")
	flag.StringVar(&o.ca, "ca", "", "CA of the server's certificate, PEM")
	flag.StringVar(&o.cert, "cert", "", "client certificate, PEM")
	flag.StringVar(&o.key, "key", "", "its key, PEM")
	flag.IntVar(&o.goroutines, "c", 10, "requests at a time")
	flag.IntVar(&o.pools, "pools", 1, "API servers, each with connections of its own")
	flag.IntVar(&o.bytes, "bytes", 0, "more bytes in every object")
	flag.IntVar(&o.seconds, "timeout", 10, "timeoutSeconds of the webhook")
	flag.DurationVar(&o.duration, "d", 10*time.Second, "how long")
	flag.BoolVar(&o.mutating, "mutating", false, "call as a mutating webhook")
	flag.Parse()
	if o.ca == "" || (o.server == "") == (o.url == "") || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	return o
}

func (o options) connect() ([]*kube.Server, error) {
	bundle, err := os.ReadFile(o.ca)
	if err != nil {
		return nil, err
	}
	user := kube.Credentials{CertFile: o.cert, KeyFile: o.key}
	config := kube.Config{
		Service: o.server,
		Users:   map[string]kube.Credentials{"*": user},
		Hooks: []kube.Hook{{Name: "load.e2e.admwh.dev", Path: o.path, URL: o.url, CABundle: bundle,
			Mutating: o.mutating, Seconds: int32(o.seconds)}},
	}
	servers := make([]*kube.Server, o.pools)
	for i := range servers {
		if servers[i], err = kube.New(config); err != nil {
			return nil, err
		}
	}
	return servers, nil
}

func (o options) request() kube.Request {
	pod := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{
		"containers": []any{map[string]any{"name": "c", "image": "registry.example/app:1"}}}}}
	pod.SetAPIVersion("v1")
	pod.SetKind("Pod")
	pod.SetName("load")
	if o.bytes > 0 {
		pod.SetAnnotations(map[string]string{"padding": strings.Repeat("x", o.bytes)})
	}
	create := &unstructured.Unstructured{}
	create.SetAPIVersion("meta.k8s.io/v1")
	create.SetKind("CreateOptions")
	return kube.Request{Operation: admission.Create, Object: pod, Options: create,
		Kind:      schema.GroupVersionKind{Version: "v1", Kind: "Pod"},
		Resource:  schema.GroupVersionResource{Version: "v1", Resource: "pods"},
		Namespace: "default", Name: "load"}
}

// report is what one goroutine, or all together, have seen.
type report struct {
	latencies                                             []time.Duration
	answered, denied, refused, dropped, lost, failed, new int
	example                                               error
}

func (r *report) count(o kube.Outcome, took time.Duration) {
	last := o.Last()
	for _, call := range o.Calls {
		if call.Connected && !call.Reused {
			r.new++
		}
	}
	switch {
	case o.Err == nil:
		r.answered++
	case last.Status == 200 && strings.Contains(o.Err.Error(), "denied the request"):
		r.denied++
	case errors.Is(last.Err, syscall.ECONNREFUSED):
		r.refused++
		return
	case !last.Sent:
		r.dropped++
		r.example = o.Err
		return
	case last.Status == 0:
		r.lost++
		r.example = o.Err
		return
	default:
		r.failed++
		r.example = o.Err
	}
	r.latencies = append(r.latencies, took)
}

func (r *report) add(other report) {
	r.latencies = append(r.latencies, other.latencies...)
	r.answered += other.answered
	r.denied += other.denied
	r.refused += other.refused
	r.dropped += other.dropped
	r.lost += other.lost
	r.failed += other.failed
	r.new += other.new
	if other.example != nil {
		r.example = other.example
	}
}

// work asks until ctx ends. What has begun by then is still waited for.
func work(ctx context.Context, server *kube.Server, o options) report {
	var r report

	for ctx.Err() == nil {
		began := time.Now()
		outcome := server.Admit(context.Background(), o.request())
		r.count(outcome, time.Since(began))
		if outcome.Err != nil && outcome.Last().Status == 0 {
			time.Sleep(time.Millisecond) // not to spin without a listener
		}
	}
	return r
}

func run(servers []*kube.Server, o options) report {
	var all report
	var mu sync.Mutex
	var wait sync.WaitGroup

	ctx, cancel := context.WithTimeout(context.Background(), o.duration)
	defer cancel()
	for i := range o.goroutines {
		wait.Go(func() {
			r := work(ctx, servers[i%len(servers)], o)
			mu.Lock()
			defer mu.Unlock()
			all.add(r)
		})
	}
	wait.Wait()
	return all
}

func (r *report) print(took time.Duration) {
	slices.Sort(r.latencies)
	at := func(share float64) time.Duration {
		if len(r.latencies) == 0 {
			return 0
		}
		return r.latencies[min(int(share*float64(len(r.latencies))), len(r.latencies)-1)].Round(time.Microsecond)
	}
	fmt.Printf("requests %d in %.1f s, %.0f/s, over %d connections\n", len(r.latencies), took.Seconds(),
		float64(len(r.latencies))/took.Seconds(), r.new)
	fmt.Printf("allowed %d, denied %d, failed %d, lost %d, dropped %d, refused %d\n",
		r.answered, r.denied, r.failed, r.lost, r.dropped, r.refused)
	fmt.Printf("latency p50 %v, p90 %v, p99 %v, p99.9 %v, max %v\n", at(.5), at(.9), at(.99), at(.999), at(1))
	if r.example != nil {
		fmt.Printf("for example: %v\n", r.example)
	}
}

func main() {
	o := parse()
	kube.Quiet()
	servers, err := o.connect()
	if err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(2)
	}
	began := time.Now()
	r := run(servers, o)
	r.print(time.Since(began))
	for _, server := range servers {
		server.Close()
	}
	if r.failed+r.lost+r.answered+r.denied == 0 || r.failed+r.lost > 0 {
		os.Exit(1)
	}
}

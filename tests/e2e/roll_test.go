// SPDX-License-Identifier: MIT

package e2e

// A rollout as a Deployment makes it: instances behind one address, each in it
// while it says that it is ready, replaced one after another under load. Not
// one request fails.

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"admwh.dev/e2e/kube"
)

const (
	rolls      = 3
	probeEvery = 50 * time.Millisecond
	// lameDuck is how long an instance serves on after it has said that it is no longer ready. It
	// exceeds what it takes for the address to forget it.
	lameDuck = 2 * time.Second
)

// endpoints is one address for several instances, as kube-proxy makes it: a new connection goes to
// a ready one, and is not tried again elsewhere.
type endpoints struct {
	listener net.Listener
	client   http.Client
	mu       sync.Mutex
	ports    []int // of those that are ready
	next     int
	changed  chan struct{} // closed and replaced at every change
}

func newEndpoints(t *testing.T, w *world) *endpoints {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(w.trusted.CertFile, w.trusted.KeyFile)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	e := &endpoints{listener: listener, changed: make(chan struct{}), client: http.Client{
		Timeout: patience,
		Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{
			Certificates: []tls.Certificate{pair}, InsecureSkipVerify: true}}}}
	go e.serve()
	t.Cleanup(func() { listener.Close() })
	return e
}

func (e *endpoints) pick() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.ports) == 0 {
		return 0
	}
	e.next++
	return e.ports[e.next%len(e.ports)]
}

func (e *endpoints) serve() {
	for {
		conn, err := e.listener.Accept()
		if err != nil {
			return
		}
		go forward(conn.(*net.TCPConn), e.pick())
	}
}

func forward(from *net.TCPConn, port int) {
	defer from.Close()
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		from.SetLinger(0) // as if there were no listener
		return
	}
	to := conn.(*net.TCPConn)
	defer to.Close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		io.Copy(to, from)
		to.CloseWrite()
	}()
	io.Copy(from, to)
	from.CloseWrite()
	<-done
}

func (e *endpoints) set(port int, ready bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	kept := e.ports[:0:0]
	for _, p := range e.ports {
		if p != port {
			kept = append(kept, p)
		}
	}
	if ready {
		kept = append(kept, port)
	}
	if len(kept) != len(e.ports) {
		close(e.changed)
		e.changed = make(chan struct{})
	}
	e.ports = kept
}

// watch is the instance's readiness probe, until ctx ends.
func (e *endpoints) watch(ctx context.Context, port int) {
	for ctx.Err() == nil {
		resp, err := e.client.Get(fmt.Sprintf("https://127.0.0.1:%d/healthz", port))
		if err == nil {
			resp.Body.Close()
		}
		e.set(port, err == nil && resp.StatusCode == http.StatusOK)
		time.Sleep(probeEvery)
	}
	e.set(port, false)
}

// await waits until so many are ready.
func (e *endpoints) await(t *testing.T, n int) {
	t.Helper()
	deadline := time.After(patience)
	for {
		e.mu.Lock()
		have, changed := len(e.ports), e.changed
		e.mu.Unlock()
		if have == n {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("%d instances are ready, expected %d", have, n)
		}
	}
}

type instance struct {
	*child
	port   int
	forget context.CancelFunc
}

func (e *endpoints) start(t *testing.T, w *world, args ...string) *instance {
	t.Helper()
	args = append(append(w.trust(t), args...), "--listen", "127.0.0.1:0", "--cert", w.server.CertFile,
		"--key", w.server.KeyFile, "--limit", fmt.Sprintf("lame-duck-time=%d", lameDuck.Milliseconds()))
	i := &instance{child: start(t, binary(t, "ADMWH_PROBE"), args...)}
	i.port = i.await(t, "listening", 0, 1)[0].Port
	ctx, cancel := context.WithCancel(context.Background())
	i.forget = cancel
	t.Cleanup(cancel)
	go e.watch(ctx, i.port)
	return i
}

func (i *instance) replace(t *testing.T) {
	t.Helper()
	i.terminate(t)
	i.wait(t)
	i.forget()
}

func TestRoll(t *testing.T) {
	for name, args := range map[string][]string{
		"threads":   {"--slow-ms", "20"},
		"processes": {"--slow-ms", "20", "--processes", "2"},
	} {
		t.Run(name, func(t *testing.T) { roll(t, args) })
	}
}

func roll(t *testing.T, args []string) {
	w := newCAs(t)
	e := newEndpoints(t, w)
	w.port = e.listener.Addr().(*net.TCPAddr).Port
	running := []*instance{e.start(t, w, args...), e.start(t, w, args...)}
	e.await(t, 2)
	servers := []*kube.Server{w.kube(t, kube.Hook{Path: "/validate"}), w.kube(t, kube.Hook{Path: "/slow"})}
	ctx, stop := context.WithCancel(t.Context())
	var total tally
	done := make(chan struct{})
	defer func() { stop(); <-done }()
	go func() { defer close(done); total.load(ctx, servers, createPods(t)) }()

	for range rolls {
		for i, old := range running {
			fresh := e.start(t, w, args...)
			e.await(t, 3)
			old.replace(t)
			e.await(t, 2)
			// By whichever instance: the API servers keep the few connections they have.
			total.awaitAnswers(t, 50)
			running[i] = fresh
		}
	}
	stop()
	<-done
	t.Logf("%d replacements, answered %d, refused %d, dropped %d, lost %d", rolls*len(running),
		total.answered, total.refused, total.dropped, total.lost)
	if total.refused+total.dropped+total.lost > 0 {
		t.Errorf("%d of %d requests failed, for instance: %v", total.refused+total.dropped+total.lost,
			total.answered, total.errors)
	}
}

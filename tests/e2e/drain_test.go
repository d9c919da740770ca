// SPDX-License-Identifier: MIT

package e2e

// A rollout under load: the server is told to stop while API servers keep
// asking, and another one takes its place. Whatever was sent is answered;
// what could not be sent, because there was no listener, is no fault.

import (
	"context"
	"errors"
	"sync"
	"syscall"
	"testing"
	"time"

	"admwh.dev/e2e/kube"
)

const drainers = 10

// tally sorts what came of requests: answered; refused, because no one
// listened; dropped, because the listener went while the connection waited for
// its handshake; lost, sent whole and never answered.
type tally struct {
	mu                               sync.Mutex
	answered, refused, dropped, lost int
	errors                           []error
}

func (c *tally) count(o kube.Outcome) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case o.Err == nil:
		c.answered++
	case o.Last().Sent:
		c.lost++
		c.errors = append(c.errors, o.Last().Err)
	case errors.Is(o.Last().Err, syscall.ECONNREFUSED):
		c.refused++
	default:
		c.dropped++
	}
}

// load asks until ctx ends, from several API servers of one connection pool each. Every request is
// a new one: API servers change the objects they admit.
func (c *tally) load(ctx context.Context, servers []*kube.Server, request func() kube.Request) {
	var wait sync.WaitGroup
	for i := range drainers {
		wait.Go(func() {
			for ctx.Err() == nil {
				o := servers[i%len(servers)].Admit(context.Background(), request())
				c.count(o)
				if o.Err != nil {
					time.Sleep(time.Millisecond) // not to spin without a listener
				}
			}
		})
	}
	wait.Wait()
}

func createPods(t *testing.T) func() kube.Request {
	return func() kube.Request { return createPod(pod(t, "")) }
}

// awaitAnswers waits until so many more have been answered.
func (c *tally) awaitAnswers(t *testing.T, more int) {
	t.Helper()
	answered := func() int {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.answered
	}
	n := answered() + more
	for deadline := time.Now().Add(patience); answered() < n; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Errorf("%d requests were not answered in time", n)
			return
		}
	}
}

// expectNoneLost expects that whatever was sent was answered.
func (c *tally) expectNoneLost(t *testing.T) {
	t.Helper()
	t.Logf("answered %d, refused %d, dropped %d, lost %d", c.answered, c.refused, c.dropped, c.lost)
	if c.lost > 0 {
		t.Errorf("%d requests were sent and not answered: %v", c.lost, c.errors)
	}
}

// replacing asks while replace puts another server into the first one's place, and expects that
// whatever was sent was answered.
func replacing(t *testing.T, servers []*kube.Server, request func() kube.Request, replace func()) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	var total tally
	done := make(chan struct{})
	defer func() { stop(); <-done }()
	go func() { defer close(done); total.load(ctx, servers, request) }()

	total.awaitAnswers(t, 200)
	replace()
	total.awaitAnswers(t, 200)
	stop()
	<-done
	total.expectNoneLost(t)
}

func TestDrain(t *testing.T) {
	for name, path := range map[string]string{"fast handler": "/validate", "slow handler": "/slow"} {
		t.Run(name, func(t *testing.T) {
			for range 3 {
				drain(t, path)
			}
		})
	}
}

func drain(t *testing.T, path string) {
	t.Helper()
	w := newWorld(t, "--slow-ms", "20")
	servers := []*kube.Server{w.kube(t, kube.Hook{Path: path}), w.kube(t, kube.Hook{Path: path})}
	ctx, stop := context.WithCancel(t.Context())
	var total tally
	done := make(chan struct{})
	defer func() { stop(); <-done }()
	go func() { defer close(done); total.load(ctx, servers, createPods(t)) }()

	w.probe.await(t, "dispatched", 0, 200)
	w.probe.terminate(t)
	w.probe.wait(t)
	w.probe.await(t, "stopped", 0, 1)
	first := len(w.probe.await(t, "dispatched", 0, 200))
	w.startProbe(t, append(w.trust(t), "--slow-ms", "20")...)
	w.probe.await(t, "dispatched", 0, 200)
	stop()
	<-done
	w.probe.terminate(t)
	w.probe.wait(t)
	second := len(w.probe.await(t, "dispatched", 0, 200))

	t.Logf("dispatched %d and %d", first, second)
	if first+second != total.answered {
		t.Errorf("%d requests were begun and not answered", first+second-total.answered)
	}
	total.expectNoneLost(t)
}

// SPDX-License-Identifier: MIT

package e2e

// A rollout under load: the server is told to stop while API servers keep
// asking, and another one takes its place. Whatever was sent is answered;
// what could not be sent, because nobody listened, is no one's fault.

import (
	"context"
	"sync"
	"testing"
	"time"

	"admwh.dev/e2e/kube"
)

const drainers = 10

type tally struct {
	mu                     sync.Mutex
	answered, unsent, lost int
	texts                  []error
}

func (c *tally) count(o kube.Outcome) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case o.Err == nil:
		c.answered++
	case !o.Sent():
		c.unsent++
	default:
		c.lost++
		c.texts = append(c.texts, o.Calls[len(o.Calls)-1].Err)
	}
}

// load asks until ctx ends, from several API servers of one connection pool each.
func (c *tally) load(t *testing.T, ctx context.Context, servers []*kube.Server) {
	var wait sync.WaitGroup
	for i := range drainers {
		wait.Go(func() {
			for ctx.Err() == nil {
				o := servers[i%len(servers)].Admit(context.Background(), createPod(pod(t, "")))
				c.count(o)
				if o.Err != nil {
					time.Sleep(time.Millisecond) // not to spin while nobody listens
				}
			}
		})
	}
	wait.Wait()
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
	go func() { defer close(done); total.load(t, ctx, servers) }()

	w.probe.await(t, "dispatched", 0, 200)
	w.probe.terminate(t)
	w.probe.wait(t)
	w.probe.await(t, "stopped", 0, 1)
	first := len(w.probe.await(t, "dispatched", 0, 200))
	w.startProbe(t, append(w.trust(t), "--slow-ms", "20")...)
	w.probe.await(t, "dispatched", 0, 200)
	stop()
	<-done
	second := len(w.probe.await(t, "dispatched", 0, 200))

	t.Logf("dispatched %d and %d, answered %d, never sent %d, sent but lost %d", first, second,
		total.answered, total.unsent, total.lost)
	if first+second != total.answered {
		t.Errorf("%d requests were begun and not answered", first+second-total.answered)
	}
	if total.lost > 0 {
		t.Errorf("%d requests were sent and not answered: %v", total.lost, total.texts)
	}
}

// SPDX-License-Identifier: MIT

package e2e

// Limits and failures as the API server meets them: what it retries, what it
// shows, and that a later request is none the worse.

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"admwh.dev/e2e/kube"
)

func TestOverloadIsRetriedByTheCaller(t *testing.T) {
	const users = 8
	w := newWorld(t, "--slow-ms", "100", "--workers", "2", "--limit", "queue=1")
	s := w.kube(t, kube.Hook{Path: "/slow"})
	var wait sync.WaitGroup
	var mu sync.Mutex
	refused := 0

	for range users {
		wait.Go(func() {
			o := ask(t, s, createPod(pod(t, "")))
			if o.Err != nil {
				t.Error(o.Err)
			}
			mu.Lock()
			defer mu.Unlock()
			for _, call := range o.Calls {
				if call.Status == http.StatusServiceUnavailable || call.Status == http.StatusTooManyRequests {
					refused++
				}
			}
		})
	}
	wait.Wait()
	w.saw(t, users)
	if refused == 0 {
		t.Error("there was no overload")
	}
}

func TestBodyOverLimit(t *testing.T) {
	w := newWorld(t, "--limit", "body=100000")
	s := w.kube(t, kube.Hook{Path: "/validate"})
	for _, size := range []int{120000, 1040000} {
		big := object(t, `{"apiVersion":"v1","kind":"ConfigMap","data":{"k":"`+strings.Repeat("<", size)+`"}}`)
		o := ask(t, s, updateConfigMap(big, big))
		expectCallFailure(t, o, "failed to call webhook: ")
		if o.Last().Status != http.StatusRequestEntityTooLarge {
			t.Errorf("refused otherwise than by 413: %+v", o.Calls)
		}
		w.saw(t, 0)
	}
	expectAdmitted(t, ask(t, s, createPod(pod(t, ""))))
	w.saw(t, 1)
}

func TestIdleConnectionIsClosedWithoutHarm(t *testing.T) {
	w := newWorld(t, "--limit", "idle-time=1000")
	s := w.kube(t, kube.Hook{Path: "/validate"})

	for range 3 {
		o := ask(t, s, createPod(pod(t, "")))
		expectAdmitted(t, o)
		if o.Last().Reused {
			t.Error("the connection was not closed")
		}
		time.Sleep(3 * time.Second) // the end of the connection is nothing that a caller is told
	}
	w.saw(t, 3)
}

// client-go reads no AdmissionReview in an answer that is not 2xx, and shows the message of a
// metav1.Status: the user sees the reason, in the words of the handler or of the server.
func TestFailureLeftToThePolicy(t *testing.T) {
	w := newWorld(t, "--on-failure", "policy", "--slow-ms", "4000", "--limit", "deadline-margin=2000")
	cases := []struct {
		name, path string
		mutating   bool
		status     int
		why        string
	}{
		{"nothing decided", "/undecided", false, http.StatusInternalServerError, "handler decided nothing"},
		{"failed with a reason", "/fail", false, http.StatusInternalServerError, "the scanner of web is down"},
		{"patch that does not apply", "/mutate-bad", true, http.StatusInternalServerError, "patch: operation 0: remove /no/such/member: parent /no is missing"},
		{"too late", "/slow", false, http.StatusGatewayTimeout, "handler did not decide within 2000 ms"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			hook := kube.Hook{Path: c.path, Mutating: c.mutating, Seconds: 4}
			closed := ask(t, w.kube(t, hook), createPod(pod(t, "")))
			hook.Ignore = true
			open := ask(t, w.kube(t, hook), createPod(pod(t, "")))
			w.saw(t, 2)
			expectAdmitted(t, open)
			expectCallFailure(t, closed, "failed to call webhook: "+c.why)
			if closed.Last().Status != c.status {
				t.Errorf("calls %+v", closed.Calls)
			}
		})
	}
}

// The handlers run on the event loop itself, with one loop for all.
func TestInlineHandlers(t *testing.T) {
	w := newWorld(t, "--inline", "--threads", "1")
	p := pod(t, "")
	s := w.kube(t, kube.Hook{Path: "/mutate", Mutating: true},
		kube.Hook{Path: "/warn", Name: "w.e2e.admwh.dev"})

	o := ask(t, s, createPod(p))
	expectAdmitted(t, o)
	expectText(t, "label", p.GetLabels()[label], "true")
	expectDenied(t, ask(t, w.kube(t, kube.Hook{Path: "/deny"}), createPod(p)), http.StatusForbidden)
	w.saw(t, 3)
}

// SPDX-License-Identifier: MIT

package e2e

// Time, connections and protocol versions: what happens below the reviews.

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"admwh.dev/e2e/kube"
)

func TestSlowHandler(t *testing.T) {
	// The margin leaves the caller time to be late itself.
	w := newWorld(t, "--slow-ms", "2500", "--limit", "deadline-margin=2000")
	for _, ignore := range []bool{false, true} {
		t.Run(fmt.Sprintf("is answered for in time, Ignore %v", ignore), func(t *testing.T) {
			s := w.kube(t, kube.Hook{Path: "/slow", Seconds: 4, Ignore: ignore})
			o := ask(t, s, createPod(pod(t, "")))
			w.saw(t, 1)
			expectDenied(t, o, http.StatusGatewayTimeout) // not the caller's own time-out
		})
	}
	t.Run("is waited for where there is time", func(t *testing.T) {
		began := time.Now()
		o := ask(t, w.kube(t, kube.Hook{Path: "/slow", Seconds: 20}), createPod(pod(t, "")))
		took := time.Since(began)
		w.saw(t, 1)
		expectAdmitted(t, o)
		if took < 2500*time.Millisecond {
			t.Errorf("answered after %v", took)
		}
	})
}

func TestConnectionIsReused(t *testing.T) {
	w := newWorld(t)
	s := w.kube(t, kube.Hook{Path: "/validate"})
	for i := range 20 {
		o := ask(t, s, createPod(pod(t, "")))
		expectAdmitted(t, o)
		if len(o.Calls) != 1 || o.Calls[0].Reused != (i > 0) {
			t.Fatalf("call %d: %+v", i, o.Calls)
		}
	}
	w.saw(t, 20)
}

func TestServiceMode(t *testing.T) {
	w := newWorld(t)
	o := ask(t, w.kube(t, kube.Hook{Path: "/validate"}), createPod(pod(t, "")))
	expectAdmitted(t, o)
	w.saw(t, 1)
	expectText(t, "protocol", o.Calls[0].Proto, "HTTP/1.1")
}

// The API server offers h2 before http/1.1 to a URL on loopback, and no server name.
func TestURLMode(t *testing.T) {
	w := newWorld(t)
	url := "https://" + w.address()
	p := pod(t, "")
	s := w.kube(t, kube.Hook{URL: url + "/mutate", Mutating: true},
		kube.Hook{URL: url + "/validate", Name: "v.e2e.admwh.dev"})

	o := ask(t, s, createPod(p))
	expectAdmitted(t, o)
	expectText(t, "label", p.GetLabels()[label], "true")
	expectText(t, "protocol", o.Calls[0].Proto, "HTTP/1.1")
	expectDenied(t, ask(t, w.kube(t, kube.Hook{URL: url + "/deny"}), createPod(p)), http.StatusForbidden)
	w.saw(t, 3)
}

func TestUnknownPath(t *testing.T) {
	w := newWorld(t)
	o := ask(t, w.kube(t, kube.Hook{Path: "/nowhere"}), createPod(pod(t, "")))
	expectCallFailure(t, o, "failed to call webhook: ")
	if len(o.Calls) != 1 || o.Calls[0].Status != http.StatusNotFound {
		t.Errorf("calls %+v", o.Calls)
	}
	w.saw(t, 0)
}

// Each of many users at once gets the answer that is theirs.
func TestConcurrentAdmissions(t *testing.T) {
	const users = 200
	w := newWorld(t)
	s := w.kube(t, kube.Hook{Path: "/mutate", Mutating: true},
		kube.Hook{Path: "/deny", Only: map[string]string{"even": "no"}},
		kube.Hook{Path: "/warn", Name: "warn.e2e.admwh.dev", Only: map[string]string{"even": "yes"}})
	var wait sync.WaitGroup

	for i := range users {
		wait.Go(func() {
			even := map[bool]string{true: "yes", false: "no"}[i%2 == 0]
			mine := fmt.Sprintf(`,"uid":"u%d","labels":{"even":%q`, i, even)
			p := pod(t, mine+"}")
			o := ask(t, s, createPod(p))
			if (o.Err == nil) != (even == "yes") || (len(o.Warnings) == 2) != (even == "yes") {
				t.Errorf("user %d: %v, warnings %q", i, o.Err, o.Warnings)
			}
			expectText(t, "object", text(t, p), text(t, pod(t, mine+`,"admwh.dev/seen":"true"}`)))
		})
	}
	wait.Wait()
	w.saw(t, 2*users)
}

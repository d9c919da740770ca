// SPDX-License-Identifier: MIT

package e2e

// Decisions: what the user, the audit log and the caller of kubectl learn from
// an answer of a validating webhook.

import (
	"net/http"
	"slices"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1"

	"admwh.dev/e2e/kube"
)

// denial is what the probe says at /deny.
const denial = "the probe denies web"

func expectRemarks(t *testing.T, o kube.Outcome) {
	t.Helper()
	expectAdmitted(t, o)
	if !slices.Equal(o.Warnings, []string{"one", "two"}) {
		t.Errorf("warnings %q", o.Warnings)
	}
	if o.Audit[hookName+"/probe"] != "seen" {
		t.Errorf("audit annotations %q", o.Audit)
	}
}

func expectDenialByProbe(t *testing.T, o kube.Outcome) {
	t.Helper()
	status := expectDenied(t, o, http.StatusForbidden)
	expectText(t, "message", status.Message,
		`admission webhook "`+hookName+`" denied the request: `+denial)
	expectText(t, "reason", string(status.Reason), string(v1.StatusReasonForbidden))
	expectText(t, "status", status.Status, v1.StatusFailure)
	if status.Details != nil && len(status.Details.Causes) > 0 {
		t.Errorf("details %+v", status.Details)
	}
}

func TestValidation(t *testing.T) {
	w := newWorld(t)
	cases := []struct {
		name  string
		hook  kube.Hook
		check func(t *testing.T, o kube.Outcome)
	}{
		{"denies with code, reason and message", kube.Hook{Path: "/deny"}, expectDenialByProbe},
		{"denies also where failurePolicy is Ignore", kube.Hook{Path: "/deny", Ignore: true},
			func(t *testing.T, o kube.Outcome) { expectDenied(t, o, http.StatusForbidden) }},
		{"denies what was not decided", kube.Hook{Path: "/undecided"},
			func(t *testing.T, o kube.Outcome) { expectDenied(t, o, http.StatusInternalServerError) }},
		{"denies what was not decided also where failurePolicy is Ignore",
			kube.Hook{Path: "/undecided", Ignore: true},
			func(t *testing.T, o kube.Outcome) { expectDenied(t, o, http.StatusInternalServerError) }},
		{"admits", kube.Hook{Path: "/validate"}, expectAdmitted},
		{"admits with warnings and an audit annotation", kube.Hook{Path: "/warn"}, expectRemarks},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			o := ask(t, w.kube(t, c.hook), createPod(pod(t, "")))
			e := w.saw(t, 1)[0]
			c.check(t, o)
			expectText(t, "caller", e.PeerCN+" of "+e.Bundle, callerName+" of "+bundleName)
		})
	}
}

func TestEveryHookIsAskedAndOneDenialIsEnough(t *testing.T) {
	w := newWorld(t)
	s := w.kube(t, kube.Hook{Path: "/validate", Name: "a.e2e.admwh.dev"}, kube.Hook{Path: "/deny"},
		kube.Hook{Path: "/mutate", Name: "m.e2e.admwh.dev", Mutating: true})

	expectDenied(t, ask(t, s, createPod(pod(t, ""))), http.StatusForbidden)
	w.saw(t, 3)
}

func TestVersionOneBetaOne(t *testing.T) {
	w := newWorld(t)
	only := []string{"v1beta1"}
	cases := []struct {
		name  string
		hook  kube.Hook
		check func(t *testing.T, o kube.Outcome)
	}{
		{"denies", kube.Hook{Path: "/deny", Versions: only},
			func(t *testing.T, o kube.Outcome) { expectDenied(t, o, http.StatusForbidden) }},
		{"denies what was not decided", kube.Hook{Path: "/undecided", Versions: only},
			func(t *testing.T, o kube.Outcome) { expectDenied(t, o, http.StatusInternalServerError) }},
		{"admits", kube.Hook{Path: "/validate", Versions: only}, expectAdmitted},
		{"admits with a patch", kube.Hook{Path: "/mutate", Versions: only, Mutating: true}, expectAdmitted},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := pod(t, "")
			o := ask(t, w.kube(t, c.hook), createPod(p))
			r := w.saw(t, 1)[0].review(t)
			c.check(t, o)
			expectText(t, "version", r.APIVersion, "admission.k8s.io/v1beta1")
			if c.hook.Mutating {
				expectText(t, "label", p.GetLabels()[label], "true")
			}
		})
	}
}

func TestDryRun(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/deny", "/validate", "/mutate"} {
		t.Run(path[1:], func(t *testing.T) {
			request := createPod(pod(t, ""))
			request.DryRun = true
			o := ask(t, w.kube(t, kube.Hook{Path: path, Mutating: path == "/mutate"}), request)
			r := w.saw(t, 1)[0].review(t)
			if path == "/deny" {
				expectDenied(t, o, http.StatusForbidden)
			} else {
				expectAdmitted(t, o)
			}
			expectText(t, "dryRun", string(r.Request["dryRun"]), "true")
		})
	}
	t.Run("is kept from a webhook with side effects", func(t *testing.T) {
		request := createPod(pod(t, ""))
		request.DryRun = true
		s := w.kube(t, kube.Hook{Path: "/validate", Effects: "Some", Ignore: true})
		o := ask(t, s, request)
		w.saw(t, 0)
		if o.Status() == nil || o.Status().Code != http.StatusBadRequest {
			t.Errorf("outcome %v", o.Err)
		}
	})
}

// SPDX-License-Identifier: MIT

package e2e

// Denials as users get them: through the API server, client-go and kubectl, for
// every code that a denial can have.

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"admwh.dev/e2e/kube"
)

const deniedBy = `admission webhook "` + hookName + `" denied the request: `

// create is a Pod of this name on its way through an API server.
func create(t *testing.T, s *kube.Server, name string) kube.Outcome {
	t.Helper()
	p := pod(t, "")
	p.SetName(name)
	r := createPod(p)
	r.Name = name
	return ask(t, s, r)
}

func tell(t *testing.T, err error) (kube.Told, metav1.Status) {
	t.Helper()
	told, failed := kube.Tell(t.Context(), err)
	if failed != nil {
		t.Fatal(failed)
	}
	var status *apierrors.StatusError
	if !errors.As(told.Err, &status) {
		t.Fatalf("client-go tells %v", told.Err)
	}
	return told, status.ErrStatus
}

// reasons are what clients go by, apierrors.IsForbidden() and so on; codes without one have none.
var reasons = map[int]metav1.StatusReason{
	400: metav1.StatusReasonBadRequest, 401: metav1.StatusReasonUnauthorized,
	403: metav1.StatusReasonForbidden, 404: metav1.StatusReasonNotFound,
	405: metav1.StatusReasonMethodNotAllowed, 406: metav1.StatusReasonNotAcceptable,
	409: metav1.StatusReasonConflict, 410: metav1.StatusReasonGone,
	413: metav1.StatusReasonRequestEntityTooLarge,
	415: metav1.StatusReasonUnsupportedMediaType, 422: metav1.StatusReasonInvalid,
	429: metav1.StatusReasonTooManyRequests, 500: metav1.StatusReasonInternalError,
	503: metav1.StatusReasonServiceUnavailable, 504: metav1.StatusReasonTimeout,
}

// printed is what kubectl shows of a denial.
func printed(code int, form string) string {
	message := fmt.Sprintf(`error when creating "pod.yaml": %scode %d`, deniedBy, code)
	switch {
	case code == http.StatusUnauthorized:
		return "error: You must be logged in to the server (" + message + ")"
	case code == http.StatusUnprocessableEntity && form == "-causes":
		return "The request is invalid: spec.nodeName: a cause"
	case code == http.StatusUnprocessableEntity && form == "-causes-details":
		return `The Pod "code-422-causes-details" is invalid: spec.nodeName: a cause`
	case code == http.StatusUnprocessableEntity:
		return "The request is invalid: " + message
	case reasons[code] != "":
		return fmt.Sprintf("Error from server (%s): %s", reasons[code], message)
	}
	return "Error from server: " + message
}

// Whatever the code: clients have code, reason, causes and details, and what kubectl prints has the
// message, but for an Invalid with causes.
func TestDenialsOfEveryCode(t *testing.T) {
	w := newWorld(t)
	s := w.kube(t, kube.Hook{Path: "/code"})
	for _, form := range []string{"", "-causes", "-details", "-causes-details"} {
		for code := 400; code <= 599; code++ {
			name := fmt.Sprintf("code-%d%s", code, form)
			o := create(t, s, name)
			expectDenied(t, o, code)
			told, status := tell(t, o.Err)
			expectText(t, name+": code and reason", fmt.Sprint(status.Code, status.Reason),
				fmt.Sprint(code, reasons[code]))
			expectText(t, name+": message", status.Message, fmt.Sprintf("%scode %d", deniedBy, code))
			expectText(t, name+": kubectl", told.Kubectl, printed(code, form))
			if hasCauses := status.Details != nil && len(status.Details.Causes) == 1; hasCauses !=
				(form == "-causes" || form == "-causes-details") {
				t.Errorf("%s: details %+v", name, status.Details)
			}
			if hasName := status.Details != nil && status.Details.Name == name; hasName !=
				(form == "-causes-details" || form == "-details" && code != http.StatusUnprocessableEntity) {
				t.Errorf("%s: details %+v", name, status.Details)
			}
			if told.Requests != 1 || len(o.Calls) != 1 {
				t.Errorf("%s: %d requests, %d calls", name, told.Requests, len(o.Calls))
			}
		}
	}
	w.saw(t, 800)
}

const (
	hostNetwork = "spec.hostNetwork: Forbidden: no Pod of shop may have it"
	memory      = "spec.containers[0].resources.limits.memory: Required value: set a limit"
)

func expectErrors(t *testing.T, status metav1.Status) {
	t.Helper()
	expectText(t, "message", status.Message, deniedBy+"["+hostNetwork+", "+memory+"]")
	if status.Details == nil {
		t.Fatal("no details")
	}
	expectText(t, "causes", fmt.Sprint(status.Details.Causes), fmt.Sprint([]metav1.StatusCause{
		{Type: metav1.CauseTypeForbidden, Field: "spec.hostNetwork",
			Message: "Forbidden: no Pod of shop may have it"},
		{Type: metav1.CauseTypeFieldValueRequired, Field: "spec.containers[0].resources.limits.memory",
			Message: "Required value: set a limit"}}))
}

// By default users and programs learn of all errors.
func TestErrorsOfFields(t *testing.T) {
	w := newWorld(t)
	s := w.kube(t, kube.Hook{Path: "/errors"})
	expectAdmitted(t, create(t, s, "good"))
	told, status := tell(t, create(t, s, "web").Err)
	w.saw(t, 2)
	expectErrors(t, status)
	if !apierrors.IsForbidden(told.Err) || status.Code != http.StatusForbidden {
		t.Errorf("status %+v", status)
	}
	expectText(t, "kubectl", told.Kubectl, `Error from server (Forbidden): error when creating "pod.yaml": `+
		deniedBy+"["+hostNetwork+", "+memory+"]")
}

// Invalid, where the handler asks for it: kubectl prints what it prints of the API server's own validation.
func TestErrorsOfFieldsAsInvalid(t *testing.T) {
	w := newWorld(t)
	s := w.kube(t, kube.Hook{Path: "/invalid"})
	expectAdmitted(t, create(t, s, "good"))
	told, status := tell(t, create(t, s, "web").Err)
	w.saw(t, 2)
	expectErrors(t, status)
	if !apierrors.IsInvalid(told.Err) || status.Code != http.StatusUnprocessableEntity {
		t.Errorf("status %+v", status)
	}
	expectText(t, "details", status.Details.Group+"/"+status.Details.Kind+"/"+status.Details.Name, "/Pod/web")
	expectText(t, "kubectl", told.Kubectl, "The Pod \"web\" is invalid: \n* "+hostNetwork+"\n* "+memory)
}

// The user is asked to wait, and client-go repeats what it repeats by itself. The webhook's own
// answer has no Retry-After: the API server asks once.
func TestRetryAfterIsForTheUser(t *testing.T) {
	w := newWorld(t)
	s := w.kube(t, kube.Hook{Path: "/code"})
	for code, repeated := range map[int]bool{403: false, 409: false, 429: true, 500: true, 503: true} {
		o := create(t, s, fmt.Sprintf("code-%d-later", code))
		w.saw(t, 1)
		status := expectDenied(t, o, code)
		if status.Details == nil || status.Details.RetryAfterSeconds != 1 || len(o.Calls) != 1 {
			t.Errorf("%d: details %+v, calls %+v", code, status.Details, o.Calls)
		}
		told, _ := tell(t, o.Err)
		if (told.Requests == 2) != repeated || told.Requests > 2 {
			t.Errorf("%d: client-go made %d requests", code, told.Requests)
		}
	}
}

// Left to the failurePolicy, a failure with such a time is not called again either.
func TestFailureIsNotCalledAgain(t *testing.T) {
	for _, policy := range []string{"deny", "policy"} {
		t.Run(policy, func(t *testing.T) {
			w := newWorld(t, "--on-failure", policy)
			o := create(t, w.kube(t, kube.Hook{Path: "/fail"}), "web")
			w.saw(t, 1)
			if len(o.Calls) != 1 {
				t.Errorf("calls %+v", o.Calls)
			}
			if policy == "policy" {
				expectCallFailure(t, o, "failed to call webhook: the scanner of web is down")
				return
			}
			status := expectDenied(t, o, http.StatusInternalServerError)
			if status.Details == nil || status.Details.RetryAfterSeconds != 3 {
				t.Errorf("details %+v", status.Details)
			}
		})
	}
}

// A policy on trial: users are warned, the audit log has the message, nothing is denied.
func TestDenialsThatOnlyWarn(t *testing.T) {
	w := newWorld(t, "--only-warn")
	o := create(t, w.kube(t, kube.Hook{Path: "/errors"}), "web")
	w.saw(t, 1)
	expectAdmitted(t, o)
	expectText(t, "warnings", fmt.Sprint(o.Warnings),
		"[would be denied: "+hostNetwork+" would be denied: "+memory+"]")
	expectText(t, "audit", o.Audit[hookName+"/would-deny"], "["+hostNetwork+", "+memory+"]")

	p := pod(t, "")
	o = ask(t, w.kube(t, kube.Hook{Path: "/fail"}), createPod(p))
	w.saw(t, 1)
	expectDenied(t, o, http.StatusInternalServerError)
}

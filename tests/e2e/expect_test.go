// SPDX-License-Identifier: MIT

package e2e

// What a test can expect of an outcome, in the words a user would see.

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"admwh.dev/e2e/kube"
)

func expectAdmitted(t *testing.T, o kube.Outcome) {
	t.Helper()
	if o.Err != nil {
		t.Fatalf("not admitted: %v", o.Err)
	}
}

// expectDenied returns the status of a denial: an answer of the webhook, which
// no failurePolicy can soften.
func expectDenied(t *testing.T, o kube.Outcome, code int) *metav1.Status {
	t.Helper()
	status := o.Status()
	if status == nil {
		t.Fatalf("not denied: %v", o.Err)
	}
	prefix := fmt.Sprintf("admission webhook %q denied the request: ", hookName)
	if !strings.HasPrefix(status.Message, prefix) || len(status.Message) == len(prefix) {
		t.Fatalf("message %q is no denial with an explanation", status.Message)
	}
	if int(status.Code) != code {
		t.Fatalf("code %d, expected %d: %s", status.Code, code, status.Message)
	}
	for _, call := range o.Calls {
		if call.Status != http.StatusOK {
			t.Errorf("denied by HTTP %d", call.Status)
		}
	}
	return status
}

// expectCallFailure expects that the webhook could not be asked, under
// failurePolicy Fail, for a reason that contains one of these texts.
func expectCallFailure(t *testing.T, o kube.Outcome, why ...string) {
	t.Helper()
	status := o.Status()
	if status == nil {
		t.Fatalf("no call failure: %v", o.Err)
	}
	prefix := fmt.Sprintf("Internal error occurred: failed calling webhook %q: ", hookName)
	if !strings.HasPrefix(status.Message, prefix) || status.Code != http.StatusInternalServerError {
		t.Fatalf("no call failure: %d %q", status.Code, status.Message)
	}
	for _, text := range why {
		if strings.Contains(status.Message, text) {
			return
		}
	}
	t.Errorf("call failed, but not for any of %q: %s", why, status.Message)
}

// expectRefusal expects that the caller was turned away where the probe's
// --auth says. In TLS 1.3 a client writes its request before it learns of the
// alert; it may name its own broken write instead, but must never be reset.
func expectRefusal(t *testing.T, o kube.Outcome, auth string) {
	t.Helper()
	if auth == "handshake" {
		expectCallFailure(t, o, "remote error: tls: ", "use of closed network connection")
		return
	}
	expectCallFailure(t, o, "failed to call webhook: ")
	if len(o.Calls) != 1 || o.Calls[0].Status != http.StatusUnauthorized {
		t.Errorf("refused otherwise than by 401: %+v", o.Calls)
	}
}

func expectText(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s\n got %s\nwant %s", what, got, want)
	}
}

// SPDX-License-Identifier: MIT

package e2e

// The example that newcomers read first does what its README promises.

import (
	"fmt"
	"net"
	"net/http"
	"testing"
	"time"

	"admwh.dev/e2e/kube"
)

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func awaitListener(t *testing.T, c *child, address string) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			conn.Close()
			return
		}
		select {
		case <-c.exited:
			t.Fatalf("server ended: %v\n%s", c.err, c.stderr.String())
		default:
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

func startHello(t *testing.T) *world {
	t.Helper()
	path := binary(t, "ADMWH_HELLO")
	w := newCAs(t)
	w.port = freePort(t)
	ca := writeFile(t, t.TempDir(), "callers.crt", w.callers.pem)
	c := start(t, path, "--listen", w.address(), "--tls-cert", w.server.CertFile,
		"--tls-key", w.server.KeyFile, "--client-ca", ca, "--client-allow", "cn:"+callerName)
	awaitListener(t, c, w.address())
	return w
}

// answers counts the calls that the server answered with a review.
func answers(o kube.Outcome) int {
	n := 0
	for _, call := range o.Calls {
		if call.Status == http.StatusOK {
			n++
		}
	}
	return n
}

func TestHello(t *testing.T) {
	w := startHello(t)
	validate := kube.Hook{Path: "/validate/pods"}
	mutate := kube.Hook{Path: "/mutate/pods", Mutating: true, Name: "m.e2e.admwh.dev"}
	s := w.kube(t, validate, mutate)

	t.Run("denies a privileged container", func(t *testing.T) {
		o := ask(t, s, createPod(object(t, `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},`+
			`"spec":{"containers":[{"name":"c"}],"initContainers":[`+
			`{"name":"i","securityContext":{"privileged":true}}]}}`)))
		status := expectDenied(t, o, http.StatusForbidden)
		expectText(t, "message", status.Message,
			fmt.Sprintf("admission webhook %q denied the request: spec.initContainers[0] is privileged", hookName))
		if answers(o) != 2 {
			t.Errorf("calls %+v", o.Calls)
		}
	})
	t.Run("refuses another name", func(t *testing.T) {
		cert, key := w.callers.issue(t, leaf{subject: commonName("someone")})
		o := ask(t, w.as(t, writePair(t, "unknown", cert, key), validate), createPod(pod(t, "")))
		expectRefusal(t, o, "handshake")
	})
	t.Run("admits and labels others", func(t *testing.T) {
		p := pod(t, "")
		o := ask(t, s, createPod(p))
		expectAdmitted(t, o)
		expectText(t, "label", p.GetLabels()[label], "true")
		if answers(o) != 2 {
			t.Errorf("calls %+v", o.Calls)
		}
	})
}

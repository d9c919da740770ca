// SPDX-License-Identifier: MIT

package e2e

// examples/kubewarden, called by an API server that was given the files of its
// deploy folder: the AdmissionConfiguration, the kubeconfig with the user
// '*.kubewarden.svc', the policies and the webhooks.

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"admwh.dev/e2e/kube"
)

const (
	kubewardenFiles   = "../../examples/kubewarden/deploy/"
	kubewardenService = "policy-server-default.kubewarden.svc"
)

type kubewarden struct {
	*world
	args   []string
	server *child
	ca     string
}

// policiesOf writes the policies.yml of the deployed ConfigMap.
func policiesOf(t *testing.T) string {
	t.Helper()
	objects, err := kube.ReadManifests(kubewardenFiles + "policies.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := objects[0].(*corev1.ConfigMap).Data["policies.yml"]
	return writeFile(t, t.TempDir(), "policies.yml", []byte(text))
}

func newKubewarden(t *testing.T) *kubewarden {
	t.Helper()
	binary(t, "ADMWH_KUBEWARDEN")
	w := newCAs(t)
	cert, key := w.servers.issue(t, serverLeaf(kubewardenService))
	w.server, w.port = writePair(t, "server", cert, key), freePort(t)
	// As k3s' guide makes it: no name, no extended key usage.
	cert, key = w.callers.issue(t, leaf{dns: []string{"mtls.kubewarden.io"}})
	w.trusted = writePair(t, "caller", cert, key)
	k := &kubewarden{world: w, ca: writeFile(t, t.TempDir(), "client-ca.crt", w.callers.pem)}
	scanner := writeFile(t, t.TempDir(), "ca.crt", newAuthority(t, "kubewarden").pem)
	k.args = []string{"--listen", w.address(),
		"--health-listen", fmt.Sprintf("127.0.0.1:%d", freePort(t)), "--policies", policiesOf(t),
		"--tls-cert", w.server.CertFile, "--tls-key", w.server.KeyFile,
		"--client-ca", "scanner=" + scanner, "--client-allow", "scanner=any",
		"--client-ca", "apiserver=" + k.ca, "--client-allow", "apiserver=any",
		"--always-accept-admission-reviews-on-namespace", "trusted"}
	k.start(t)
	return k
}

func (k *kubewarden) start(t *testing.T) {
	t.Helper()
	k.server = start(t, binary(t, "ADMWH_KUBEWARDEN"), k.args...)
	awaitListener(t, k.server, k.address())
}

// apiserver is one that was configured with the files of the deploy folder, with this certificate
// where they name one.
func (k *kubewarden) apiserver(t *testing.T, user kube.Credentials) *kube.Server {
	t.Helper()
	return kube.Deployed(t, kube.Deployment{
		Address: k.address(), CA: k.servers.pem,
		Webhooks:   []string{kubewardenFiles + "webhooks.yaml"},
		Objects:    namespaces("shop", "trusted", "kube-system"),
		Admission:  kubewardenFiles + "control-plane/admission.yaml",
		Kubeconfig: kubewardenFiles + "control-plane/kubeconfig.yaml",
		Places: []string{"/etc/k8s/admission/client.crt", user.CertFile,
			"/etc/k8s/admission/client.key", user.KeyFile},
	})
}

// in creates a Pod in a namespace, with one container that has this security context, as JSON.
func in(t *testing.T, namespace, context string) kube.Request {
	t.Helper()
	request := createPod(object(t, `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},`+
		`"spec":{"containers":[{"name":"c","image":"registry.example.org/app:1","securityContext":`+
		context+`}]}}`))
	request.Namespace = namespace
	return request
}

// expectKubewarden expects a denial by the webhook of this policy, in these words and without a
// code, which the API server makes 400.
func expectKubewarden(t *testing.T, o kube.Outcome, policy, message string) {
	t.Helper()
	status := o.Status()
	if status == nil {
		t.Fatalf("not denied: %v", o.Err)
	}
	expectText(t, "message", status.Message, fmt.Sprintf(
		"admission webhook %q denied the request: %s", policy+".kubewarden.admission", message))
	expectText(t, "reason", string(status.Reason), "")
	if status.Code != 400 {
		t.Errorf("code %d", status.Code)
	}
}

func TestKubewarden(t *testing.T) {
	k := newKubewarden(t)
	s := k.apiserver(t, k.trusted)

	t.Run("denies a privileged Pod", func(t *testing.T) {
		expectKubewarden(t, ask(t, s, in(t, "shop", `{"privileged":true}`)),
			"clusterwide-pod-privileged", "Privileged container is not allowed")
	})
	t.Run("changes capabilities", func(t *testing.T) {
		request := in(t, "shop", `{"capabilities":{"add":["KILL"]}}`)
		expectAdmitted(t, ask(t, s, request))
		if got := text(t, request.Object); !strings.Contains(got,
			`"capabilities":{"add":["KILL"],"drop":["NET_ADMIN"]}`) {
			t.Errorf("not changed: %s", got)
		}
	})
	t.Run("denies capabilities", func(t *testing.T) {
		expectKubewarden(t, ask(t, s, in(t, "shop", `{"capabilities":{"add":["BPF"]}}`)),
			"clusterwide-capabilities-psp", "PSP capabilities policies doesn't allow these "+
				`capabilities to be added: {"BPF"}`)
	})
	t.Run("only watches the group in monitor mode", func(t *testing.T) {
		request := createPod(pod(t, "")) // its image is of another registry
		expectAdmitted(t, ask(t, s, request))
		if log := k.server.stderr.String(); !strings.Contains(log, "policy.monitor") ||
			!strings.Contains(log, "someone excuses them") {
			t.Error("nothing in the log: ", log)
		}
	})
	t.Run("accepts all in one namespace", func(t *testing.T) {
		expectAdmitted(t, ask(t, s, in(t, "trusted", `{"privileged":true}`)))
	})
	t.Run("is not asked about kube-system", func(t *testing.T) {
		o := ask(t, s, in(t, "kube-system", `{"privileged":true}`))
		expectAdmitted(t, o)
		if len(o.Calls) != 0 {
			t.Errorf("%d calls", len(o.Calls))
		}
	})
	k.server.terminate(t)
	k.server.wait(t)
}

// Unauthenticated clients meet a TLS alert, and the failurePolicy, which is Fail.
func TestKubewardenUnauthenticatedClients(t *testing.T) {
	k := newKubewarden(t)
	cert, key := newAuthority(t, "callers").issue(t, leaf{subject: commonName(callerName)})
	s := k.apiserver(t, writePair(t, "unknown", cert, key))
	o := ask(t, s, in(t, "shop", `{}`))
	if o.Err == nil || !strings.Contains(o.Err.Error(), "failed calling webhook") {
		t.Errorf("not refused: %v", o.Err)
	}
	if answers(o) != 0 {
		t.Error("an unauthenticated client was answered")
	}
}

// The CA of the API server is renewed: the server believes both, then the new one alone.
func TestKubewardenRotation(t *testing.T) {
	k := newKubewarden(t)
	renewed := newAuthority(t, "renewed")
	cert, key := renewed.issue(t, leaf{subject: commonName("anyone")})
	after := writePair(t, "after", cert, key)
	swap := func(pem []byte) {
		if err := os.WriteFile(k.ca+".new", pem, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(k.ca+".new", k.ca); err != nil {
			t.Fatal(err)
		}
	}
	let := func(user kube.Credentials) bool {
		s := k.apiserver(t, user)
		defer s.Close()
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		return answers(s.Admit(ctx, in(t, "shop", `{}`))) > 0
	}
	await := func(what string, user kube.Credentials, in bool) {
		for deadline := time.Now().Add(patience); let(user) != in; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal(what)
			}
		}
	}
	if let(after) || !let(k.trusted) {
		t.Fatal("the wrong one is let in at first")
	}
	swap(append(append([]byte{}, k.callers.pem...), renewed.pem...))
	await("the new CA is not believed", after, true)
	await("the old CA is not believed any more", k.trusted, true)
	swap(renewed.pem)
	await("the old CA is still believed", k.trusted, false)
	await("the new CA is not believed alone", after, true)
}

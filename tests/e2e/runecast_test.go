// SPDX-License-Identifier: MIT

package e2e

// examples/runecast, called by an API server that was given the files of its
// deploy folder: the bearer token stands in the kubeconfig, under the name
// host:port, and a label of the namespace chooses the policy.

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/admission"
	clientcmdv1 "k8s.io/client-go/tools/clientcmd/api/v1"

	"admwh.dev/e2e/kube"
)

const (
	runecastFiles   = "../../examples/runecast/deploy/"
	runecastService = "runecast-nginx.runecast.svc"
	runecastHook    = "deny-fixed-critical-and-medium.image-scanning.runecast.com"
	runecastDenial  = `admission webhook "` + runecastHook + `" denied the request: ` +
		"Image scan in Runecast Analyzer found policy violations: (Rejected by policy 2: " +
		"'No critical or high severity vulnerabilities with available fix')."
	runecastConfig     = runecastFiles + "control-plane/runecast-admission-configuration.yaml"
	runecastKubeconfig = runecastFiles + "control-plane/runecast-validating-webhook-kubeconfig.yaml"
)

type runecast struct {
	*world
	args   []string
	tokens string
	server *child
}

// runecastToken is the token of the kubeconfig, whose user is named host:port.
func runecastToken(t *testing.T) string {
	t.Helper()
	objects, err := kube.ReadManifests(runecastKubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	user := objects[0].(*clientcmdv1.Config).AuthInfos[0]
	expectText(t, "user", user.Name, runecastService+":9080")
	return user.AuthInfo.Token
}

// configFiles are the values of the ConfigMaps in deploy/config.yaml, as the files they are
// mounted as.
func configFiles(t *testing.T, dir string) {
	t.Helper()
	objects, err := kube.ReadManifests(runecastFiles + "config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, object := range objects {
		for name, text := range object.(*corev1.ConfigMap).Data {
			writeFile(t, dir, name, []byte(text))
		}
	}
}

// replaceFile puts a new file into an old one's place at once, as kubelet does.
func replaceFile(t *testing.T, file, text string) {
	t.Helper()
	fresh := writeFile(t, filepath.Dir(file), filepath.Base(file)+".new", []byte(text))
	if err := os.Rename(fresh, file); err != nil {
		t.Fatal(err)
	}
}

func (r *runecast) setToken(t *testing.T, token string) {
	t.Helper()
	entry := map[string]any{"tokens": []map[string]string{{"token": token, "role": "GLOBAL_ADMIN"}}}
	text, err := json.Marshal(entry)
	if err != nil {
		t.Fatal(err)
	}
	replaceFile(t, r.tokens, string(text))
}

func (r *runecast) start(t *testing.T) {
	t.Helper()
	r.server = start(t, binary(t, "ADMWH_RUNECAST"), r.args...)
	awaitListener(t, r.server, r.address())
}

func newRunecast(t *testing.T, options ...string) *runecast {
	t.Helper()
	binary(t, "ADMWH_RUNECAST")
	w := newCAs(t)
	dir := t.TempDir()
	cert, key := w.servers.issue(t, serverLeaf(runecastService))
	w.server, w.port = writePair(t, "server", cert, key), freePort(t)
	configFiles(t, dir)
	r := &runecast{world: w, tokens: filepath.Join(dir, "tokens.json")}
	r.setToken(t, runecastToken(t))
	r.args = append([]string{"--listen", w.address(),
		"--tls-cert", w.server.CertFile, "--tls-key", w.server.KeyFile,
		"--token-file", r.tokens, "--policies", filepath.Join(dir, "policies.json"),
		"--scan-results", filepath.Join(dir, "scan-results.json")}, options...)
	r.start(t)
	return r
}

// apiserver is one that was configured with the files of the deploy folder. Where options say
// what stands in a kubeconfig instead, they come as old, new.
func (r *runecast) apiserver(t *testing.T, places ...string) *kube.Server {
	t.Helper()
	chosen := namespace("runecast-test", map[string]string{"runecast-admission-policy": "2"})
	return kube.Deployed(t, kube.Deployment{
		Address: r.address(), CA: r.servers.pem,
		Webhooks:  []string{runecastFiles + "webhook.yaml"},
		Objects:   []runtime.Object{chosen, namespace("kube-system", nil)},
		Admission: runecastConfig, Kubeconfig: runecastKubeconfig, Places: places,
	})
}

func runImage(t *testing.T, namespace, image string) kube.Request {
	t.Helper()
	var p runtime.Object = object(t, `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"nginx"},`+
		`"spec":{"containers":[{"name":"c","image":"`+image+`"}]}}`)
	return kube.Request{
		Operation: admission.Create, Object: p, Options: options("CreateOptions"),
		Kind: podKind, Resource: pods, Namespace: namespace, Name: "nginx",
	}
}

// expectSilentDenial is a denial as kubectl prints it without a reason in parentheses.
func expectSilentDenial(t *testing.T, o kube.Outcome) {
	t.Helper()
	status := o.Status()
	if status == nil {
		t.Fatalf("not denied: %v", o.Err)
	}
	expectText(t, "message", status.Message, runecastDenial)
	expectText(t, "reason", string(status.Reason), "")
}

func expectUnauthorized(t *testing.T, o kube.Outcome) {
	t.Helper()
	if o.Err == nil || o.Last().Status != 401 {
		t.Fatalf("not refused by 401: %v, %+v", o.Err, o.Calls)
	}
}

func TestRunecast(t *testing.T) {
	r := newRunecast(t)
	s := r.apiserver(t)

	t.Run("denies as documented", func(t *testing.T) {
		expectSilentDenial(t, ask(t, s, runImage(t, "runecast-test", "nginx:1.19")))
	})
	t.Run("admits an image that keeps the policy", func(t *testing.T) {
		o := ask(t, s, runImage(t, "runecast-test", "nginx:latest"))
		expectAdmitted(t, o)
		if answers(o) != 1 {
			t.Errorf("calls %+v", o.Calls)
		}
	})
	t.Run("is asked about labelled namespaces alone", func(t *testing.T) {
		o := ask(t, s, runImage(t, "kube-system", "nginx:1.19"))
		expectAdmitted(t, o)
		if len(o.Calls) != 0 {
			t.Errorf("calls %+v", o.Calls)
		}
	})
	t.Run("denies a debug container", func(t *testing.T) {
		request := runImage(t, "runecast-test", "nginx:latest")
		request.Old, request.Object = request.Object, object(t, `{"apiVersion":"v1","kind":"Pod",`+
			`"metadata":{"name":"nginx"},"spec":{"containers":[{"name":"c","image":"nginx:latest"}],`+
			`"ephemeralContainers":[{"name":"d","image":"nginx:1.19"}]}}`)
		request.Operation, request.Options = admission.Update, options("UpdateOptions")
		request.Subresource = "ephemeralcontainers"
		expectSilentDenial(t, ask(t, s, request))
	})
	t.Run("is shown a token from a file", func(t *testing.T) {
		token := runecastToken(t)
		file := writeFile(t, t.TempDir(), "token", []byte(token+"\n"))
		other := r.apiserver(t, "    token: "+token, fmt.Sprintf("    tokenFile: %q", file))
		expectAdmitted(t, ask(t, other, runImage(t, "runecast-test", "nginx:latest")))
	})
	t.Run("refuses another token", func(t *testing.T) {
		other := r.apiserver(t, runecastToken(t), "00000000-0000-4000-8000-000000000000")
		expectUnauthorized(t, ask(t, other, runImage(t, "runecast-test", "nginx:latest")))
	})
	t.Run("is asked without a token where the name has no port", func(t *testing.T) {
		other := r.apiserver(t, runecastService+":9080", runecastService)
		expectUnauthorized(t, ask(t, other, runImage(t, "runecast-test", "nginx:latest")))
	})
}

func TestRunecastAsksForBoth(t *testing.T) {
	ca := newCAs(t)
	file := writeFile(t, t.TempDir(), "callers.crt", ca.callers.pem)
	r := newRunecast(t, "--client-ca", file, "--client-allow", "cn:"+callerName)
	cert, key := ca.callers.issue(t, leaf{subject: commonName(callerName)})
	pair := writePair(t, "caller", cert, key)
	token := "    token: " + runecastToken(t)
	certificate := fmt.Sprintf("    client-certificate: %q\n    client-key: %q", pair.CertFile,
		pair.KeyFile)

	t.Run("admits with both", func(t *testing.T) {
		s := r.apiserver(t, token, token+"\n"+certificate)
		expectAdmitted(t, ask(t, s, runImage(t, "runecast-test", "nginx:latest")))
	})
	t.Run("refuses a token alone", func(t *testing.T) {
		o := ask(t, r.apiserver(t), runImage(t, "runecast-test", "nginx:latest"))
		if o.Err == nil || o.Last().Status != 0 {
			t.Fatalf("not refused in the handshake: %v, %+v", o.Err, o.Calls)
		}
	})
	t.Run("refuses a certificate alone", func(t *testing.T) {
		s := r.apiserver(t, token, certificate)
		expectUnauthorized(t, ask(t, s, runImage(t, "runecast-test", "nginx:latest")))
	})
}

// until asks again and again, within a test's patience.
func until(t *testing.T, what string, s *kube.Server, good func(kube.Outcome) bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * patience); ; time.Sleep(50 * time.Millisecond) {
		o := ask(t, s, runImage(t, "runecast-test", "nginx:latest"))
		if good(o) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("not %s: %v", what, o.Err)
		}
	}
}

func TestRunecastReloads(t *testing.T) {
	r := newRunecast(t)
	s := r.apiserver(t)
	admitted := func(o kube.Outcome) bool { return o.Err == nil }

	until(t, "admitted", s, admitted)
	t.Run("scan results", func(t *testing.T) {
		file := filepath.Join(filepath.Dir(r.tokens), "scan-results.json")
		good, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		replaceFile(t, file, `{"images":{"nginx":[{"id":"X","severity":"high","fixedIn":"1"}]}}`)
		until(t, "denied", s, func(o kube.Outcome) bool {
			return o.Err != nil && strings.HasSuffix(o.Err.Error(), "with available fix').")
		})
		replaceFile(t, file, string(good))
		until(t, "admitted", s, admitted)
	})
	t.Run("tokens", func(t *testing.T) {
		r.setToken(t, "another-token")
		until(t, "refused", s, func(o kube.Outcome) bool { return o.Last().Status == 401 })
		r.setToken(t, runecastToken(t))
		until(t, "admitted", s, admitted)
	})
}

// A server that is told to stop under load answers what was sent to it.
func TestRunecastDrains(t *testing.T) {
	r := newRunecast(t)
	servers := []*kube.Server{r.apiserver(t), r.apiserver(t)}
	request := func() kube.Request { return runImage(t, "runecast-test", "nginx:latest") }
	replacing(t, servers, request, func() {
		r.server.terminate(t)
		r.server.wait(t)
		r.start(t)
	})
}

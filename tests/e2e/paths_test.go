// SPDX-License-Identifier: MIT

package e2e

// Paths: what the API server sends of the path of a webhook configuration, and
// that a handler can be registered by nothing else.

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/util/validation/field"
	webhookutil "k8s.io/apiserver/pkg/util/webhook"

	"admwh.dev/e2e/kube"
)

// urlPaths are paths as they stand in clientConfig.url, and as they arrive.
var urlPaths = []struct{ written, arrives string }{
	{"", "/"},
	{"/p/plain", "/p/plain"},
	{"/p/slash/", "/p/slash"},
	{"/p//double", "/p/double"},
	{"/p/./dot", "/p/dot"},
	{"/p/x/../up", "/p/up"},
	{"/p/%2e%2E/p/escaped-up", "/p/escaped-up"},
	{"/p/a%2Fb", "/p/a/b"},
	{"/p/%61lpha", "/p/alpha"},
	{"/p/caf%c3%a9", "/p/caf%C3%A9"},
	{"/p/thé", "/p/th%C3%A9"},
	{"/p/a b", "/p/a%20b"},
	{"/p/(a)!*", "/p/%28a%29%21%2A"},
	{"/p/[a]", "/p/%5Ba%5D"},
	{"/p/a{b}", "/p/a%7Bb%7D"},
	{"/p/%7Etilde", "/p/~tilde"},
	{"/p/a%3Fb", "/p/a%3Fb"},
	{"/p/a%23b", "/p/a%23b"},
	{"/p/100%25", "/p/100%25"},
	{"/p/a%00b", "/p/a%00b"},
	{"/p/$&+,-.:;=@_~", "/p/$&+,-.:;=@_~"},
	{"/p/Capital", "/p/Capital"},
	{"/p/...", "/p/..."},
}

func TestPathsArrive(t *testing.T) {
	var args []string
	for _, path := range urlPaths {
		args = append(args, "--path", path.arrives)
	}
	w := newWorld(t, args...)
	for _, path := range urlPaths {
		t.Run(path.written, func(t *testing.T) {
			url := "https://" + w.address() + path.written
			if errs := webhookutil.ValidateWebhookURL(field.NewPath("url"), url, true); len(errs) > 0 {
				t.Fatal(errs)
			}
			o := ask(t, w.kube(t, kube.Hook{URL: url}), createPod(pod(t, "")))
			expectAdmitted(t, o)
			target, _, _ := strings.Cut(w.saw(t, 1)[0].Target, "?")
			expectText(t, "path", target, path.arrives)
		})
	}
}

func TestServicePathsArrive(t *testing.T) {
	w := newWorld(t, "--path", "/p/plain", "--path", "/p/a.b-c")
	for _, path := range []string{"/p/plain", "/p/plain/", "/p/a.b-c"} {
		t.Run(path, func(t *testing.T) {
			errs := webhookutil.ValidateWebhookService(field.NewPath("service"), kube.ServiceNamespace,
				kube.ServiceName, &path, 443)
			if len(errs) > 0 {
				t.Fatal(errs)
			}
			expectAdmitted(t, ask(t, w.kube(t, kube.Hook{Path: path}), createPod(pod(t, ""))))
			w.saw(t, 1)
		})
	}
}

// Neither a query nor a fragment can be configured.
func TestPathsEndBeforeTheQuery(t *testing.T) {
	for _, path := range []string{"/p?timeout=10s", "/p#a"} {
		url := "https://127.0.0.1:9443" + path
		if errs := webhookutil.ValidateWebhookURL(field.NewPath("url"), url, true); len(errs) == 0 {
			t.Errorf("%s is valid", url)
		}
	}
}

func TestPathsThatNeverArriveAreRefused(t *testing.T) {
	w := newCAs(t)
	args := append(w.trust(t), "--listen", "127.0.0.1:0", "--cert", w.server.CertFile,
		"--key", w.server.KeyFile)
	for _, path := range urlPaths {
		if path.written == path.arrives {
			continue
		}
		t.Run(path.written, func(t *testing.T) {
			out, err := exec.Command(binary(t, "ADMWH_PROBE"), append(args, "--path", path.written)...).
				CombinedOutput()
			want := fmt.Sprintf("kube-apiserver never sends this path, write %q\n", path.arrives)
			if strings.Contains(path.written, "{") { // of a pattern
				want = "a \"{NAME}\" stands for the whole last segment, once\n"
			}
			if err == nil || !strings.HasSuffix(string(out), want) {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
}

// A path that no handler has: the user reads which.
func TestPathWithoutAHandler(t *testing.T) {
	w := newWorld(t)
	o := ask(t, w.kube(t, kube.Hook{Path: "/no/such/path/"}), createPod(pod(t, "")))
	expectCallFailure(t, o, "failed to call webhook: no handler at path /no/such/path")
	w.saw(t, 0)
}

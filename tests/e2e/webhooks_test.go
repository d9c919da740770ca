// SPDX-License-Identifier: MIT

package e2e

// The examples of a file each, called by the API server's own client.

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"

	"admwh.dev/e2e/kube"
)

// startWebhook starts the example of this name, for callers of callerName.
func startWebhook(t *testing.T, name string, flags ...string) *world {
	t.Helper()
	path := filepath.Join(binary(t, "ADMWH_WEBHOOKS"), name, "admwh-"+name)
	w := newCAs(t)
	w.port = freePort(t)
	ca := writeFile(t, t.TempDir(), "callers.crt", w.callers.pem)
	c := start(t, path, append(flags, "--listen", w.address(), "--tls-cert", w.server.CertFile,
		"--tls-key", w.server.KeyFile, "--client-ca", ca, "--client-allow", "cn:"+callerName)...)
	awaitListener(t, c, w.address())
	return w
}

// podOf has these containers, as JSON.
func podOf(t *testing.T, containers string) *unstructured.Unstructured {
	t.Helper()
	return object(t, `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},`+
		`"spec":{"containers":[`+containers+`]}}`)
}

func createDeployment(t *testing.T, containers string) kube.Request {
	t.Helper()
	d := object(t, `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},`+
		`"spec":{"template":{"spec":{"containers":[`+containers+`]}}}}`)
	apps := schema.GroupVersion{Group: "apps", Version: "v1"}
	return kube.Request{Operation: admission.Create, Object: d, Options: options("CreateOptions"),
		Kind: apps.WithKind("Deployment"), Resource: apps.WithResource("deployments"),
		Namespace: "shop", Name: "web"}
}

// denies expects a 403 whose message has this text behind the webhook's name.
func denies(t *testing.T, o kube.Outcome, message string) {
	t.Helper()
	status := expectDenied(t, o, http.StatusForbidden)
	expectText(t, "message", status.Message,
		fmt.Sprintf("admission webhook %q denied the request: %s", hookName, message))
}

func TestRegistries(t *testing.T) {
	file := writeFile(t, t.TempDir(), "registries", []byte("registry.example.com/team\n"))
	s := startWebhook(t, "registries", "--registries", file).kube(t, kube.Hook{Path: "/validate"})

	good, bad := `{"name":"a","image":"registry.example.com/team/app:1"}`, `{"name":"b","image":"nginx"}`
	expectAdmitted(t, ask(t, s, createPod(podOf(t, good))))
	denies(t, ask(t, s, createPod(podOf(t, good+","+bad))),
		"spec.containers[1].image: Forbidden: b is of no registry that is allowed")
	denies(t, ask(t, s, createDeployment(t, bad)),
		"spec.template.spec.containers[0].image: Forbidden: b is of no registry that is allowed")
}

func TestSidecar(t *testing.T) {
	s := startWebhook(t, "sidecar").kube(t, kube.Hook{Path: "/mutate", Mutating: true})

	p := podOf(t, `{"name":"a","image":"app"}`)
	expectAdmitted(t, ask(t, s, createPod(p)))
	injected, _, _ := unstructured.NestedSlice(p.Object, "spec", "initContainers")
	if len(injected) != 1 || injected[0].(map[string]any)["name"] != "collector" {
		t.Errorf("initContainers %v", injected)
	}
	once := text(t, p)
	expectAdmitted(t, ask(t, s, createPod(p)))
	expectText(t, "after the second call", text(t, p), once)

	left := pod(t, `,"annotations":{"sidecar.example.com/inject":"false"}`)
	before := text(t, left)
	expectAdmitted(t, ask(t, s, createPod(left)))
	expectText(t, "left alone", text(t, left), before)
}

func TestLimits(t *testing.T) {
	const want = "spec.containers[0].resources.limits.memory: "
	resources := func(memory string) kube.Request {
		return createPod(podOf(t, `{"name":"a","resources":{"limits":{"cpu":"1"`+memory+`}}}`))
	}
	s := startWebhook(t, "limits", "--most-memory", "1Gi").kube(t, kube.Hook{Path: "/validate"})
	expectAdmitted(t, ask(t, s, resources(`,"memory":"1024Mi"`)))
	denies(t, ask(t, s, resources("")), want+"Required value")
	denies(t, ask(t, s, resources(`,"memory":"2Gi"`)), want+`Invalid value: "2Gi": must be less than or equal to 1Gi`)

	warns := startWebhook(t, "limits", "--warn-path", "/validate").kube(t, kube.Hook{Path: "/validate"})
	o := ask(t, warns, resources(""))
	expectAdmitted(t, o)
	if len(o.Warnings) != 1 || !strings.Contains(o.Warnings[0], want+"Required value") {
		t.Errorf("warnings %q", o.Warnings)
	}
}

func TestScanner(t *testing.T) {
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"clean":%t}`, r.URL.Query().Get("image") == "clean:1")
	}))
	defer service.Close()
	s := startWebhook(t, "scanner", "--scanner", service.URL).kube(t, kube.Hook{Path: "/validate"})

	expectAdmitted(t, ask(t, s, createPod(podOf(t, `{"name":"a","image":"clean:1"}`))))
	denies(t, ask(t, s, createPod(podOf(t, `{"name":"a","image":"dirty:1"}`))),
		"spec.containers[0].image: Forbidden: the scanner found faults")
}

func TestCRD(t *testing.T) {
	conversions := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	s := startWebhook(t, "crd", "--conversion-listen", conversions).kube(t,
		kube.Hook{Path: "/mutate", Mutating: true}, kube.Hook{Path: "/validate"})
	group := schema.GroupVersion{Group: "backups.example.com", Version: "v1"}
	create := func(spec string) (*unstructured.Unstructured, kube.Outcome) {
		b := object(t, `{"apiVersion":"backups.example.com/v1","kind":"Backup","metadata":{"name":"web"},`+
			`"spec":`+spec+`}`)
		return b, ask(t, s, kube.Request{Operation: admission.Create, Object: b,
			Options: options("CreateOptions"), Kind: group.WithKind("Backup"),
			Resource: group.WithResource("backups"), Namespace: "shop", Name: "web"})
	}

	b, o := create(`{"storage":{"bucket":"b"}}`)
	expectAdmitted(t, o)
	days, _, _ := unstructured.NestedInt64(b.Object, "spec", "retentionDays")
	class, _, _ := unstructured.NestedString(b.Object, "spec", "storage", "class")
	expectText(t, "defaults", fmt.Sprint(days, " ", class), "30 standard")
	_, o = create(`{"retentionDays":0}`)
	denies(t, o, "[spec.retentionDays: Invalid value: 0: must be between 1 and 3650, inclusive, "+
		"spec.storage.bucket: Required value]")
}

// SPDX-License-Identifier: MIT

package e2e

// examples/rancher, called by an API server that was given the files of its
// deploy folder: the client certificate stands in the kubeconfig, under the name
// of the service without a port, and the webhooks are Rancher's.

import (
	"crypto/x509/pkix"
	"fmt"
	"net/http"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"

	"admwh.dev/e2e/kube"
)

const (
	rancherFiles       = "../../examples/rancher/deploy/"
	rancherService     = "rancher-webhook.cattle-system.svc"
	rancherConfig      = rancherFiles + "control-plane/admission.yaml"
	rancherKubeconfig  = rancherFiles + "control-plane/kubeconfig.yaml"
	rancherCertificate = "/etc/rancher/admission/client.crt"
	rancherKey         = "/etc/rancher/admission/client.key"
	rancherTable       = `{"rules":[{"users":["alice"],"verbs":["manage-namespaces"],"projects":["p-shop"]}]}`
)

type rancher struct {
	*world
	args   []string
	server *child
}

func (r *rancher) start(t *testing.T) {
	t.Helper()
	r.server = start(t, binary(t, "ADMWH_RANCHER"), r.args...)
	awaitListener(t, r.server, r.address())
}

func newRancher(t *testing.T) *rancher {
	t.Helper()
	binary(t, "ADMWH_RANCHER")
	w := newCAs(t)
	dir := t.TempDir()
	cert, key := w.servers.issue(t, serverLeaf(rancherService))
	w.server, w.port = writePair(t, "server", cert, key), freePort(t)
	r := &rancher{world: w}
	r.args = []string{"--listen", w.address(),
		"--tls-cert", w.server.CertFile, "--tls-key", w.server.KeyFile,
		"--client-ca", writeFile(t, dir, "ca.crt", w.callers.pem), "--allowed-cns", callerName,
		"--permissions", writeFile(t, dir, "permissions.json", []byte(rancherTable))}
	r.start(t)
	return r
}

// apiserver is one that was configured with the files of the deploy folder, with this certificate
// where they name one. More changes to the kubeconfig come as old, new.
func (r *rancher) apiserver(t *testing.T, user kube.Credentials, places ...string) *kube.Server {
	t.Helper()
	return kube.Deployed(t, kube.Deployment{
		Address: r.address(), CA: r.servers.pem,
		Webhooks:  []string{rancherFiles + "validating.yaml", rancherFiles + "mutating.yaml"},
		Objects:   namespaces("local", "kube-system", "team"),
		Admission: rancherConfig, Kubeconfig: rancherKubeconfig,
		Places: append([]string{rancherCertificate, user.CertFile, rancherKey, user.KeyFile}, places...),
	})
}

func (r *rancher) user(t *testing.T, a *authority, subject pkix.Name) kube.Credentials {
	t.Helper()
	cert, key := a.issue(t, leaf{subject: subject})
	return writePair(t, "user", cert, key)
}

// change is what alice does to an object; before or after may be "".
func change(t *testing.T, group, version, kind, resource, namespace, before, after string) kube.Request {
	t.Helper()
	r := kube.Request{
		Kind:      schema.GroupVersionKind{Group: group, Version: version, Kind: kind},
		Resource:  schema.GroupVersionResource{Group: group, Version: version, Resource: resource},
		Namespace: namespace, Operation: admission.Update, Options: options("UpdateOptions"),
	}
	parse := func(text string) runtime.Object {
		u := object(t, fmt.Sprintf(`{"apiVersion":%q,"kind":%q,%s}`,
			r.Kind.GroupVersion().String(), kind, text))
		r.Name = u.GetName()
		return u
	}
	if before == "" {
		r.Operation, r.Options = admission.Create, options("CreateOptions")
	} else {
		r.Old = parse(before)
	}
	if after == "" {
		r.Operation, r.Options = admission.Delete, options("DeleteOptions")
	} else {
		r.Object = parse(after)
	}
	return r
}

func feature(t *testing.T, before, after string) kube.Request {
	t.Helper()
	text := func(value string) string {
		return `"metadata":{"name":"f"},"spec":{"value":` + value + `},"status":{"lockedValue":true}`
	}
	return change(t, "management.cattle.io", "v3", "Feature", "features", "", text(before), text(after))
}

// cluster-scoped, and labelled with its own name, as the API server does it.
func namespaceText(name, annotations string) string {
	return fmt.Sprintf(`"metadata":{"name":%[1]q,"labels":{"kubernetes.io/metadata.name":%[1]q},`+
		`"annotations":{%[2]s}}`, name, annotations)
}

func createNamespace(t *testing.T, name, annotations string) kube.Request {
	t.Helper()
	return change(t, "", "v1", "Namespace", "namespaces", name, "", namespaceText(name, annotations))
}

// expectRancher expects a denial by the webhook of this name, in these words.
func expectRancher(t *testing.T, o kube.Outcome, hook, reason, message string) {
	t.Helper()
	status := o.Status()
	if status == nil {
		t.Fatalf("not denied: %v", o.Err)
	}
	expectText(t, "message", status.Message,
		fmt.Sprintf("admission webhook %q denied the request: %s", "rancher.cattle.io."+hook, message))
	expectText(t, "reason", string(status.Reason), reason)
}

func expectAsked(t *testing.T, o kube.Outcome, times int) {
	t.Helper()
	if len(o.Calls) != times {
		t.Errorf("%d calls, expected %d: %+v", len(o.Calls), times, o.Calls)
	}
}

func TestRancher(t *testing.T) {
	r := newRancher(t)
	s := r.apiserver(t, r.trusted)

	t.Run("denies to change a locked feature", func(t *testing.T) {
		expectRancher(t, ask(t, s, feature(t, "true", "false")), "features.management.cattle.io",
			"Invalid", "feature flag cannot be changed from current value: true")
	})
	t.Run("admits a feature that stays as it is", func(t *testing.T) {
		o := ask(t, s, feature(t, "true", "true"))
		expectAdmitted(t, o)
		expectAsked(t, o, 1)
	})
	t.Run("stamps a machine config with its creator", func(t *testing.T) {
		request := change(t, "rke-machine-config.cattle.io", "v1", "Amazonec2Config",
			"amazonec2configs", "fleet-default", "",
			`"metadata":{"name":"m","annotations":{"field.cattle.io/creatorId":"bob"}}`)
		expectAdmitted(t, ask(t, s, request))
		accessor := request.Object.(metav1.Object)
		expectText(t, "creator", accessor.GetAnnotations()["field.cattle.io/creatorId"], "alice")
	})
	t.Run("names a binding after what it binds", func(t *testing.T) {
		request := change(t, "management.cattle.io", "v3", "ClusterRoleTemplateBinding",
			"clusterroletemplatebindings", "c-1", "",
			`"metadata":{"generateName":"crtb-","namespace":"c-1"},"userName":"u","roleTemplateName":"r","clusterName":"c-1"`)
		expectAdmitted(t, ask(t, s, request))
		accessor := request.Object.(metav1.Object)
		expectText(t, "generateName", accessor.GetGenerateName(), "")
		if name := accessor.GetName(); !strings.HasPrefix(name, "crtb-") || len(name) != 15 {
			t.Errorf("name %q", name)
		}
	})
	t.Run("is asked about cloud credentials, and no other secret", func(t *testing.T) {
		for kind, times := range map[string]int{"Opaque": 0, "provisioning.cattle.io/cloud-credential": 1} {
			o := ask(t, s, change(t, "", "v1", "Secret", "secrets", "team", "",
				`"metadata":{"name":"s"},"type":"`+kind+`"`))
			expectAdmitted(t, o)
			expectAsked(t, o, times)
		}
	})
	t.Run("is asked about roles that Rancher owns, and no other", func(t *testing.T) {
		owned := `"metadata":{"name":"r","labels":{"authz.management.cattle.io/gr-owner":"x"}}`
		plain := `"metadata":{"name":"r"}`
		role := func(before, after string) kube.Outcome {
			return ask(t, s, change(t, "rbac.authorization.k8s.io", "v1", "ClusterRole",
				"clusterroles", "", before, after))
		}
		expectRancher(t, role(owned, plain), "clusterroles.rbac.authorization.k8s.io", "BadRequest",
			"cannot modify or remove label authz.management.cattle.io/gr-owner")
		o := role(plain, plain)
		expectAdmitted(t, o)
		expectAsked(t, o, 0)
	})
}

func TestRancherNamespaces(t *testing.T) {
	r := newRancher(t)
	s := r.apiserver(t, r.trusted)
	const project = `"field.cattle.io/projectId":`

	t.Run("keeps local", func(t *testing.T) {
		o := ask(t, s, change(t, "", "v1", "Namespace", "namespaces", "local",
			namespaceText("local", ""), ""))
		expectRancher(t, o, "namespaces.delete-namespace", "BadRequest",
			"\"local\" namespace my not be deleted\n")
	})
	t.Run("is not asked about the end of another", func(t *testing.T) {
		o := ask(t, s, change(t, "", "v1", "Namespace", "namespaces", "team",
			namespaceText("team", ""), ""))
		expectAdmitted(t, o)
		expectAsked(t, o, 0)
	})
	t.Run("lets alice into her project", func(t *testing.T) {
		o := ask(t, s, createNamespace(t, "new", project+`"c-1:p-shop"`))
		expectAdmitted(t, o)
		expectAsked(t, o, 1)
	})
	t.Run("keeps alice out of another", func(t *testing.T) {
		o := ask(t, s, createNamespace(t, "new", project+`"c-1:p-bank"`))
		expectRancher(t, o, "namespaces.create-non-kubesystem", "Unauthorized",
			`User "alice" does not have permission "manage-namespaces" on project "p-bank"`)
	})
	t.Run("leaves what it cannot decide to the failurePolicy", func(t *testing.T) {
		o := ask(t, s, createNamespace(t, "new", project+`"p-bank"`))
		if o.Err == nil || o.Last().Status != http.StatusInternalServerError {
			t.Errorf("not refused by a failure: %v, %+v", o.Err, o.Calls)
		}
		o = ask(t, s, createNamespace(t, "kube-system", project+`"p-bank"`))
		expectAdmitted(t, o)
		expectAsked(t, o, 1)
	})
}

// Unauthenticated clients are answered 401. What becomes of the request is the failurePolicy's: Fail, but for the
// namespace kube-system.
func TestRancherRefusesUnauthenticatedClients(t *testing.T) {
	r := newRancher(t)
	others := newAuthority(t, "others")
	for name, s := range map[string]*kube.Server{
		"another CA":   r.apiserver(t, r.user(t, others, commonName(callerName))),
		"another name": r.apiserver(t, r.user(t, r.callers, commonName("mallory"))),
		"no certificate, because the kubeconfig names a port": r.apiserver(t, r.trusted,
			rancherService, rancherService+":9443"),
	} {
		t.Run(name, func(t *testing.T) {
			o := ask(t, s, createNamespace(t, "new", ""))
			if o.Err == nil || o.Last().Status != http.StatusUnauthorized {
				t.Errorf("not refused by 401: %v, %+v", o.Err, o.Calls)
			}
			o = ask(t, s, feature(t, "true", "false"))
			if o.Err == nil || o.Last().Status != http.StatusUnauthorized {
				t.Errorf("not refused by 401: %v, %+v", o.Err, o.Calls)
			}
			o = ask(t, s, createNamespace(t, "kube-system", ""))
			expectAdmitted(t, o)
			if o.Last().Status != http.StatusUnauthorized {
				t.Errorf("not refused by 401: %+v", o.Calls)
			}
		})
	}
}

// A server that is told to stop under load answers what was sent to it.
func TestRancherDrains(t *testing.T) {
	r := newRancher(t)
	servers := []*kube.Server{r.apiserver(t, r.trusted), r.apiserver(t, r.trusted)}
	request := func() kube.Request { return createNamespace(t, "new", "") }
	replacing(t, servers, request, func() {
		r.server.terminate(t)
		r.server.wait(t)
		r.start(t)
	})
}

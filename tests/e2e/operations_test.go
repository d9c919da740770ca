// SPDX-License-Identifier: MIT

package e2e

// Every operation, with the objects it has and the nulls it has not.

import (
	"net/http"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"

	"admwh.dev/e2e/kube"
)

func operations(t *testing.T) map[string]kube.Request {
	t.Helper()
	create := createPod(pod(t, ""))

	update := create
	update.Operation, update.Old, update.Options = admission.Update, pod(t, ""), options("UpdateOptions")

	bare := update
	bare.Object, bare.Old, bare.Options = nil, nil, nil

	remove := create
	remove.Operation, remove.Object, remove.Old = admission.Delete, nil, pod(t, "")
	remove.Options = options("DeleteOptions")

	collection := remove
	collection.Name = ""

	exec := kube.Request{
		Operation: admission.Connect, Resource: pods, Subresource: "exec", Namespace: "shop", Name: "web",
		Kind: schema.GroupVersionKind{Version: "v1", Kind: "PodExecOptions"},
		Object: object(t, `{"apiVersion":"v1","kind":"PodExecOptions","stdin":true,"container":"c",`+
			`"command":["sh","-c","echo <&>"]}`),
	}
	eviction := kube.Request{
		Operation: admission.Create, Resource: pods, Subresource: "eviction", Namespace: "shop", Name: "web",
		Kind:    schema.GroupVersionKind{Group: "policy", Version: "v1", Kind: "Eviction"},
		Object:  object(t, `{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"web"}}`),
		Options: options("CreateOptions"),
	}
	namespace := kube.Request{
		Operation: admission.Create, Namespace: "shop", Name: "shop", Options: options("CreateOptions"),
		Kind:     schema.GroupVersionKind{Version: "v1", Kind: "Namespace"},
		Resource: schema.GroupVersionResource{Version: "v1", Resource: "namespaces"},
		Object:   object(t, `{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop"}}`),
	}
	cluster := kube.Request{
		Operation: admission.Create, Name: "n", Options: options("CreateOptions"),
		Kind:     schema.GroupVersionKind{Version: "v1", Kind: "Node"},
		Resource: schema.GroupVersionResource{Version: "v1", Resource: "nodes"},
		Object:   object(t, `{"apiVersion":"v1","kind":"Node","metadata":{"name":"n"}}`),
	}
	return map[string]kube.Request{
		"create": create, "update": update, "update without objects": bare, "delete": remove,
		"deletecollection": collection, "connect": exec, "eviction": eviction,
		"namespace": namespace, "cluster-scoped": cluster,
	}
}

// expectShape checks that the review carried null just where the request has nothing.
func expectShape(t *testing.T, r review, request kube.Request) {
	t.Helper()
	expectText(t, "operation", string(r.Request["operation"]), `"`+string(request.Operation)+`"`)
	for name, there := range map[string]bool{"object": request.Object != nil,
		"oldObject": request.Old != nil, "options": request.Options != nil} {
		if null := string(r.Request[name]) == "null"; null == there {
			t.Errorf("%s is %s", name, r.Request[name])
		}
	}
}

func TestOperations(t *testing.T) {
	w := newWorld(t)
	validate := w.kube(t, kube.Hook{Path: "/validate"})
	deny := w.kube(t, kube.Hook{Path: "/deny"})

	for name, request := range operations(t) {
		t.Run(name, func(t *testing.T) {
			denied, admitted := ask(t, deny, request), ask(t, validate, request)
			for _, e := range w.saw(t, 2) {
				expectShape(t, e.review(t), request)
			}
			expectDenied(t, denied, http.StatusForbidden)
			expectAdmitted(t, admitted)
		})
	}
}

func TestPatchWithoutAnObject(t *testing.T) {
	w := newWorld(t)
	s := w.kube(t, kube.Hook{Path: "/mutate", Mutating: true})

	for _, name := range []string{"delete", "deletecollection", "update without objects"} {
		t.Run(name, func(t *testing.T) {
			o := ask(t, s, operations(t)[name])
			w.saw(t, 1)
			expectDenied(t, o, http.StatusInternalServerError)
		})
	}
}

func TestBigConfigMap(t *testing.T) {
	w := newWorld(t)
	s := w.kube(t, kube.Hook{Path: "/mutate", Mutating: true}, kube.Hook{Path: "/validate", Name: "v.e2e.admwh.dev"})
	data := strings.Repeat("<", 1040000)
	big := func(meta string) kube.Request {
		make := `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"big"` + meta + `},"data":{"k":"` + data + `"}}`
		return updateConfigMap(object(t, strings.Replace(make, "<", ">", 1)), object(t, make))
	}
	request := big("")

	expectAdmitted(t, ask(t, s, request))
	for _, e := range w.saw(t, 2) {
		if len(e.Body) < 12*len(data) {
			t.Errorf("review of %d bytes", len(e.Body))
		}
	}
	if text(t, request.Object) != text(t, big(`,"labels":{"admwh.dev/seen":"true"}`).Object) {
		t.Error("the object is not what it was plus a label")
	}
}

// SPDX-License-Identifier: MIT

package e2e

// What users ask of the API server in these tests. Objects are unstructured:
// the tests decide every byte of them.

import (
	"encoding/json"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"

	"admwh.dev/e2e/kube"
)

var (
	podKind       = schema.GroupVersionKind{Version: "v1", Kind: "Pod"}
	pods          = schema.GroupVersionResource{Version: "v1", Resource: "pods"}
	configMapKind = schema.GroupVersionKind{Version: "v1", Kind: "ConfigMap"}
	configMaps    = schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}
)

func options(kind string) runtime.Object {
	u := &unstructured.Unstructured{Object: map[string]any{}}
	u.SetGroupVersionKind(metav1.SchemeGroupVersion.WithKind(kind))
	return u
}

func object(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	u := &unstructured.Unstructured{}
	if err := u.UnmarshalJSON([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return u
}

func namespace(name string, labels map[string]string) runtime.Object {
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}}
}

// namespaces are labelled with their own names, as the API server does it.
func namespaces(names ...string) []runtime.Object {
	var objects []runtime.Object
	for _, name := range names {
		objects = append(objects, namespace(name, map[string]string{corev1.LabelMetadataName: name}))
	}
	return objects
}

// pod has these metadata, as JSON, besides its name.
func pod(t *testing.T, meta string) *unstructured.Unstructured {
	t.Helper()
	return object(t, `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"`+meta+`},`+
		`"spec":{"containers":[{"name":"c","image":"registry.example/app:1"}]}}`)
}

func createPod(p runtime.Object) kube.Request {
	return kube.Request{
		Operation: admission.Create, Object: p, Options: options("CreateOptions"),
		Kind: podKind, Resource: pods, Namespace: "shop", Name: "web",
	}
}

func updateConfigMap(before, after runtime.Object) kube.Request {
	return kube.Request{
		Operation: admission.Update, Object: after, Old: before, Options: options("UpdateOptions"),
		Kind: configMapKind, Resource: configMaps, Namespace: "shop", Name: "big",
	}
}

// text is an object as sorted JSON, for comparing and for reading.
func text(t *testing.T, o runtime.Object) string {
	t.Helper()
	b, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

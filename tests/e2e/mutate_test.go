// SPDX-License-Identifier: MIT

package e2e

// Patches: the object as the API server holds it after it has applied them.

import (
	"net/http"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"admwh.dev/e2e/kube"
)

const label = "admwh.dev/seen" // a key that a JSON Pointer must escape

func TestMutation(t *testing.T) {
	w := newWorld(t)
	s := w.kube(t, kube.Hook{Path: "/mutate", Mutating: true})
	cases := []struct {
		name, before, after string // metadata besides the name
	}{
		{"makes labels where there are none", ``, `,"labels":{"admwh.dev/seen":"true"}`},
		{"makes labels where they are null", `,"labels":null`, `,"labels":{"admwh.dev/seen":"true"}`},
		{"adds to no labels", `,"labels":{}`, `,"labels":{"admwh.dev/seen":"true"}`},
		{"adds to labels", `,"labels":{"app":"web"}`, `,"labels":{"app":"web","admwh.dev/seen":"true"}`},
		{"replaces its own label", `,"labels":{"admwh.dev/seen":"no"}`, `,"labels":{"admwh.dev/seen":"true"}`},
		{"changes nothing the second time", `,"labels":{"admwh.dev/seen":"true"}`,
			`,"labels":{"admwh.dev/seen":"true"}`},
		{"keeps unusual keys",
			`,"labels":{"a~b/c~1d~0":"1","":"2","ключ":"3","q\"\\\u0001\u2028":"<&>","-":"😀"}`,
			`,"labels":{"a~b/c~1d~0":"1","":"2","ключ":"3","q\"\\\u0001\u2028":"<&>","-":"😀",` +
				`"admwh.dev/seen":"true"}`},
		{"keeps U+0000 in names and values",
			`,"annotations":{"a\u0000b":"c\u0000d","a":"e","a\u0000c":"\u0000"}`,
			`,"annotations":{"a\u0000b":"c\u0000d","a":"e","a\u0000c":"\u0000"},` +
				`"labels":{"admwh.dev/seen":"true"}`},
		{"keeps numbers",
			`,"n":[9223372036854775807,-9223372036854775808,0,0.1,1e21,5e-324,-0.5]`,
			`,"n":[9223372036854775807,-9223372036854775808,0,0.1,1e21,5e-324,-0.5],` +
				`"labels":{"admwh.dev/seen":"true"}`},
		{"keeps integers beyond int64 as far as the API server itself keeps them",
			`,"n":[18446744073709551615,-9223372036854775809,123456789012345678901234567890]`,
			`,"n":[18446744073709551615,-9223372036854775809,123456789012345678901234567890],` +
				`"labels":{"admwh.dev/seen":"true"}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := pod(t, c.before)
			o := ask(t, s, createPod(p))
			w.saw(t, 1)
			expectAdmitted(t, o)
			expectText(t, "object", text(t, p), text(t, pod(t, c.after)))
		})
	}
}

func TestMutationOfTypedObject(t *testing.T) {
	w := newWorld(t)
	p := &corev1.Pod{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
		ObjectMeta: metav1.ObjectMeta{GenerateName: "web-"},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "c", Image: "i"}}},
	}
	request := createPod(p)
	request.Name = ""

	expectAdmitted(t, ask(t, w.kube(t, kube.Hook{Path: "/mutate", Mutating: true}), request))
	w.saw(t, 1)
	if p.Labels[label] != "true" || p.GenerateName != "web-" || len(p.Spec.Containers) != 1 {
		t.Errorf("object %s", text(t, p))
	}
}

func TestMutationIsAudited(t *testing.T) {
	w := newWorld(t)
	o := ask(t, w.kube(t, kube.Hook{Path: "/mutate", Mutating: true}), createPod(pod(t, "")))

	expectAdmitted(t, o)
	w.saw(t, 1)
	if !strings.Contains(o.Audit["mutation.webhook.admission.k8s.io/round_0_index_0"], `"mutated":true`) {
		t.Errorf("audit annotations %q", o.Audit)
	}
	if !strings.Contains(o.Audit["patch.webhook.admission.k8s.io/round_0_index_0"], `/metadata/labels`) {
		t.Errorf("audit annotations %q", o.Audit)
	}
}

func TestMutationIsIdempotentWhenReinvoked(t *testing.T) {
	w := newWorld(t)
	p := pod(t, "")
	s := w.kube(t, kube.Hook{Path: "/mutate", Mutating: true, Reinvoke: true},
		kube.Hook{Path: "/mutate", Mutating: true, Name: "again.e2e.admwh.dev"})
	o := ask(t, s, createPod(p))

	expectAdmitted(t, o)
	w.saw(t, 2)
	expectText(t, "object", text(t, p), text(t, pod(t, `,"labels":{"admwh.dev/seen":"true"}`)))
	if !strings.Contains(o.Audit["mutation.webhook.admission.k8s.io/round_0_index_1"], `"mutated":false`) {
		t.Errorf("audit annotations %q", o.Audit)
	}
}

func TestPatchThatDoesNotApply(t *testing.T) {
	w := newWorld(t)
	for _, ignore := range []bool{false, true} {
		p := pod(t, `,"labels":{"app":"web"}`)
		before := text(t, p)
		hook := kube.Hook{Path: "/mutate-bad", Mutating: true, Ignore: ignore}
		o := ask(t, w.kube(t, hook), createPod(p))
		w.saw(t, 1)
		expectDenied(t, o, http.StatusInternalServerError)
		expectText(t, "object", text(t, p), before)
	}
}

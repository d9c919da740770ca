// SPDX-License-Identifier: MIT

package e2e

// The reviews that admwhctl makes, against those that kube-apiserver's encoder makes of the same.

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	admissionv1 "k8s.io/api/admission/v1"
	"k8s.io/apimachinery/pkg/runtime"
	serializer "k8s.io/apimachinery/pkg/runtime/serializer/json"
	kjson "sigs.k8s.io/json"
)

const manifests = `
apiVersion: v1
kind: Pod
metadata: {name: web, annotations: {a: "<b>&\u2028\u0001é\"\\/", n: "\n"}}
spec: {containers: [{name: web, image: web}], priority: 10}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {generateName: role-}
rules: []
---
apiVersion: policy/v1
kind: Eviction
metadata: {name: web, namespace: shop}
`

func TestReviewsAreAsKubeAPIServerEncodesThem(t *testing.T) {
	program := binary(t, "ADMWHCTL")
	path := filepath.Join(t.TempDir(), "manifests.yaml")
	if err := os.WriteFile(path, []byte(manifests), 0o600); err != nil {
		t.Fatal(err)
	}
	encoder := serializer.NewSerializerWithOptions(serializer.DefaultMetaFactory, runtime.NewScheme(),
		runtime.NewScheme(), serializer.SerializerOptions{})
	count := 0
	for _, flags := range [][]string{
		{},
		{"--operation", "DELETE", "--dry-run"},
		{"--operation", "UPDATE", "--old", path, "--user", "alice", "--uid", "1", "--group", "dev"},
		{"--operation", "CONNECT", "--extra", "a.example/b=<c>", "--subresource", "status"},
	} {
		output, err := exec.Command(program, append(append([]string{"review"}, flags...), path)...).
			Output()
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range bytes.SplitAfter(output, []byte("\n")) {
			if len(line) == 0 {
				continue
			}
			var review admissionv1.AdmissionReview
			if strict, err := kjson.UnmarshalStrict(line, &review); err != nil || len(strict) > 0 {
				t.Fatalf("%s: %v %v", line, err, strict)
			}
			var encoded bytes.Buffer
			if err := encoder.Encode(&review, &encoded); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(encoded.Bytes(), line) {
				t.Errorf("%v: %s\nkube-apiserver: %s", flags, line, encoded.Bytes())
			}
			count++
		}
	}
	if count != 16 {
		t.Errorf("%d reviews", count)
	}
}

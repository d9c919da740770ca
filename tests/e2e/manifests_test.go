// SPDX-License-Identifier: MIT

package e2e

// The manifests of the examples as the API server's own types read them, and
// the files of kube-apiserver as its own code does.

import (
	"path/filepath"
	"strings"
	"testing"

	"admwh.dev/e2e/kube"
)

// Kinds that Kubernetes' own types do not know; tests/manifests has schemas for them.
var foreign = []string{"projectcalico.org/", "cilium.io/", "kustomize.config.k8s.io/"}

func TestManifests(t *testing.T) {
	patterns := []string{"../../examples/*/deploy/*.yaml", "../../examples/*/deploy/*/*.yaml"}
	read := 0
	for _, pattern := range patterns {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			_, err := kube.ReadManifests(file)
			for _, group := range foreign {
				if err != nil && strings.Contains(err.Error(), "no kind") &&
					strings.Contains(err.Error(), group) {
					err = nil
				}
			}
			if err != nil {
				t.Error(err)
			}
			read++
		}
	}
	if read == 0 {
		t.Error("there are no manifests")
	}
}

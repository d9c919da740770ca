//go:build tools

// SPDX-License-Identifier: MIT

// Package kubernetes names the programs of Kubernetes that the cluster tests run, so that go.mod and
// go.sum hold their versions and checksums.
package kubernetes

import (
	_ "k8s.io/kubernetes/cmd/kube-apiserver"
	_ "k8s.io/kubernetes/cmd/kube-controller-manager"
	_ "k8s.io/kubernetes/cmd/kubectl"
)

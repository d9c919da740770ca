// SPDX-License-Identifier: MIT

// Package policy has what both Go servers decide, on typed objects.
package policy

import corev1 "k8s.io/api/core/v1"

// Label is the key that the label policy sets.
const Label = "bench.example.com/seen"

// IsPrivileged tells whether a container of a Pod is privileged.
func IsPrivileged(spec *corev1.PodSpec) bool {
	for _, containers := range [][]corev1.Container{spec.InitContainers, spec.Containers} {
		for i := range containers {
			context := containers[i].SecurityContext
			if context != nil && context.Privileged != nil && *context.Privileged {
				return true
			}
		}
	}
	return false
}

// Sidecar is the container that the sidecar policy adds.
func Sidecar() corev1.Container {
	return corev1.Container{Name: "sidecar", Image: "registry.example.com/sidecar:1"}
}

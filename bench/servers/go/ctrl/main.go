// SPDX-License-Identifier: MIT

// The policies of the benchmark by controller-runtime: handlers with a decoder
// into typed objects, and patches from the object as it was and as it becomes.
//
//	ctrl PORT FOLDER
//
// FOLDER has tls.crt, tls.key and ca.crt, of the clients' CA.
package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"net/http"
	"os"
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	"sigs.k8s.io/controller-runtime/pkg/manager/signals"
	"sigs.k8s.io/controller-runtime/pkg/webhook"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"admwh.dev/bench/policy"
)

var decoder = admission.NewDecoder(scheme.Scheme)

func envelope(_ context.Context, request admission.Request) admission.Response {
	if request.Namespace == "frozen" {
		return admission.Denied("namespace frozen is frozen")
	}
	return admission.Allowed("")
}

func containers(_ context.Context, request admission.Request) admission.Response {
	var spec *corev1.PodSpec
	var err error

	switch request.Kind.Kind {
	case "Pod":
		pod := &corev1.Pod{}
		err, spec = decoder.Decode(request, pod), &pod.Spec
	case "Deployment":
		deployment := &appsv1.Deployment{}
		err, spec = decoder.Decode(request, deployment), &deployment.Spec.Template.Spec
	default:
		return admission.Allowed("")
	}
	if err != nil {
		return admission.Errored(http.StatusBadRequest, err)
	}
	if policy.IsPrivileged(spec) {
		return admission.Denied("a container is privileged")
	}
	return admission.Allowed("")
}

func mutate(change func(pod *corev1.Pod)) admission.HandlerFunc {
	return func(_ context.Context, request admission.Request) admission.Response {
		pod := &corev1.Pod{}
		if err := decoder.Decode(request, pod); err != nil {
			return admission.Errored(http.StatusBadRequest, err)
		}
		change(pod)
		changed, err := json.Marshal(pod)
		if err != nil {
			return admission.Errored(http.StatusInternalServerError, err)
		}
		return admission.PatchResponseFromRaw(request.Object.Raw, changed)
	}
}

func label(pod *corev1.Pod) {
	if pod.Labels == nil {
		pod.Labels = map[string]string{}
	}
	pod.Labels[policy.Label] = "true"
}

func sidecar(pod *corev1.Pod) {
	pod.Spec.Containers = append(pod.Spec.Containers, policy.Sidecar())
}

func main() {
	port, err := strconv.Atoi(os.Args[1])
	if err != nil {
		panic(err)
	}
	log.SetLogger(zap.New())
	server := webhook.NewServer(webhook.Options{
		Host: "127.0.0.1", Port: port, CertDir: os.Args[2], ClientCAName: "ca.crt",
		TLSOpts: []func(*tls.Config){func(config *tls.Config) { config.MinVersion = tls.VersionTLS13 }},
	})
	for path, handler := range map[string]admission.HandlerFunc{
		"/envelope": envelope, "/containers": containers, "/label": mutate(label), "/sidecar": mutate(sidecar),
	} {
		server.Register(path, &webhook.Admission{Handler: handler})
	}
	if err := server.Start(signals.SetupSignalHandler()); err != nil {
		panic(err)
	}
}

// SPDX-License-Identifier: MIT

// The policies of the benchmark by net/http and encoding/json alone, with the
// types of k8s.io/api: what a webhook without a framework is.
//
//	nethttp PORT FOLDER
//
// FOLDER has tls.crt, tls.key and ca.crt, of the clients' CA.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	admissionv1 "k8s.io/api/admission/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"admwh.dev/bench/policy"
)

type operation struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value any    `json:"value"`
}

func deny(message string) *admissionv1.AdmissionResponse {
	return &admissionv1.AdmissionResponse{
		Result: &metav1.Status{Code: http.StatusForbidden, Message: message}}
}

func envelope(request *admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse {
	if request.Namespace == "frozen" {
		return deny("namespace frozen is frozen")
	}
	return &admissionv1.AdmissionResponse{Allowed: true}
}

func containers(request *admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse {
	var spec *corev1.PodSpec
	var err error

	switch request.Kind.Kind {
	case "Pod":
		pod := &corev1.Pod{}
		err, spec = json.Unmarshal(request.Object.Raw, pod), &pod.Spec
	case "Deployment":
		deployment := &appsv1.Deployment{}
		err, spec = json.Unmarshal(request.Object.Raw, deployment), &deployment.Spec.Template.Spec
	default:
		return &admissionv1.AdmissionResponse{Allowed: true}
	}
	if err != nil {
		return deny(err.Error())
	}
	if policy.IsPrivileged(spec) {
		return deny("a container is privileged")
	}
	return &admissionv1.AdmissionResponse{Allowed: true}
}

func patched(operations ...operation) *admissionv1.AdmissionResponse {
	patch, err := json.Marshal(operations)
	if err != nil {
		return deny(err.Error())
	}
	kind := admissionv1.PatchTypeJSONPatch
	return &admissionv1.AdmissionResponse{Allowed: true, Patch: patch, PatchType: &kind}
}

func label(request *admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse {
	pod := &corev1.Pod{}
	if err := json.Unmarshal(request.Object.Raw, pod); err != nil {
		return deny(err.Error())
	}
	if pod.Labels == nil {
		return patched(operation{"add", "/metadata/labels", map[string]string{policy.Label: "true"}})
	}
	key := strings.ReplaceAll(policy.Label, "/", "~1")
	return patched(operation{"add", "/metadata/labels/" + key, "true"})
}

func sidecar(request *admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse {
	pod := &corev1.Pod{}
	if err := json.Unmarshal(request.Object.Raw, pod); err != nil {
		return deny(err.Error())
	}
	return patched(operation{"add", "/spec/containers/-", policy.Sidecar()})
}

func handle(decide func(*admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse) http.HandlerFunc {
	return func(writer http.ResponseWriter, received *http.Request) {
		review := admissionv1.AdmissionReview{}
		err := json.NewDecoder(received.Body).Decode(&review)
		if err != nil || review.Request == nil {
			http.Error(writer, "not an AdmissionReview", http.StatusBadRequest)
			return
		}
		answer := admissionv1.AdmissionReview{TypeMeta: review.TypeMeta, Response: decide(review.Request)}
		answer.Response.UID = review.Request.UID
		writer.Header().Set("Content-Type", "application/json")
		json.NewEncoder(writer).Encode(answer)
	}
}

func main() {
	folder := os.Args[2]
	ca, err := os.ReadFile(filepath.Join(folder, "ca.crt"))
	if err != nil {
		panic(err)
	}
	clients := x509.NewCertPool()
	clients.AppendCertsFromPEM(ca)
	http.HandleFunc("/envelope", handle(envelope))
	http.HandleFunc("/containers", handle(containers))
	http.HandleFunc("/label", handle(label))
	http.HandleFunc("/sidecar", handle(sidecar))
	server := &http.Server{
		Addr: "127.0.0.1:" + os.Args[1],
		TLSConfig: &tls.Config{MinVersion: tls.VersionTLS13, ClientCAs: clients,
			ClientAuth: tls.RequireAndVerifyClientCert},
	}
	panic(server.ListenAndServeTLS(filepath.Join(folder, "tls.crt"), filepath.Join(folder, "tls.key")))
}

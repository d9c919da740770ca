// SPDX-License-Identifier: MIT

// Package kube is the API server's half of an admission call: the validating
// and mutating webhook plugins of k8s.io/apiserver, set up from an
// AdmissionConfiguration and a kubeconfig as kube-apiserver sets them up. It
// holds no webhook server and no policy of its own.
package kube

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Credentials name the client certificate of one kubeconfig user. Empty file
// names make a user who shows none.
type Credentials struct {
	CertFile, KeyFile string
}

const admissionConfiguration = `apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
- name: ValidatingAdmissionWebhook
  configuration:
    apiVersion: apiserver.config.k8s.io/v1
    kind: WebhookAdmissionConfiguration
    kubeConfigFile: %[1]q
- name: MutatingAdmissionWebhook
  configuration:
    apiVersion: apiserver.config.k8s.io/v1
    kind: WebhookAdmissionConfiguration
    kubeConfigFile: %[1]q
`

// writeConfig leaves both files in dir and names the AdmissionConfiguration.
// The keys of users are kubeconfig user names: "*.ns.svc", "127.0.0.1:9443".
func writeConfig(dir string, users map[string]Credentials) (string, error) {
	var kubeconfig strings.Builder

	kubeconfig.WriteString("apiVersion: v1\nkind: Config\nusers:\n")
	for name, user := range users {
		fmt.Fprintf(&kubeconfig, "- name: %q\n  user:\n", name)
		if user.CertFile == "" {
			kubeconfig.WriteString("    {}\n")
			continue
		}
		fmt.Fprintf(&kubeconfig, "    client-certificate: %q\n    client-key: %q\n",
			user.CertFile, user.KeyFile)
	}
	kubeconfigFile := filepath.Join(dir, "kubeconfig")
	if err := os.WriteFile(kubeconfigFile, []byte(kubeconfig.String()), 0o600); err != nil {
		return "", err
	}
	file := filepath.Join(dir, "admission.yaml")
	return file, os.WriteFile(file, fmt.Appendf(nil, admissionConfiguration, kubeconfigFile), 0o600)
}

// SPDX-License-Identifier: MIT

package kube

// What an administrator installs, read from the very files: webhook
// configurations, and an AdmissionConfiguration with its kubeconfig. They are
// read strictly, defaults are those of the API server, and of what the files
// say only places on another machine are changed.

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	reg "k8s.io/api/admissionregistration/v1"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/yaml"
	apiserverv1 "k8s.io/apiserver/pkg/apis/apiserver/v1"
	clientscheme "k8s.io/client-go/kubernetes/scheme"
	clientcmdv1 "k8s.io/client-go/tools/clientcmd/api/v1"
)

func strictScheme() (*runtime.Scheme, error) {
	scheme := runtime.NewScheme()
	return scheme, errors.Join(clientscheme.AddToScheme(scheme), apiserverv1.AddToScheme(scheme),
		clientcmdv1.AddToScheme(scheme), apiextensions.AddToScheme(scheme))
}

// ReadManifests reads a file of Kubernetes objects; a field that is not known,
// a key that stands there twice and a kind that is not known are errors.
func ReadManifests(file string) ([]runtime.Object, error) {
	var objects []runtime.Object

	scheme, err := strictScheme()
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	decoder := serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer()
	documents := yaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(text)))
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		object, _, err := decoder.Decode(document, nil, nil)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		objects = append(objects, object)
	}
}

func orDefault[T any](field **T, value T) {
	if *field == nil {
		*field = &value
	}
}

// What the API server adds, field by field, to both kinds of webhook.
func setCommonDefaults(client *reg.WebhookClientConfig, ca []byte, rules []reg.RuleWithOperations,
	failure **reg.FailurePolicyType, match **reg.MatchPolicyType, namespaces,
	objects **metav1.LabelSelector, seconds **int32) {
	client.CABundle = ca
	if client.Service != nil {
		orDefault(&client.Service.Port, 443)
	}
	for i := range rules {
		orDefault(&rules[i].Scope, reg.AllScopes)
	}
	orDefault(failure, reg.Fail)
	orDefault(match, reg.Equivalent)
	orDefault(namespaces, metav1.LabelSelector{})
	orDefault(objects, metav1.LabelSelector{})
	orDefault(seconds, 10)
}

// ReadWebhooks reads webhook configurations, for Config.Objects, and gives them
// the CA of their servers.
func ReadWebhooks(file string, ca []byte) ([]runtime.Object, error) {
	objects, err := ReadManifests(file)
	for _, object := range objects {
		switch c := object.(type) {
		case *reg.ValidatingWebhookConfiguration:
			for i := range c.Webhooks {
				h := &c.Webhooks[i]
				setCommonDefaults(&h.ClientConfig, ca, h.Rules, &h.FailurePolicy, &h.MatchPolicy,
					&h.NamespaceSelector, &h.ObjectSelector, &h.TimeoutSeconds)
			}
		case *reg.MutatingWebhookConfiguration:
			for i := range c.Webhooks {
				h := &c.Webhooks[i]
				setCommonDefaults(&h.ClientConfig, ca, h.Rules, &h.FailurePolicy, &h.MatchPolicy,
					&h.NamespaceSelector, &h.ObjectSelector, &h.TimeoutSeconds)
				orDefault(&h.ReinvocationPolicy, reg.NeverReinvocationPolicy)
			}
		default:
			return nil, fmt.Errorf("%s: %T is no webhook configuration", file, object)
		}
	}
	return objects, err
}

var kubeConfigFile = regexp.MustCompile(`(?m)^(\s*kubeConfigFile:).*$`)

// CopyConfig puts an AdmissionConfiguration and its kubeconfig into dir, for
// Config.Admission. Where they name files of the control plane's machine, places
// tells what stands there instead: old, new, old, new.
func CopyConfig(dir, admission, kubeconfig string, places ...string) (string, error) {
	for _, file := range []string{admission, kubeconfig} {
		if _, err := ReadManifests(file); err != nil {
			return "", err
		}
	}
	text, err := os.ReadFile(kubeconfig)
	if err != nil {
		return "", err
	}
	text = []byte(strings.NewReplacer(places...).Replace(string(text)))
	copied := filepath.Join(dir, "kubeconfig")
	if err := os.WriteFile(copied, text, 0o600); err != nil {
		return "", err
	}
	if text, err = os.ReadFile(admission); err != nil {
		return "", err
	}
	text = kubeConfigFile.ReplaceAll(text, fmt.Appendf(nil, "${1} %q", copied))
	file := filepath.Join(dir, "admission.yaml")
	return file, os.WriteFile(file, text, 0o600)
}

// Deployment is what an administrator installed of a webhook server.
type Deployment struct {
	Address    string           // HOST:PORT that its service resolves to
	CA         []byte           // of its certificate
	Webhooks   []string         // files of webhook configurations
	Objects    []runtime.Object // besides
	Admission  string           // files of the control plane's machine
	Kubeconfig string
	Places     []string // what stands in the kubeconfig instead, see CopyConfig
}

// Deployed starts an API server that was configured with these files, until the test ends.
func Deployed(t *testing.T, d Deployment) *Server {
	t.Helper()
	objects := append([]runtime.Object{}, d.Objects...)
	for _, file := range d.Webhooks {
		webhooks, err := ReadWebhooks(file, d.CA)
		if err != nil {
			t.Fatal(err)
		}
		objects = append(objects, webhooks...)
	}
	file, err := CopyConfig(t.TempDir(), d.Admission, d.Kubeconfig, d.Places...)
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(Config{Service: d.Address, Objects: objects, Admission: file})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

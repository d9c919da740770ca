// SPDX-License-Identifier: MIT

package kube

// Webhook configurations, written out in full: the fake clientset they are
// loaded into applies no defaults, and a hook with a nil selector matches
// nothing without a word.

import (
	reg "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// The service that hooks without a URL live in. Server certificates must be
// made out to ServiceHost.
const (
	ServiceName      = "probe"
	ServiceNamespace = "webhooks"
	ServiceHost      = ServiceName + "." + ServiceNamespace + ".svc"
)

// Hook is one webhook. Zero values mean: validating, by service, failurePolicy
// Fail, 10 seconds, version v1, no side effects, every object of every kind.
type Hook struct {
	Name     string
	Mutating bool
	Path     string
	URL      string
	CABundle []byte
	Ignore   bool
	Seconds  int32
	Versions []string
	Effects  reg.SideEffectClass
	Only     map[string]string // objectSelector
	Reinvoke bool
}

func (h Hook) client() reg.WebhookClientConfig {
	if h.URL != "" {
		return reg.WebhookClientConfig{URL: &h.URL, CABundle: h.CABundle}
	}
	port := int32(443)
	service := &reg.ServiceReference{
		Namespace: ServiceNamespace, Name: ServiceName, Path: &h.Path, Port: &port}
	return reg.WebhookClientConfig{Service: service, CABundle: h.CABundle}
}

func (h Hook) failurePolicy() *reg.FailurePolicyType {
	policy := reg.Fail
	if h.Ignore {
		policy = reg.Ignore
	}
	return &policy
}

func (h Hook) validating() reg.ValidatingWebhook {
	match := reg.Equivalent
	scope := reg.AllScopes

	if h.Seconds == 0 {
		h.Seconds = 10
	}
	if h.Versions == nil {
		h.Versions = []string{"v1"}
	}
	if h.Effects == "" {
		h.Effects = reg.SideEffectClassNone
	}
	return reg.ValidatingWebhook{
		Name:         h.Name,
		ClientConfig: h.client(),
		Rules: []reg.RuleWithOperations{{
			Operations: []reg.OperationType{reg.OperationAll},
			Rule: reg.Rule{APIGroups: []string{"*"}, APIVersions: []string{"*"},
				Resources: []string{"*/*"}, Scope: &scope},
		}},
		FailurePolicy:           h.failurePolicy(),
		MatchPolicy:             &match,
		NamespaceSelector:       &metav1.LabelSelector{},
		ObjectSelector:          &metav1.LabelSelector{MatchLabels: h.Only},
		SideEffects:             &h.Effects,
		TimeoutSeconds:          &h.Seconds,
		AdmissionReviewVersions: h.Versions,
	}
}

func (h Hook) mutating() reg.MutatingWebhook {
	v := h.validating()
	reinvoke := reg.NeverReinvocationPolicy

	if h.Reinvoke {
		reinvoke = reg.IfNeededReinvocationPolicy
	}
	return reg.MutatingWebhook{
		Name: v.Name, ClientConfig: v.ClientConfig, Rules: v.Rules,
		FailurePolicy: v.FailurePolicy, MatchPolicy: v.MatchPolicy,
		NamespaceSelector: v.NamespaceSelector, ObjectSelector: v.ObjectSelector,
		SideEffects: v.SideEffects, TimeoutSeconds: v.TimeoutSeconds,
		AdmissionReviewVersions: v.AdmissionReviewVersions, ReinvocationPolicy: &reinvoke,
	}
}

// configurations are the API objects these hooks are registered with.
func configurations(hooks []Hook) []runtime.Object {
	meta := metav1.ObjectMeta{Name: "e2e"}
	validating := &reg.ValidatingWebhookConfiguration{ObjectMeta: meta}
	mutating := &reg.MutatingWebhookConfiguration{ObjectMeta: meta}

	for _, hook := range hooks {
		if hook.Mutating {
			mutating.Webhooks = append(mutating.Webhooks, hook.mutating())
		} else {
			validating.Webhooks = append(validating.Webhooks, hook.validating())
		}
	}
	return []runtime.Object{validating, mutating}
}

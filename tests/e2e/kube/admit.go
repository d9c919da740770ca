// SPDX-License-Identifier: MIT

package kube

// One user request on its way through mutation and validation, and everything
// a user, an auditor or the webhook's operator would learn about it.

import (
	"context"
	"errors"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/apis/audit"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/warning"
)

// Request is what a user asks of the API server.
type Request struct {
	Operation       admission.Operation
	Object, Old     runtime.Object // Object is changed in place by mutating hooks
	Options         runtime.Object
	Kind            schema.GroupVersionKind
	Resource        schema.GroupVersionResource
	Subresource     string
	Namespace, Name string
	DryRun          bool
}

// Outcome is what came of it.
type Outcome struct {
	Err      error // nil when admitted
	Warnings []string
	Audit    map[string]string
	Calls    []Call
}

// Status is what kubectl would be told; nil when admitted.
func (o Outcome) Status() *metav1.Status {
	var status *apierrors.StatusError

	if !errors.As(o.Err, &status) {
		return nil
	}
	return &status.ErrStatus
}

// Last is the last HTTP call that was made.
func (o Outcome) Last() Call {
	if len(o.Calls) == 0 {
		return Call{}
	}
	return o.Calls[len(o.Calls)-1]
}

// attributes shows the audit annotations, which have no public getter.
type attributes struct {
	admission.Attributes
	mu    sync.Mutex
	audit map[string]string
}

func (a *attributes) AddAnnotation(key, value string) error {
	return a.AddAnnotationWithLevel(key, value, audit.LevelMetadata)
}

func (a *attributes) AddAnnotationWithLevel(key, value string, level audit.Level) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.Attributes.AddAnnotationWithLevel(key, value, level); err != nil {
		return err
	}
	a.audit[key] = value
	return nil
}

type recorder struct {
	mu    sync.Mutex
	texts []string
}

func (r *recorder) AddWarning(agent, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.texts = append(r.texts, text)
}

func alice() user.Info {
	return &user.DefaultInfo{
		Name:   "alice",
		UID:    "2b7f",
		Groups: []string{"system:authenticated", "ops"},
		Extra:  map[string][]string{"authentication.kubernetes.io/credential-id": {"JTI=1", "x"}},
	}
}

// Admit passes the request through all mutating, then all validating hooks.
func (s *Server) Admit(ctx context.Context, r Request) Outcome {
	ctx, log := withCallLog(ctx)
	warnings := &recorder{}
	ctx = warning.WithWarningRecorder(ctx, warnings)
	interfaces := admission.NewObjectInterfacesFromScheme(s.scheme)
	attr := &attributes{
		Attributes: admission.NewAttributesRecord(r.Object, r.Old, r.Kind, r.Namespace, r.Name,
			r.Resource, r.Subresource, r.Operation, r.Options, r.DryRun, alice()),
		audit: map[string]string{},
	}
	err := s.chain.(admission.MutationInterface).Admit(ctx, attr, interfaces)
	if err == nil {
		err = s.chain.(admission.ValidationInterface).Validate(ctx, attr, interfaces)
	}
	return Outcome{Err: err, Warnings: warnings.texts, Audit: attr.audit, Calls: log.result()}
}

// SPDX-License-Identifier: MIT

package kube

// The user's half: what becomes of an error of the API server in client-go, and
// what kubectl prints of it.

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/endpoints/handlers/responsewriters"
	clientscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	cmdutil "k8s.io/kubectl/pkg/cmd/util"
)

// Told is what a user gets for an error of the API server.
type Told struct {
	Err      error  // of client-go
	Kubectl  string // what `kubectl create -f pod.yaml` prints
	Requests int32  // how many client-go has made, itself repeating those it is asked to
}

// patient is the error without the time after which to try again.
func patient(err error) error {
	var status *apierrors.StatusError
	if !errors.As(err, &status) || status.ErrStatus.Details == nil {
		return err
	}
	copied := status.ErrStatus.DeepCopy()
	copied.Details.RetryAfterSeconds = 0
	return &apierrors.StatusError{ErrStatus: *copied}
}

// Tell sends the error as the API server does, to a client made with client-go. A client that asks
// once more is not told to do so again.
func Tell(ctx context.Context, err error) (Told, error) {
	var told Told
	version := schema.GroupVersion{Version: "v1"}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		said := err
		if atomic.AddInt32(&told.Requests, 1) > 1 {
			said = patient(err)
		}
		responsewriters.ErrorNegotiated(said, clientscheme.Codecs, version, w, r)
	}))
	defer server.Close()
	config := &rest.Config{Host: server.URL, APIPath: "/api", QPS: -1, ContentConfig: rest.ContentConfig{
		GroupVersion: &version, NegotiatedSerializer: clientscheme.Codecs.WithoutConversion()}}
	client, failed := rest.RESTClientFor(config)
	if failed != nil {
		return told, failed
	}
	told.Err = client.Post().Namespace("shop").Resource("pods").Body([]byte("{}")).Do(ctx).Error()
	cmdutil.BehaviorOnFatal(func(text string, _ int) { told.Kubectl = strings.TrimSpace(text) })
	defer cmdutil.DefaultBehaviorOnFatal()
	cmdutil.CheckErr(cmdutil.AddSourceToErr("creating", "pod.yaml", told.Err))
	return told, nil
}

// SPDX-License-Identifier: MIT

package kube

// How far each HTTP call of an admission came. An error text does not tell a
// request that was never sent from one that was cut off; the transport does.

import (
	"context"
	"net/http"
	"net/http/httptrace"
	"sync"

	utilnet "k8s.io/apimachinery/pkg/util/net"
	webhookutil "k8s.io/apiserver/pkg/util/webhook"
	"k8s.io/client-go/rest"
)

// Call is one HTTP call to a webhook.
type Call struct {
	Connected bool // a connection was there, its handshake done as far as the client sees
	Reused    bool // it had carried an earlier call
	Sent      bool // the whole request was written
	Began     bool // the first byte of an answer arrived
	Status    int
	ALPN      string
	Proto     string
	Err       error
}

type callLog struct {
	mu    sync.Mutex
	calls []*Call
}

type callLogKey struct{}

func withCallLog(ctx context.Context) (context.Context, *callLog) {
	log := &callLog{}
	return context.WithValue(ctx, callLogKey{}, log), log
}

func (l *callLog) update(change func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change()
}

func (l *callLog) begin() *Call {
	call := &Call{}
	l.update(func() { l.calls = append(l.calls, call) })
	return call
}

func (l *callLog) result() []Call {
	var calls []Call

	l.update(func() {
		for _, call := range l.calls {
			calls = append(calls, *call)
		}
	})
	return calls
}

type tracer struct {
	next http.RoundTripper
}

func (t tracer) RoundTrip(req *http.Request) (*http.Response, error) {
	log, ok := req.Context().Value(callLogKey{}).(*callLog)
	if !ok {
		return t.next.RoundTrip(req)
	}
	call := log.begin()
	ctx := httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) {
			log.update(func() { call.Connected, call.Reused, call.Sent = true, info.Reused, false })
		},
		WroteRequest: func(info httptrace.WroteRequestInfo) {
			log.update(func() { call.Sent = info.Err == nil })
		},
		GotFirstResponseByte: func() { log.update(func() { call.Began = true }) },
	})
	resp, err := t.next.RoundTrip(req.WithContext(ctx))
	log.update(func() {
		call.Err = err
		if err != nil {
			return
		}
		call.Status, call.Proto = resp.StatusCode, resp.Proto
		if resp.TLS != nil {
			call.ALPN = resp.TLS.NegotiatedProtocol
		}
	})
	return resp, err
}

// transports remembers what to close when an API server ends.
type transports struct {
	mu   sync.Mutex
	list []http.RoundTripper
}

func (t *transports) traced(next http.RoundTripper) http.RoundTripper {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.list = append(t.list, next)
	return tracer{next}
}

func (t *transports) closeIdle() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, transport := range t.list {
		utilnet.CloseIdleConnectionsFor(transport)
	}
}

// wrapper puts the tracer below what outer adds to the transport, next to the wire.
func (t *transports) wrapper(outer webhookutil.AuthenticationInfoResolverWrapper) webhookutil.AuthenticationInfoResolverWrapper {
	traced := func(config *rest.Config, err error) (*rest.Config, error) {
		if err == nil {
			config.Wrap(t.traced)
		}
		return config, err
	}
	return func(resolver webhookutil.AuthenticationInfoResolver) webhookutil.AuthenticationInfoResolver {
		return outer(&webhookutil.AuthenticationInfoResolverDelegator{
			ClientConfigForFunc: func(hostPort string) (*rest.Config, error) {
				return traced(resolver.ClientConfigFor(hostPort))
			},
			ClientConfigForServiceFunc: func(name, namespace string, port int) (*rest.Config, error) {
				return traced(resolver.ClientConfigForService(name, namespace, port))
			},
		})
	}
}

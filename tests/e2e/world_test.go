// SPDX-License-Identifier: MIT

package e2e

// The small world most tests live in: two CAs, a probe that trusts one of them,
// API servers that call it, and a way to know how many calls it really saw.

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"

	"admwh.dev/e2e/kube"
)

const (
	callerName = "kube-apiserver"
	bundleName = "apiserver"
	hookName   = "hook.e2e.admwh.dev"
)

func TestMain(m *testing.M) {
	kube.Quiet()
	os.Exit(m.Run())
}

type world struct {
	callers *authority // issues the certificates of API servers
	servers *authority // issues those of webhooks
	trusted kube.Credentials
	server  kube.Credentials
	probe   *child
	port    int
	counted int
}

func newCAs(t *testing.T) *world {
	t.Helper()
	w := &world{callers: newAuthority(t, "callers"), servers: newAuthority(t, "servers")}
	cert, key := w.callers.issue(t, leaf{subject: commonName(callerName)})
	w.trusted = writePair(t, "caller", cert, key)
	cert, key = w.servers.issue(t, serverLeaf(kube.ServiceHost))
	w.server = writePair(t, "server", cert, key)
	return w
}

func serverLeaf(host string) leaf {
	return leaf{dns: []string{host}, ips: []net.IP{net.IPv4(127, 0, 0, 1)},
		usage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
}

// trust is how the probe is told to believe callerName, by these callers' CA.
func (w *world) trust(t *testing.T) []string {
	t.Helper()
	ca := writeFile(t, t.TempDir(), "callers.crt", w.callers.pem)
	return []string{"--client-ca", bundleName + "=" + ca, "--allow-cn", bundleName + "=" + callerName}
}

// startProbe starts a probe, or another one after the first has ended.
func (w *world) startProbe(t *testing.T, args ...string) {
	t.Helper()
	args = append(args, "--listen", fmt.Sprintf("127.0.0.1:%d", w.port),
		"--cert", w.server.CertFile, "--key", w.server.KeyFile)
	w.probe, w.counted = start(t, binary(t, "ADMWH_PROBE"), args...), 0
	t.Cleanup(func() { w.probe.spokeEvents(t) })
	w.port = w.probe.await(t, "listening", 0, 1)[0].Port
}

func newWorld(t *testing.T, args ...string) *world {
	t.Helper()
	w := newCAs(t)
	w.startProbe(t, append(w.trust(t), args...)...)
	return w
}

func (w *world) address() string {
	return fmt.Sprintf("127.0.0.1:%d", w.port)
}

// as starts an API server that shows these credentials to the probe.
func (w *world) as(t *testing.T, user kube.Credentials, hooks ...kube.Hook) *kube.Server {
	t.Helper()
	for i := range hooks {
		if hooks[i].Name == "" {
			hooks[i].Name = hookName
		}
		hooks[i].CABundle = w.servers.pem
	}
	s, err := kube.New(kube.Config{
		Hooks:      hooks,
		Users:      map[string]kube.Credentials{"*.webhooks.svc": user, w.address(): user},
		Service:    w.address(),
		Namespaces: []string{"shop"},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func (w *world) kube(t *testing.T, hooks ...kube.Hook) *kube.Server {
	t.Helper()
	return w.as(t, w.trusted, hooks...)
}

// fence calls the probe by other means, so that what it saw before is known to be all.
func (w *world) fence(t *testing.T) {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(w.trusted.CertFile, w.trusted.KeyFile)
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{Timeout: patience, Transport: &http.Transport{
		DisableKeepAlives: true,
		TLSClientConfig:   &tls.Config{Certificates: []tls.Certificate{pair}, InsecureSkipVerify: true},
	}}
	resp, err := client.Post("https://"+w.address()+"/validate", "application/json",
		strings.NewReader(fenceReview))
	if err != nil {
		t.Fatal("fence: ", err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatal("fence: ", resp.Status)
	}
}

const fenceReview = `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{` +
	`"uid":"fence","kind":{"group":"","version":"v1","kind":"Pod"},` +
	`"resource":{"group":"","version":"v1","resource":"pods"},"name":"fence","operation":"CREATE",` +
	`"userInfo":{"username":"fence"},"object":null,"oldObject":null,"dryRun":true,"options":null}}`

// saw expects that the probe dispatched exactly n requests since the last call of saw.
func (w *world) saw(t *testing.T, n int) []event {
	t.Helper()
	w.fence(t)
	events := w.probe.await(t, "dispatched", w.counted, n+1)
	w.counted += len(events)
	reviews := events[:0:0]
	for _, e := range events {
		if !strings.Contains(string(e.Body[:min(len(e.Body), 200)]), `"uid":"fence"`) {
			reviews = append(reviews, e)
		}
	}
	if len(reviews) != n || len(events) != n+1 {
		t.Fatalf("the server dispatched %d requests, expected %d", len(reviews), n)
	}
	return reviews
}

// review is what of an AdmissionReview the tests look at.
type review struct {
	APIVersion string `json:"apiVersion"`
	Request    map[string]json.RawMessage
}

func (e event) review(t *testing.T) review {
	t.Helper()
	var r review
	if err := json.Unmarshal(e.Body, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// ask passes a request through an API server, within a test's patience.
func ask(t *testing.T, s *kube.Server, r kube.Request) kube.Outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	return s.Admit(ctx, r)
}

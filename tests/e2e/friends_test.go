// SPDX-License-Identifier: MIT

package e2e

// Certificates of every kind that clusters use, for callers and for servers.

import (
	"crypto"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"testing"

	"admwh.dev/e2e/kube"
)

func newRSA(t *testing.T, bits int) crypto.Signer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func newEd25519(t *testing.T) crypto.Signer {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestCallersOfEveryKind(t *testing.T) {
	w := newWorld(t)
	by := func(change func(l *leaf)) func() (cert, key []byte) {
		l := leaf{subject: commonName(callerName)}
		change(&l)
		return func() ([]byte, []byte) { return w.callers.issue(t, l) }
	}
	below := w.callers.intermediate(t, "intermediate")
	twice := below.intermediate(t, "lower intermediate")
	both := []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	cases := map[string]func() (cert, key []byte){
		"RSA 2048":          by(func(l *leaf) { l.key = newRSA(t, 2048) }),
		"RSA 4096":          by(func(l *leaf) { l.key = newRSA(t, 4096) }),
		"P-384":             by(func(l *leaf) { l.key = newKey(t, elliptic.P384()) }),
		"Ed25519":           by(func(l *leaf) { l.key = newEd25519(t) }),
		"no usage named":    by(func(l *leaf) { l.usage = []x509.ExtKeyUsage{} }),
		"servers' use too":  by(func(l *leaf) { l.usage = both }),
		"names besides":     by(func(l *leaf) { l.dns = []string{"a.example", "b.example"} }),
		"with organization": by(func(l *leaf) { l.subject.Organization = []string{"system:masters"} }),
		"an intermediate": func() ([]byte, []byte) {
			return below.issue(t, leaf{subject: commonName(callerName)})
		},
		"two intermediates": func() ([]byte, []byte) {
			return twice.issue(t, leaf{subject: commonName(callerName)})
		},
	}
	for name, issue := range cases {
		t.Run(name, func(t *testing.T) {
			cert, key := issue()
			s := w.as(t, writePair(t, "caller", cert, key), kube.Hook{Path: "/validate"})
			o := ask(t, s, createPod(pod(t, "")))
			if o.Err != nil {
				t.Fatal(o.Err)
			}
			expectText(t, "caller", w.saw(t, 1)[0].PeerCN, callerName)
		})
	}
}

func TestServersOfEveryKind(t *testing.T) {
	for name, key := range map[string]crypto.Signer{"RSA 2048": newRSA(t, 2048), "P-384": newKey(t, elliptic.P384())} {
		t.Run(name, func(t *testing.T) {
			w := newCAs(t)
			l := serverLeaf(kube.ServiceHost)
			l.key = key
			cert, keyPEM := w.servers.intermediate(t, "intermediate").issue(t, l)
			w.server = writePair(t, "server", cert, keyPEM)
			w.startProbe(t, w.trust(t)...)
			expectAdmitted(t, ask(t, w.kube(t, kube.Hook{Path: "/validate"}), createPod(pod(t, ""))))
			w.saw(t, 1)
		})
	}
}

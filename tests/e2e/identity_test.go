// SPDX-License-Identifier: MIT

package e2e

// Callers that must not be believed, by every way of asking, and servers that
// the API server does not believe.

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"net/http"
	"testing"
	"time"

	"admwh.dev/e2e/kube"
)

// lookalikes are credentials that look like those of the API server, but for one thing.
func lookalikes(t *testing.T, w *world) map[string]kube.Credentials {
	t.Helper()
	list := map[string]kube.Credentials{"no certificate": {}}
	add := func(name string, by *authority, l leaf) {
		cert, key := by.issue(t, l)
		list[name] = writePair(t, "unknown", cert, key)
	}
	named := func(cn string) leaf { return leaf{subject: commonName(cn)} }
	twoNames := pkix.Name{ExtraNames: []pkix.AttributeTypeAndValue{
		{Type: asn1.ObjectIdentifier{2, 5, 4, 3}, Value: "evil"},
		{Type: asn1.ObjectIdentifier{2, 5, 4, 3}, Value: callerName}}}
	now := time.Now()
	clone, others := w.callers.clone(t), newAuthority(t, "others")

	add("another CA", others, named(callerName))
	add("another CA of the same name", newAuthority(t, "callers"), named(callerName))
	add("issued by a clone of the CA", clone, named(callerName))
	add("issued by the server's CA", w.servers, named(callerName))
	add("wrong CN", w.callers, named("kube-apiserver-2"))
	add("shorter CN", w.callers, named("kube-apiserve"))
	add("CN in another case", w.callers, named("Kube-APIServer"))
	add("CN with a space", w.callers, named(callerName+" "))
	add("CN with a NUL", w.callers, named(callerName+"\x00.evil"))
	add("two CNs", w.callers, leaf{subject: twoNames})
	add("no CN", w.callers, leaf{subject: pkix.Name{Organization: []string{callerName}}})
	add("name in SAN only", w.callers, leaf{subject: commonName("x"), dns: []string{callerName}})
	add("expired", w.callers, leaf{subject: commonName(callerName), to: now.Add(-time.Minute)})
	add("not yet valid", w.callers, leaf{subject: commonName(callerName), from: now.Add(30 * time.Minute)})
	add("for servers only", w.callers, leaf{subject: commonName(callerName),
		usage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	add("issued by one who is no CA", w.callers.holder(t, named(callerName)), named(callerName))
	add("issued by a CA below another root", others.intermediate(t, "callers"), named(callerName))
	add("a CA itself", w.callers, leaf{subject: commonName(callerName), ca: true})
	cert, key := clone.self(t)
	list["clone of the CA"] = writePair(t, "unknown", cert, key)
	return list
}

func TestUnauthenticatedClients(t *testing.T) {
	for _, auth := range []string{"handshake", "request"} {
		w := newWorld(t, "--auth", auth)
		for name, user := range lookalikes(t, w) {
			t.Run(auth+"/"+name, func(t *testing.T) {
				closed := ask(t, w.as(t, user, kube.Hook{Path: "/validate"}), createPod(pod(t, "")))
				open := ask(t, w.as(t, user, kube.Hook{Path: "/validate", Ignore: true}), createPod(pod(t, "")))
				w.saw(t, 0)
				expectRefusal(t, closed, auth)
				expectAdmitted(t, open)
			})
		}
	}
}

func TestNameCountsForItsOwnIssuerAlone(t *testing.T) {
	w := newCAs(t)
	scanners := newAuthority(t, "scanners")
	ca := writeFile(t, t.TempDir(), "scanners.crt", scanners.pem)
	w.startProbe(t, append(w.trust(t), "--client-ca", "scanner="+ca, "--allow-cn", "scanner=audit")...)
	cases := []struct {
		name, cn string
		issuer   *authority
		bundle   string // "" where it must not pass
	}{
		{"another bundle's name", callerName, scanners, ""},
		{"the other way round", "audit", w.callers, ""},
		{"own name", "audit", scanners, "scanner"},
		{"own name", callerName, w.callers, bundleName},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			cert, key := c.issuer.issue(t, leaf{subject: commonName(c.cn)})
			s := w.as(t, writePair(t, "caller", cert, key), kube.Hook{Path: "/validate"})
			o := ask(t, s, createPod(pod(t, "")))
			if c.bundle == "" {
				w.saw(t, 0)
				expectRefusal(t, o, "handshake")
				return
			}
			expectAdmitted(t, o)
			e := w.saw(t, 1)[0]
			expectText(t, "caller", e.PeerCN+" of "+e.Bundle, c.cn+" of "+c.bundle)
		})
	}
}

func TestServerOfAnotherName(t *testing.T) {
	w := newCAs(t)
	cert, key := w.servers.issue(t, serverLeaf("other.webhooks.svc"))
	w.server = writePair(t, "other", cert, key)
	w.startProbe(t, w.trust(t)...)

	o := ask(t, w.kube(t, kube.Hook{Path: "/validate"}), createPod(pod(t, "")))
	w.saw(t, 0)
	expectCallFailure(t, o, "certificate is valid for other.webhooks.svc, not probe.webhooks.svc")
	expectAdmitted(t, ask(t, w.kube(t, kube.Hook{Path: "/validate", Ignore: true}), createPod(pod(t, ""))))
	w.saw(t, 0)
}

func TestInsecureServerAnswersEveryone(t *testing.T) {
	w := newCAs(t)
	w.startProbe(t, "--auth", "insecure")

	o := ask(t, w.as(t, kube.Credentials{}, kube.Hook{Path: "/deny"}), createPod(pod(t, "")))
	expectDenied(t, o, http.StatusForbidden)
	w.saw(t, 1)
}

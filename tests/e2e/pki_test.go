// SPDX-License-Identifier: MIT

package e2e

// Certificates, made anew for every test: nothing here expires in the tree.

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"admwh.dev/e2e/kube"
)

type authority struct {
	cert  *x509.Certificate
	key   crypto.Signer
	pem   []byte
	chain []byte // what holders of its certificates show besides them
}

// leaf says what a certificate should look like; zero values mean a client
// certificate that is valid now.
type leaf struct {
	subject  pkix.Name
	dns      []string
	ips      []net.IP
	usage    []x509.ExtKeyUsage
	from, to time.Time
	ca       bool
	key      crypto.Signer // nil: a new one on P-256
}

func encode(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func newKey(t *testing.T, curve elliptic.Curve) crypto.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func newSerial(t *testing.T) *big.Int {
	t.Helper()
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		t.Fatal(err)
	}
	return serial
}

func selfSigned(t *testing.T, template *x509.Certificate) *authority {
	t.Helper()
	key := newKey(t, elliptic.P256())
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &authority{cert: cert, key: key, pem: encode("CERTIFICATE", der)}
}

func authorityTemplate(t *testing.T, name string) *x509.Certificate {
	t.Helper()
	return &x509.Certificate{
		SerialNumber:          newSerial(t),
		Subject:               pkix.Name{CommonName: name},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(time.Hour),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
}

func newAuthority(t *testing.T, name string) *authority {
	t.Helper()
	return selfSigned(t, authorityTemplate(t, name))
}

func (a *authority) sign(t *testing.T, template *x509.Certificate, key crypto.Signer) []byte {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// below is the holder of this certificate of a, used as if it were a CA's.
func (a *authority) below(t *testing.T, der []byte, key crypto.Signer) *authority {
	t.Helper()
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	block := encode("CERTIFICATE", der)
	return &authority{cert: cert, key: key, pem: block, chain: append(block, a.chain...)}
}

func (a *authority) intermediate(t *testing.T, name string) *authority {
	t.Helper()
	key := newKey(t, elliptic.P256())
	return a.below(t, a.sign(t, authorityTemplate(t, name), key), key)
}

// clone copies all that is public about a CA, around a key of our own.
func (a *authority) clone(t *testing.T) *authority {
	t.Helper()
	template := *a.cert
	template.PublicKey, template.Signature = nil, nil
	return selfSigned(t, &template)
}

func (l leaf) template(t *testing.T) *x509.Certificate {
	t.Helper()
	if l.from.IsZero() {
		l.from = time.Now().Add(-time.Hour)
	}
	if l.to.IsZero() {
		l.to = time.Now().Add(time.Hour)
	}
	if l.usage == nil {
		l.usage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	}
	return &x509.Certificate{
		SerialNumber: newSerial(t), Subject: l.subject, DNSNames: l.dns, IPAddresses: l.ips,
		NotBefore: l.from, NotAfter: l.to, ExtKeyUsage: l.usage,
		KeyUsage: x509.KeyUsageDigitalSignature, BasicConstraintsValid: true, IsCA: l.ca,
	}
}

// holder of a certificate that is no CA's, and who issues certificates all the same.
func (a *authority) holder(t *testing.T, l leaf) *authority {
	t.Helper()
	key := newKey(t, elliptic.P256())
	return a.below(t, a.sign(t, l.template(t), key), key)
}

func (a *authority) issue(t *testing.T, l leaf) (certPEM, keyPEM []byte) {
	t.Helper()
	if l.key == nil {
		l.key = newKey(t, elliptic.P256())
	}
	der, err := x509.MarshalPKCS8PrivateKey(l.key)
	if err != nil {
		t.Fatal(err)
	}
	cert := encode("CERTIFICATE", a.sign(t, l.template(t), l.key))
	return append(cert, a.chain...), encode("PRIVATE KEY", der)
}

// self is the CA's own certificate, shown as if it were a client's.
func (a *authority) self(t *testing.T) (certPEM, keyPEM []byte) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(a.key)
	if err != nil {
		t.Fatal(err)
	}
	return a.pem, encode("PRIVATE KEY", der)
}

func writeFile(t *testing.T, dir, name string, content []byte) string {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func writePair(t *testing.T, name string, certPEM, keyPEM []byte) kube.Credentials {
	t.Helper()
	dir := t.TempDir()
	return kube.Credentials{
		CertFile: writeFile(t, dir, name+".crt", certPEM),
		KeyFile:  writeFile(t, dir, name+".key", keyPEM),
	}
}

func commonName(cn string) pkix.Name {
	return pkix.Name{CommonName: cn}
}

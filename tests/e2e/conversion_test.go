// SPDX-License-Identifier: MIT

package e2e

// Conversions: kube-apiserver's own converter, which shows no certificate, against the
// conversion listener of a probe.

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"admwh.dev/e2e/kube"
)

// newConversions starts a probe that converts, and tells where.
func newConversions(t *testing.T) (*world, string) {
	t.Helper()
	w := newWorld(t, "--conversion", "127.0.0.1:0")
	port := w.probe.await(t, "listening", 0, 1)[0].ConversionPort
	return w, fmt.Sprintf("127.0.0.1:%d", port)
}

func (w *world) converter(t *testing.T, path, address string, versions ...string) *kube.Converter {
	t.Helper()
	if len(versions) == 0 {
		versions = []string{"v1"}
	}
	c, err := kube.NewConverter(path, address, w.servers.pem, versions...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func sized(n int64) map[string]any {
	return map[string]any{"size": n, "note": "\u2028<&>\u00e9", "ratio": 0.5}
}

func counted(n int64) map[string]any {
	spec := sized(n)
	spec["items"] = spec["size"]
	delete(spec, "size")
	return spec
}

func TestConversion(t *testing.T) {
	w, address := newConversions(t)
	for i, versions := range [][]string{{"v1"}, {"v1beta1"}, {"v2", "v1", "v1beta1"}} {
		for _, path := range []string{"/convert", "/convert-edit"} {
			c := w.converter(t, path, address, versions...)
			up, err := c.Convert(kube.Basket("a", "v1", sized(7)), "v2")
			if err != nil {
				t.Fatal(versions, path, err)
			}
			if want := kube.Basket("a", "v2", counted(7)); !reflect.DeepEqual(*up, want) {
				t.Errorf("%v %s: %v, expected %v", versions, path, up, want)
			}
			down, err := c.Convert(*up, "v1")
			if err != nil {
				t.Fatal(err)
			}
			if want := kube.Basket("a", "v1", sized(7)); !reflect.DeepEqual(*down, want) {
				t.Errorf("%v %s: %v, expected %v", versions, path, down, want)
			}
		}
		if events := w.probe.await(t, "converted", 4*i, 4); len(events) != 4 {
			t.Errorf("%v: %d conversions", versions, len(events))
		}
	}
}

func TestConversionOfLists(t *testing.T) {
	w, address := newConversions(t)
	var from, want []unstructured.Unstructured
	for i := range 1000 {
		name := fmt.Sprintf("n%d", i)
		want = append(want, kube.Basket(name, "v2", counted(int64(i))))
		if i%3 == 0 { // some are stored in the version that is asked for
			from = append(from, want[i])
		} else {
			from = append(from, kube.Basket(name, "v1", sized(int64(i))))
		}
	}
	got, err := w.converter(t, "/convert", address).ConvertList(from, "v2")
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Error("another list than expected")
	}
}

func TestConversionFailures(t *testing.T) {
	w, address := newConversions(t)
	list := []unstructured.Unstructured{kube.Basket("a", "v1", sized(1)),
		kube.Basket("b", "v1", sized(2))}
	for _, c := range []struct{ path, message string }{
		{"/convert-fail", "failed: request.objects[1] (shop/b): this Basket has no v2"},
		{"/convert-rename", "failed: request.objects[0] (shop/a): metadata.name: must not change"},
		{"/validate", "failed: no handler at path /validate"},
		{"/nowhere", "failed: no handler at path /nowhere"},
	} {
		_, err := w.converter(t, c.path, address).ConvertList(list, "v2")
		if err == nil || !strings.Contains(err.Error(), c.message) {
			t.Errorf("%s: %v, expected %q", c.path, err, c.message)
		}
	}
	// The main listener serves none, and has no place for a client without a certificate.
	_, err := w.converter(t, "/convert", w.address()).Convert(kube.Basket("a", "v1", sized(1)), "v2")
	if err == nil || !strings.Contains(err.Error(), "certificate required") {
		t.Errorf("at the main listener: %v", err)
	}
}

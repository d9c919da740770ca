// SPDX-License-Identifier: MIT

package kube

// The conversion code of kube-apiserver, as its CustomResource handlers call it: by
// webhook, with the authentication that it gives itself.

import (
	"net/http"
	"time"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/conversion"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	webhookutil "k8s.io/apiserver/pkg/util/webhook"
	"k8s.io/client-go/rest"
	"k8s.io/component-base/tracing"
)

// Baskets are a custom resource of shop.dev with two versions.
const BasketGroup = "shop.dev"

// Converter stands for the part of a kube-apiserver that converts baskets.
type Converter struct {
	converter runtime.ObjectConvertor
}

func baskets(path string, caBundle []byte, versions []string) *apiextensions.CustomResourceDefinition {
	port := int32(443)
	service := &apiextensions.ServiceReference{
		Namespace: ServiceNamespace, Name: ServiceName, Path: &path, Port: &port}
	return &apiextensions.CustomResourceDefinition{
		ObjectMeta: metav1.ObjectMeta{Name: "baskets." + BasketGroup + path[1:]},
		Spec: apiextensions.CustomResourceDefinitionSpec{
			Group: BasketGroup,
			Scope: apiextensions.NamespaceScoped,
			Versions: []apiextensions.CustomResourceDefinitionVersion{
				{Name: "v1", Served: true}, {Name: "v2", Served: true, Storage: true}},
			Conversion: &apiextensions.CustomResourceConversion{
				Strategy: apiextensions.WebhookConverter,
				Webhook: &apiextensions.WebhookConversion{
					ClientConfig: &apiextensions.WebhookClientConfig{
						Service: service, CABundle: caBundle},
					ConversionReviewVersions: versions}}}}
}

// NewConverter converts baskets by the webhook at this path; every service resolves to address.
// versions are the conversionReviewVersions.
func NewConverter(path, address string, caBundle []byte, versions ...string) (*Converter, error) {
	wrapper := webhookutil.NewDefaultAuthenticationInfoResolverWrapper(
		&http.Transport{IdleConnTimeout: time.Second}, nil, &rest.Config{},
		tracing.NewNoopTracerProvider())
	factory, err := conversion.NewCRConverterFactory(resolver(address), wrapper)
	if err != nil {
		return nil, err
	}
	converter, _, err := factory.NewConverter(baskets(path, caBundle, versions))
	return &Converter{converter}, err
}

// Basket makes one, of this version.
func Basket(name, version string, spec map[string]any) unstructured.Unstructured {
	return unstructured.Unstructured{Object: map[string]any{
		"apiVersion": BasketGroup + "/" + version, "kind": "Basket",
		"metadata": map[string]any{"name": name, "namespace": "shop", "uid": "uid-" + name,
			"labels": map[string]any{"tier": "<a&b>"}},
		"spec": spec}}
}

func groupVersion(version string) schema.GroupVersion {
	return schema.GroupVersion{Group: BasketGroup, Version: version}
}

// Convert one object, as for a get.
func (c *Converter) Convert(object unstructured.Unstructured, version string) (
	*unstructured.Unstructured, error) {
	converted, err := c.converter.ConvertToVersion(&object, groupVersion(version))
	if err != nil {
		return nil, err
	}
	return converted.(*unstructured.Unstructured), nil
}

// ConvertList converts all of a list, as for a list.
func (c *Converter) ConvertList(items []unstructured.Unstructured, version string) (
	[]unstructured.Unstructured, error) {
	list := &unstructured.UnstructuredList{Items: items, Object: map[string]any{
		"apiVersion": BasketGroup + "/" + version, "kind": "BasketList"}}
	converted, err := c.converter.ConvertToVersion(list, groupVersion(version))
	if err != nil {
		return nil, err
	}
	return converted.(*unstructured.UnstructuredList).Items, nil
}

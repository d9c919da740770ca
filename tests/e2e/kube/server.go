// SPDX-License-Identifier: MIT

package kube

// The plugin chain, put together in kube-apiserver's order from a clientset
// without a cluster behind it.

import (
	"errors"
	"net/url"
	"os"
	"sync"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/conversion"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/admission/initializer"
	webhookinit "k8s.io/apiserver/pkg/admission/plugin/webhook/initializer"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/mutating"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/validating"
	"k8s.io/apiserver/pkg/apis/apiserver"
	apiserverv1 "k8s.io/apiserver/pkg/apis/apiserver/v1"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	webhookutil "k8s.io/apiserver/pkg/util/webhook"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	clientscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/component-base/tracing"
	"k8s.io/klog/v2"
)

// Config is what New needs to know.
type Config struct {
	Hooks      []Hook
	Users      map[string]Credentials // kubeconfig user names and their certificates
	Service    string                 // HOST:PORT every service resolves to
	Namespaces []string               // besides "default"
	Objects    []runtime.Object       // besides hooks and namespaces, see ReadWebhooks
	Admission  string                 // an AdmissionConfiguration instead of Users, see CopyConfig
}

// Server stands for a kube-apiserver; Admit passes one request through it.
type Server struct {
	chain      admission.Interface
	scheme     *runtime.Scheme
	transports transports
	dir        string
	stop       chan struct{}
	stopped    sync.Once
}

type resolver string

func (r resolver) ResolveEndpoint(namespace, name string, port int32) (*url.URL, error) {
	return &url.URL{Scheme: "https", Host: string(r)}, nil
}

// objectScheme knows the built-in kinds, and how a mutated typed Pod gets back
// to where it came from.
func objectScheme() (*runtime.Scheme, error) {
	scheme := runtime.NewScheme()
	copyPod := func(from, to any, _ conversion.Scope) error {
		from.(*corev1.Pod).DeepCopyInto(to.(*corev1.Pod))
		return nil
	}
	return scheme, errors.Join(clientscheme.AddToScheme(scheme),
		scheme.AddConversionFunc((*corev1.Pod)(nil), (*corev1.Pod)(nil), copyPod))
}

func readConfig(names []string, file string) (admission.ConfigProvider, error) {
	scheme := runtime.NewScheme()

	if err := errors.Join(apiserver.AddToScheme(scheme), apiserverv1.AddToScheme(scheme)); err != nil {
		return nil, err
	}
	return admission.ReadAdmissionConfiguration(names, file, scheme)
}

func clusterObjects(config Config) []runtime.Object {
	objects := append(configurations(config.Hooks), config.Objects...)

	for _, name := range append(config.Namespaces, "default") {
		objects = append(objects, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}})
	}
	return objects
}

func (s *Server) build(config Config) error {
	names := []string{mutating.PluginName, validating.PluginName}
	file, err := config.Admission, error(nil)
	if file == "" {
		file, err = writeConfig(s.dir, config.Users)
	}
	if err != nil {
		return err
	}
	provider, err := readConfig(names, file)
	if err != nil {
		return err
	}
	client := fake.NewSimpleClientset(clusterObjects(config)...)
	shared := informers.NewSharedInformerFactory(client, 0)
	plain := webhookutil.NewDefaultAuthenticationInfoResolverWrapper(nil, nil, &rest.Config{},
		tracing.NewNoopTracerProvider())
	plugins := admission.NewPlugins()
	mutating.Register(plugins)
	validating.Register(plugins)
	s.chain, err = plugins.NewFromPlugins(names, provider, admission.PluginInitializers{
		initializer.New(client, nil, shared, nil, utilfeature.DefaultFeatureGate, nil, s.stop, nil),
		webhookinit.NewPluginInitializer(s.transports.wrapper(plain), resolver(config.Service)),
	}, nil)
	if err != nil {
		return err
	}
	shared.Start(s.stop)
	shared.WaitForCacheSync(s.stop)
	return nil
}

// Quiet keeps the API server's own log off standard error.
func Quiet() {
	klog.SetLogger(logr.Discard())
}

// New starts an API server with these hooks. Close ends it.
func New(config Config) (*Server, error) {
	scheme, err := objectScheme()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "admwh-e2e-")
	if err != nil {
		return nil, err
	}
	s := &Server{scheme: scheme, dir: dir, stop: make(chan struct{})}
	if err := s.build(config); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Close ends informers and idle connections, and removes the configuration files.
func (s *Server) Close() {
	s.stopped.Do(func() {
		close(s.stop)
		s.transports.closeIdle()
		os.RemoveAll(s.dir)
	})
}

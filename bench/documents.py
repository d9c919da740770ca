#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Objects of the benchmark, and the documents of its patches: documents.py FOLDER

pod-a.json       a Pod of about 11 kB, as kube-apiserver sends it: managed fields, two containers
pod-b.json       the same with a sidecar in front, a label and annotations, another image
configmap-a.json a ConfigMap of about 1 MB: 500 entries of 2 kB
configmap-b.json the same with one entry changed, one new and one gone
"""
import copy
import json
import os
import sys

SETTINGS = 3  # of the environment of a container


def container(name, image, port):
    return {
        'name': name,
        'image': image,
        'args': ['--listen=:%d' % port, '--log-level=info', '--config=/etc/%s/config.yaml' % name],
        'ports': [{'name': 'http', 'containerPort': port, 'protocol': 'TCP'},
                  {'name': 'metrics', 'containerPort': port + 1, 'protocol': 'TCP'}],
        'env': [{'name': '%s_SETTING_%d' % (name.upper(), i), 'value': 'value-%d' % i} for i in range(SETTINGS)] + [
            {'name': 'POD_IP', 'valueFrom': {'fieldRef': {'apiVersion': 'v1', 'fieldPath': 'status.podIP'}}},
            {'name': 'TOKEN', 'valueFrom': {'secretKeyRef': {'name': name + '-token', 'key': 'token'}}}],
        'resources': {'limits': {'cpu': '2', 'memory': '1Gi'}, 'requests': {'cpu': '100m', 'memory': '128Mi'}},
        'volumeMounts': [{'name': 'config', 'mountPath': '/etc/' + name, 'readOnly': True},
                         {'name': 'data', 'mountPath': '/var/lib/' + name},
                         {'name': 'kube-api-access', 'mountPath': '/var/run/secrets/kubernetes.io/serviceaccount',
                          'readOnly': True}],
        'livenessProbe': {'httpGet': {'path': '/healthz', 'port': 'http', 'scheme': 'HTTP'},
                          'initialDelaySeconds': 10, 'timeoutSeconds': 1, 'periodSeconds': 10,
                          'successThreshold': 1, 'failureThreshold': 3},
        'readinessProbe': {'httpGet': {'path': '/readyz', 'port': 'http', 'scheme': 'HTTP'},
                           'timeoutSeconds': 1, 'periodSeconds': 5, 'successThreshold': 1, 'failureThreshold': 3},
        'terminationMessagePath': '/dev/termination-log',
        'terminationMessagePolicy': 'File',
        'imagePullPolicy': 'IfNotPresent',
        'securityContext': {'capabilities': {'drop': ['ALL']}, 'runAsNonRoot': True, 'runAsUser': 65532,
                            'readOnlyRootFilesystem': True, 'allowPrivilegeEscalation': False},
    }


def init_container(name, image):
    result = container(name, image, 9000)
    for key in ('ports', 'livenessProbe', 'readinessProbe'):
        del result[key]
    return result


def managed_fields(names):
    """What server-side apply keeps of who owns which field."""
    fields = {'f:metadata': {'f:annotations': {'.': {}}, 'f:labels': {'.': {}, 'f:app': {}, 'f:tier': {}}},
              'f:spec': {'f:containers': {}, 'f:dnsPolicy': {}, 'f:restartPolicy': {}, 'f:schedulerName': {}}}
    for name in names:
        own = {'.': {}, 'f:args': {}, 'f:image': {}, 'f:imagePullPolicy': {}, 'f:name': {},
               'f:resources': {'.': {}, 'f:limits': {'.': {}, 'f:cpu': {}, 'f:memory': {}},
                               'f:requests': {'.': {}, 'f:cpu': {}, 'f:memory': {}}},
               'f:env': {'.': {}, **{'k:{"name":"%s_SETTING_%d"}' % (name.upper(), i): {
                   '.': {}, 'f:name': {}, 'f:value': {}} for i in range(SETTINGS)},
                   'k:{"name":"POD_IP"}': {'.': {}, 'f:name': {}, 'f:valueFrom': {'.': {}, 'f:fieldRef': {}}},
                   'k:{"name":"TOKEN"}': {'.': {}, 'f:name': {}, 'f:valueFrom': {'.': {}, 'f:secretKeyRef': {}}}},
               'f:ports': {'.': {}, **{'k:{"containerPort":%d,"protocol":"TCP"}' % port: {
                   '.': {}, 'f:containerPort': {}, 'f:name': {}, 'f:protocol': {}} for port in (8080, 8081)}},
               'f:volumeMounts': {'.': {}, **{'k:{"mountPath":"%s"}' % path: {
                   '.': {}, 'f:mountPath': {}, 'f:name': {}, 'f:readOnly': {}}
                   for path in ('/etc/' + name, '/var/lib/' + name)}},
               'f:terminationMessagePath': {}, 'f:terminationMessagePolicy': {},
               **{probe: {'.': {}, 'f:failureThreshold': {}, 'f:httpGet': {
                   '.': {}, 'f:path': {}, 'f:port': {}, 'f:scheme': {}}, 'f:periodSeconds': {},
                   'f:successThreshold': {}, 'f:timeoutSeconds': {}}
                  for probe in ('f:livenessProbe', 'f:readinessProbe')},
               'f:securityContext': {'.': {}, 'f:allowPrivilegeEscalation': {}, 'f:capabilities': {
                   '.': {}, 'f:drop': {}}, 'f:readOnlyRootFilesystem': {}, 'f:runAsNonRoot': {}, 'f:runAsUser': {}}}
        fields['f:spec']['f:containers']['k:{"name":"%s"}' % name] = own
    return [{'manager': 'kube-controller-manager', 'operation': 'Update', 'apiVersion': 'v1',
             'time': '2024-05-01T10:00:00Z', 'fieldsType': 'FieldsV1', 'fieldsV1': fields}]


def pod():
    return {
        'kind': 'Pod',
        'apiVersion': 'v1',
        'metadata': {
            'name': 'shop-7d9c6b5f4-x2x7p',
            'generateName': 'shop-7d9c6b5f4-',
            'namespace': 'production',
            'uid': '0b1f2a34-5c6d-4e7f-8a9b-0c1d2e3f4a5b',
            'creationTimestamp': '2024-05-01T10:00:00Z',
            'labels': {'app': 'shop', 'tier': 'backend', 'pod-template-hash': '7d9c6b5f4'},
            'annotations': {'prometheus.io/scrape': 'true', 'prometheus.io/port': '8081',
                            'checksum/config': 'd2c7ab3e5f' * 6},
            'ownerReferences': [{'apiVersion': 'apps/v1', 'kind': 'ReplicaSet', 'name': 'shop-7d9c6b5f4',
                                 'uid': '9c8b7a65-4d3e-2f10-8e7d-6c5b4a392817', 'controller': True,
                                 'blockOwnerDeletion': True}],
            'managedFields': managed_fields(['migrate', 'shop', 'cache']),
        },
        'spec': {
            'volumes': [{'name': 'config', 'configMap': {'name': 'shop-config', 'defaultMode': 420}},
                        {'name': 'data', 'emptyDir': {'sizeLimit': '1Gi'}},
                        {'name': 'kube-api-access', 'projected': {'defaultMode': 420, 'sources': [
                            {'serviceAccountToken': {'expirationSeconds': 3607, 'path': 'token'}},
                            {'configMap': {'name': 'kube-root-ca.crt', 'items': [{'key': 'ca.crt', 'path': 'ca.crt'}]}},
                            {'downwardAPI': {'items': [{'path': 'namespace', 'fieldRef': {
                                'apiVersion': 'v1', 'fieldPath': 'metadata.namespace'}}]}}]}}],
            'initContainers': [init_container('migrate', 'registry.example/shop/migrate:1.4.2')],
            'containers': [container('shop', 'registry.example/shop/server:1.4.2', 8080),
                           container('cache', 'registry.example/cache:7.2', 6379)],
            'restartPolicy': 'Always',
            'terminationGracePeriodSeconds': 30,
            'dnsPolicy': 'ClusterFirst',
            'serviceAccountName': 'shop',
            'serviceAccount': 'shop',
            'securityContext': {'fsGroup': 65532, 'seccompProfile': {'type': 'RuntimeDefault'}},
            'affinity': {'podAntiAffinity': {'preferredDuringSchedulingIgnoredDuringExecution': [
                {'weight': 100, 'podAffinityTerm': {'topologyKey': 'kubernetes.io/hostname', 'labelSelector': {
                    'matchLabels': {'app': 'shop'}}}}]}},
            'schedulerName': 'default-scheduler',
            'tolerations': [{'key': 'node.kubernetes.io/%s' % key, 'operator': 'Exists', 'effect': 'NoExecute',
                             'tolerationSeconds': 300} for key in ('not-ready', 'unreachable')],
            'priority': 0,
            'enableServiceLinks': True,
            'preemptionPolicy': 'PreemptLowerPriority',
        },
        'status': {'phase': 'Pending', 'qosClass': 'Burstable'},
    }


def mutated_pod(a):
    b = copy.deepcopy(a)
    b['metadata']['labels']['mesh.example/injected'] = 'true'
    b['metadata']['annotations']['mesh.example/status'] = '{"version":"1.2","containers":["proxy"]}'
    b['spec']['containers'].insert(0, {'name': 'proxy', 'image': 'registry.example/mesh/proxy:1.2',
                                       'ports': [{'containerPort': 15001}], 'securityContext': {'runAsUser': 1337}})
    b['spec']['containers'][1]['image'] = 'registry.example/shop/server@sha256:' + 'ab12' * 16
    b['spec']['volumes'].append({'name': 'mesh', 'emptyDir': {'medium': 'Memory'}})
    return b


def config_map():
    line = 'server { listen 80; location / { proxy_pass http://backend; } } # line %d of entry %d\n'
    return {'kind': 'ConfigMap', 'apiVersion': 'v1',
            'metadata': {'name': 'large', 'namespace': 'production', 'uid': '5f1c0d52-8a4b-4f0f-9f43-aaaaaaaaaaaa'},
            'data': {'entry-%03d.conf' % i: ''.join(line % (k, i) for k in range(25)) for i in range(500)}}


def changed_config_map(a):
    b = copy.deepcopy(a)
    b['data']['entry-250.conf'] += '# changed\n'
    b['data']['entry-500.conf'] = 'new\n'
    del b['data']['entry-100.conf']
    return b


def main():
    pod_a, map_a = pod(), config_map()
    documents = {'pod-a': pod_a, 'pod-b': mutated_pod(pod_a),
                 'configmap-a': map_a, 'configmap-b': changed_config_map(map_a)}
    for name, document in documents.items():
        path = os.path.join(sys.argv[1], name + '.json')
        with open(path, 'w', encoding='utf-8') as file:
            json.dump(document, file, separators=(',', ':'))
        print('%s: %d bytes' % (path, os.path.getsize(path)))


if __name__ == '__main__':
    main()

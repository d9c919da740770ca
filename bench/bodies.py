#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes the reviews of the benchmark, as kube-apiserver sends them: bodies.py FOLDER

tiny        CREATE of a Lease
pod11k      CREATE of a Pod with two containers, half of it managed fields
dep25k      UPDATE of a Deployment, new and old
cm100k      CREATE of a ConfigMap
cm1m        UPDATE of a ConfigMap, new and old of half a megabyte
cm12m       UPDATE of a ConfigMap of 1 MB of "<", which kube-apiserver writes as six bytes
frozen      a Lease in the namespace that the envelope policy denies
privileged  the Pod with a container that the container policy denies

All have the UID that the load generator replaces.
"""
import copy
import json
import os
import sys

import documents

UID = '00000000-0000-4000-8000-000000000000'


def kubernetes_json(value):
    """As Go's encoder writes it: compact, with what HTML could take for a tag escaped."""
    text = json.dumps(value, separators=(',', ':'), ensure_ascii=False)
    for character in '<>&\u2028\u2029':
        text = text.replace(character, '\\u%04x' % ord(character))
    return text + '\n'


def review(operation, group, plural, item, old=None):
    version = item['apiVersion'].split('/')[-1]
    kind = {'group': group, 'version': version, 'kind': item['kind']}
    resource = {'group': group, 'version': version, 'resource': plural}
    return {
        'kind': 'AdmissionReview',
        'apiVersion': 'admission.k8s.io/v1',
        'request': {
            'uid': UID,
            'kind': kind,
            'resource': resource,
            'requestKind': kind,
            'requestResource': resource,
            'name': item['metadata']['name'],
            'namespace': item['metadata']['namespace'],
            'operation': operation,
            'userInfo': {'username': 'system:node:node-1', 'groups': ['system:nodes', 'system:authenticated']},
            'object': item,
            'oldObject': old,
            'dryRun': False,
            'options': {'kind': operation.capitalize() + 'Options', 'apiVersion': 'meta.k8s.io/v1'},
        },
    }


def lease(namespace='kube-node-lease'):
    return {
        'kind': 'Lease',
        'apiVersion': 'coordination.k8s.io/v1',
        'metadata': {'name': 'node-1', 'namespace': namespace, 'uid': '2f0c5b1e-73f2-4e58-a9a6-5c61d1d0b5d1'},
        'spec': {'holderIdentity': 'node-1', 'leaseDurationSeconds': 40,
                 'renewTime': '2024-05-01T10:00:00.000000Z'},
    }


def deployment():
    pod = documents.pod()
    applied = json.dumps(pod['spec']['containers'][0], separators=(',', ':'))
    return {
        'kind': 'Deployment',
        'apiVersion': 'apps/v1',
        'metadata': {'name': 'shop', 'namespace': 'production', 'uid': '7a1d1f2e-0c4b-4c6e-9d0e-1c2f3a4b5c6d',
                     'generation': 4, 'creationTimestamp': '2024-05-01T10:00:00Z', 'labels': {'app': 'shop'},
                     'annotations': {'deployment.kubernetes.io/revision': '4',
                                     'kubectl.kubernetes.io/last-applied-configuration': applied},
                     'managedFields': pod['metadata']['managedFields']},
        'spec': {'replicas': 3, 'selector': {'matchLabels': {'app': 'shop'}},
                 'template': {'metadata': {'labels': pod['metadata']['labels']}, 'spec': pod['spec']},
                 'strategy': {'type': 'RollingUpdate', 'rollingUpdate': {'maxUnavailable': '25%', 'maxSurge': '25%'}},
                 'revisionHistoryLimit': 10, 'progressDeadlineSeconds': 600},
        'status': {'observedGeneration': 3, 'replicas': 3, 'updatedReplicas': 3, 'readyReplicas': 3},
    }


def old_deployment():
    old = deployment()
    del old['metadata']['managedFields']
    old['metadata']['generation'] = 3
    old['spec']['replicas'] = 2
    return old


def config_map(entries, value):
    return {'kind': 'ConfigMap', 'apiVersion': 'v1',
            'metadata': {'name': 'settings', 'namespace': 'production',
                         'uid': '5f1c0d52-8a4b-4f0f-9f43-aaaaaaaaaaaa'},
            'data': {'entry-%03d.conf' % i: value for i in range(entries)}}


def privileged():
    pod = documents.pod()
    pod['spec']['containers'][1]['securityContext']['privileged'] = True
    return pod


def reviews():
    line = 'server { listen 80; location / { proxy_pass http://backend; } } # of the "shop"\n'
    small, large, escaped = config_map(10, line * 120), config_map(52, line * 120), config_map(1, '<' * 1040000)
    changed = copy.deepcopy(large)
    changed['data']['entry-007.conf'] += 'changed\n'
    return {
        'tiny': review('CREATE', 'coordination.k8s.io', 'leases', lease()),
        'pod11k': review('CREATE', '', 'pods', documents.pod()),
        'dep25k': review('UPDATE', 'apps', 'deployments', deployment(), old_deployment()),
        'cm100k': review('CREATE', '', 'configmaps', small),
        'cm1m': review('UPDATE', '', 'configmaps', changed, large),
        'cm12m': review('UPDATE', '', 'configmaps', escaped, escaped),
        'frozen': review('CREATE', 'coordination.k8s.io', 'leases', lease('frozen')),
        'privileged': review('CREATE', '', 'pods', privileged()),
    }


def main():
    for name, body in reviews().items():
        with open(os.path.join(sys.argv[1], name + '.json'), 'w', encoding='utf-8') as file:
            file.write(kubernetes_json(body))


if __name__ == '__main__':
    main()

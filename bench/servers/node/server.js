// SPDX-License-Identifier: MIT

// The policies of the benchmark by Node's own https and JSON.parse().
//
//     node server.js PORT FOLDER
//
// FOLDER has tls.crt, tls.key and ca.crt, of the clients' CA.
'use strict';

const fs = require('node:fs');
const https = require('node:https');
const path = require('node:path');

const deny = (message) => ({ allowed: false, status: { code: 403, message } });

const patched = (operation) => ({
  allowed: true,
  patchType: 'JSONPatch',
  patch: Buffer.from(JSON.stringify([operation])).toString('base64'),
});

function isPrivileged(spec) {
  return [...(spec.initContainers ?? []), ...(spec.containers ?? [])]
    .some((container) => container.securityContext?.privileged === true);
}

const policies = {
  '/envelope': ({ namespace }) =>
    namespace === 'frozen' ? deny('namespace frozen is frozen') : { allowed: true },

  '/containers': ({ kind, object }) => {
    const specs = { Pod: () => object.spec, Deployment: () => object.spec.template.spec };
    const spec = specs[kind.kind]?.();
    return spec && isPrivileged(spec) ? deny('a container is privileged') : { allowed: true };
  },

  '/label': ({ object }) =>
    patched(object.metadata.labels
      ? { op: 'add', path: '/metadata/labels/bench.example.com~1seen', value: 'true' }
      : { op: 'add', path: '/metadata/labels', value: { 'bench.example.com/seen': 'true' } }),

  '/sidecar': () => patched({
    op: 'add',
    path: '/spec/containers/-',
    value: { name: 'sidecar', image: 'registry.example.com/sidecar:1', resources: {} },
  }),
};

function answer(policy, body) {
  const { apiVersion, kind, request } = JSON.parse(body);
  return JSON.stringify({ apiVersion, kind, response: { uid: request.uid, ...policy(request) } });
}

const [port, folder] = process.argv.slice(2);
const read = (name) => fs.readFileSync(path.join(folder, name));

https.createServer({
  cert: read('tls.crt'),
  key: read('tls.key'),
  ca: read('ca.crt'),
  requestCert: true,
  rejectUnauthorized: true,
  minVersion: 'TLSv1.3',
}, (request, response) => {
  const policy = policies[request.url.split('?')[0]];
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    try {
      response.setHeader('Content-Type', 'application/json');
      response.end(answer(policy, Buffer.concat(chunks)));
    } catch (error) {
      response.writeHead(400, { 'Content-Type': 'text/plain' });
      response.end(error.message);
    }
  });
}).listen(Number(port), '127.0.0.1');

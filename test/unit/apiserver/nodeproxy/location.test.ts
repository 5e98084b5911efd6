import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Endpoints, Node, Pod, Service } from '../../../../src/api/kinds.ts';
import { chosenContainer } from '../../../../src/apiserver/nodeproxy/container-choice.ts';
import {
  kubeletOf,
  kubeletTarget,
  nodeBackend,
  podBackend,
  serviceBackend,
  splitSchemeNamePort,
} from '../../../../src/apiserver/nodeproxy/location.ts';
import type { ProxyCall } from '../../../../src/apiserver/nodeproxy/node-proxy.ts';

function pod(names: readonly string[], initNames: readonly string[] = []): Pod {
  const named = (name: string) => ({ name, ports: [{ containerPort: 8080 }] });
  return {
    metadata: { name: 'web', namespace: 'default' },
    spec: { nodeName: 'n', containers: names.map(named), initContainers: initNames.map(named) },
    status: { podIP: '10.1.0.5' },
  };
}

const one = pod(['a']);

test('the container is the one that is named, or the only one', () => {
  assert.equal(chosenContainer(one, null), 'a');
  assert.equal(chosenContainer(pod(['a', 'b'], ['i']), 'i'), 'i');
});

const refusals: readonly [pod: Pod, asked: string | null, message: string][] = [
  [pod(['a', 'b']), null, 'a container name must be specified for pod web, choose one of: [a b]'],
  [
    pod(['a', 'b'], ['i']),
    '',
    'a container name must be specified for pod web, choose one of: [a b] or one of the init containers: [i]',
  ],
  [pod([]), null, 'a container name must be specified for pod web'],
  [one, 'x', 'container x is not valid for pod web'],
];

for (const [of, asked, message] of refusals) {
  test(message, () => assert.throws(() => chosenContainer(of, asked), { reason: 'BadRequest', message }));
}

function target(subresource: ProxyCall['subresource'], query: string): string {
  const request = { method: 'GET', target: `/api/v1/namespaces/default/pods/web/${subresource}?${query}`, headers: {} };
  const call = { request, resource: 'pods', subresource, namespace: 'default', name: 'web', path: '' } as const;
  return kubeletTarget(call, one);
}

test('requests are put into the words of kubelet', () => {
  assert.equal(
    target('log', 'follow=true&tailLines=5&pretty=x'),
    '/containerLogs/default/web/a?follow=true&tailLines=5',
  );
  assert.equal(target('log', ''), '/containerLogs/default/web/a');
  assert.equal(
    target('exec', 'command=ls&command=-l+a&stdin=true&stdout=true&stderr=false&tty=1&container=a'),
    '/exec/default/web/a?input=1&output=1&tty=1&command=ls&command=-l+a',
  );
  assert.equal(target('attach', 'stdout=true'), '/attach/default/web/a?output=1');
  assert.equal(target('portforward', 'ports=80&ports=81'), '/portForward/default/web?port=80&port=81');
});

test('log options that make no sense are refused before the node is asked', () => {
  const cases = [
    ['tailLines=-1', 'tailLines: Invalid value: -1: must be greater than or equal to 0'],
    ['limitBytes=0', 'limitBytes: Invalid value: 0: must be greater than 0'],
    ['sinceSeconds=0', 'sinceSeconds: Invalid value: 0: must be greater than 0'],
    ['stream=Both', 'stream: Unsupported value: "Both": supported values: "All", "Stderr", "Stdout"'],
  ] as const;
  for (const [query, message] of cases) {
    assert.throws(() => target('log', query), {
      reason: 'Invalid',
      message: `PodLogOptions "web" is invalid: ${message}`,
    });
  }
});

const node: Node = {
  metadata: { name: 'n' },
  status: {
    addresses: [
      { type: 'Hostname', address: 'n' },
      { type: 'InternalIP', address: '192.0.2.2' },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: 10_260 } },
  },
};

test('the kubelet is where the Node says', () => {
  const kubelet = { scheme: 'https', host: '192.0.2.2', port: 10_260, node: 'n' };
  assert.deepEqual(kubeletOf(node), kubelet);
  assert.deepEqual(nodeBackend({ scheme: '', name: 'n', port: '' }, node), kubelet);
  assert.deepEqual(nodeBackend({ scheme: 'http', name: 'n', port: '9100' }, node), {
    scheme: 'http',
    host: '192.0.2.2',
    port: 9100,
  });
  assert.throws(() => kubeletOf({ metadata: { name: 'n' } }), { message: /no preferred addresses found/ });
});

test('scheme:name:port', () => {
  const cases = [
    ['web', { scheme: '', name: 'web', port: '' }],
    ['web:80', { scheme: '', name: 'web', port: '80' }],
    ['https:web:', { scheme: 'https', name: 'web', port: '' }],
    ['http:web:http', { scheme: 'http', name: 'web', port: 'http' }],
    ['', undefined],
    [':80', undefined],
    ['ftp:web:80', undefined],
    ['a:b:c:d', undefined],
  ] as const;
  for (const [text, expected] of cases) assert.deepEqual(splitSchemeNamePort(text), expected, text);
});

test('a pod is reached at its address, by default at its first port', () => {
  const named = { scheme: '', name: 'web', port: '' } as const;
  const backend = { scheme: 'http', host: '10.1.0.5', port: 8080 };
  assert.deepEqual(podBackend(named, one), backend);
  assert.deepEqual(podBackend({ ...named, scheme: 'https', port: '9' }, one), { ...backend, scheme: 'https', port: 9 });
  assert.throws(() => podBackend({ ...named, port: 'x' }, one), { reason: 'BadRequest' });
  assert.throws(() => podBackend(named, { ...one, status: {} }), { message: 'pod web has no address yet' });
});

test('a service is reached at one of its endpoints', () => {
  const service: Service = {
    spec: {
      ports: [
        { port: 80, name: 'http' },
        { port: 443, name: 'tls' },
      ],
    },
  };
  const endpoints: Endpoints = {
    subsets: [
      {
        addresses: [{ ip: '10.1.0.5' }, { ip: '10.1.0.6' }],
        ports: [
          { name: 'http', port: 8080 },
          { name: 'tls', port: 8443 },
        ],
      },
    ],
  };
  const at = (port: string, random: number) =>
    serviceBackend({ scheme: '', name: 'web', port }, service, endpoints, () => random);
  assert.deepEqual(at('80', 0), { scheme: 'http', host: '10.1.0.5', port: 8080 });
  assert.deepEqual(at('tls', 0.9), { scheme: 'http', host: '10.1.0.6', port: 8443 });
  assert.throws(() => at('81', 0), { message: 'no service port 81 found for service "web"' });
  assert.throws(() => serviceBackend({ scheme: '', name: 'web', port: '80' }, service, undefined, () => 0), {
    reason: 'ServiceUnavailable',
    message: 'no endpoints available for service "web"',
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node, Service } from '../../../src/api/kinds.ts';
import { planServiceAddresses } from '../../../src/controllers/service-lb/service-lb-plan.ts';

function node(name: string, addresses: Record<string, string>, ready: 'True' | 'False' = 'True', labels = {}): Node {
  return {
    metadata: { name, labels },
    status: {
      addresses: Object.entries(addresses).map(([type, address]) => ({ type, address })),
      conditions: [{ type: 'Ready', status: ready }],
    },
  };
}

function service(
  name: string,
  spec: object = {},
  ingress: object[] = [],
  creationTimestamp = '2026-01-01T00:00:00Z',
): Service {
  return {
    metadata: { name, namespace: 'ns', uid: name, creationTimestamp },
    spec: { type: 'LoadBalancer', ports: [{ port: 80 }], ...spec },
    status: { loadBalancer: { ingress } },
  };
}

const nodes = [
  node('inner', { InternalIP: '192.0.2.2', Hostname: 'inner' }),
  node('outer', { InternalIP: '192.0.2.3', ExternalIP: '198.51.100.1' }),
  node('away', { InternalIP: '192.0.2.4' }, 'False'),
  node('hidden', { InternalIP: '192.0.2.5' }, 'True', {
    'node.kubernetes.io/exclude-from-external-load-balancers': '',
  }),
];
const both = [
  { ip: '192.0.2.2', ipMode: 'VIP' },
  { ip: '198.51.100.1', ipMode: 'VIP' },
];

test('a balanced service has the addresses of the nodes that are ready', () => {
  const later = '2026-01-02T00:00:00Z';
  const rows: [what: string, Service, others: Service[], expected: object[] | undefined][] = [
    ['new', service('a'), [], both],
    ['as it should be', service('a', {}, both), [], undefined],
    ['of another class', service('a', { loadBalancerClass: 'x.io/y' }), [], undefined],
    ['another type', service('a', { type: 'NodePort' }), [], undefined],
    ['no longer of the type', service('a', { type: 'ClusterIP' }, both), [], []],
    ['an older one has the port', service('a', {}, both, later), [service('b')], []],
    ['a younger one wants it', service('a'), [service('b', {}, [], later)], both],
    ['another protocol', service('a', {}, [], later), [service('b', { ports: [{ port: 80, protocol: 'UDP' }] })], both],
    [
      'the older one is of another class',
      service('a', {}, [], later),
      [service('b', { loadBalancerClass: 'x.io/y' })],
      both,
    ],
  ];
  for (const [what, own, others, expected] of rows) {
    const { actions } = planServiceAddresses({ service: own, services: [own, ...others], nodes });
    assert.deepEqual(actions[0]?.ingress, expected, what);
  }
});

test('of two made in the same second just one has the port', () => {
  const pair = [
    service('a'),
    { ...service('a'), metadata: { ...service('a').metadata, namespace: 'other', uid: 'o' } },
  ];
  const given = pair.map((own) => planServiceAddresses({ service: own, services: pair, nodes }).actions.length);
  assert.deepEqual(given, [1, 0]);
});

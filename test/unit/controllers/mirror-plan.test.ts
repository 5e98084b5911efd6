import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Endpoints, EndpointSlice, Service } from '../../../src/api/kinds.ts';
import { planMirror } from '../../../src/controllers/endpoints/mirror-plan.ts';

const service: Service = { metadata: { name: 'db', namespace: 'ns' }, spec: { ports: [{ port: 5432 }] } };

function endpoints(more: object = {}, metadata: object = {}): Endpoints {
  const subsets = [
    {
      addresses: [{ ip: '192.0.2.1', nodeName: 'one' }, { ip: '2001:db8::1' }],
      notReadyAddresses: [{ ip: '192.0.2.2' }],
      ports: [{ port: 5432 }],
    },
  ];
  return { metadata: { name: 'db', namespace: 'ns', uid: 'u', labels: { app: 'db' }, ...metadata }, subsets, ...more };
}

/** Does to the slices what the plan says. */
function applied(of: Endpoints | undefined, slices: readonly EndpointSlice[], owner: Service | undefined = service) {
  const { actions } = planMirror({ endpoints: of, service: owner, slices });
  let result = [...slices];
  for (const { kind, slice } of actions) {
    const name = kind === 'create' ? `${slice.metadata?.generateName}${result.length}` : slice.metadata?.name;
    result = result.filter(({ metadata }) => metadata?.name !== name);
    if (kind !== 'delete') result.push({ ...slice, metadata: { ...slice.metadata, name: name ?? '' } });
  }
  return { result, kinds: actions.map(({ kind }) => kind) };
}

test('what somebody keeps by hand is in slices, one for each family of addresses', () => {
  const { result } = applied(endpoints(), []);
  assert.deepEqual(
    result.map(({ addressType, endpoints: of, ports }) => [addressType, of, ports]),
    [
      [
        'IPv4',
        [
          { addresses: ['192.0.2.1'], conditions: { ready: true }, nodeName: 'one' },
          { addresses: ['192.0.2.2'], conditions: { ready: false } },
        ],
        [{ name: '', protocol: 'TCP', port: 5432 }],
      ],
      [
        'IPv6',
        [{ addresses: ['2001:db8::1'], conditions: { ready: true } }],
        [{ name: '', protocol: 'TCP', port: 5432 }],
      ],
    ],
  );
  const [first] = result;
  assert.deepEqual(first?.metadata?.labels, {
    app: 'db',
    'kubernetes.io/service-name': 'db',
    'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io',
  });
  assert.deepEqual(first?.metadata?.ownerReferences?.[0]?.kind, 'Endpoints');
});

test('slices follow the endpoints, and are left alone where nothing changed', () => {
  const { result } = applied(endpoints(), []);
  assert.deepEqual(applied(endpoints(), result).kinds, []);
  const fewer = endpoints({ subsets: [{ addresses: [{ ip: '192.0.2.9' }], ports: [{ port: 5432 }] }] });
  const next = applied(fewer, result);
  assert.deepEqual(next.kinds, ['update', 'delete']);
  assert.deepEqual(applied(fewer, next.result).kinds, []);
  const noted = endpoints({}, { annotations: { note: 'x', 'kubectl.kubernetes.io/last-applied-configuration': 'y' } });
  const annotated = applied(noted, result);
  assert.deepEqual(annotated.result[0]?.metadata?.annotations, { note: 'x' });
  assert.deepEqual(applied(noted, annotated.result).kinds, []);
});

test('some are not mirrored, and those that were go', () => {
  const { result } = applied(endpoints(), []);
  const chosen: Service = { ...service, spec: { selector: { app: 'db' } } };
  const rows: [what: string, of: Endpoints | undefined, owner: Service | undefined][] = [
    ['the service selects pods', endpoints(), chosen],
    ['asked not to', endpoints({}, { labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } }), service],
    ['a lock', endpoints({}, { annotations: { 'control-plane.alpha.kubernetes.io/leader': '{}' } }), service],
    ['the endpoints are gone', undefined, service],
  ];
  for (const [what, of, owner] of rows) assert.deepEqual(applied(of, result, owner).kinds, ['delete', 'delete'], what);
  assert.deepEqual(planMirror({ endpoints: endpoints(), service: undefined, slices: result }).actions.length, 2);
});

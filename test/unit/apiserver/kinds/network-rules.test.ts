import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../../../src/api/object.ts';
import { builtIn } from '../../../../src/api/resources.ts';
import { strategyOf } from '../../../../src/apiserver/kinds/index.ts';
import { checksOf } from './field-errors.ts';

const metadata = { name: 'o', namespace: 'n' };
const NAMED: Readonly<
  Record<string, readonly [groupVersion: string, plural: string, object: object, ...errors: string[]]>
> = {
  'ports that end before they start': [
    'networking.k8s.io/v1',
    'networkpolicies',
    {
      metadata,
      spec: {
        policyTypes: ['X'],
        ingress: [
          {
            ports: [{ protocol: 'X', port: 9, endPort: 8 }, { endPort: 8 }, { port: 'http', endPort: 8 }],
          },
        ],
      },
    },
    'spec.ingress[0].ports[0].protocol: Unsupported value: "X": supported values: "TCP", "UDP", "SCTP"',
    'spec.ingress[0].ports[0].endPort: Invalid value: 9: must be greater than or equal to `port`',
    'spec.ingress[0].ports[1].endPort: Invalid value: 8: may not be specified when `port` is not specified',
    'spec.ingress[0].ports[2].endPort: Invalid value: 8: may not be specified when `port` is non-numeric',
    'spec.policyTypes[0]: Unsupported value: "X": supported values: "Ingress", "Egress"',
  ],
  'an ingress with two classes and a secret of no name': [
    'networking.k8s.io/v1',
    'ingresses',
    {
      metadata: { ...metadata, annotations: { 'kubernetes.io/ingress.class': 'a' } },
      spec: {
        ingressClassName: 'b',
        defaultBackend: { resource: { kind: 'a/b', name: '' } },
        tls: [{ secretName: 'a_b' }],
      },
    },
    'spec.defaultBackend.resource.kind: Invalid value: "a/b": may not contain \'/\'',
    'spec.defaultBackend.resource.name: Required value: name is required',
    "spec.tls[0].secretName: Invalid value: \"a_b\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    'annotations.kubernetes.io/ingress.class: Invalid value: "a": must match `ingressClassName` when both are specified',
  ],
  'a controller without a path': [
    'networking.k8s.io/v1',
    'ingressclasses',
    { metadata: { name: 'o' }, spec: { controller: 'example.com/' } },
    'spec.controller: Invalid value: "example.com/": must be a domain-prefixed path (such as "acme.io/foo")',
  ],
  'an address in another spelling': [
    'networking.k8s.io/v1',
    'ipaddresses',
    { metadata: { name: '2001:DB8::1' }, spec: { parentRef: { resource: 'a/b', name: 'n' } } },
    'metadata.name: Invalid value: "2001:DB8::1": must be in canonical form ("2001:db8::1")',
    'spec.parentRef.resource: Invalid value: "a/b": may not contain \'/\'',
  ],
  'two ranges of one family': [
    'networking.k8s.io/v1',
    'servicecidrs',
    { metadata: { name: 'o' }, spec: { cidrs: ['10.0.0.0/24', '10.1.0.0/24'] } },
    'spec.cidrs: Invalid value: {"CIDRs":["10.0.0.0/24","10.1.0.0/24"]}: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
  ],
  'hints for a zone twice': [
    'discovery.k8s.io/v1',
    'endpointslices',
    {
      metadata,
      addressType: 'IPv4',
      endpoints: [
        { addresses: ['10.0.0.1'], hints: { forZones: [{ name: 'a' }, { name: 'a' }], forNodes: [{ name: '_' }] } },
      ],
      ports: [{ protocol: 'X' }],
    },
    'ports[0].protocol: Unsupported value: "X": supported values: "SCTP", "TCP", "UDP"',
    'endpoints[0].hints.forZones[1].name: Duplicate value: "a"',
    "endpoints[0].hints.forNodes[0].name: Invalid value: \"_\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
  ],
  'a finalizer of nobody': [
    'v1',
    'namespaces',
    { metadata: { name: 'o' }, spec: { finalizers: ['x'] } },
    'spec.finalizers: Invalid value: "x": name is neither a standard finalizer name nor is it fully qualified',
  ],
};

for (const [name, [groupVersion, plural, object, ...errors]] of Object.entries(NAMED)) {
  test(name, () => assert.deepEqual(checksOf(groupVersion, plural).created(object as KubeObject), errors));
}

test('service ranges: a second family may come, and nothing else changes', () => {
  const ranges = checksOf('networking.k8s.io/v1', 'servicecidrs');
  const changed = (before: string[], now: string[]) =>
    ranges.updated({ metadata, spec: { cidrs: now } }, { metadata, spec: { cidrs: before } });
  assert.deepEqual(changed(['10.0.0.0/24'], ['10.0.0.0/24', 'fd00::/112']), []);
  assert.deepEqual(changed(['10.0.0.0/24'], ['10.1.0.0/24']), [
    'spec.cidrs[0]: Invalid value: "10.1.0.0/24": field is immutable',
  ]);
  assert.deepEqual(changed(['10.0.0.0/24', 'fd00::/112'], ['10.0.0.0/24']), [
    'spec.cidrs: Invalid value: ["10.0.0.0/24"]: field is immutable',
  ]);
});

test('namespaces: the phase goes with the deletion, and finalizers are names', () => {
  const namespaces = checksOf('v1', 'namespaces');
  const old = { metadata: { name: 'o' } };
  assert.deepEqual(namespaces.updated({ ...old, status: { phase: 'Terminating' } }, old, 'status'), [
    'status.Phase: Invalid value: "Terminating": may only be \'Active\' if `deletionTimestamp` is empty',
  ]);
  assert.deepEqual(namespaces.updated({ ...old, spec: { finalizers: ['kubernetes', 'x'] } }, old, 'finalize'), [
    'spec.finalizers[1]: Invalid value: "x": name is neither a standard finalizer name nor is it fully qualified',
  ]);
});

test('finalizers that come later are looked at too', () => {
  const strategy = strategyOf(builtIn('v1', 'configmaps'));
  const errors = strategy.validateUpdate?.(
    { metadata: { ...metadata, finalizers: ['x'] } },
    { metadata },
    {
      now: 0,
      randomText: () => '',
    },
  );
  assert.deepEqual(errors, [
    {
      type: 'FieldValueInvalid',
      field: 'metadata.finalizers[0]',
      message: 'Invalid value: "x": name is neither a standard finalizer name nor is it fully qualified',
    },
  ]);
});

test('what is legal on the network but unwise', () => {
  const warnings = (groupVersion: string, plural: string, object: object) =>
    strategyOf(builtIn(groupVersion, plural)).warnings?.(object as KubeObject);
  const annotations = { 'kubernetes.io/ingress.class': 'a' };
  assert.deepEqual(warnings('networking.k8s.io/v1', 'ingresses', { metadata: { annotations } }), [
    `annotation "kubernetes.io/ingress.class" is deprecated, please use 'spec.ingressClassName' instead`,
  ]);
  const spec = { egress: [{ to: [{ ipBlock: { cidr: '2001:DB8::/64' } }] }] };
  assert.deepEqual(warnings('networking.k8s.io/v1', 'networkpolicies', { metadata, spec }), [
    'spec.egress[0].to[0].ipBlock.cidr: IPv6 CIDR value "2001:DB8::/64" should be in RFC 5952 canonical format ("2001:db8::/64")',
  ]);
});

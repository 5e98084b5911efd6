import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod, PodSpec } from '../../../src/api/kinds.ts';
import { locatedDns, resolvConf } from '../../../src/edged/pods/dns-config.ts';

const HOST = 'nameserver 192.0.2.53\nsearch plant.example\noptions timeout:1\n';
const CLUSTER = locatedDns({ servers: 'gateway', domain: 'cluster.local' }, '10.200.4.1');
const NONE = locatedDns({ servers: [], domain: '' }, '10.200.4.1');

function pod(spec: Partial<PodSpec>): Pod {
  return { metadata: { name: 'web', namespace: 'shop', uid: 'u' }, spec: { containers: [], ...spec } };
}

const IN_CLUSTER = `nameserver 10.200.4.1
search shop.svc.cluster.local svc.cluster.local cluster.local plant.example
options ndots:5
`;

test('pods ask the name server of the cluster, on the host’s network only where they say so', () => {
  assert.equal(resolvConf(pod({ dnsPolicy: 'ClusterFirst' }), CLUSTER, HOST), IN_CLUSTER);
  assert.equal(resolvConf(pod({}), CLUSTER, HOST), IN_CLUSTER);
  assert.equal(resolvConf(pod({ hostNetwork: true }), CLUSTER, HOST), undefined);
  const onHost = pod({ hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' });
  assert.equal(resolvConf(onHost, CLUSTER, HOST), IN_CLUSTER);
});

test('Default, and a cluster without a name server, leave it to the host', () => {
  assert.equal(resolvConf(pod({ dnsPolicy: 'Default' }), CLUSTER, HOST), undefined);
  assert.equal(resolvConf(pod({ dnsPolicy: 'ClusterFirst' }), NONE, HOST), undefined);
});

test('a server that the user names is the one', () => {
  const named = locatedDns({ servers: ['169.254.96.16'], domain: 'cluster.local' }, '10.200.4.1');
  assert.match(resolvConf(pod({}), named, '') ?? '', /^nameserver 169\.254\.96\.16\n/);
});

test('dnsConfig adds to what the policy gives, and is all where the policy is None', () => {
  const dnsConfig = {
    nameservers: ['198.51.100.53'],
    searches: ['lab.example'],
    options: [{ name: 'ndots', value: '2' }, { name: 'edns0' }],
  };
  assert.equal(
    resolvConf(pod({ dnsPolicy: 'None', dnsConfig }), CLUSTER, HOST),
    'nameserver 198.51.100.53\nsearch lab.example\noptions ndots:2 edns0\n',
  );
  assert.equal(
    resolvConf(pod({ dnsConfig }), CLUSTER, ''),
    'nameserver 10.200.4.1\nnameserver 198.51.100.53\n' +
      'search shop.svc.cluster.local svc.cluster.local cluster.local lab.example\noptions ndots:2 edns0\n',
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FlowSchema, PriorityLevelConfiguration } from '../../../../src/api/kinds.ts';
import type { RequestFacts } from '../../../../src/apiserver/flowcontrol/classify.ts';
import { defaultFlowSchemas, defaultPriorityLevels, FlowControl } from '../../../../src/apiserver/flowcontrol/index.ts';
import { planDangling } from '../../../../src/apiserver/flowcontrol/plan-dangling.ts';
import { ManualClock } from '../../../../src/base/clock.ts';
import type { Caller } from '../../../../src/client/index.ts';

const AUTHENTICATED = 'system:authenticated';
const signal = new AbortController().signal;

function withUid<T extends FlowSchema | PriorityLevelConfiguration>(object: T): T {
  return { ...object, metadata: { ...object.metadata, uid: `uid of ${object.metadata?.name}` } };
}

function withDefaults(): FlowControl {
  const flowControl = new FlowControl(new ManualClock(0), () => 1);
  for (const level of defaultPriorityLevels()) flowControl.setLevel(level.metadata?.name ?? '', withUid(level));
  for (const schema of defaultFlowSchemas()) flowControl.setSchema(schema.metadata?.name ?? '', withUid(schema));
  return flowControl;
}

function resource(facts: Partial<RequestFacts>): RequestFacts {
  const none = { verb: 'get', path: '', group: '', namespace: '', resource: '', subresource: '' };
  return { isResource: true, ...none, ...facts };
}

function caller(name: string, ...groups: string[]): Caller {
  return { name, groups: [...groups, AUTHENTICATED] };
}

const NODE = caller('system:node:edge', 'system:nodes');
const ACCOUNT = caller('system:serviceaccount:a:b', 'system:serviceaccounts');
const SYSTEM_ACCOUNT = caller('system:serviceaccount:kube-system:b', 'system:serviceaccounts');
const LEASES = resource({ verb: 'update', group: 'coordination.k8s.io', resource: 'leases', namespace: 'x', path: '' });
const PODS = resource({ verb: 'list', resource: 'pods' });
const path = (text: string) => resource({ isResource: false, path: text });

const FLOWS: readonly [who: Caller, what: RequestFacts, schema: string, level: string][] = [
  [caller('admin', 'system:masters'), PODS, 'exempt', 'exempt'],
  [{ name: 'system:anonymous', groups: ['system:unauthenticated'] }, path('/readyz'), 'probes', 'exempt'],
  [{ name: 'system:anonymous', groups: ['system:unauthenticated'] }, path('/api'), 'global-default', 'global-default'],
  [NODE, LEASES, 'system-node-high', 'node-high'],
  [NODE, resource({ resource: 'nodes', subresource: 'status', verb: 'patch' }), 'system-node-high', 'node-high'],
  [NODE, PODS, 'system-nodes', 'system'],
  [caller('system:kube-scheduler'), LEASES, 'system-leader-election', 'leader-election'],
  [caller('system:kube-scheduler'), PODS, 'kube-scheduler', 'workload-high'],
  [caller('system:kube-controller-manager'), PODS, 'kube-controller-manager', 'workload-high'],
  [
    caller('system:kube-controller-manager'),
    resource({ resource: 'endpoints', verb: 'update', namespace: 'x' }),
    'endpoint-controller',
    'workload-high',
  ],
  [SYSTEM_ACCOUNT, PODS, 'kube-system-service-accounts', 'workload-high'],
  [ACCOUNT, PODS, 'service-accounts', 'workload-low'],
  [caller('jane'), PODS, 'global-default', 'global-default'],
  [{ name: 'nobody', groups: [] }, PODS, 'catch-all', 'catch-all'],
];

for (const [who, what, schema, level] of FLOWS) {
  test(`${who.name} on ${what.path || `${what.verb} ${what.resource}`} is of ${schema}`, async () => {
    const seat = await withDefaults().enter(who, what, signal);
    assert.deepEqual(seat.headers, {
      'x-kubernetes-pf-flowschema-uid': `uid of ${schema}`,
      'x-kubernetes-pf-prioritylevel-uid': `uid of ${level}`,
    });
  });
}

test('without any objects the mandatory ones hold', async () => {
  const flowControl = new FlowControl(new ManualClock(0), () => 1);
  await flowControl.enter(caller('admin', 'system:masters'), PODS, signal);
  const seats = Array.from({ length: 64 }, () => flowControl.enter(caller('jane'), PODS, signal));
  assert.ok(seats.every((seat) => !(seat instanceof Promise)));
  await assert.rejects(Promise.resolve(flowControl.enter(caller('jane'), PODS, signal)), { code: 429 });
});

test('a schema of a higher precedence is asked first; one without a level is left out', async () => {
  const flowControl = withDefaults();
  const [exempt] = defaultFlowSchemas();
  const own = (name: string, level: string): FlowSchema => ({
    ...exempt,
    metadata: { name, uid: `uid of ${name}` },
    spec: {
      priorityLevelConfiguration: { name: level },
      matchingPrecedence: 50,
      rules: [
        {
          subjects: [{ kind: 'User', user: { name: 'jane' } }],
          resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: ['*'] }],
        },
      ],
    },
  });
  flowControl.setSchema('a-broken', own('a-broken', 'nowhere'));
  flowControl.setSchema('b-own', own('b-own', 'workload-high'));
  const seat = await flowControl.enter(caller('jane'), PODS, signal);
  assert.equal(seat.headers['x-kubernetes-pf-flowschema-uid'], 'uid of b-own');
  flowControl.setSchema('b-own', undefined);
  const after = await flowControl.enter(caller('jane'), PODS, signal);
  assert.equal(after.headers['x-kubernetes-pf-flowschema-uid'], 'uid of global-default');
});

test('however many wait elsewhere, nodes keep seats for their leases', async () => {
  const flowControl = withDefaults();
  let seated = 0;
  for (let i = 0; i < 2_000; i += 1) {
    for (const who of [caller(`user-${i}`), ACCOUNT]) {
      const seat = flowControl.enter(who, PODS, signal);
      if (!(seat instanceof Promise)) seated += 1;
      else seat.catch(() => undefined); // the queues are full
    }
  }
  assert.ok(seated > 0 && seated <= 70, `${seated} seats are taken`);
  const leases = Array.from({ length: 5 }, () => flowControl.enter(NODE, LEASES, signal));
  assert.ok(leases.every((seat) => !(seat instanceof Promise)));
});

test('a schema is told whether its level is there, once', () => {
  const [exempt] = defaultFlowSchemas();
  assert.ok(exempt);
  const found = planDangling(exempt, true, 0);
  assert.deepEqual(found, {
    type: 'Dangling',
    status: 'False',
    reason: 'Found',
    message: 'This FlowSchema references the PriorityLevelConfiguration object named "exempt" and it exists',
    lastTransitionTime: '1970-01-01T00:00:00Z',
  });
  const told = { ...exempt, status: { conditions: [found] } };
  assert.equal(planDangling(told, true, 5_000), undefined);
  assert.equal(
    planDangling(told, false, 5_000)?.message,
    'This FlowSchema references the PriorityLevelConfiguration object named "exempt" but there is no such object',
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Deployment } from '../../../../src/api/kinds.ts';
import { deploymentOf, RollOutModel, templateOf } from '../../../support/workloads.ts';

const REVISION = 'deployment.kubernetes.io/revision';
const HISTORY = 'deployment.kubernetes.io/revision-history';

function rolledOut(spec: Partial<NonNullable<Deployment['spec']>> = {}): RollOutModel {
  const model = new RollOutModel(deploymentOf(spec));
  model.settle();
  return model;
}

function kinds(actions: readonly { kind: string }[]): string[] {
  return actions.map(({ kind }) => kind);
}

test('a new deployment makes one replica set of full size, labelled by the hash of its template', () => {
  const model = new RollOutModel(deploymentOf());
  assert.deepEqual(kinds(model.rounds()), ['create-replica-set', 'set-revision', 'status']);
  const [replicaSet] = model.replicaSets;
  const hash = replicaSet?.metadata?.labels?.['pod-template-hash'] ?? '';
  assert.match(hash, /^[bcdfghjklmnpqrstvwxz2456789]{5,10}$/);
  assert.equal(replicaSet?.metadata?.name, `web-${hash}`);
  assert.deepEqual(replicaSet.spec?.selector, { matchLabels: { app: 'web', 'pod-template-hash': hash } });
  assert.deepEqual(replicaSet.spec?.template?.metadata?.labels, { app: 'web', 'pod-template-hash': hash });
  assert.deepEqual(replicaSet.metadata?.annotations, {
    'deployment.kubernetes.io/desired-replicas': '3',
    'deployment.kubernetes.io/max-replicas': '4',
    [REVISION]: '1',
  });
  assert.equal(replicaSet.spec?.replicas, 3);
  assert.equal(model.progressing(), `True NewReplicaSetCreated: Created new replica set "web-${hash}"`);
});

test('a finished roll-out says so and leaves nothing to do', () => {
  const model = rolledOut();
  const { conditions = [], ...counts } = model.deployment.status ?? {};
  assert.deepEqual(counts, {
    observedGeneration: 1,
    replicas: 3,
    updatedReplicas: 3,
    readyReplicas: 3,
    availableReplicas: 3,
    terminatingReplicas: 0,
  });
  const name = model.find('v1')?.metadata?.name;
  assert.deepEqual(
    conditions.map(({ type, status, reason, message }) => [type, status, reason, message]),
    [
      ['Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.'],
      ['Progressing', 'True', 'NewReplicaSetAvailable', `ReplicaSet "${name}" has successfully progressed.`],
    ],
  );
  assert.deepEqual(model.plan(), { actions: [], recheckAfterMs: undefined });
});

test('a rolling update goes on only as pods become available', () => {
  const model = rolledOut({ replicas: 4 });
  model.change({ template: templateOf('v2') });
  model.rounds();
  assert.deepEqual(model.sizes(), { v1: 3, v2: 2 });
  const next = model.find('v2');
  assert.ok(next !== undefined);
  model.report(next);
  assert.deepEqual(kinds(model.rounds()), ['status'], 'the new pods are not available yet');
  assert.deepEqual(model.sizes(), { v1: 3, v2: 2 });
  model.setAvailable(next, 2);
  for (const each of model.replicaSets) model.report(each);
  model.rounds();
  assert.deepEqual(model.sizes(), { v1: 1, v2: 4 });
  assert.match(model.progressing(), /^True ReplicaSetUpdated: ReplicaSet "web-\w+" is progressing\.$/);
  model.settle();
  assert.deepEqual(model.sizes(), { v1: 0, v2: 4 });
  assert.equal(model.deployment.metadata?.annotations?.[REVISION], '2');
});

test('a status that lags behind takes no more pods than may go', () => {
  const model = rolledOut({ replicas: 10, strategy: { rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } } });
  model.change({ template: templateOf('v2') });
  model.rounds();
  const next = model.find('v2');
  assert.ok(next !== undefined);
  const before = model.sizes()['v1'] ?? 0;
  model.report(next);
  model.setAvailable(next, 1);
  model.report(next);
  model.rounds(); // the status of v1 still tells of 10 pods
  assert.equal(before - (model.sizes()['v1'] ?? 0), 1);
  assert.ok(model.staying() >= 8, JSON.stringify(model.sizes()));
});

test('going back finds the old replica set and counts it as the latest revision', () => {
  const model = rolledOut();
  for (const version of ['v2', 'v1', 'v2', 'v1']) {
    model.change({ template: templateOf(version) });
    model.settle();
  }
  assert.equal(model.replicaSets.length, 2);
  assert.equal(model.find('v1')?.metadata?.annotations?.[REVISION], '5');
  assert.equal(model.find('v1')?.metadata?.annotations?.[HISTORY], '1,3');
  assert.equal(model.deployment.metadata?.annotations?.[REVISION], '5');
  assert.deepEqual(model.sizes(), { v1: 3, v2: 0 });
});

test('the history of a replica set stays short, the latest revisions being kept', () => {
  const model = rolledOut();
  for (let round = 0; round < 1200; round += 1) {
    model.change({ template: templateOf(round % 2 === 0 ? 'v2' : 'v1') });
    model.rounds();
  }
  const history = model.find('v1')?.metadata?.annotations?.[HISTORY] ?? '';
  assert.ok(history.length <= 2000 && history.length > 1990, `${history.length}`);
  assert.match(history, /^\d+,.*,1197,1199$/);
});

test('going back tells of the replica set it has found', () => {
  const model = rolledOut();
  model.change({ template: templateOf('v2') });
  model.settle();
  model.change({ template: templateOf('v1') });
  model.rounds();
  assert.equal(
    model.progressing(),
    `True FoundNewReplicaSet: Found new replica set "${model.find('v1')?.metadata?.name}"`,
  );
});

test('a roll-out without progress is given up at its deadline, and a new template begins anew', () => {
  const model = rolledOut({ progressDeadlineSeconds: 60 });
  model.change({ template: templateOf('broken') });
  model.rounds();
  const broken = model.find('broken');
  assert.ok(broken !== undefined);
  model.report(broken);
  model.rounds();
  const wait = model.plan().recheckAfterMs ?? 0;
  assert.equal(wait, 61_000);
  model.now += wait - 2_000;
  assert.deepEqual(model.plan().actions, []);
  model.now += 2_000;
  model.rounds();
  const name = broken.metadata?.name;
  assert.equal(model.progressing(), `False ProgressDeadlineExceeded: ReplicaSet "${name}" has timed out progressing.`);
  assert.equal(model.plan().recheckAfterMs, undefined);
  model.change({ template: templateOf('v3') });
  model.rounds();
  const mended = model.find('v3')?.metadata?.name;
  assert.equal(model.progressing(), `True NewReplicaSetCreated: Created new replica set "${mended}"`);
  model.settle();
  assert.match(model.progressing(), /^True NewReplicaSetAvailable/);
});

test('a paused deployment keeps its replica sets, but scales, and its deadline does not run', () => {
  const model = rolledOut();
  model.change({ paused: true, template: templateOf('v2') });
  model.rounds();
  assert.deepEqual(model.sizes(), { v1: 3 });
  assert.equal(model.progressing(), 'Unknown DeploymentPaused: Deployment is paused');
  assert.equal(model.plan().recheckAfterMs, undefined);
  model.change({ replicas: 5 });
  model.settle();
  assert.deepEqual(model.sizes(), { v1: 5 });
  model.change({ paused: false });
  model.settle();
  assert.deepEqual(model.sizes(), { v1: 0, v2: 5 });
  assert.match(model.progressing(), /^True NewReplicaSetAvailable/);
});

test('a roll-out that was resumed and is stuck meets its deadline too', () => {
  const model = rolledOut({ progressDeadlineSeconds: 60 });
  model.change({ template: templateOf('broken') });
  model.rounds();
  for (const each of model.replicaSets) model.report(each);
  model.rounds();
  model.change({ paused: true });
  model.rounds();
  model.change({ paused: false });
  model.rounds();
  assert.equal(model.progressing(), 'Unknown DeploymentResumed: Deployment is resumed');
  model.now += model.plan().recheckAfterMs ?? 0;
  model.rounds();
  assert.match(model.progressing(), /^False ProgressDeadlineExceeded/);
});

test('recreating waits for the end of every old pod', () => {
  const model = rolledOut({ strategy: { type: 'Recreate' } });
  model.change({ template: templateOf('v2') });
  model.rounds();
  assert.deepEqual(model.sizes(), { v1: 0 });
  const old = model.find('v1');
  assert.ok(old !== undefined);
  assert.equal(model.find('v2'), undefined, 'the old pods still run');
  model.report(old);
  model.rounds();
  assert.deepEqual(model.sizes(), { v1: 0, v2: 3 });
  model.settle();
  assert.match(model.progressing(), /^True NewReplicaSetAvailable/);
});

test('old replica sets beyond the history limit go, the oldest revisions first', () => {
  const model = rolledOut({ revisionHistoryLimit: 2 });
  for (const version of ['v2', 'v3', 'v1', 'v4']) {
    model.change({ template: templateOf(version) });
    model.settle();
  }
  assert.deepEqual(Object.keys(model.sizes()).sort(), ['v1', 'v3', 'v4']);
});

const SHARED_OUT: [name: string, to: number, sizes: Record<string, number>][] = [
  ['up, by share of the present sizes', 15, { v1: 12, v2: 7 }],
  ['down, by share of the present sizes', 5, { v1: 4, v2: 3 }],
  ['to nothing', 0, { v1: 0, v2: 0 }],
];
for (const [name, replicas, sizes] of SHARED_OUT) {
  test(`a change of size in the midst of a roll-out is shared out ${name}`, () => {
    const model = rolledOut({ replicas: 10, strategy: { rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } } });
    model.change({ template: templateOf('v2') });
    model.rounds();
    assert.deepEqual(model.sizes(), { v1: 8, v2: 5 });
    model.change({ replicas });
    const [first] = model.plan().actions;
    assert.equal(first?.reason, 'spec.replicas changed');
    model.round();
    assert.deepEqual(model.sizes(), sizes);
  });
}

test('annotations and the readiness delay of the deployment are handed on, its own ones are not', () => {
  const model = rolledOut();
  model.change({ minReadySeconds: 7 });
  const annotations = { note: 'kept', 'kubectl.kubernetes.io/last-applied-configuration': '{}', [REVISION]: '1' };
  model.deployment = { ...model.deployment, metadata: { ...model.deployment.metadata, annotations } };
  model.rounds();
  const current = model.find('v1');
  assert.equal(current?.spec?.minReadySeconds, 7);
  assert.equal(current.metadata?.annotations?.['note'], 'kept');
  assert.equal(current.metadata?.annotations?.['kubectl.kubernetes.io/last-applied-configuration'], undefined);
});

test('what hinders a replica set shows in the deployment, and goes with its cause', () => {
  const model = rolledOut();
  const [replicaSet] = model.replicaSets;
  assert.ok(replicaSet !== undefined);
  const failure = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'exceeded quota' };
  model.replicaSets = [{ ...replicaSet, status: { replicas: 3, ...replicaSet.status, conditions: [failure] } }];
  model.rounds();
  const told = model.deployment.status?.conditions?.find(({ type }) => type === 'ReplicaFailure');
  assert.deepEqual([told?.status, told?.reason, told?.message], ['True', 'FailedCreate', 'exceeded quota']);
  model.replicaSets = [replicaSet];
  model.rounds();
  assert.ok(!model.deployment.status?.conditions?.some(({ type }) => type === 'ReplicaFailure'));
});

test('a deployment that is being deleted only reports', () => {
  const model = rolledOut();
  model.change({ replicas: 7, template: templateOf('v2') });
  const metadata = { ...model.deployment.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' };
  model.deployment = { ...model.deployment, metadata };
  assert.deepEqual(kinds(model.rounds()), ['status']);
});

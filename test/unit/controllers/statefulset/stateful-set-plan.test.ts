import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ControllerRevision, PersistentVolumeClaim, Pod, StatefulSet } from '../../../../src/api/kinds.ts';
import { claimsFor } from '../../../../src/controllers/statefulset/stateful-pod.ts';
import { planStatefulSet, type StatefulSetAction } from '../../../../src/controllers/statefulset/stateful-set-plan.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
type Spec = NonNullable<StatefulSet['spec']>;

function template(image: string): Spec['template'] {
  return { metadata: { labels: { app: 'db' } }, spec: { containers: [{ name: 'c', image }] } };
}

class SetModel {
  set: StatefulSet;
  pods: Pod[] = [];
  history: ControllerRevision[] = [];
  claims: PersistentVolumeClaim[] = [];
  log: string[] = [];
  #made = 0;

  constructor(spec: Partial<Spec>) {
    const rest = { selector: { matchLabels: { app: 'db' } }, serviceName: 'db', template: template('db:1') };
    this.set = { metadata: { name: 'db', namespace: 'n', uid: 'set', generation: 1 }, spec: { ...rest, ...spec } };
  }

  change(spec: Partial<Spec>): void {
    this.set = { ...this.set, spec: { ...this.set.spec!, ...spec } };
  }

  plan() {
    return planStatefulSet(
      {
        set: this.set,
        pods: { owned: this.pods, toAdopt: [], toRelease: [] },
        history: this.history,
        claimOf: (name) => this.claims.find(({ metadata }) => metadata?.name === name),
      },
      NOW,
    );
  }

  apply(action: StatefulSetAction): void {
    switch (action.kind) {
      case 'create-claims':
        this.#claim(action.ordinal);
        return;
      case 'own-claim': {
        const metadata = { ...action.claim.metadata, ownerReferences: action.ownerReferences };
        this.claims = this.claims.map((each) => (each === action.claim ? { ...each, metadata } : each));
        return;
      }
      case 'create':
        this.#claim(action.ordinal);
        this.#made += 1;
        this.log.push(`+${action.pod.metadata?.name}`);
        this.pods.push({
          ...action.pod,
          metadata: { ...action.pod.metadata, uid: `${this.#made}` },
          status: { phase: 'Pending' },
        });
        return;
      case 'delete':
        this.log.push(`-${action.pod.metadata?.name}`);
        this.pods = this.pods.filter((pod) => pod !== action.pod);
        return;
      case 'create-revision':
        this.history.push(action.revision);
        return;
      case 'renumber-revision':
        this.history = this.history.map((each) =>
          each === action.revision ? { ...each, revision: action.number } : each,
        );
        return;
      case 'status':
        this.set = { ...this.set, status: action.status };
        return;
      default:
        assert.fail(`unexpected ${action.kind}`);
    }
  }

  #claim(ordinal: number): void {
    const isThere = (name: string | undefined) => this.claims.some(({ metadata }) => metadata?.name === name);
    this.claims.push(...claimsFor(this.set, ordinal).filter(({ metadata }) => !isThere(metadata?.name)));
  }

  settle(): void {
    for (let rounds = 0; ; rounds += 1) {
      assert.ok(rounds < 100, 'the plan does not settle');
      const { actions } = this.plan();
      for (const action of actions) this.apply(action);
      if (actions.length === 0) return;
    }
  }

  bringUp(): boolean {
    const waiting = this.pods.find(({ status }) => status?.phase === 'Pending');
    if (waiting === undefined) return false;
    const ready = { type: 'Ready', status: 'True', lastTransitionTime: '2025-01-01T00:00:00Z' };
    this.pods = this.pods.map((pod) =>
      pod === waiting ? { ...pod, status: { phase: 'Running', conditions: [ready] } } : pod,
    );
    return true;
  }

  run(): string[] {
    this.log = [];
    do {
      this.settle();
      assert.ok(this.log.length < 100, 'the set never rests');
    } while (this.bringUp());
    return this.log;
  }

  images(): (string | undefined)[] {
    const byName = [...this.pods].sort((a, b) => (a.metadata?.name ?? '').localeCompare(b.metadata?.name ?? ''));
    return byName.map(({ spec }) => spec?.containers[0]?.image);
  }
}

test('pods come one after another, go from the end, and are replaced from the end', () => {
  const model = new SetModel({ replicas: 3 });
  model.settle();
  assert.deepEqual(model.log, ['+db-0'], 'the second waits for the first');
  assert.deepEqual(model.run(), ['+db-1', '+db-2']);
  model.change({ template: template('db:2') });
  assert.deepEqual(model.run(), ['-db-2', '+db-2', '-db-1', '+db-1', '-db-0', '+db-0']);
  assert.deepEqual(model.images(), ['db:2', 'db:2', 'db:2']);
  assert.equal(model.set.status?.currentRevision, model.set.status?.updateRevision);
  model.change({ replicas: 1 });
  assert.deepEqual(model.run(), ['-db-2', '-db-1']);
  assert.deepEqual(
    [model.set.status?.replicas, model.set.status?.readyReplicas, model.set.status?.updatedReplicas],
    [1, 1, 1],
  );
});

test('a partition keeps the lower pods on the older template, also when they are made anew', () => {
  const model = new SetModel({ replicas: 3 });
  model.run();
  model.change({
    template: template('db:2'),
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } },
  });
  assert.deepEqual(model.run(), ['-db-2', '+db-2']);
  model.pods = model.pods.filter(({ metadata }) => metadata?.name !== 'db-0');
  model.run();
  assert.deepEqual(model.images(), ['db:1', 'db:1', 'db:2']);
  assert.notEqual(model.set.status?.currentRevision, model.set.status?.updateRevision);
});

test('a sick pod stops what follows it; an ended one is made anew', () => {
  const model = new SetModel({ replicas: 2 });
  model.run();
  model.pods = model.pods.map((pod, index) => (index === 0 ? { ...pod, status: { phase: 'Pending' } } : pod));
  model.change({ replicas: 4 });
  model.log = [];
  model.settle();
  assert.deepEqual(model.log, []);
  model.pods = model.pods.map((pod, index) => (index === 0 ? { ...pod, status: { phase: 'Failed' } } : pod));
  assert.deepEqual(model.run(), ['-db-0', '+db-0', '+db-2', '+db-3']);
});

test('an older template comes back under a new number', () => {
  const model = new SetModel({ replicas: 1 });
  model.run();
  model.change({ template: template('db:2') });
  model.run();
  model.change({ template: template('db:1') });
  model.run();
  assert.deepEqual(
    model.history.map(({ revision }) => revision).toSorted((a, b) => a - b),
    [2, 3],
  );
  assert.deepEqual(model.images(), ['db:1']);
});

test('each pod has its identity and its claims', () => {
  const claim = { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'] } };
  const model = new SetModel({ replicas: 1, volumeClaimTemplates: [claim] });
  model.run();
  const [pod] = model.pods;
  assert.deepEqual([pod?.spec?.hostname, pod?.spec?.subdomain], ['db-0', 'db']);
  assert.deepEqual(pod?.spec?.volumes, [
    { name: 'data', persistentVolumeClaim: { claimName: 'data-db-0', readOnly: false } },
  ]);
  const [made] = claimsFor(model.set, 0);
  assert.deepEqual(made?.metadata, { name: 'data-db-0', namespace: 'n', labels: { app: 'db' } });
});

test('whatever is asked for one after another, the set gets there and rests', () => {
  const wish = fc.record({
    replicas: fc.integer({ min: 0, max: 4 }),
    image: fc.constantFrom('db:1', 'db:2', 'db:3'),
    podManagementPolicy: fc.constantFrom('OrderedReady', 'Parallel'),
  });
  fc.assert(
    fc.property(fc.array(wish, { minLength: 1, maxLength: 5 }), (wishes) => {
      const model = new SetModel({ replicas: 0 });
      for (const { image, ...spec } of wishes) {
        model.change({ ...spec, template: template(image) });
        model.run();
        assert.deepEqual(model.images(), Array(spec.replicas).fill(image));
        assert.equal(model.set.status?.readyReplicas ?? 0, spec.replicas);
        assert.deepEqual(model.plan().actions, []);
      }
    }),
  );
});

const withClaim: Partial<Spec> = {
  volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'] } }],
};
const CLAIM_OF_FIRST = 'data-db-0';

function ownersOf(model: SetModel): Record<string, string[]> {
  const owners = ({ metadata }: PersistentVolumeClaim) => (metadata?.ownerReferences ?? []).map(({ kind }) => kind);
  return Object.fromEntries(model.claims.map((claim) => [claim.metadata?.name ?? '', owners(claim)]));
}

test('a pod waits until the claim of its predecessor is gone, and gets a new one', () => {
  const model = new SetModel({ ...withClaim, replicas: 1 });
  model.settle();
  const leaving = model.claims.map((claim) => ({
    ...claim,
    metadata: { ...claim.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' },
  }));
  [model.claims, model.pods, model.log] = [leaving, [], []];
  model.settle();
  assert.deepEqual(model.log, []);
  model.claims = [];
  model.settle();
  assert.deepEqual(model.log, ['+db-0']);
  assert.deepEqual(Object.keys(ownersOf(model)), [CLAIM_OF_FIRST]);
});

test('a pod that waits for a claim that was taken away gets another', () => {
  const model = new SetModel({ ...withClaim, replicas: 1 });
  model.settle();
  model.claims = [];
  model.settle();
  assert.deepEqual(Object.keys(ownersOf(model)), [CLAIM_OF_FIRST]);
});

test('claims belong to whom the retention policy says', () => {
  const outcomes: [whenDeleted: string, whenScaled: string, wanted: string[], leaving: string[]][] = [
    ['Retain', 'Retain', [], []],
    ['Delete', 'Retain', ['StatefulSet'], ['StatefulSet']],
    ['Retain', 'Delete', [], ['Pod']],
    ['Delete', 'Delete', ['StatefulSet'], ['Pod']],
  ];
  for (const [whenDeleted, whenScaled, wanted, leaving] of outcomes) {
    const policy = { persistentVolumeClaimRetentionPolicy: { whenDeleted, whenScaled } };
    const model = new SetModel({ ...withClaim, ...policy, replicas: 2, podManagementPolicy: 'Parallel' });
    model.settle();
    const all = `${whenDeleted} ${whenScaled}`;
    assert.deepEqual(ownersOf(model), { 'data-db-0': wanted, 'data-db-1': wanted }, all);
    model.change({ replicas: 1 });
    model.settle();
    assert.ok(model.log.includes('-db-1'), all);
    assert.deepEqual(ownersOf(model), { 'data-db-0': wanted, 'data-db-1': leaving }, all);
  }
});

test('a claim of somebody else is left to him', () => {
  const model = new SetModel({
    ...withClaim,
    replicas: 1,
    persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete' },
  });
  const ownerReferences = [{ apiVersion: 'v1', kind: 'Other', name: 'o', uid: 'o', controller: true }];
  model.claims = [{ metadata: { name: CLAIM_OF_FIRST, ownerReferences } }];
  model.settle();
  assert.deepEqual(ownersOf(model), { 'data-db-0': ['Other'] });
});

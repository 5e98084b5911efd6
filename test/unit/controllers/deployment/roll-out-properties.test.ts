import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { rollingBounds } from '../../../../src/controllers/deployment/deployment-state.ts';
import { deploymentOf, RollOutModel, templateOf } from '../../../support/workloads.ts';

const amount = fc.oneof(
  fc.integer({ min: 0, max: 6 }),
  fc.integer({ min: 0, max: 100 }).map((percent) => `${percent}%`),
);
const bounds = fc.record({ maxSurge: amount, maxUnavailable: amount });
const replicas = fc.integer({ min: 0, max: 12 });
const version = fc.constantFrom('v1', 'v2', 'v3');

/** What may happen beside the controller; `which` picks a replica set. */
const event = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('report' as const), which: fc.nat(5) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('available' as const), which: fc.nat(5), count: fc.nat(12) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('template' as const), version }) },
);
const scaling = fc.record({ kind: fc.constant('scale' as const), replicas });
type Happening = typeof event extends fc.Arbitrary<infer E> ? E : never;
type Scaling = typeof scaling extends fc.Arbitrary<infer E> ? E : never;

function happen(model: RollOutModel, what: Happening | Scaling): void {
  if (what.kind === 'template') return model.change({ template: templateOf(what.version) });
  if (what.kind === 'scale') return model.change({ replicas: what.replicas });
  const replicaSet = model.replicaSets[what.which % Math.max(1, model.replicaSets.length)];
  if (replicaSet === undefined) return;
  if (what.kind === 'available') model.setAvailable(replicaSet, what.count);
  model.report(replicaSet);
}

test('no step of a rolling update exceeds the surge or takes more available pods than may be missing', () => {
  fc.assert(
    fc.property(bounds, replicas, fc.array(event, { maxLength: 40 }), (rollingUpdate, size, events) => {
      const model = new RollOutModel(deploymentOf({ replicas: size, strategy: { rollingUpdate } }));
      model.settle();
      const { maxSurge, maxUnavailable } = rollingBounds(model.deployment);
      for (const each of events) {
        happen(model, each);
        const before = { wanted: model.wanted(), staying: model.staying() };
        for (let acted = true; acted; ) acted = model.round().length > 0;
        assert.ok(model.wanted() <= Math.max(before.wanted, size + maxSurge), 'surge');
        assert.ok(model.staying() >= Math.min(before.staying, size - maxUnavailable), 'availability');
      }
    }),
    { numRuns: 300 },
  );
});

test('whatever happens on the way, the roll-out ends with one replica set of the asked size and an empty plan', () => {
  fc.assert(
    fc.property(
      bounds,
      fc.constantFrom('RollingUpdate', 'Recreate'),
      replicas,
      fc.array(fc.oneof({ weight: 4, arbitrary: event }, { weight: 1, arbitrary: scaling }), { maxLength: 30 }),
      version,
      (rollingUpdate, type, size, events, last) => {
        const model = new RollOutModel(deploymentOf({ replicas: size, strategy: { type, rollingUpdate } }));
        for (const each of events) {
          happen(model, each);
          model.rounds();
        }
        model.change({ template: templateOf(last) });
        model.settle();
        const wanted = model.deployment.spec?.replicas ?? 0;
        const { [last]: current, ...old } = model.sizes();
        assert.equal(current, wanted);
        assert.ok(
          Object.values(old).every((each) => each === 0),
          JSON.stringify(old),
        );
        assert.deepEqual(model.plan().actions, []);
        assert.match(model.progressing(), /^True NewReplicaSetAvailable/);
        const revisions = model.replicaSets.map(
          ({ metadata }) => metadata?.annotations?.['deployment.kubernetes.io/revision'],
        );
        assert.equal(new Set(revisions).size, revisions.length, 'revisions are unique');
      },
    ),
    { numRuns: 300 },
  );
});

test('while paused a deployment keeps to its replica sets, and its size follows', () => {
  fc.assert(
    fc.property(bounds, replicas, fc.array(scaling, { minLength: 1, maxLength: 5 }), (rollingUpdate, size, events) => {
      const model = new RollOutModel(deploymentOf({ replicas: size, strategy: { rollingUpdate } }));
      model.settle();
      model.change({ template: templateOf('v2') });
      model.rounds();
      model.change({ paused: true });
      for (const each of events) {
        happen(model, each);
        model.rounds();
        const { maxSurge } = rollingBounds(model.deployment);
        const wanted = model.deployment.spec?.replicas ?? 0;
        assert.ok(model.wanted() <= wanted + maxSurge, `${model.wanted()} of ${wanted}`);
      }
      assert.ok(model.replicaSets.length <= 2);
    }),
    { numRuns: 200 },
  );
});

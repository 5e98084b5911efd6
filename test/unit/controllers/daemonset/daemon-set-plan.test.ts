import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ControllerRevision, DaemonSet, Node, Pod } from '../../../../src/api/kinds.ts';
import { daemonSpec, nodeOfDaemon } from '../../../../src/controllers/daemonset/daemon-node.ts';
import {
  type DaemonSetAction,
  type DaemonSetState,
  planDaemonSet,
} from '../../../../src/controllers/daemonset/daemon-set-plan.ts';
import { REVISION_HASH } from '../../../../src/controllers/revisions/revision-history.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');

interface Settings {
  image: string;
  nodes: { name: string; taints: NonNullable<NonNullable<Node['spec']>['taints']> }[];
  maxUnavailable: number;
  maxSurge: number;
}

function daemonSet(
  { image, maxUnavailable, maxSurge }: Omit<Settings, 'nodes'>,
  status?: DaemonSet['status'],
): DaemonSet {
  return {
    metadata: { name: 'agent', namespace: 'default', uid: 'owner', generation: 1 },
    spec: {
      selector: { matchLabels: { app: 'agent' } },
      template: { metadata: { labels: { app: 'agent' } }, spec: { containers: [{ name: 'agent', image }] } },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable, maxSurge } },
    },
    ...(status === undefined ? {} : { status }),
  };
}

/** Daemons as the API would hold them; a kubelet makes them ready or not. */
class Model {
  settings: Settings;
  pods: Pod[] = [];
  history: ControllerRevision[] = [];
  status: DaemonSet['status'];
  #made = 0;

  constructor(settings: Settings) {
    this.settings = settings;
  }

  state(): DaemonSetState {
    return {
      daemonSet: daemonSet(this.settings, this.status),
      pods: { owned: this.pods, toAdopt: [], toRelease: [] },
      history: this.history,
      nodes: this.settings.nodes.map(({ name, taints }) => ({ metadata: { name }, spec: { taints } })),
    };
  }

  apply(action: DaemonSetAction): void {
    switch (action.kind) {
      case 'create':
        this.#made += 1;
        this.pods.push({
          metadata: {
            name: `agent-${this.#made}`,
            uid: `${this.#made}`,
            labels: { app: 'agent', [REVISION_HASH]: action.hash },
          },
          spec: daemonSpec(action.daemonSet, action.node),
          status: { phase: 'Pending' },
        });
        return;
      case 'delete':
        this.pods = this.pods.filter((pod) => pod !== action.pod);
        return;
      case 'create-revision':
        this.history.push(action.revision);
        return;
      case 'status':
        this.status = action.status;
        return;
      default:
        assert.fail(`unexpected ${action.kind}`);
    }
  }

  /** One round of the reconciler; whether there was something to do. */
  round(): boolean {
    const { actions } = planDaemonSet(this.state(), NOW);
    for (const action of actions) this.apply(action);
    return actions.length > 0;
  }

  settle(): void {
    for (let rounds = 0; this.round(); rounds += 1) assert.ok(rounds < 100, 'the plan does not settle');
  }

  bringUp(): boolean {
    const waiting = this.pods.find(({ status }) => status?.phase === 'Pending');
    if (waiting === undefined) return false;
    waiting.status = {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2025-01-01T00:00:00Z' }],
    };
    return true;
  }

  /** Alternates reconciler and kubelet until both rest. */
  run(each: () => void = () => undefined): void {
    do {
      this.settle();
      each();
    } while (this.bringUp());
  }

  available(): number {
    return this.pods.filter(({ status }) => status?.phase === 'Running').length;
  }
}

const names = (model: Model) => model.pods.map((pod) => nodeOfDaemon(pod) ?? '').sort();

test('every node without a forbidding taint gets one daemon, tolerating trouble', () => {
  const taint = (key: string, effect: string) => [{ key, effect }];
  const model = new Model({
    image: 'a:1',
    maxUnavailable: 1,
    maxSurge: 0,
    nodes: [
      { name: 'plain', taints: [] },
      { name: 'unreachable', taints: taint('node.kubernetes.io/unreachable', 'NoExecute') },
      { name: 'reserved', taints: taint('example.com/gpu', 'NoSchedule') },
    ],
  });
  model.run();
  assert.deepEqual(names(model), ['plain', 'unreachable']);
  assert.deepEqual(model.status, {
    currentNumberScheduled: 2,
    numberMisscheduled: 0,
    desiredNumberScheduled: 2,
    numberReady: 2,
    observedGeneration: 1,
    updatedNumberScheduled: 2,
    numberAvailable: 2,
  });
  model.settings.nodes[0]!.taints = taint('example.com/gpu', 'NoSchedule');
  model.run();
  assert.deepEqual(names(model), ['plain', 'unreachable'], 'NoSchedule lets stay what is there');
  assert.equal(model.status?.numberMisscheduled, 1);
  model.settings.nodes[0]!.taints = taint('example.com/gpu', 'NoExecute');
  model.run();
  assert.deepEqual(names(model), ['unreachable']);
});

test('a failed daemon is replaced, but not at once', () => {
  const model = new Model({ image: 'a:1', maxUnavailable: 1, maxSurge: 0, nodes: [{ name: 'n', taints: [] }] });
  model.run();
  const [pod] = model.pods;
  pod!.status = { phase: 'Failed' };
  pod!.metadata!.creationTimestamp = new Date(NOW - 4000).toISOString();
  const young = planDaemonSet(model.state(), NOW);
  assert.deepEqual(
    young.actions.map(({ kind }) => kind),
    ['status'],
  );
  assert.equal(young.recheckAfterMs, 6000);
  const later = planDaemonSet(model.state(), NOW + 6000);
  assert.deepEqual(
    later.actions.map(({ kind }) => kind),
    ['delete'],
  );
});

test('a roll-out keeps to its bounds, ends with new daemons only, and rests', () => {
  const settings = fc.record({
    nodes: fc.integer({ min: 1, max: 6 }),
    bound: fc.integer({ min: 1, max: 3 }),
    surging: fc.boolean(),
  });
  fc.assert(
    fc.property(settings, ({ nodes, bound, surging }) => {
      const model = new Model({
        image: 'a:1',
        maxUnavailable: surging ? 0 : bound,
        maxSurge: surging ? bound : 0,
        nodes: Array.from({ length: nodes }, (_, index) => ({ name: `n${index}`, taints: [] })),
      });
      model.run();
      model.settings.image = 'a:2';
      const least = Math.max(0, nodes - (surging ? 0 : bound));
      model.run(() => {
        assert.ok(model.available() >= least, `${model.available()} of at least ${least}`);
        assert.ok(model.pods.length <= nodes + (surging ? bound : 0));
      });
      assert.deepEqual(
        names(model),
        model.settings.nodes.map(({ name }) => name),
      );
      assert.equal(new Set(model.pods.map(({ metadata }) => metadata?.labels?.[REVISION_HASH])).size, 1);
      assert.equal(model.status?.updatedNumberScheduled, nodes);
      assert.equal(model.history.length, 2);
      assert.deepEqual(planDaemonSet(model.state(), NOW).actions, []);
    }),
  );
});

/** Deployments, replica sets and their pods for tests of plans, and a model of the world to apply the plans to. */
import type { Deployment, Pod, ReplicaSet } from '../../src/api/kinds.ts';
import type { JsonValue } from '../../src/api/json.ts';
import { applyMergePatch } from '../../src/api/patch/merge-patch.ts';
import { planDeployment } from '../../src/controllers/deployment/deployment-plan.ts';
import type { DeploymentAction } from '../../src/controllers/deployment/deployment-state.ts';
import type { Plan } from '../../src/client/index.ts';

export const NOW = Date.parse('2026-01-01T00:00:00Z');

type DeploymentSpec = NonNullable<Deployment['spec']>;

export function deploymentOf(spec: Partial<DeploymentSpec> = {}, changes: Partial<Deployment> = {}): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default', uid: 'uid-web', generation: 1 },
    spec: {
      replicas: 3,
      progressDeadlineSeconds: 600,
      revisionHistoryLimit: 10,
      selector: { matchLabels: { app: 'web' } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      template: templateOf('v1'),
      ...spec,
    },
    ...changes,
  };
}

export function templateOf(version: string): DeploymentSpec['template'] {
  return { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: `web:${version}` }] } };
}

interface ModelPods {
  total: number;
  available: number;
}

/** A deployment, its replica sets and what runs of them. Statuses lag behind until `report` is called. */
export class RollOutModel {
  deployment: Deployment;
  replicaSets: ReplicaSet[] = [];
  now = NOW;
  readonly #pods = new Map<string, ModelPods>();
  #made = 0;

  constructor(deployment: Deployment) {
    this.deployment = deployment;
  }

  plan(): Plan<DeploymentAction> {
    const replicaSets = { owned: this.replicaSets, toAdopt: [], toRelease: [] };
    return planDeployment({ deployment: this.deployment, replicaSets, pods: this.#allPods() }, this.now);
  }

  /** One round of the controller; returns what it did. */
  round(): readonly DeploymentAction[] {
    const { actions } = this.plan();
    for (const action of actions) this.apply(action);
    return actions;
  }

  /** Rounds until there is nothing left to do at once. */
  rounds(): DeploymentAction[] {
    const done: DeploymentAction[] = [];
    for (let round = 0; round < 50; round += 1) {
      const actions = this.round();
      if (actions.length === 0) return done;
      done.push(...actions);
    }
    throw new Error(`the plan does not settle: ${JSON.stringify(done.slice(-3))}`);
  }

  /** The whole roll-out, every pod becoming available as soon as it is there. */
  settle(): void {
    for (let round = 0; round < 200; round += 1) {
      const acted = this.rounds().length > 0;
      const before = JSON.stringify(this.replicaSets);
      for (const replicaSet of this.replicaSets) {
        this.report(replicaSet);
        this.setAvailable(replicaSet, replicaSet.spec?.replicas ?? 0);
        this.report(replicaSet);
      }
      if (!acted && before === JSON.stringify(this.replicaSets)) return;
    }
    throw new Error('the roll-out does not end');
  }

  change(spec: Partial<DeploymentSpec>): void {
    const generation = (this.deployment.metadata?.generation ?? 0) + 1;
    const { metadata, spec: before } = this.deployment;
    const after = { ...(before ?? deploymentOf().spec), ...spec } as DeploymentSpec;
    this.deployment = { ...this.deployment, metadata: { ...metadata, generation }, spec: after };
  }

  find(version: string): ReplicaSet | undefined {
    return this.replicaSets.find(({ spec }) => spec?.template?.spec?.containers[0]?.image === `web:${version}`);
  }

  sizes(): Record<string, number> {
    const named = this.replicaSets.map(({ spec }) => [
      spec?.template?.spec?.containers[0]?.image?.replace('web:', '') ?? '',
      spec?.replicas ?? 0,
    ]);
    return Object.fromEntries(named) as Record<string, number>;
  }

  progressing(): string {
    const found = this.deployment.status?.conditions?.find(({ type }) => type === 'Progressing');
    return found === undefined ? '' : `${found.status} ${found.reason}: ${found.message}`;
  }

  wanted(): number {
    return this.replicaSets.reduce((sum, { spec }) => sum + (spec?.replicas ?? 0), 0);
  }

  /** The available pods that stay though every replica set takes away what it is told to: the unavailable ones first. */
  staying(): number {
    return this.replicaSets.reduce(
      (sum, each) => sum + Math.min(this.#podsOf(each).available, each.spec?.replicas ?? 0),
      0,
    );
  }

  setAvailable(replicaSet: ReplicaSet, available: number): void {
    const pods = this.#podsOf(replicaSet);
    pods.available = Math.min(available, pods.total);
  }

  /** The replica set controller makes or removes pods and writes the status. */
  report(replicaSet: ReplicaSet): void {
    const pods = this.#podsOf(replicaSet);
    pods.total = replicaSet.spec?.replicas ?? 0;
    pods.available = Math.min(pods.available, pods.total);
    const { total: replicas, available } = pods;
    const observedGeneration = replicaSet.metadata?.generation ?? 0;
    const status = { replicas, readyReplicas: available, availableReplicas: available, observedGeneration };
    this.#replace(replicaSet, { ...replicaSet, status });
  }

  apply(action: DeploymentAction): void {
    switch (action.kind) {
      case 'create-replica-set': {
        this.#made += 1;
        const creationTimestamp = new Date(NOW + this.#made * 1000).toISOString();
        const metadata = { ...action.replicaSet.metadata, uid: `rs-${this.#made}`, generation: 1, creationTimestamp };
        this.replicaSets.push({ ...action.replicaSet, metadata });
        return;
      }
      case 'patch-replica-set':
        return this.#patch(action.replicaSet, action.patch);
      case 'scale':
        return this.#patch(action.replicaSet, {
          metadata: { annotations: action.annotations },
          spec: { replicas: action.replicas },
        });
      case 'delete-replica-set':
        this.replicaSets = this.replicaSets.filter(({ metadata }) => metadata?.uid !== action.replicaSet.metadata?.uid);
        return;
      case 'set-revision':
        this.deployment = merged(this.deployment, {
          metadata: { annotations: { 'deployment.kubernetes.io/revision': action.revision } },
        });
        return;
      case 'status':
        this.deployment = { ...this.deployment, status: action.status };
        return;
      default:
        throw new Error(`unexpected ${action.kind}`);
    }
  }

  #patch(replicaSet: ReplicaSet, patch: object): void {
    const present = this.replicaSets.find(({ metadata }) => metadata?.uid === replicaSet.metadata?.uid) ?? replicaSet;
    const generation = (present.metadata?.generation ?? 0) + ('spec' in patch ? 1 : 0);
    this.#replace(present, merged(merged(present, patch), { metadata: { generation } }));
  }

  #replace(before: ReplicaSet, after: ReplicaSet): void {
    this.replicaSets = this.replicaSets.map((each) => (each.metadata?.uid === before.metadata?.uid ? after : each));
  }

  #podsOf({ metadata }: ReplicaSet): ModelPods {
    const uid = metadata?.uid ?? '';
    const pods = this.#pods.get(uid) ?? { total: 0, available: 0 };
    this.#pods.set(uid, pods);
    return pods;
  }

  #allPods(): Pod[] {
    return this.replicaSets.flatMap((owner) =>
      Array.from({ length: this.#podsOf(owner).total }, (_, index) => podOfOwner(owner, index)),
    );
  }
}

function podOfOwner({ metadata }: ReplicaSet, index: number): Pod {
  const { name = '', uid = '' } = metadata ?? {};
  const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name, uid, controller: true }];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `${name}-${index}`, namespace: 'default', ownerReferences },
    status: { phase: 'Running' },
  };
}

/** As the API server would store it. */
function merged<T>(object: T, patch: object): T {
  return applyMergePatch(object as JsonValue, patch as JsonValue) as T;
}

import type { Deployment, ReplicaSet } from '../../api/kinds.ts';
import { controllerReference } from '../ownership/claim.ts';
import { DEPLOYMENTS } from '../runtime/resources.ts';
import {
  DESIRED_REPLICAS,
  MAX_REPLICAS,
  POD_TEMPLATE_HASH,
  REVISION,
  REVISION_HISTORY,
  revisionOf,
  sizeAnnotations,
} from './deployment-state.ts';
import { newSize } from './rolling.ts';
import { templateHash } from './template-hash.ts';

/** Annotations that belong to the one object and are not handed on. */
const NOT_COPIED = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'deprecated.deployment.rollback.to',
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
]);

/** As upstream's `revHistoryLimitInChars`. */
const MAX_HISTORY_CHARACTERS = 2000;

/** The replica set of a template that has none yet. */
export function replicaSetFor(deployment: Deployment, old: readonly ReplicaSet[]): ReplicaSet {
  const { name = '', namespace = '' } = deployment.metadata ?? {};
  const { template, selector, minReadySeconds } = deployment.spec ?? {};
  const hash = templateHash(template, deployment.status?.collisionCount ?? 0);
  const labels = { ...template?.metadata?.labels, [POD_TEMPLATE_HASH]: hash };
  const replicaSet: ReplicaSet = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${name}-${hash}`,
      namespace,
      labels,
      annotations: { ...copied(deployment), ...sizeAnnotations(deployment), [REVISION]: String(nextRevision(old)) },
      ownerReferences: [controllerReference(deployment, DEPLOYMENTS)],
    },
    spec: {
      replicas: 0,
      ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
      selector: { ...selector, matchLabels: { ...selector?.matchLabels, [POD_TEMPLATE_HASH]: hash } },
      template: { ...template, metadata: { ...template?.metadata, labels } },
    },
  };
  return {
    ...replicaSet,
    spec: {
      ...replicaSet.spec,
      selector: replicaSet.spec?.selector ?? {},
      replicas: newSize(deployment, replicaSet, old),
    },
  };
}

/** What must change in the current replica set so that it follows its deployment; nothing where it does. */
export function followingPatch(
  deployment: Deployment,
  current: ReplicaSet,
  old: readonly ReplicaSet[],
): object | undefined {
  const has = current.metadata?.annotations ?? {};
  const wanted: Record<string, string> = copied(deployment);
  const revision = nextRevision(old);
  if (revisionOf(current) < revision) {
    wanted[REVISION] = String(revision);
    const before = has[REVISION];
    if (before !== undefined) wanted[REVISION_HISTORY] = withRevision(has[REVISION_HISTORY], before);
  }
  const annotations = Object.fromEntries(Object.entries(wanted).filter(([name, value]) => has[name] !== value));
  const minReadySeconds = deployment.spec?.minReadySeconds ?? 0;
  const sameDelay = minReadySeconds === (current.spec?.minReadySeconds ?? 0);
  if (Object.keys(annotations).length === 0 && sameDelay) return undefined;
  return { metadata: { annotations }, ...(sameDelay ? {} : { spec: { minReadySeconds } }) };
}

/** The revisions that a replica set has been, less the oldest where they grow too many. */
function withRevision(history: string | undefined, revision: string): string {
  let revisions = history === undefined || history === '' ? revision : `${history},${revision}`;
  while (revisions.length > MAX_HISTORY_CHARACTERS) revisions = revisions.slice(revisions.indexOf(',') + 1);
  return revisions;
}

function nextRevision(old: readonly ReplicaSet[]): number {
  return Math.max(0, ...old.map(revisionOf)) + 1;
}

function copied(deployment: Deployment): Record<string, string> {
  const annotations = Object.entries(deployment.metadata?.annotations ?? {});
  return Object.fromEntries(annotations.filter(([name]) => !NOT_COPIED.has(name)));
}

import { equalJson } from '../../api/json.ts';
import type { ControllerRevision, PodTemplateSpec } from '../../api/kinds.ts';
import type { KubeObject } from '../../api/object.ts';
import type { ResourceInfo } from '../../api/resources.ts';
import type { KubeClient } from '../../client/index.ts';
import { templateHash } from '../deployment/template-hash.ts';
import { controllerReference } from '../ownership/claim.ts';
import { CONTROLLER_REVISIONS } from '../runtime/resources.ts';
import { targetOf, unlessGone } from '../runtime/targets.ts';

/** On pods and revisions: the hash of the template that they were made from. */
export const REVISION_HASH = 'controller-revision-hash';
const DEFAULT_HISTORY_LIMIT = 10;

/** The owner of a history: a DaemonSet or a StatefulSet. */
interface Owner extends KubeObject {
  readonly spec?: { readonly template?: PodTemplateSpec; readonly revisionHistoryLimit?: number };
  readonly status?: { readonly collisionCount?: number };
}

export type RevisionAction =
  | { readonly kind: 'create-revision'; readonly reason: string; readonly revision: ControllerRevision }
  | {
      readonly kind: 'renumber-revision';
      readonly reason: string;
      readonly revision: ControllerRevision;
      readonly number: number;
    }
  | { readonly kind: 'delete-revision'; readonly reason: string; readonly revision: ControllerRevision };

/** The revision of the present template, if it has one. */
export function presentRevision(owner: Owner, history: readonly ControllerRevision[]): ControllerRevision | undefined {
  const data = dataOf(owner.spec?.template);
  return [...history].sort(byNumber).findLast((revision) => equalJson(revision['data'], data));
}

/** Gives the present template a revision, the highest in number: an old one comes back by a new number. */
export function recordPresent(
  owner: Owner,
  resource: ResourceInfo,
  history: readonly ControllerRevision[],
): RevisionAction[] {
  const present = presentRevision(owner, history);
  const others = history.filter((revision) => revision !== present);
  const number = Math.max(0, ...others.map(({ revision }) => revision)) + 1;
  if (present === undefined) {
    const revision = newRevision(owner, resource, number);
    return [{ kind: 'create-revision', reason: 'the template has none yet', revision }];
  }
  if (present.revision >= number) return [];
  return [{ kind: 'renumber-revision', reason: 'the template is back', revision: present, number }];
}

/** Revisions beyond the limit that nothing runs any more, the oldest first. */
export function forgetOld(
  owner: Owner,
  history: readonly ControllerRevision[],
  live: ReadonlySet<string>,
): RevisionAction[] {
  const idle = [...history].sort(byNumber).filter((revision) => !live.has(hashOf(revision)));
  const limit = owner.spec?.revisionHistoryLimit ?? DEFAULT_HISTORY_LIMIT;
  return idle
    .slice(0, Math.max(0, idle.length - limit))
    .map((revision) => ({ kind: 'delete-revision', reason: `history limit of ${limit}`, revision }));
}

export function hashOf(revision: ControllerRevision): string {
  return revision.metadata?.labels?.[REVISION_HASH] ?? '';
}

/** The template that a revision holds. */
export function templateOf(revision: ControllerRevision): PodTemplateSpec | undefined {
  const data = revision['data'] as { spec?: { template?: PodTemplateSpec & { $patch?: string } } } | undefined;
  if (data?.spec?.template === undefined) return undefined;
  const { $patch: _, ...template } = data.spec.template;
  return template;
}

export function revisionExecutors(client: KubeClient) {
  return {
    'create-revision': async (
      { revision }: Extract<RevisionAction, { kind: 'create-revision' }>,
      signal: AbortSignal,
    ) => {
      await client.create(CONTROLLER_REVISIONS, { namespace: revision.metadata?.namespace }, revision, signal);
    },
    'renumber-revision': async (
      { revision, number }: Extract<RevisionAction, { kind: 'renumber-revision' }>,
      signal: AbortSignal,
    ) => {
      await client.patch(CONTROLLER_REVISIONS, targetOf(revision), 'merge', { revision: number }, signal);
    },
    'delete-revision': async (
      { revision }: Extract<RevisionAction, { kind: 'delete-revision' }>,
      signal: AbortSignal,
    ) => {
      await unlessGone(client.delete(CONTROLLER_REVISIONS, targetOf(revision), signal));
    },
  };
}

function newRevision(owner: Owner, resource: ResourceInfo, number: number): ControllerRevision {
  const { name = '', namespace = '', annotations } = owner.metadata ?? {};
  // A stateful set and a daemon set of one name and one template must not meet in the name of their revisions.
  const hashed = { kind: resource.kind, template: owner.spec?.template };
  const hash = templateHash(hashed, owner.status?.collisionCount ?? 0);
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `${name}-${hash}`,
      namespace,
      labels: { ...owner.spec?.template?.metadata?.labels, [REVISION_HASH]: hash },
      ...(annotations === undefined ? {} : { annotations }),
      ownerReferences: [controllerReference(owner, resource)],
    },
    data: dataOf(owner.spec?.template),
    revision: number,
  };
}

/** A strategic patch that brings the template back: what `kubectl rollout undo` sends. */
function dataOf(template: PodTemplateSpec | undefined): object {
  return { spec: { template: { ...template, $patch: 'replace' } } };
}

function byNumber(a: ControllerRevision, b: ControllerRevision): number {
  return a.revision - b.revision;
}

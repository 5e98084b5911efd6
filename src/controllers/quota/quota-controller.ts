import { equalJson } from '../../api/json.ts';
import type { Pod, ResourceQuota } from '../../api/kinds.ts';
import type { KubeObject } from '../../api/object.ts';
import { BUILT_IN_RESOURCES, type ResourceInfo } from '../../api/resources.ts';
import { hasReason } from '../../api/status-error.ts';
import type { Change, IndexDefinition, Informer } from '../../client/index.ts';
import { type Controller, type ControllerContext, onEach, reconciling } from '../runtime/controller.ts';
import { PERSISTENT_VOLUME_CLAIMS, PODS, RESOURCE_QUOTAS, SERVICES } from '../runtime/resources.ts';
import { planQuota, type QuotaAction, type QuotaState } from './quota-plan.ts';

/** Of these it matters what is in them, of all others only how many there are. */
const MEASURED = [PODS, SERVICES, PERSISTENT_VOLUME_CLAIMS];

const BY_NAMESPACE: IndexDefinition<KubeObject> = {
  name: 'namespace',
  valuesOf: ({ metadata }) => [metadata?.namespace ?? ''],
};

/** Keeps the status of quotas true. What is added is charged by admission; what goes is given back here. */
export function quotaController(context: ControllerContext): Controller {
  const { client, clock, informers } = context;
  const quotas = informers.for<ResourceQuota>(RESOURCE_QUOTAS);
  quotas.addIndex(BY_NAMESPACE);
  const counted = countedResources().map((resource) => {
    const informer = informers.for<KubeObject>(resource, { metadataOnly: !MEASURED.includes(resource) });
    informer.addIndex(BY_NAMESPACE);
    return informer;
  });
  const keysIn = (namespace: string): string[] =>
    quotas.objects.by(BY_NAMESPACE, namespace).map(({ metadata }) => `${namespace}/${metadata?.name ?? ''}`);
  const read = (key: string): QuotaState | undefined => {
    const quota = quotas.objects.get(key);
    if (quota === undefined) return undefined;
    const namespace = quota.metadata?.namespace ?? '';
    const objectsOf = ({ resource, objects }: Informer) => ({ resource, objects: objects.by(BY_NAMESPACE, namespace) });
    return { quota, counted: counted.map(objectsOf), now: clock.now() };
  };
  const status = async ({ quota, status }: QuotaAction, signal: AbortSignal): Promise<void> => {
    const { namespace, name = '' } = quota.metadata ?? {};
    try {
      await client.update(RESOURCE_QUOTAS, { namespace, name, subresource: 'status' }, { ...quota, status }, signal);
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
    }
  };
  return reconciling(context, { name: 'resourcequota', read, plan: planQuota, executors: { status } }, [
    onEach(quotas, changedQuotas),
    ...counted.map((informer) => onEach(informer, (change) => releases(change).flatMap(keysIn))),
  ]);
}

/** One version of everything that lives in namespaces and can be followed. */
function countedResources(): ResourceInfo[] {
  const all = BUILT_IN_RESOURCES.filter(({ namespaced, verbs }) => namespaced && follows(verbs));
  const byName = new Map(all.toReversed().map((resource) => [`${resource.plural}.${resource.group}`, resource]));
  byName.delete('events.');
  byName.delete('events.events.k8s.io');
  for (const resource of MEASURED) byName.set(`${resource.plural}.`, resource);
  return [...byName.values()];
}

function follows(verbs: ResourceInfo['verbs']): boolean {
  return verbs === undefined || (verbs.includes('list') && verbs.includes('watch'));
}

/** Charges of admission are no reason to count anew: what they are for may not be there yet. */
function changedQuotas({ before, after }: Change<ResourceQuota>): string[] {
  if (after === undefined || (before !== undefined && equalJson(before.spec, after.spec))) return [];
  return [`${after.metadata?.namespace ?? ''}/${after.metadata?.name ?? ''}`];
}

/** The namespace in which something became free. */
function releases({ before, after }: Change): string[] {
  if (before === undefined) return [];
  const namespace = before.metadata?.namespace ?? '';
  if (after === undefined) return [namespace];
  return isOver(after) !== isOver(before) || !equalJson(before.spec, after.spec) ? [namespace] : [];
}

function isOver(object: KubeObject): boolean {
  const { phase } = (object as Pod).status ?? {};
  return phase === 'Failed' || phase === 'Succeeded';
}

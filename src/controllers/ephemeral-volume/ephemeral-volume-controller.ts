/** Claims for volumes that live as long as their pod: upstream's `pkg/controller/volume/ephemeral`. */
import type { PersistentVolumeClaim, Pod, Volume } from '../../api/kinds.ts';
import { joinKey, objectKey } from '../../api/object.ts';
import { messageOf } from '../../base/errors.ts';
import type { EventRecorder, Executors, KubeClient, Plan } from '../../client/index.ts';
import { controllerReference } from '../ownership/claim.ts';
import { type Controller, type ControllerContext, onChange, reconciling, recorderFor } from '../runtime/controller.ts';
import { PERSISTENT_VOLUME_CLAIMS, PODS } from '../runtime/resources.ts';
import { BY_CLAIM } from '../volume-binding/pods-by-claim.ts';

export interface EphemeralState {
  readonly pod: Pod;
  readonly claim: (name: string) => PersistentVolumeClaim | undefined;
  /** Names of claims of others that were told of. */
  readonly told: ReadonlySet<string>;
}

export type EphemeralAction = { readonly reason: string; readonly pod: Pod } & (
  | { readonly kind: 'create'; readonly volume: string; readonly claim: PersistentVolumeClaim }
  | { readonly kind: 'tell'; readonly volume: string; readonly claimName: string }
);

export function planEphemeral({ pod, claim, told }: EphemeralState): Plan<EphemeralAction> {
  if (pod.metadata?.deletionTimestamp !== undefined) return { actions: [] };
  const actions = (pod.spec?.volumes ?? []).flatMap((volume): EphemeralAction[] => {
    const wanted = claimFor(pod, volume);
    if (wanted === undefined) return [];
    const name = wanted.metadata?.name ?? '';
    const there = claim(name);
    if (there === undefined) {
      return [{ kind: 'create', reason: 'the pod needs the claim', pod, volume: volume.name, claim: wanted }];
    }
    const isOwn = there.metadata?.ownerReferences?.some(({ uid }) => uid === pod.metadata?.uid) === true;
    if (isOwn || told.has(name)) return [];
    const reason = `PVC ${objectKey(there)} was not created for pod ${objectKey(pod)} (pod is not owner)`;
    return [{ kind: 'tell', reason, pod, volume: volume.name, claimName: name }];
  });
  return { actions };
}

/** What the template of the volume describes. */
function claimFor(pod: Pod, { name, ephemeral }: Volume): PersistentVolumeClaim | undefined {
  const template = ephemeral?.volumeClaimTemplate;
  if (template === undefined) return undefined;
  const { labels, annotations } = template.metadata ?? {};
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: `${pod.metadata?.name}-${name}`,
      namespace: pod.metadata?.namespace ?? '',
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ownerReferences: [controllerReference(pod, PODS)],
    },
    spec: template.spec,
  };
}

export function ephemeralVolumeController(context: ControllerContext): Controller {
  const { client, informers } = context;
  const pods = informers.for<Pod>(PODS);
  const claims = informers.for<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS);
  pods.addIndex(BY_CLAIM);
  const events = recorderFor(context, 'ephemeral_volume');
  const told = new Map<string, Set<string>>();
  const read = (key: string): EphemeralState | undefined => {
    const pod = pods.objects.get(key);
    if (pod === undefined) {
      told.delete(key);
      return undefined;
    }
    const claim = (name: string) => claims.objects.get(joinKey(pod.metadata?.namespace, name));
    return { pod, claim, told: told.get(key) ?? new Set() };
  };
  const users = (claim: PersistentVolumeClaim) => pods.objects.by(BY_CLAIM, objectKey(claim)).map(objectKey);
  return reconciling(
    context,
    { name: 'ephemeral-volume', read, plan: planEphemeral, executors: ephemeralExecutors(client, events, told) },
    [onChange(pods, (pod) => (hasTemplates(pod) ? [objectKey(pod)] : [])), onChange(claims, users)],
    events,
  );
}

function hasTemplates({ spec }: Pod): boolean {
  return spec?.volumes?.some(({ ephemeral }) => ephemeral !== undefined) === true;
}

function ephemeralExecutors(
  client: KubeClient,
  events: EventRecorder,
  told: Map<string, Set<string>>,
): Executors<EphemeralAction> {
  const failed = (pod: Pod, volume: string, why: string): void =>
    events.record(pod, 'Warning', 'FailedBinding', `ephemeral volume ${volume}: ${why}`);
  return {
    create: async ({ pod, volume, claim }, signal) => {
      try {
        await client.create(PERSISTENT_VOLUME_CLAIMS, { namespace: pod.metadata?.namespace }, claim, signal);
      } catch (error) {
        failed(pod, volume, `create PVC ${objectKey(claim)}: ${messageOf(error)}`);
        throw error;
      }
    },
    tell: async ({ pod, volume, claimName, reason }) => {
      failed(pod, volume, reason);
      const key = objectKey(pod);
      told.set(key, (told.get(key) ?? new Set()).add(claimName));
    },
  };
}

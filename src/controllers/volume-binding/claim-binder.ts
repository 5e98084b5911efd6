import type { Node, PersistentVolume, PersistentVolumeClaim, Pod, StorageClass } from '../../api/kinds.ts';
import { objectKey } from '../../api/object.ts';
import {
  BETA_STORAGE_PROVISIONER,
  BIND_COMPLETED,
  BOUND_BY_CONTROLLER,
  SELECTED_NODE,
  STORAGE_PROVISIONER,
} from '../../api/volumes/annotations.ts';
import { annotated, takenVolume } from '../../api/volumes/bindings.ts';
import { storageClassOf } from '../../api/volumes/storage-class.ts';
import type { EventRecorder, Executors, IndexDefinition, KubeClient } from '../../client/index.ts';
import {
  type Controller,
  type ControllerContext,
  onChange,
  onEach,
  reconciling,
  recorderFor,
} from '../runtime/controller.ts';
import { NODES, PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS, STORAGE_CLASSES } from '../runtime/resources.ts';
import { targetOf, unlessGone } from '../runtime/targets.ts';
import { type ClaimAction, type ClaimState, planClaim, sayingOf } from './claim-plan.ts';
import { BY_CLAIM, claimsOf } from './pods-by-claim.ts';
import { claimKeyOf } from './volume-binder.ts';

/** Claims that no volume is bound to, by their class. */
const UNBOUND: IndexDefinition<PersistentVolumeClaim> = {
  name: 'unbound-of-class',
  valuesOf: (claim) => (claim.metadata?.annotations?.[BIND_COMPLETED] === undefined ? [storageClassOf(claim)] : []),
};
/** Those by the node that their volume is to be made for. */
const SELECTING: IndexDefinition<PersistentVolumeClaim> = {
  name: 'selected-node',
  valuesOf: ({ metadata }) => {
    const { [SELECTED_NODE]: node, [BIND_COMPLETED]: bound } = metadata?.annotations ?? {};
    return node === undefined || bound !== undefined ? [] : [node];
  },
};
const BY_VOLUME: IndexDefinition<PersistentVolumeClaim> = {
  name: 'volume',
  valuesOf: ({ spec }) => (spec?.volumeName === undefined ? [] : [spec.volumeName]),
};

/** The claims' half of upstream's `persistentvolume-binder`. */
export function claimBinder(context: ControllerContext): Controller {
  const { client, informers } = context;
  const claims = informers.for<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS);
  const volumes = informers.for<PersistentVolume>(PERSISTENT_VOLUMES);
  const classes = informers.for<StorageClass>(STORAGE_CLASSES);
  const pods = informers.for<Pod>(PODS);
  const nodes = informers.for<Node>(NODES);
  claims.addIndex(SELECTING);
  claims.addIndex(UNBOUND);
  claims.addIndex(BY_VOLUME);
  pods.addIndex(BY_CLAIM);
  const events = recorderFor(context, 'persistentvolume-controller');
  const told = new Map<string, string>();
  const read = (key: string): ClaimState | undefined => {
    const claim = claims.objects.get(key);
    if (claim === undefined) {
      told.delete(key);
      return undefined;
    }
    const waiting = pods.objects.by(BY_CLAIM, key).filter(({ spec }) => (spec?.nodeName ?? '') === '');
    const selected = claim.metadata?.annotations?.[SELECTED_NODE];
    return {
      claim,
      hasNode: selected === undefined || nodes.objects.get(selected) !== undefined,
      volumes: [...volumes.objects.values()],
      storageClass: classes.objects.get(storageClassOf(claim)),
      waitingPods: waiting.map(({ metadata }) => metadata?.name ?? '').sort(),
      told: told.get(key),
    };
  };
  /** Whoever it is meant for, whoever asks for it by name, and where it is free whoever may take it. */
  const concerned = (volume: PersistentVolume): string[] => {
    const bearer = claimKeyOf(volume);
    const named = claims.objects.by(BY_VOLUME, volume.metadata?.name ?? '').map(objectKey);
    if (bearer !== undefined) return [bearer, ...named];
    return [...named, ...claims.objects.by(UNBOUND, storageClassOf(volume)).map(objectKey)];
  };
  const onNode = ({ metadata }: Node) => claims.objects.by(SELECTING, metadata?.name ?? '').map(objectKey);
  const ofClass = ({ metadata }: StorageClass) => claims.objects.by(UNBOUND, metadata?.name ?? '').map(objectKey);
  return reconciling(
    context,
    {
      name: 'persistentvolumeclaim-binder',
      read,
      plan: planClaim,
      executors: claimExecutors(client, events, told),
    },
    [
      onChange(claims, (claim) => [objectKey(claim)]),
      onChange(volumes, concerned),
      onChange(classes, ofClass),
      onEach(nodes, ({ before, after }) => (before !== undefined && after === undefined ? onNode(before) : [])),
      onChange(pods, claimsOf),
    ],
    events,
  );
}

function claimExecutors(client: KubeClient, events: EventRecorder, told: Map<string, string>): Executors<ClaimAction> {
  const update = async (claim: PersistentVolumeClaim, signal: AbortSignal) => {
    await unlessGone(client.update(PERSISTENT_VOLUME_CLAIMS, targetOf(claim), claim, signal));
  };
  return {
    'take-volume': async ({ volume, claim }, signal) => {
      await unlessGone(client.update(PERSISTENT_VOLUMES, targetOf(volume), takenVolume(volume, claim), signal));
    },
    'mark-volume': async ({ volume }, signal) => {
      const target = { ...targetOf(volume), subresource: 'status' };
      await unlessGone(client.update(PERSISTENT_VOLUMES, target, { ...volume, status: { phase: 'Bound' } }, signal));
    },
    'bind-claim': async ({ claim, volumeName, chosen }, signal) => {
      const notes = { [BIND_COMPLETED]: 'yes', ...(chosen ? { [BOUND_BY_CONTROLLER]: 'yes' } : {}) };
      await update({ ...claim, metadata: annotated(claim, notes), spec: { ...claim.spec, volumeName } }, signal);
    },
    'set-status': async ({ claim, status, event }, signal) => {
      const target = { ...targetOf(claim), subresource: 'status' };
      await unlessGone(client.update(PERSISTENT_VOLUME_CLAIMS, target, { ...claim, status }, signal));
      if (status.phase === 'Bound') told.delete(objectKey(claim));
      if (event !== undefined) events.record(claim, event.type, event.reason, event.message);
    },
    'ask-provisioner': async ({ claim, provisioner }, signal) => {
      const notes = { [STORAGE_PROVISIONER]: provisioner, [BETA_STORAGE_PROVISIONER]: provisioner };
      await update({ ...claim, metadata: annotated(claim, notes) }, signal);
    },
    'forget-node': async ({ claim }, signal) => {
      const { [SELECTED_NODE]: name = '', ...annotations } = claim.metadata?.annotations ?? {};
      // It may only be new.
      if ((await unlessGone(client.get(NODES, { name }, signal))) !== undefined) return;
      await update({ ...claim, metadata: { ...claim.metadata, annotations } }, signal);
    },
    tell: async ({ claim, event }) => {
      events.record(claim, event.type, event.reason, event.message);
      told.set(objectKey(claim), sayingOf(event));
    },
  };
}

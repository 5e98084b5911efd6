/** What becomes of a claim: upstream's `syncClaim` (`pkg/controller/volume/persistentvolume/pv_controller.go`). Pure. */
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../api/kinds.ts';
import { canonicalQuantity } from '../../api/quantity.ts';
import { equalJson } from '../../api/json.ts';
import { BIND_COMPLETED, SELECTED_NODE, STORAGE_PROVISIONER } from '../../api/volumes/annotations.ts';
import { bestVolume, isMeantFor, mismatch, reservedVolume } from '../../api/volumes/match-volume.ts';
import { storageClassOf, waitsForConsumer } from '../../api/volumes/storage-class.ts';
import type { Plan } from '../../client/index.ts';

export interface ClaimState {
  readonly claim: PersistentVolumeClaim;
  /** All that there are. */
  readonly volumes: readonly PersistentVolume[];
  /** That of the claim's name. */
  readonly storageClass: StorageClass | undefined;
  /** Whether there is the node that the scheduler has chosen, if it has. */
  readonly hasNode: boolean;
  /** Names of pods that use the claim and have no node yet. */
  readonly waitingPods: readonly string[];
  /** What was said of the claim last: it is not said twice. */
  readonly told: string | undefined;
}

export interface ClaimEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

export type ClaimStatus = NonNullable<PersistentVolumeClaim['status']>;

export type ClaimAction = { readonly reason: string; readonly claim: PersistentVolumeClaim } & (
  | { readonly kind: 'take-volume'; readonly volume: PersistentVolume }
  | { readonly kind: 'mark-volume'; readonly volume: PersistentVolume }
  | { readonly kind: 'bind-claim'; readonly volumeName: string; readonly chosen: boolean }
  | { readonly kind: 'set-status'; readonly status: ClaimStatus; readonly event?: ClaimEvent }
  | { readonly kind: 'ask-provisioner'; readonly provisioner: string }
  | { readonly kind: 'forget-node' }
  | { readonly kind: 'tell'; readonly event: ClaimEvent }
);

/** One write in a round: the next is planned from what it made. */
export function planClaim(state: ClaimState): Plan<ClaimAction> {
  const completed = state.claim.metadata?.annotations?.[BIND_COMPLETED] !== undefined;
  return { actions: completed ? planBound(state) : planUnbound(state) };
}

function planBound({ claim, volumes }: ClaimState): ClaimAction[] {
  const name = claim.spec?.volumeName ?? '';
  if (name === '') return lost(claim, 'ClaimLost', 'Bound claim has lost reference to PersistentVolume.');
  const volume = volumes.find(({ metadata }) => metadata?.name === name);
  if (volume === undefined) return lost(claim, 'ClaimLost', 'Bound claim has lost its PersistentVolume.');
  const holder = volume.spec?.claimRef?.uid;
  if (volume.spec?.claimRef === undefined || holder === claim.metadata?.uid) return bind(claim, volume);
  const message = 'Two claims are bound to the same volume, this one is bound incorrectly';
  return toPhase(claim, 'Lost', { type: 'Warning', reason: 'ClaimMisbound', message });
}

function lost(claim: PersistentVolumeClaim, reason: string, what: string): ClaimAction[] {
  return toPhase(claim, 'Lost', { type: 'Warning', reason, message: `${what} Data on the volume is lost!` });
}

function planUnbound(state: ClaimState): ClaimAction[] {
  const { claim, volumes } = state;
  if (claim.metadata?.deletionTimestamp !== undefined) return [];
  if ((claim.spec?.volumeName ?? '') !== '') return planNamed(state);
  const waits = waitsForConsumer(state.storageClass);
  const volume = waits ? reservedVolume(claim, volumes) : bestVolume(claim, volumes);
  if (volume !== undefined) return bind(claim, volume);
  if (waits && claim.metadata?.annotations?.[SELECTED_NODE] === undefined)
    return pending(state, consumerMissing(state));
  if (!state.hasNode) return [{ kind: 'forget-node', reason: 'the node that was chosen is gone', claim }];
  if (storageClassOf(claim) !== '') return provisioning(state);
  const message = 'no persistent volumes available for this claim and no storage class is set';
  return pending(state, { type: 'Normal', reason: 'FailedBinding', message });
}

/** The claim asks for one volume by its name. */
function planNamed(state: ClaimState): ClaimAction[] {
  const { claim, volumes } = state;
  const name = claim.spec?.volumeName ?? '';
  const volume = volumes.find(({ metadata }) => metadata?.name === name);
  if (volume === undefined) return toPhase(claim, 'Pending');
  if (isMeantFor(volume, claim)) return bind(claim, volume);
  if (volume.spec?.claimRef !== undefined) {
    const message = `volume ${JSON.stringify(name)} already bound to a different claim.`;
    return pending(state, { type: 'Warning', reason: 'FailedBinding', message });
  }
  const why = mismatch(volume, claim);
  if (why === undefined) return bind(claim, volume);
  const message = `Cannot bind to requested volume ${JSON.stringify(name)}: ${why}`;
  return pending(state, { type: 'Warning', reason: 'VolumeMismatch', message });
}

function consumerMissing({ waitingPods: pods }: ClaimState): ClaimEvent {
  if (pods.length === 0) {
    const message = 'waiting for first consumer to be created before binding';
    return { type: 'Normal', reason: 'WaitForFirstConsumer', message };
  }
  const message = `waiting for pod${pods.length > 1 ? 's' : ''} ${pods.join(',')} to be scheduled`;
  return { type: 'Normal', reason: 'WaitForPodScheduled', message };
}

/** Nobody in this process makes volumes: who does waits for its name on the claim. */
function provisioning(state: ClaimState): ClaimAction[] {
  const { claim, storageClass } = state;
  const failed = (message: string): ClaimAction[] =>
    pending(state, { type: 'Warning', reason: 'ProvisioningFailed', message });
  if (storageClass === undefined) {
    return failed(`storageclass.storage.k8s.io ${JSON.stringify(storageClassOf(claim))} not found`);
  }
  const { provisioner } = storageClass;
  if (provisioner.startsWith('kubernetes.io/')) return failed(`no volume plugin matched name: ${provisioner}`);
  if (claim.metadata?.annotations?.[STORAGE_PROVISIONER] !== provisioner) {
    return [{ kind: 'ask-provisioner', reason: `its class names ${provisioner}`, claim, provisioner }];
  }
  const message =
    `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the ` +
    'system administrator. If volume creation is delayed, please verify that the provisioner is running and ' +
    'correctly registered.';
  return pending(state, { type: 'Normal', reason: 'ExternalProvisioning', message });
}

/** The next step towards a claim and a volume that name each other: the volume goes first, so that nobody else takes it. */
function bind(claim: PersistentVolumeClaim, volume: PersistentVolume): ClaimAction[] {
  const { metadata, spec } = claim;
  const volumeName = volume.metadata?.name ?? '';
  if (volume.spec?.claimRef?.uid !== metadata?.uid) {
    return [{ kind: 'take-volume', reason: 'it suits the claim', claim, volume }];
  }
  if (volume.status?.phase !== 'Bound') {
    return [{ kind: 'mark-volume', reason: 'the volume is taken', claim, volume }];
  }
  const chosen = spec?.volumeName !== volumeName;
  if (chosen || metadata?.annotations?.[BIND_COMPLETED] === undefined) {
    return [{ kind: 'bind-claim', reason: `volume ${volumeName} is its own`, claim, volumeName, chosen }];
  }
  const status = boundStatus(claim, volume);
  return equalJson(status, claim.status) ? [] : [{ kind: 'set-status', reason: 'the claim is bound', claim, status }];
}

/** The size of a claim that is bound changes with its expansion only. */
function boundStatus({ status }: PersistentVolumeClaim, volume: PersistentVolume): ClaimStatus {
  const storage = canonicalQuantity(volume.spec?.capacity?.['storage'] ?? '0');
  const known = status?.phase === 'Bound' ? status.capacity : undefined;
  return { ...status, phase: 'Bound', accessModes: volume.spec?.accessModes ?? [], capacity: known ?? { storage } };
}

/** What is left of the claim's status, and a word about why. */
function pending(state: ClaimState, event: ClaimEvent): ClaimAction[] {
  const { claim } = state;
  const said = sayingOf(event);
  const tell: ClaimAction[] = said === state.told ? [] : [{ kind: 'tell', reason: said, claim, event }];
  return [...toPhase(claim, 'Pending'), ...tell];
}

/** What `told` holds once the event was told. */
export function sayingOf({ reason, message }: ClaimEvent): string {
  return `${reason}: ${message}`;
}

function toPhase(claim: PersistentVolumeClaim, phase: string, event?: ClaimEvent): ClaimAction[] {
  const { accessModes, capacity, ...rest } = claim.status ?? {};
  if (rest.phase === phase && accessModes === undefined && capacity === undefined) return [];
  const said = rest.phase === phase || event === undefined ? {} : { event };
  return [{ kind: 'set-status', reason: `the claim is ${phase}`, claim, status: { ...rest, phase }, ...said }];
}

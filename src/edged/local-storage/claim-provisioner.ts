import { objectKey } from '../../api/object.ts';
import { hasReason } from '../../api/status-error.ts';
import { storageClassOf } from '../../api/volumes/storage-class.ts';
import { messageOf } from '../../base/errors.ts';
import { type Executors, type Reconciliation, targetOf } from '../../client/index.ts';
import { folderNameFor, localVolume, volumeNameFor } from './local-volume.ts';
import { type ClaimAction, type ClaimState, planClaim } from './provision-plan.ts';
import { CLAIMS, type StorageTools, VOLUMES } from './storage-tools.ts';

/** Makes the volumes of claims whose pods come to this node, as `sig-storage-lib-external-provisioner` words it. */
export function claimProvisioner(tools: StorageTools): Reconciliation<ClaimState, ClaimAction> {
  const { node, claims, volumes, classes } = tools;
  const told = new Map<string, string>();
  return {
    name: 'local-storage-claims',
    read: (key) => {
      const claim = claims.objects.get(key);
      if (claim === undefined) {
        told.delete(key);
        return undefined;
      }
      const volume = volumes.objects.get(claim.spec?.volumeName || volumeNameFor(claim));
      return { node, claim, volume, storageClass: classes.objects.get(storageClassOf(claim)), told: told.get(key) };
    },
    plan: planClaim,
    executors: claimExecutors(tools, told),
  };
}

function claimExecutors(
  { client, folders, events, node }: StorageTools,
  told: Map<string, string>,
): Executors<ClaimAction> {
  return {
    provision: async ({ claim, storageClass }, signal) => {
      events.record(
        claim,
        'Normal',
        'Provisioning',
        `External provisioner is provisioning volume for claim ${JSON.stringify(objectKey(claim))}`,
      );
      try {
        // The folder first: a volume that is there can be used. The other way round nothing would be lost, but waited for.
        const path = await folders.make(folderNameFor(claim));
        await client.create(VOLUMES, {}, localVolume(claim, storageClass, { node, path }), signal);
      } catch (error) {
        if (hasReason(error, 'AlreadyExists')) return; // an answer to an earlier attempt was lost
        const failed = `failed to provision volume with StorageClass ${JSON.stringify(storageClassOf(claim))}`;
        events.record(claim, 'Warning', 'ProvisioningFailed', `${failed}: ${messageOf(error)}`);
        throw error;
      }
      events.record(
        claim,
        'Normal',
        'ProvisioningSucceeded',
        `Successfully provisioned volume ${volumeNameFor(claim)}`,
      );
    },
    refuse: async ({ claim, reason }) => {
      events.record(claim, 'Warning', 'ProvisioningFailed', reason);
      told.set(objectKey(claim), reason);
    },
    'grow-volume': async ({ volume, storage }, signal) => {
      const grown = { ...volume, spec: { ...volume.spec, capacity: { ...volume.spec?.capacity, storage } } };
      await client.update(VOLUMES, targetOf(volume), grown, signal);
    },
    'grow-claim': async ({ claim, storage }, signal) => {
      const status = { ...claim.status, capacity: { ...claim.status?.capacity, storage } };
      await client.update(CLAIMS, { ...targetOf(claim), subresource: 'status' }, { ...claim, status }, signal);
      events.record(claim, 'Normal', 'VolumeResizeSuccessful', 'Resize volume succeeded');
    },
  };
}

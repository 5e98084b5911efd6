/** Drivers, nodes, capacities. Defaults: upstream `pkg/apis/storage/v1/defaults.go`. */
import { emptyAsNull } from '../empty-lists.ts';
import {
  csiDriverErrors,
  csiDriverUpdateErrors,
  csiNodeErrors,
  csiNodeUpdateErrors,
  csiStorageCapacityErrors,
  csiStorageCapacityUpdateErrors,
} from './storage-validation.ts';
import { defineKind } from '../draft.ts';
import type { CsiDriverDraft, CsiNodeDraft, CsiStorageCapacityDraft } from '../models.ts';
import { statusRules } from '../status-rules.ts';
import { COLUMNS } from '../table/columns.ts';
import { ageOf } from '../table/duration.ts';

function leavesTokensOpen({ spec }: CsiDriverDraft): boolean {
  return (spec?.tokenRequests ?? []).length > 0 && spec?.serviceAccountTokenInSecrets === undefined;
}

export const csiDriver = defineKind<CsiDriverDraft>({
  validate: csiDriverErrors,
  validateUpdate: csiDriverUpdateErrors,
  updateNeedsVersion: true,
  setDefaults(object) {
    object.spec ??= {};
    const { spec } = object;
    spec.attachRequired ??= true;
    spec.podInfoOnMount ??= false;
    spec.storageCapacity ??= false;
    spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType';
    spec.volumeLifecycleModes ??= ['Persistent'];
    spec.requiresRepublish ??= false;
    spec.seLinuxMount ??= false;
  },
  warnings: (object, old) =>
    leavesTokensOpen(object) && !(old !== undefined && leavesTokensOpen(old))
      ? [
          'spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes',
        ]
      : [],
  table: {
    columns: COLUMNS['storage.k8s.io/csidrivers'],
    cells(object, now) {
      const { spec } = object;
      const tokens = (spec?.tokenRequests ?? []).map(({ audience }) => audience ?? '');
      return [
        object.metadata?.name,
        spec?.attachRequired ?? true,
        spec?.podInfoOnMount ?? false,
        spec?.storageCapacity ?? false,
        tokens.length === 0 ? '<unset>' : tokens.join(','),
        spec?.requiresRepublish ?? false,
        (spec?.volumeLifecycleModes ?? []).join(',') || '<none>',
        ageOf(object, now),
      ];
    },
  },
});

export const csiNode = defineKind<CsiNodeDraft>({
  setDefaults: ({ spec }) => emptyAsNull(spec, 'drivers'),
  validate: csiNodeErrors,
  validateUpdate: csiNodeUpdateErrors,
  updateNeedsVersion: true,
  table: {
    columns: COLUMNS['storage.k8s.io/csinodes'],
    cells: (object, now) => [object.metadata?.name, (object.spec?.drivers ?? []).length, ageOf(object, now)],
  },
});

export const csiStorageCapacity = defineKind<CsiStorageCapacityDraft>({
  ...statusRules({}),
  validate: csiStorageCapacityErrors,
  validateUpdate: csiStorageCapacityUpdateErrors,
  updateNeedsVersion: true,
});

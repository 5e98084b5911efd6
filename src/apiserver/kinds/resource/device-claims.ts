/** Dynamic resource allocation. Defaults: upstream `pkg/apis/resource/v1/defaults.go`. */
import { defineKind, type KindHooks } from '../draft.ts';
import type {
  DeviceClassDraft,
  DeviceRequestDraft,
  ResourceClaimDraft,
  ResourceClaimTemplateDraft,
  ResourceSliceDraft,
} from '../models.ts';
import { statusRules } from '../status-rules.ts';
import { COLUMNS } from '../table/columns.ts';
import { ageOf } from '../table/duration.ts';
import {
  claimTemplateErrors,
  claimTemplateUpdateErrors,
  deviceClassErrors,
  resourceClaimErrors,
  resourceClaimUpdateErrors,
} from './claim-validation.ts';
import { resourceSliceErrors, resourceSliceUpdateErrors } from './slice-validation.ts';

export const deviceClass = defineKind<DeviceClassDraft>({
  validate: deviceClassErrors,
  validateUpdate: deviceClassErrors,
  ...statusRules({ generationOf: ['spec'] }),
  table: {
    columns: COLUMNS['resource.k8s.io/deviceclasses'],
    cells: (object, now) => [object.metadata?.name, ageOf(object, now)],
  },
});

export const resourceClaim = defineKind<ResourceClaimDraft>({
  validate: resourceClaimErrors,
  validateUpdate: resourceClaimUpdateErrors,
  ...statusRules({ initialStatus: () => ({}), statusKeepsMetadata: true }),
  setDefaults: ({ spec }) => setRequestDefaults(spec?.devices?.requests),
  table: {
    columns: COLUMNS['resource.k8s.io/resourceclaims'],
    cells: (object, now) => [object.metadata?.name, stateText(object), ageOf(object, now)],
  },
});

export const resourceClaimTemplate = defineKind<ResourceClaimTemplateDraft>({
  validate: claimTemplateErrors,
  validateUpdate: claimTemplateUpdateErrors,
  setDefaults: ({ spec }) => setRequestDefaults(spec?.spec?.devices?.requests),
  table: {
    columns: COLUMNS['resource.k8s.io/resourceclaimtemplates'],
    cells: (object, now) => [object.metadata?.name, ageOf(object, now)],
  },
});

export const resourceSlice = defineKind<ResourceSliceDraft>({
  validate: resourceSliceErrors,
  validateUpdate: resourceSliceUpdateErrors,
  ...statusRules({ generationOf: ['spec'] }),
  table: {
    columns: COLUMNS['resource.k8s.io/resourceslices'],
    cells: (object, now) => [
      object.metadata?.name,
      object.spec?.nodeName ?? '<unset>',
      object.spec?.driver ?? '',
      object.spec?.pool?.name ?? '',
      ageOf(object, now),
    ],
  },
} satisfies KindHooks<ResourceSliceDraft>);

function setRequestDefaults(requests: readonly DeviceRequestDraft[] | undefined): void {
  for (const request of requests ?? []) {
    for (const wanted of [request.exactly, ...(request.firstAvailable ?? [])]) {
      if (wanted === undefined) continue;
      wanted.allocationMode ??= 'ExactCount';
      if (wanted.allocationMode === 'ExactCount') wanted.count ??= 1;
      for (const toleration of wanted.tolerations ?? []) toleration.operator ??= 'Equal';
    }
  }
}

function stateText({ metadata, status }: ResourceClaimDraft): string {
  const states: string[] = [];
  if (metadata?.deletionTimestamp !== undefined) states.push('deleted');
  if (status?.allocation === undefined) {
    if (states.length === 0) states.push('pending');
  } else states.push('allocated');
  if ((status?.reservedFor ?? []).length > 0) states.push('reserved');
  return states.join(',');
}

/** Validation of claims and of what changes in them: upstream `pkg/apis/core/validation/validation.go`. */
import { type FieldError, forbiddenField, invalid, notSupported, required } from '../../../api/field-error.ts';
import { qualifiedNameErrors } from '../../../api/names.ts';
import { compareQuantities, parseQuantity, quantityValue } from '../../../api/quantity.ts';
import type { PersistentVolumeClaimDraft, PersistentVolumeClaimSpecDraft } from '../models.ts';
import type { StrategyContext } from '../strategy.ts';
import { immutable, invalidFor, isEmpty } from '../validation/checks.ts';
import { dumpDifference } from '../validation/dump-difference.ts';
import { claimSpecErrors } from './claim-validation.ts';
import { isNative } from './resources-validation.ts';

type Spec = PersistentVolumeClaimSpecDraft;
type Status = NonNullable<PersistentVolumeClaimDraft['status']>;

const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';
const FIXED =
  'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';
const RESIZE_STATES = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizePending',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
].sort();

export function claimErrors({ spec }: PersistentVolumeClaimDraft): FieldError[] {
  return claimSpecErrors(spec, 'spec');
}

export function claimUpdateErrors(
  claim: PersistentVolumeClaimDraft,
  old: PersistentVolumeClaimDraft,
  { subresource }: StrategyContext,
): FieldError[] {
  if (subresource === 'status') return statusErrors(claim);
  const [spec, before] = [claim.spec ?? {}, old.spec ?? {}];
  const [note, oldNote] = [claim, old].map(({ metadata }) => metadata?.annotations?.[CLASS_ANNOTATION] ?? '');
  const change = dumpDifference(before, withAllowed(spec, before, old), 'PersistentVolumeClaimSpec');
  return [
    ...claimErrors(claim),
    ...(note === oldNote ? [] : [invalid(`metadata.annotations.${CLASS_ANNOTATION}`, note, 'field is immutable')]),
    ...(change === '' ? [] : [forbiddenField('spec', `${FIXED}\n${change}`)]),
    ...shrinkErrors(spec, before, old.status ?? {}),
    ...immutable('volumeMode', spec.volumeMode, before.volumeMode),
    ...attributesErrors(spec, before, old.status ?? {}),
  ];
}

/** The new spec with what may change as it was: a volume and a class may be given once, a bound claim may grow. */
function withAllowed(spec: Spec, before: Spec, { status }: PersistentVolumeClaimDraft): Spec {
  const allowed: Spec = { ...spec };
  if (isEmpty(before.volumeName)) takeOver(allowed, before, 'volumeName');
  if (before.storageClassName === undefined) takeOver(allowed, before, 'storageClassName');
  if (status?.phase !== 'Bound') return allowed;
  takeOver(allowed, before, 'volumeAttributesClassName');
  const storage = before.resources?.requests?.storage;
  if (spec.resources?.requests !== undefined && storage !== undefined) {
    allowed.resources = { ...spec.resources, requests: { ...spec.resources.requests, storage } };
  }
  return allowed;
}

function takeOver(
  spec: Spec,
  before: Spec,
  member: 'volumeName' | 'storageClassName' | 'volumeAttributesClassName',
): void {
  if (before[member] === undefined) delete spec[member];
  else spec[member] = before[member];
}

/** A claim may give up growing, but not become smaller than its volume is. */
function shrinkErrors(spec: Spec, before: Spec, { capacity }: Status): FieldError[] {
  const [now, then] = [spec.resources?.requests?.storage, before.resources?.requests?.storage].map((amount) =>
    parseQuantity(amount ?? '0'),
  );
  if (now === undefined || then === undefined || compareQuantities(now, then) >= 0) return [];
  if (compareQuantities(now, parseQuantity(capacity?.storage ?? '0')) > 0) return [];
  return [forbiddenField('spec.resources.requests.storage', 'field can not be less than status.capacity')];
}

function attributesErrors(
  spec: Spec,
  before: Spec,
  { currentVolumeAttributesClassName: current }: Status,
): FieldError[] {
  const name = spec.volumeAttributesClassName;
  if (name === before.volumeAttributesClassName || current === undefined || !isEmpty(name)) return [];
  const what = name === undefined ? 'nil' : 'empty string';
  const detail = `update to ${what} is forbidden when status.currentVolumeAttributesClassName is not nil`;
  return [forbiddenField('spec.volumeAttributesClassName', detail)];
}

function statusErrors({ spec, status = {} }: PersistentVolumeClaimDraft): FieldError[] {
  const states = 'status.allocatedResourceStatuses';
  return [
    ...((spec?.accessModes ?? []).length === 0 ? [required('Spec.accessModes')] : []),
    ...Object.entries(status.capacity ?? {}).flatMap(([name, amount]) =>
      amountErrors(`status.capacity[${name}]`, amount),
    ),
    ...Object.entries(status.allocatedResourceStatuses ?? {}).flatMap(([name, state]) => [
      ...resourceErrors(name, states),
      ...(RESIZE_STATES.includes(state) ? [] : [notSupported(states, name, RESIZE_STATES)]),
    ]),
    ...Object.entries(status.allocatedResources ?? {}).flatMap(([name, amount]) => {
      const errors = resourceErrors(name, 'status.allocatedResources');
      return errors.length > 0 ? errors : amountErrors(`status.allocatedResources[${name}]`, amount);
    }),
  ];
}

function amountErrors(path: string, amount: string): FieldError[] {
  const value = quantityValue(parseQuantity(amount));
  return value < 0 ? [invalid(path, value, 'must be a valid resource quantity')] : [];
}

function resourceErrors(name: string, path: string): FieldError[] {
  const errors = invalidFor(path, name, qualifiedNameErrors(name));
  return errors.length > 0 || !isNative(name) || name === 'storage' ? errors : [notSupported(path, name, ['storage'])];
}

/** Validation of persistent volumes and claims: upstream `pkg/apis/core/validation/validation.go`. */
import { type FieldError, forbiddenField, notSupported, required } from '../../../api/field-error.ts';
import { equalJson } from '../../../api/json.ts';
import { dns1123SubdomainErrors } from '../../../api/names.ts';
import { compareQuantities, parseQuantity } from '../../../api/quantity.ts';
import type { PersistentVolumeClaimDraft, PersistentVolumeDraft } from '../models.ts';
import type { StrategyContext } from '../strategy.ts';
import { immutable, isEmpty, oneOf, optionalText, requiredText } from '../validation/checks.ts';
import { nodeSelectorErrors } from './affinity-validation.ts';
import { accessModeErrors, claimSpecErrors, positiveAmount, VOLUME_MODES } from './claim-validation.ts';
import { claimChange, type ClaimSpec } from './claim-difference.ts';
import { resourceNameErrors } from './resources-validation.ts';
import { absolutePath, hostPathErrors } from './volume-validation.ts';

type Spec = NonNullable<PersistentVolumeDraft['spec']>;

const RECLAIM_POLICIES = ['Delete', 'Recycle', 'Retain'];
/** In the order in which upstream asks for them. */
const SOURCES = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'flocker',
  'nfs',
  'rbd',
  'quobyte',
  'cephfs',
  'iscsi',
  'cinder',
  'fc',
  'flexVolume',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'scaleIO',
  'local',
  'storageos',
  'csi',
] as const;

export function persistentVolumeErrors({ spec = {} }: PersistentVolumeDraft): FieldError[] {
  const policy = spec.persistentVolumeReclaimPolicy;
  return [
    ...((spec.accessModes ?? []).length === 0 ? [required('spec.accessModes')] : []),
    ...accessModeErrors(spec.accessModes, 'spec.accessModes'),
    ...capacityErrors(spec),
    ...oneOf('spec.persistentVolumeReclaimPolicy', policy, RECLAIM_POLICIES),
    ...(spec.nodeAffinity?.required === undefined
      ? []
      : nodeSelectorErrors(spec.nodeAffinity.required, 'spec.nodeAffinity.required')),
    ...sourceErrors(spec),
    ...(spec.hostPath?.path === '/' && policy === 'Recycle'
      ? [forbiddenField('spec.persistentVolumeReclaimPolicy', "may not be 'recycle' for a hostPath mount of '/'")]
      : []),
    ...optionalText('spec.storageClassName', spec.storageClassName, dns1123SubdomainErrors),
    ...oneOf('spec.volumeMode', spec.volumeMode, VOLUME_MODES),
  ];
}

function capacityErrors({ capacity }: Spec): FieldError[] {
  const path = 'spec.capacity';
  const names = Object.keys(capacity ?? {});
  return [
    ...(names.length === 0 ? [required(path)] : []),
    ...(capacity?.storage === undefined || names.length > 1 ? [notSupported(path, capacity, ['storage'])] : []),
    ...Object.entries(capacity ?? {}).flatMap(([name, amount]) => [
      ...resourceNameErrors(name, `${path}[${name}]`),
      ...positiveAmount(`${path}[${name}]`, amount),
    ]),
  ];
}

function sourceErrors(spec: Spec): FieldError[] {
  const [first, ...others] = SOURCES.filter((name) => spec[name] !== undefined);
  if (first === undefined) return [required('spec', 'must specify a volume type')];
  return [
    ...oneSourceErrors(spec),
    ...others.map((name) => forbiddenField(`spec.${name}`, 'may not specify more than 1 volume type')),
  ];
}

function oneSourceErrors({ hostPath, nfs, local, csi, nodeAffinity }: Spec): FieldError[] {
  if (hostPath !== undefined) return hostPathErrors(hostPath, 'spec.hostPath');
  if (nfs !== undefined) {
    return [
      ...requiredText('spec.nfs.server', nfs.server),
      ...requiredText('spec.nfs.path', nfs.path),
      ...absolutePath('spec.nfs.path', nfs.path ?? ''),
    ];
  }
  if (local !== undefined) {
    return [
      ...requiredText('spec.local.path', local.path),
      ...(nodeAffinity === undefined ? [required('spec.nodeAffinity', 'Local volume requires node affinity')] : []),
    ];
  }
  if (csi === undefined) return [];
  return [...requiredText('spec.csi.driver', csi.driver), ...requiredText('spec.csi.volumeHandle', csi.volumeHandle)];
}

export function persistentVolumeUpdateErrors(
  volume: PersistentVolumeDraft,
  old: PersistentVolumeDraft,
  { subresource }: StrategyContext,
): FieldError[] {
  if (subresource === 'status') return [];
  const [spec, before] = [volume.spec ?? {}, old.spec ?? {}];
  const source = (each: Spec) => Object.fromEntries(SOURCES.map((name) => [name, each[name]]));
  return [
    ...persistentVolumeErrors(volume),
    ...(equalJson(source(spec), source(before))
      ? []
      : [forbiddenField('spec.persistentvolumesource', 'spec.persistentvolumesource is immutable after creation')]),
    ...immutable('spec.volumeMode', spec.volumeMode, before.volumeMode),
    ...(before.nodeAffinity === undefined || equalJson(spec.nodeAffinity, before.nodeAffinity)
      ? []
      : immutable('spec.nodeAffinity', spec.nodeAffinity, before.nodeAffinity)),
  ];
}

export function claimErrors({ spec }: PersistentVolumeClaimDraft): FieldError[] {
  return claimSpecErrors(spec, 'spec');
}

const FIXED =
  'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';

export function claimUpdateErrors(
  claim: PersistentVolumeClaimDraft,
  old: PersistentVolumeClaimDraft,
  { subresource }: StrategyContext,
): FieldError[] {
  if (subresource === 'status') return [];
  const [spec, before] = [claim.spec ?? {}, old.spec ?? {}];
  const errors = claimErrors(claim);
  const bound = old.status?.phase === 'Bound';
  const allowed: ClaimSpec = { ...spec };
  if (isEmpty(before.volumeName)) takeOver(allowed, before, 'volumeName');
  if (bound) {
    takeOver(allowed, before, 'volumeAttributesClassName');
    if (spec.resources !== undefined && before.resources?.requests !== undefined) {
      allowed.resources = { ...spec.resources, requests: before.resources.requests };
    }
  }
  const change = claimChange(before, allowed);
  if (change !== '') errors.push(forbiddenField('spec', `${FIXED}\n${change}`));
  return [...errors, ...(bound ? shrinkErrors(spec, before) : [])];
}

function takeOver(spec: ClaimSpec, before: ClaimSpec, member: 'volumeName' | 'volumeAttributesClassName'): void {
  if (before[member] === undefined) delete spec[member];
  else spec[member] = before[member];
}

function shrinkErrors(spec: ClaimSpec, before: ClaimSpec): FieldError[] {
  const [now, then] = [spec.resources?.requests?.storage, before.resources?.requests?.storage];
  if (now === undefined || then === undefined) return [];
  if (compareQuantities(parseQuantity(now), parseQuantity(then)) >= 0) return [];
  return [forbiddenField('spec.resources.requests.storage', 'field can not be less than status.capacity')];
}

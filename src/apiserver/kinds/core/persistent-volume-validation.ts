/** Validation of persistent volumes: upstream `pkg/apis/core/validation/validation.go`. */
import { posix } from 'node:path';
import { type FieldError, forbiddenField, invalid, notSupported, required } from '../../../api/field-error.ts';
import { equalJson } from '../../../api/json.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../../../api/names.ts';
import { parseQuantity, quantityValue } from '../../../api/quantity.ts';
import type { PersistentVolumeDraft } from '../models.ts';
import type { StrategyContext } from '../strategy.ts';
import { immutable, isEmpty, noBacksteps, oneOf, optionalText, requiredText } from '../validation/checks.ts';
import { dumpDifference } from '../validation/dump-difference.ts';
import { goDump } from '../validation/go-dump.ts';
import { nodeSelectorErrors } from './affinity-validation.ts';
import { accessModeErrors, positiveAmount, VOLUME_MODES } from './claim-validation.ts';
import {
  azureDiskErrors,
  azureFileErrors,
  cinderErrors,
  diskErrors,
  fibreErrors,
  flexErrors,
  flockerErrors,
  glusterErrors,
  iscsiErrors,
  monitorErrors,
  quobyteErrors,
  rbdErrors,
  scaleIoErrors,
  storageOsErrors,
} from './plugin-volume-validation.ts';
import { driverNameErrors, hostPathErrors, nfsErrors, PORTAL_TOO_LONG } from './volume-validation.ts';

type Spec = NonNullable<PersistentVolumeDraft['spec']>;

const RECLAIM_POLICIES = ['Delete', 'Recycle', 'Retain'];
type Checks = { readonly [K in keyof Spec]?: (source: NonNullable<Spec[K]>, path: string) => FieldError[] };

/** In the order in which upstream asks for them. */
const SOURCES = {
  hostPath: hostPathErrors,
  gcePersistentDisk: diskErrors('pdName'),
  awsElasticBlockStore: diskErrors('volumeID'),
  glusterfs: glusterErrors,
  flocker: flockerErrors,
  nfs: nfsErrors,
  rbd: rbdErrors,
  quobyte: quobyteErrors,
  cephfs: monitorErrors,
  iscsi: iscsiErrors,
  cinder: cinderErrors(true),
  fc: fibreErrors,
  flexVolume: flexErrors,
  azureFile: azureFileErrors,
  vsphereVolume: ({ volumePath }, path) => requiredText(`${path}.volumePath`, volumePath),
  photonPersistentDisk: ({ pdID }, path) => requiredText(`${path}.pdID`, pdID),
  portworxVolume: ({ volumeID }, path) => requiredText(`${path}.volumeID`, volumeID),
  azureDisk: azureDiskErrors,
  scaleIO: scaleIoErrors,
  local: ({ path: target }, path) =>
    isEmpty(target) ? [required(`${path}.path`)] : noBacksteps(`${path}.path`, target),
  storageos: storageOsErrors(true),
  csi: csiErrors,
} satisfies Checks;
const FIXED_SOURCE = 'spec.persistentvolumesource is immutable after creation';

export function persistentVolumeErrors({ metadata, spec = {} }: PersistentVolumeDraft): FieldError[] {
  const policy = spec.persistentVolumeReclaimPolicy;
  const attributes = spec.volumeAttributesClassName;
  return [
    ...((spec.accessModes ?? []).length === 0 ? [required('spec.accessModes')] : []),
    ...accessModeErrors(spec.accessModes, 'spec.accessModes'),
    ...capacityErrors(spec),
    ...oneOf('spec.persistentVolumeReclaimPolicy', policy, RECLAIM_POLICIES),
    ...affinityErrors(spec),
    ...sourceErrors(spec, metadata?.name ?? ''),
    ...(posix.normalize(spec.hostPath?.path ?? '') === '/' && policy === 'Recycle'
      ? [forbiddenField('spec.persistentVolumeReclaimPolicy', "may not be 'recycle' for a hostPath mount of '/'")]
      : []),
    ...optionalText('spec.storageClassName', spec.storageClassName, dns1123SubdomainErrors),
    ...oneOf('spec.volumeMode', spec.volumeMode, VOLUME_MODES),
    ...(attributes === undefined ? [] : attributesErrors(attributes, spec)),
  ];
}

function affinityErrors({ nodeAffinity }: Spec): FieldError[] {
  const path = 'spec.nodeAffinity.required';
  if (nodeAffinity === undefined) return [];
  if (nodeAffinity.required === undefined) return [required(path, 'must specify required node constraints')];
  return nodeSelectorErrors(nodeAffinity.required, path);
}

function attributesErrors(name: string, { csi }: Spec): FieldError[] {
  const path = 'spec.volumeAttributesClassName';
  return [
    ...(name === ''
      ? [required(path, 'an empty string is disallowed')]
      : optionalText(path, name, dns1123SubdomainErrors)),
    ...(csi === undefined ? [required('spec.csi', 'has to be specified when using volumeAttributesClassName')] : []),
  ];
}

function capacityErrors({ capacity }: Spec): FieldError[] {
  const path = 'spec.capacity';
  const names = Object.keys(capacity ?? {});
  return [
    ...(names.length === 0 ? [required(path)] : []),
    ...(capacity?.storage === undefined || names.length > 1 ? [notSupported(path, capacity, ['storage'])] : []),
    ...Object.entries(capacity ?? {}).flatMap(([name, amount]) => [
      ...basicAmount(`${path}[${name}]`, amount),
      ...positiveAmount(`${path}[${name}]`, amount),
    ]),
  ];
}

function basicAmount(path: string, amount: string): FieldError[] {
  const value = quantityValue(parseQuantity(amount));
  return value < 0 ? [invalid(path, value, 'must be a valid resource quantity')] : [];
}

/** Upstream's words for a source that is one too many, where they are not the field's. */
const EXTRA_NAMES: Readonly<Record<string, string>> = { cephfs: 'cephFS' };

function sourceErrors(spec: Spec, name: string): FieldError[] {
  const [first, ...others] = (Object.keys(SOURCES) as (keyof typeof SOURCES)[]).filter(
    (source) => spec[source] !== undefined,
  );
  if (first === undefined) return [required('spec', 'must specify a volume type')];
  // The table has one check for each source: name and source belong together by construction.
  const check = SOURCES[first] as (source: unknown, path: string) => FieldError[];
  return [
    ...check(spec[first], `spec.${first === 'gcePersistentDisk' ? 'persistentDisk' : first}`),
    ...(first === 'iscsi' ? portalErrors(spec.iscsi ?? {}, name) : []),
    ...(first === 'local' && spec.nodeAffinity === undefined
      ? [required('spec.nodeAffinity', 'Local volume requires node affinity')]
      : []),
    ...others.map((source) =>
      forbiddenField(`spec.${EXTRA_NAMES[source] ?? source}`, 'may not specify more than 1 volume type'),
    ),
  ];
}

function portalErrors({ initiatorName, targetPortal }: NonNullable<Spec['iscsi']>, name: string): FieldError[] {
  const tooLong = `${name}:${targetPortal ?? ''}`.length > 64;
  return initiatorName !== undefined && tooLong
    ? [invalid('spec.iscsi.targetportal', targetPortal, PORTAL_TOO_LONG)]
    : [];
}

function csiErrors(csi: NonNullable<Spec['csi']>, path: string): FieldError[] {
  const secrets = ['controllerPublish', 'controllerExpand', 'nodePublish', 'nodeExpand'] as const;
  return [
    ...driverNameErrors(csi.driver, `${path}.driver`),
    ...requiredText(`${path}.volumeHandle`, csi.volumeHandle),
    ...secrets.flatMap((use) => {
      const reference = csi[`${use}SecretRef`];
      if (reference === undefined) return [];
      return [
        ...requiredText(`${path}.${use}SecretRef.name`, reference.name, dns1123SubdomainErrors),
        ...requiredText(`${path}.${use}SecretRef.namespace`, reference.namespace, dns1123LabelErrors),
      ];
    }),
  ];
}

export function persistentVolumeUpdateErrors(
  volume: PersistentVolumeDraft,
  old: PersistentVolumeDraft,
  { subresource }: StrategyContext,
): FieldError[] {
  if (subresource === 'status') return [];
  const [spec, before] = [volume.spec ?? {}, old.spec ?? {}];
  const difference = dumpDifference(before, withoutNewSecret(spec, before), 'PersistentVolumeSource');
  return [
    ...persistentVolumeErrors(volume),
    ...(difference === '' ? [] : [forbiddenField('spec.persistentvolumesource', `${FIXED_SOURCE}\n${difference}`)]),
    ...immutable('volumeMode', spec.volumeMode, before.volumeMode),
    ...placeErrors(spec, before),
    ...(before.volumeAttributesClassName !== undefined && spec.volumeAttributesClassName === undefined
      ? [forbiddenField('spec.volumeAttributesClassName', 'update from non-nil value to nil is forbidden')]
      : []),
  ];
}

/** The secret to grow a volume with may come later. */
function withoutNewSecret(spec: Spec, before: Spec): Spec {
  if (spec.csi === undefined || before.csi === undefined || before.csi.controllerExpandSecretRef !== undefined)
    return spec;
  const csi = { ...spec.csi };
  delete csi.controllerExpandSecretRef;
  return { ...spec, csi };
}

const NEW_LABELS: Readonly<Record<string, string>> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'beta.kubernetes.io/os': 'kubernetes.io/os',
  'beta.kubernetes.io/arch': 'kubernetes.io/arch',
  'beta.kubernetes.io/instance-type': 'node.kubernetes.io/instance-type',
};

/** Where the volume can be reached is fixed, but labels of nodes may take their new names. */
function placeErrors({ nodeAffinity: now }: Spec, { nodeAffinity: then }: Spec): FieldError[] {
  if (then === undefined || equalJson(renamed(now), renamed(then))) return [];
  const detail = 'field is immutable, except for updating from beta label to GA';
  return [invalid('nodeAffinity', goDump(now, 'VolumeNodeAffinity'), detail)];
}

function renamed(affinity: Spec['nodeAffinity']): unknown {
  return affinity?.required?.nodeSelectorTerms?.map(({ matchExpressions, matchFields }) => [
    (matchExpressions ?? []).map((each) => ({ ...each, key: NEW_LABELS[each.key ?? ''] ?? each.key })),
    matchFields ?? [],
  ]);
}

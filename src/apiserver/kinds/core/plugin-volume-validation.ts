/**
 * Validation of the volumes of particular storage systems, which pods and persistent volumes share: upstream
 * `pkg/apis/core/validation/validation.go`.
 */
import { type FieldError, invalid, notSupported, required } from '../../../api/field-error.ts';
import { dns1123LabelErrors } from '../../../api/names.ts';
import type { PersistentVolumeDraft, VolumeDraft } from '../models.ts';
import { descendingPath, each, isEmpty, oneOf, requiredText, within } from '../validation/checks.ts';

type PersistentSpec = NonNullable<PersistentVolumeDraft['spec']>;
/** What the two forms of a source have in common, and what only one of them has. */
type Source<K extends keyof VolumeDraft & keyof PersistentSpec> = NonNullable<VolumeDraft[K]> &
  NonNullable<PersistentSpec[K]>;
type Reference = { name?: string; namespace?: string } | undefined;

const PARTITION = 'must be between 0 and 255, inclusive';
const MAX_LUN = 255;
const MAX_TENANT_CHARACTERS = 64;
const INITIATORS = /^(iqn\.\d{4}-\d{2}\.([a-z0-9-_.]+)(:[^,;*&$|\s]+)?|eui\.[\da-fA-F]{16}|naa\.[\da-fA-F]{16,32})$/;
const RESERVED_DOMAINS = ['.kubernetes.io', '.k8s.io'];
const CACHING_MODES = ['None', 'ReadOnly', 'ReadWrite'];
const DISK_KINDS = ['Dedicated', 'Managed', 'Shared'];
const MANAGED_DISK = '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}';
const BLOB_DISK = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd';

export function gitRepoErrors(
  { repository, directory }: NonNullable<VolumeDraft['gitRepo']>,
  path: string,
): FieldError[] {
  return [...requiredText(`${path}.repository`, repository), ...descendingPath(`${path}.directory`, directory ?? '')];
}

export function diskErrors(name: 'pdName' | 'volumeID') {
  return (source: { pdName?: string; volumeID?: string; partition?: number }, path: string): FieldError[] => {
    const { partition = 0 } = source;
    return [
      ...requiredText(`${path}.${name}`, source[name]),
      ...(partition < 0 || partition > 255 ? [invalid(`${path}.partition`, partition, PARTITION)] : []),
    ];
  };
}

export function iscsiErrors(source: Source<'iscsi'>, path: string): FieldError[] {
  const { iqn, lun, chapAuthDiscovery, chapAuthSession, secretRef, initiatorName } = source;
  const needsSecret = chapAuthDiscovery === true || chapAuthSession === true;
  return [
    ...requiredText(`${path}.targetPortal`, source.targetPortal),
    ...(isEmpty(iqn) ? [required(`${path}.iqn`)] : initiatorErrors(iqn, `${path}.iqn`)),
    ...within(`${path}.lun`, lun, 0, MAX_LUN),
    ...(needsSecret && secretRef === undefined ? [required(`${path}.secretRef`)] : []),
    ...(initiatorName === undefined ? [] : initiatorErrors(initiatorName, `${path}.initiatorname`)),
  ];
}

function initiatorErrors(name: string, path: string): FieldError[] {
  if (!/^(iqn|eui|naa)/.test(name)) return [invalid(path, name, 'must be valid format starting with iqn, eui, or naa')];
  return INITIATORS.test(name) ? [] : [invalid(path, name, 'must be valid format')];
}

export function fibreErrors({ targetWWNs, wwids, lun }: Source<'fc'>, path: string): FieldError[] {
  const [targets, ids] = [(targetWWNs ?? []).length, (wwids ?? []).length];
  const field = `${path}.targetWWNs`;
  return [
    ...(targets + ids === 0 ? [required(field, 'must specify either targetWWNs or wwids, but not both')] : []),
    ...(targets > 0 && ids > 0
      ? [invalid(field, targetWWNs, 'targetWWNs and wwids can not be specified simultaneously')]
      : []),
    ...(targets === 0
      ? []
      : lun === undefined
        ? [required(`${path}.lun`, 'lun is required if targetWWNs is specified')]
        : within(`${path}.lun`, lun, 0, MAX_LUN)),
  ];
}

export function glusterErrors(source: Source<'glusterfs'>, path: string): FieldError[] {
  const namespace = source.endpointsNamespace;
  const field = `${path}.endpointsNamespace`;
  return [
    ...requiredText(`${path}.endpoints`, source.endpoints),
    ...requiredText(`${path}.path`, source.path),
    ...(namespace === undefined
      ? []
      : namespace === ''
        ? [invalid(field, namespace, 'if the endpointnamespace is set, it must be a valid namespace name')]
        : dns1123LabelErrors(namespace).map((detail) => invalid(field, namespace, detail))),
  ];
}

export function flockerErrors({ datasetName, datasetUUID }: Source<'flocker'>, path: string): FieldError[] {
  const [name, id] = [datasetName ?? '', datasetUUID ?? ''];
  return [
    ...(name === '' && id === '' ? [required(path, 'one of datasetName and datasetUUID is required')] : []),
    ...(name !== '' && id !== ''
      ? [invalid(path, 'resource', 'datasetName and datasetUUID can not be specified simultaneously')]
      : []),
    ...(name.includes('/') ? [invalid(`${path}.datasetName`, name, "must not contain '/'")] : []),
  ];
}

export function rbdErrors({ monitors, image }: Source<'rbd'>, path: string): FieldError[] {
  return [...monitorErrors({ monitors }, path), ...requiredText(`${path}.image`, image)];
}

export function monitorErrors(
  { monitors }: { readonly monitors?: readonly string[] | undefined },
  path: string,
): FieldError[] {
  return (monitors ?? []).length === 0 ? [required(`${path}.monitors`)] : [];
}

/** `volumeID`, and the secret where one is named; persistent volumes name its namespace too. */
export function cinderErrors(persistent: boolean) {
  return ({ volumeID, secretRef }: { volumeID?: string; secretRef?: Reference }, path: string): FieldError[] => [
    ...requiredText(`${path}.volumeID`, volumeID),
    ...referenceErrors(secretRef, `${path}.secretRef`, persistent),
  ];
}

function referenceErrors(reference: Reference, path: string, namespaced: boolean): FieldError[] {
  if (reference === undefined) return [];
  return [
    ...requiredText(`${path}.name`, reference.name),
    ...(namespaced ? requiredText(`${path}.namespace`, reference.namespace) : []),
  ];
}

export function quobyteErrors({ registry, tenant, volume }: Source<'quobyte'>, path: string): FieldError[] {
  const pairs = 'must be a host:port pair or multiple pairs separated by commas';
  const field = `${path}.registry`;
  const tenants = 'must be a UUID and may not exceed a length of 64 characters';
  const errors = isEmpty(registry)
    ? [required(field, pairs)]
    : (tenant ?? '').length > MAX_TENANT_CHARACTERS
      ? [required(`${path}.tenant`, tenants)]
      : each(registry.split(','), field, (pair) =>
          /^[^:]*:[^:]*$/.test(pair) ? [] : [invalid(field, registry, pairs)],
        );
  return [...errors, ...requiredText(`${path}.volume`, volume)];
}

export function flexErrors({ driver, options }: Source<'flexVolume'>, path: string): FieldError[] {
  return [
    ...requiredText(`${path}.driver`, driver),
    ...Object.keys(options ?? {}).flatMap((key) => {
      const domain = `.${(key.split('/')[0] ?? '').toLowerCase()}`;
      if (!RESERVED_DOMAINS.some((reserved) => domain.endsWith(reserved))) return [];
      return [invalid(`${path}.options[${key}]`, key, 'kubernetes.io and k8s.io namespaces are reserved')];
    }),
  ];
}

export function azureFileErrors(
  source: { secretName?: string; shareName?: string; secretNamespace?: string },
  path: string,
): FieldError[] {
  return [
    ...requiredText(`${path}.secretName`, source.secretName),
    ...requiredText(`${path}.shareName`, source.shareName),
    ...(source.secretNamespace === '' ? [required(`${path}.secretNamespace`)] : []),
  ];
}

export function azureDiskErrors(source: Source<'azureDisk'>, path: string): FieldError[] {
  const { diskName, diskURI = '', cachingMode, kind } = source;
  const managed = kind === 'Managed';
  const wanted = managed ? '/subscriptions/' : 'https://';
  return [
    ...requiredText(`${path}.diskName`, diskName),
    ...requiredText(`${path}.diskURI`, diskURI),
    ...oneOf(`${path}.cachingMode`, cachingMode, CACHING_MODES),
    ...oneOf(`${path}.kind`, kind, DISK_KINDS),
    ...(kind === undefined || diskURI.startsWith(wanted)
      ? []
      : [notSupported(`${path}.diskURI`, diskURI, [managed ? MANAGED_DISK : BLOB_DISK])]),
  ];
}

export function scaleIoErrors({ gateway, system, volumeName }: Source<'scaleIO'>, path: string): FieldError[] {
  return [
    ...requiredText(`${path}.gateway`, gateway),
    ...requiredText(`${path}.system`, system),
    ...requiredText(`${path}.volumeName`, volumeName),
  ];
}

export function storageOsErrors(persistent: boolean) {
  return (
    source: { volumeName?: string; volumeNamespace?: string; secretRef?: Reference },
    path: string,
  ): FieldError[] => [
    ...requiredText(`${path}.volumeName`, source.volumeName, dns1123LabelErrors),
    ...(isEmpty(source.volumeNamespace)
      ? []
      : requiredText(`${path}.volumeNamespace`, source.volumeNamespace, dns1123LabelErrors)),
    ...referenceErrors(source.secretRef, `${path}.secretRef`, persistent),
  ];
}

/** Validation of VolumeAttachments: upstream `pkg/apis/storage/validation/validation.go`. */
import { type FieldError, forbiddenField, invalid, required, tooLong } from '../../../api/field-error.ts';
import { equalJson } from '../../../api/json.ts';
import { dns1123SubdomainErrors } from '../../../api/names.ts';
import { accessModeErrors } from '../core/claim-validation.ts';
import type { VolumeAttachmentDraft } from '../models.ts';
import { invalidFor, MAX_INT_32, requiredText, within } from '../validation/checks.ts';
import { goDump } from '../validation/go-dump.ts';
import { driverNameErrors } from './storage-validation.ts';

type Source = NonNullable<NonNullable<VolumeAttachmentDraft['spec']>['source']>;
type InlineVolume = NonNullable<Source['inlineVolumeSpec']>;
type Status = NonNullable<VolumeAttachmentDraft['status']>;

const MAX_METADATA_BYTES = 256 * 1024;
const MAX_MESSAGE_BYTES = 1024;
const ONE_SOURCE = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';

/** A new one: names are held to more than those of stored ones, which may be older than the rule. */
export function volumeAttachmentErrors(object: VolumeAttachmentDraft): FieldError[] {
  const volume = object.spec?.source?.persistentVolumeName;
  return [
    ...storedErrors(object),
    ...driverNameErrors(object.spec?.attacher, 'spec.attacher'),
    ...(volume === undefined
      ? []
      : invalidFor('spec.source.persistentVolumeName', volume, dns1123SubdomainErrors(volume))),
  ];
}

export function volumeAttachmentUpdateErrors(object: VolumeAttachmentDraft, old: VolumeAttachmentDraft): FieldError[] {
  const fixed = equalJson(object.spec, old.spec)
    ? []
    : [invalid('spec', goDump(object.spec, 'VolumeAttachmentSpec'), 'field is immutable')];
  return [...storedErrors(object), ...fixed];
}

function storedErrors({ spec = {}, status = {} }: VolumeAttachmentDraft): FieldError[] {
  const node = spec.nodeName ?? '';
  return [
    ...requiredText('spec.attacher', spec.attacher),
    ...sourceErrors(spec.source ?? {}, 'spec.source'),
    ...invalidFor('spec.nodeName', node, dns1123SubdomainErrors(node)),
    ...metadataErrors(status.attachmentMetadata, 'status.attachmentMetadata'),
    ...failureErrors(status.attachError, 'status.attachError'),
    ...failureErrors(status.detachError, 'status.detachError'),
  ];
}

function sourceErrors({ persistentVolumeName: name, inlineVolumeSpec: inline }: Source, path: string): FieldError[] {
  if (name === undefined) {
    return inline === undefined ? [required(path, ONE_SOURCE)] : inlineErrors(inline, `${path}.inlineVolumeSpec`);
  }
  if (inline !== undefined) return [forbiddenField(path, ONE_SOURCE)];
  return name === '' ? [required(`${path}.persistentVolumeName`, 'must specify non empty persistentVolumeName')] : [];
}

/** A volume of a pod that stands for an in-tree one: always CSI. */
function inlineErrors({ claimRef, capacity, csi, accessModes }: InlineVolume, path: string): FieldError[] {
  const unwanted = Object.entries({ claimRef, capacity }).filter(([, value]) => Object.keys(value ?? {}).length > 0);
  return [
    ...unwanted.map(([member]) =>
      forbiddenField(`${path}.${member}`, 'may not be specified in the context of inline volumes'),
    ),
    ...(csi === undefined ? [required(`${path}.csi`, 'has to be specified in the context of inline volumes')] : []),
    ...((accessModes ?? []).length === 0 ? [required(`${path}.accessModes`)] : []),
    ...accessModeErrors(accessModes, `${path}.accessModes`),
    ...(csi === undefined
      ? []
      : [
          ...driverNameErrors(csi.driver, `${path}.csi.driver`),
          ...requiredText(`${path}.csi.volumeHandle`, csi.volumeHandle),
        ]),
  ];
}

function metadataErrors(metadata: Status['attachmentMetadata'], path: string): FieldError[] {
  const bytes = Object.entries(metadata ?? {}).reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value),
    0,
  );
  return bytes > MAX_METADATA_BYTES ? [tooLong(path, MAX_METADATA_BYTES)] : [];
}

/** Upstream's message names the limit of metadata for messages too. */
function failureErrors(failure: Status['attachError'], path: string): FieldError[] {
  const isLong = Buffer.byteLength(failure?.message ?? '') > MAX_MESSAGE_BYTES;
  return [
    ...(isLong ? [tooLong(`${path}.message`, MAX_METADATA_BYTES)] : []),
    ...within(`${path}.errorCode`, failure?.errorCode, 0, MAX_INT_32),
  ];
}

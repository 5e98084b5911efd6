/** What is legal in volumes and claims but unwise: upstream `pkg/api/{persistentvolume,persistentvolumeclaim}/util.go`. */
import { parseQuantity } from '../../../api/quantity.ts';
import type { PersistentVolumeClaimDraft, PersistentVolumeClaimSpecDraft, PersistentVolumeDraft } from '../models.ts';
import { termWarnings } from './node-label-warnings.ts';

const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';
const OLD_SOURCES: readonly (readonly [keyof NonNullable<PersistentVolumeDraft['spec']>, string, string?])[] = [
  ['photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['storageos', 'deprecated in v1.22, non-functional in v1.25+', 'storageOS'],
  ['glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['rbd', 'deprecated in v1.28, non-functional in v1.31+'],
];

export function persistentVolumeWarnings({ metadata, spec = {} }: PersistentVolumeDraft): string[] {
  const recycle =
    'The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.';
  const terms = 'spec.nodeAffinity.required.nodeSelectorTerms';
  return [
    ...annotationWarnings(metadata?.annotations),
    ...(spec.persistentVolumeReclaimPolicy === 'Recycle' ? [`spec.persistentVolumeReclaimPolicy: ${recycle}`] : []),
    ...(spec.nodeAffinity?.required?.nodeSelectorTerms ?? []).flatMap((term, index) =>
      termWarnings(term, `${terms}[${index}]`),
    ),
    ...OLD_SOURCES.filter(([source]) => spec[source] !== undefined).map(
      ([source, advice, name = source]) => `spec.${name}: ${advice}`,
    ),
  ];
}

export function claimWarnings({ metadata, spec }: PersistentVolumeClaimDraft): string[] {
  return [...annotationWarnings(metadata?.annotations), ...claimSpecWarnings(spec, 'spec')];
}

export function claimSpecWarnings(spec: PersistentVolumeClaimSpecDraft | undefined, path: string): string[] {
  return (['requests', 'limits'] as const).flatMap((kind) => {
    const amount = spec?.resources?.[kind]?.storage;
    if (amount === undefined || parseQuantity(amount).nanos % 1_000_000_000n === 0n) return [];
    return [`${path}.resources.${kind}[storage]: fractional byte value "${amount}" is invalid, must be an integer`];
  });
}

function annotationWarnings(annotations: Readonly<Record<string, string>> | undefined): string[] {
  if (annotations?.[CLASS_ANNOTATION] === undefined) return [];
  return [`metadata.annotations[${CLASS_ANNOTATION}]: deprecated since v1.8; use "storageClassName" attribute instead`];
}

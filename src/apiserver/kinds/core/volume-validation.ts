/** Validation of the volumes of pods: upstream `pkg/apis/core/validation/validation.go`, ValidateVolumes. */
import { duplicate, type FieldError, forbiddenField, invalid, required } from '../../../api/field-error.ts';
import { dns1123LabelErrors } from '../../../api/names.ts';
import { parseQuantity } from '../../../api/quantity.ts';
import type { VolumeDraft } from '../models.ts';
import { each, fileMode, isEmpty, noBacksteps, oneOf, requiredText, unreservedPath } from '../validation/checks.ts';
import { claimSpecErrors } from './claim-validation.ts';
import { fieldRefErrors, resourceFieldRefErrors, VOLUME_FIELDS } from './env-validation.ts';

type Of<K extends keyof VolumeDraft> = NonNullable<VolumeDraft[K]>;
type KeyToPath = NonNullable<Of<'configMap'>['items']>[number];
type DownwardFile = NonNullable<Of<'downwardAPI'>['items']>[number];
type ProjectedSource = NonNullable<Of<'projected'>['sources']>[number];

const MIN_TOKEN_SECONDS = 10 * 60;
const MAX_TOKEN_SECONDS = 2 ** 32;

/** In the order in which upstream asks for them: the first counts, further ones are forbidden. */
const SOURCES: { readonly [K in Exclude<keyof VolumeDraft, 'name'>]?: (source: Of<K>, path: string) => FieldError[] } =
  {
    emptyDir: ({ sizeLimit }, path) =>
      sizeLimit !== undefined && parseQuantity(sizeLimit).nanos < 0n
        ? [forbiddenField(`${path}.sizeLimit`, 'SizeLimit field must be a valid resource quantity')]
        : [],
    hostPath: hostPathErrors,
    gitRepo: ({ repository }, path) => requiredText(`${path}.repository`, repository),
    secret: (source, path) => [
      ...requiredText(`${path}.secretName`, source.secretName),
      ...fileMode(`${path}.defaultMode`, source.defaultMode),
      ...each(source.items, `${path}.items`, keyToPathErrors),
    ],
    nfs: ({ server, path: target }, path) => [
      ...requiredText(`${path}.server`, server),
      ...requiredText(`${path}.path`, target),
      ...absolutePath(`${path}.path`, target ?? ''),
    ],
    iscsi: (source, path) => [
      ...requiredText(`${path}.targetPortal`, source.targetPortal),
      ...requiredText(`${path}.iqn`, source.iqn),
    ],
    persistentVolumeClaim: ({ claimName }, path) => requiredText(`${path}.claimName`, claimName),
    downwardAPI: (source, path) => [
      ...fileMode(`${path}.defaultMode`, source.defaultMode),
      ...each(source.items, `${path}.items`, downwardFileErrors),
    ],
    fc: () => [],
    configMap: (source, path) => [
      ...requiredText(`${path}.name`, source.name),
      ...fileMode(`${path}.defaultMode`, source.defaultMode),
      ...each(source.items, `${path}.items`, keyToPathErrors),
    ],
    projected: (source, path) => [
      ...fileMode(`${path}.defaultMode`, source.defaultMode),
      ...each(source.sources, `${path}.sources`, projectedErrors),
    ],
    csi: ({ driver }, path) => requiredText(`${path}.driver`, driver),
    ephemeral: ({ volumeClaimTemplate }, path) =>
      volumeClaimTemplate === undefined
        ? [required(`${path}.volumeClaimTemplate`)]
        : claimSpecErrors(volumeClaimTemplate.spec, `${path}.volumeClaimTemplate.spec`),
    image: ({ pullPolicy }, path) => oneOf(`${path}.pullPolicy`, pullPolicy, ['Always', 'IfNotPresent', 'Never']),
  };

export interface CheckedVolumes {
  readonly errors: FieldError[];
  /** Those without a fault, by name: only these can be mounted. */
  readonly volumes: ReadonlyMap<string, VolumeDraft>;
}

export function checkVolumes(list: readonly VolumeDraft[] | undefined, path: string): CheckedVolumes {
  const volumes = new Map<string, VolumeDraft>();
  const errors = each(list, path, (volume, path) => {
    const found = [...sourceErrors(volume, path), ...requiredText(`${path}.name`, volume.name, dns1123LabelErrors)];
    if (volumes.has(volume.name ?? '')) found.push(duplicate(`${path}.name`, volume.name));
    if (found.length === 0) volumes.set(volume.name ?? '', volume);
    return found;
  });
  return { errors, volumes };
}

function sourceErrors(volume: VolumeDraft, path: string): FieldError[] {
  const known = Object.keys(SOURCES).filter((name) => volume[name as keyof VolumeDraft] !== undefined);
  const [first, ...others] = known;
  const named = Object.keys(volume).some((member) => member !== 'name');
  if (first === undefined) return named ? [] : [required(path, 'must specify a volume type')];
  // The table has one check for each source: name and source belong together by construction.
  const check = SOURCES[first as keyof typeof SOURCES] as ((source: unknown, path: string) => FieldError[]) | undefined;
  return [
    ...(check?.(volume[first as keyof VolumeDraft], `${path}.${first}`) ?? []),
    ...others.map((name) => forbiddenField(`${path}.${name}`, 'may not specify more than 1 volume type')),
  ];
}

const HOST_PATH_TYPES = [
  '',
  'DirectoryOrCreate',
  'Directory',
  'FileOrCreate',
  'File',
  'Socket',
  'CharDevice',
  'BlockDevice',
];

export function hostPathErrors({ path: target, type }: Of<'hostPath'>, path: string): FieldError[] {
  if (isEmpty(target)) return [required(`${path}.path`)];
  return [...noBacksteps(`${path}.path`, target), ...oneOf(`${path}.type`, type, HOST_PATH_TYPES)];
}

export function absolutePath(path: string, value: string): FieldError[] {
  return value.startsWith('/') ? [] : [invalid(path, value, 'must be an absolute path')];
}

function keyToPathErrors({ key, path: target, mode }: KeyToPath, path: string): FieldError[] {
  return [
    ...requiredText(`${path}.key`, key),
    ...requiredText(`${path}.path`, target),
    ...unreservedPath(`${path}.path`, target ?? ''),
    ...fileMode(`${path}.mode`, mode),
  ];
}

function downwardFileErrors(file: DownwardFile, path: string): FieldError[] {
  const { fieldRef, resourceFieldRef, path: target, mode } = file;
  return [
    ...requiredText(`${path}.path`, target),
    ...unreservedPath(`${path}.path`, target ?? ''),
    ...(fieldRef === undefined ? [] : fieldRefErrors(fieldRef, VOLUME_FIELDS, `${path}.fieldRef`)),
    ...(fieldRef !== undefined && resourceFieldRef !== undefined
      ? [invalid(path, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously')]
      : []),
    ...(fieldRef === undefined && resourceFieldRef !== undefined
      ? resourceFieldRefErrors(resourceFieldRef, `${path}.resourceFieldRef`, true)
      : []),
    ...(fieldRef === undefined && resourceFieldRef === undefined
      ? [required(path, 'one of fieldRef and resourceFieldRef is required')]
      : []),
    ...fileMode(`${path}.mode`, mode),
  ];
}

function projectedErrors(source: ProjectedSource, path: string): FieldError[] {
  const { secret, configMap, downwardAPI, serviceAccountToken } = source;
  const count = Object.values(source).filter((each) => each !== undefined).length;
  return [
    ...(secret === undefined ? [] : namedFiles(secret, `${path}.secret`)),
    ...(configMap === undefined ? [] : namedFiles(configMap, `${path}.configMap`)),
    ...each(downwardAPI?.items, `${path}.downwardAPI.items`, downwardFileErrors),
    ...(serviceAccountToken === undefined ? [] : tokenErrors(serviceAccountToken, `${path}.serviceAccountToken`)),
    ...(count > 1 ? [forbiddenField(path, 'may not specify more than 1 volume type')] : []),
  ];
}

function namedFiles({ name, items }: { name?: string; items?: KeyToPath[] }, path: string): FieldError[] {
  return [...requiredText(`${path}.name`, name), ...each(items, `${path}.items`, keyToPathErrors)];
}

function tokenErrors(token: NonNullable<ProjectedSource['serviceAccountToken']>, path: string): FieldError[] {
  const { expirationSeconds: seconds = MIN_TOKEN_SECONDS, path: target } = token;
  const errors: FieldError[] = [];
  if (seconds < MIN_TOKEN_SECONDS) {
    errors.push(invalid(`${path}.expirationSeconds`, seconds, 'may not specify a duration less than 10 minutes'));
  }
  if (seconds > MAX_TOKEN_SECONDS) {
    errors.push(invalid(`${path}.expirationSeconds`, seconds, 'may not specify a duration larger than 2^32 seconds'));
  }
  if (isEmpty(target)) return [...errors, required(`${path}.path`)];
  return [...errors, ...unreservedPath(`${path}.path`, target)];
}

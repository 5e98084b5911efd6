/** Validation of the volumes of pods: upstream `pkg/apis/core/validation/validation.go`, ValidateVolumes. */
import { duplicate, type FieldError, forbiddenField, invalid, required, tooLong } from '../../../api/field-error.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../../../api/names.ts';
import { parseQuantity } from '../../../api/quantity.ts';
import type { VolumeDraft } from '../models.ts';
import {
  each,
  fileMode,
  invalidFor,
  isEmpty,
  noBacksteps,
  oneOf,
  requiredText,
  unreservedPath,
} from '../validation/checks.ts';
import { claimTemplateErrors } from './claim-validation.ts';
import { fieldRefErrors, resourceFieldRefErrors, VOLUME_FIELDS } from './env-validation.ts';
import {
  azureDiskErrors,
  azureFileErrors,
  cinderErrors,
  diskErrors,
  fibreErrors,
  flexErrors,
  flockerErrors,
  gitRepoErrors,
  glusterErrors,
  iscsiErrors,
  monitorErrors,
  quobyteErrors,
  rbdErrors,
  scaleIoErrors,
  storageOsErrors,
} from './plugin-volume-validation.ts';

type Of<K extends keyof VolumeDraft> = NonNullable<VolumeDraft[K]>;
type KeyToPath = NonNullable<Of<'configMap'>['items']>[number];
type DownwardFile = NonNullable<Of<'downwardAPI'>['items']>[number];
type ProjectedSource = NonNullable<Of<'projected'>['sources']>[number];

const MIN_TOKEN_SECONDS = 10 * 60;
const MAX_TOKEN_SECONDS = 2 ** 32;
const MAX_DRIVER_BYTES = 63;
const MAX_PORTAL_CHARACTERS = 64;
export const PORTAL_TOO_LONG =
  'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.';

type Checks = { readonly [K in Exclude<keyof VolumeDraft, 'name'>]?: (source: Of<K>, path: string) => FieldError[] };

/** In the order in which upstream asks for them: the first counts, further ones are forbidden. */
const SOURCES: Checks = {
  emptyDir: ({ sizeLimit }, path) =>
    sizeLimit !== undefined && parseQuantity(sizeLimit).nanos < 0n
      ? [forbiddenField(`${path}.sizeLimit`, 'SizeLimit field must be a valid resource quantity')]
      : [],
  hostPath: hostPathErrors,
  gitRepo: gitRepoErrors,
  gcePersistentDisk: diskErrors('pdName'),
  awsElasticBlockStore: diskErrors('volumeID'),
  secret: (source, path) => [
    ...requiredText(`${path}.secretName`, source.secretName),
    ...fileMode(`${path}.defaultMode`, source.defaultMode),
    ...each(source.items, `${path}.items`, keyToPathErrors),
  ],
  nfs: nfsErrors,
  iscsi: iscsiErrors,
  glusterfs: glusterErrors,
  flocker: flockerErrors,
  persistentVolumeClaim: ({ claimName }, path) => requiredText(`${path}.claimName`, claimName),
  rbd: rbdErrors,
  cinder: cinderErrors(false),
  cephfs: monitorErrors,
  quobyte: quobyteErrors,
  downwardAPI: (source, path) => [
    ...fileMode(`${path}.defaultMode`, source.defaultMode),
    ...(source.items ?? []).flatMap((file) => downwardFileErrors(file, path)),
  ],
  fc: fibreErrors,
  flexVolume: flexErrors,
  configMap: (source, path) => [
    ...requiredText(`${path}.name`, source.name),
    ...fileMode(`${path}.defaultMode`, source.defaultMode),
    ...each(source.items, `${path}.items`, keyToPathErrors),
  ],
  azureFile: azureFileErrors,
  vsphereVolume: ({ volumePath }, path) => requiredText(`${path}.volumePath`, volumePath),
  photonPersistentDisk: ({ pdID }, path) => requiredText(`${path}.pdID`, pdID),
  portworxVolume: ({ volumeID }, path) => requiredText(`${path}.volumeID`, volumeID),
  azureDisk: azureDiskErrors,
  storageos: storageOsErrors(false),
  projected: projectedVolumeErrors,
  scaleIO: scaleIoErrors,
  csi: ({ driver, nodePublishSecretRef: secret }, path) => [
    ...driverNameErrors(driver, `${path}.driver`),
    ...(secret === undefined
      ? []
      : isEmpty(secret.name)
        ? [required(`${path}.nodePublishSecretRef.name`)]
        : invalidFor(`${path}.name`, secret.name, dns1123SubdomainErrors(secret.name))),
  ],
  ephemeral: ({ volumeClaimTemplate }, path) =>
    volumeClaimTemplate === undefined
      ? [required(`${path}.volumeClaimTemplate`)]
      : claimTemplateErrors(volumeClaimTemplate, `${path}.volumeClaimTemplate`),
  image: ({ reference, pullPolicy }, path) => [
    ...requiredText(`${path}.reference`, reference),
    ...oneOf(`${path}.pullPolicy`, pullPolicy, ['Always', 'IfNotPresent', 'Never'], 'required'),
  ],
};
/** Where upstream's words for a source differ from its field, of the source itself and of one too many. */
const INNER_NAMES: Readonly<Record<string, string>> = { gcePersistentDisk: 'persistentDisk' };
const EXTRA_NAMES: Readonly<Record<string, string>> = { cephfs: 'cephFS', downwardAPI: 'downwarAPI' };

export interface CheckedVolumes {
  readonly errors: FieldError[];
  /** Those without a fault, by name: only these can be mounted. */
  readonly volumes: ReadonlyMap<string, VolumeDraft>;
}

/** Claims that the pod itself brings along are named after it: `podName` is absent for templates. */
export function checkVolumes(
  list: readonly VolumeDraft[] | undefined,
  path: string,
  podName: string | undefined,
): CheckedVolumes {
  const volumes = new Map<string, VolumeDraft>();
  const own = new Set(
    (list ?? []).filter(({ ephemeral }) => ephemeral !== undefined).map(({ name }) => `${podName}-${name}`),
  );
  const errors = each(list, path, (volume, path) => {
    const found = [
      ...sourceErrors(volume, path, podName),
      ...requiredText(`${path}.name`, volume.name, dns1123LabelErrors),
    ];
    if (volumes.has(volume.name ?? '')) found.push(duplicate(`${path}.name`, volume.name));
    if (found.length === 0) volumes.set(volume.name ?? '', volume);
    const claim = volume.persistentVolumeClaim?.claimName ?? '';
    if (!isEmpty(podName) && own.has(claim)) {
      const detail = 'must not reference a PVC that gets created for an ephemeral volume';
      found.push(invalid(`${path}.persistentVolumeClaim.claimName`, claim, detail));
    }
    return found;
  });
  return { errors, volumes };
}

function sourceErrors(volume: VolumeDraft, path: string, podName: string | undefined): FieldError[] {
  const known = Object.keys(SOURCES).filter((name) => volume[name as keyof VolumeDraft] !== undefined);
  const [first, ...others] = known;
  if (first === undefined) return [required(path, 'must specify a volume type')];
  // The table has one check for each source: name and source belong together by construction.
  const check = SOURCES[first as keyof typeof SOURCES] as ((source: unknown, path: string) => FieldError[]) | undefined;
  return [
    ...(check?.(volume[first as keyof VolumeDraft], `${path}.${INNER_NAMES[first] ?? first}`) ?? []),
    ...(first === 'ephemeral' ? claimNameErrors(volume.name, podName, `${path}.name`) : []),
    ...(first === 'iscsi' ? portalErrors(volume, `${path}.name`) : []),
    ...others.map((name) =>
      forbiddenField(`${path}.${EXTRA_NAMES[name] ?? name}`, 'may not specify more than 1 volume type'),
    ),
  ];
}

function claimNameErrors(name: string | undefined, podName: string | undefined, path: string): FieldError[] {
  if (isEmpty(name) || isEmpty(podName)) return [];
  const claim = `${podName}-${name}`;
  return dns1123SubdomainErrors(claim).map((why) => invalid(path, name, `PVC name "${claim}": ${why}`));
}

function portalErrors({ name = '', iscsi }: VolumeDraft, path: string): FieldError[] {
  if (iscsi?.initiatorName === undefined || `${name}:${iscsi.targetPortal ?? ''}`.length <= MAX_PORTAL_CHARACTERS)
    return [];
  return [invalid(path, name, PORTAL_TOO_LONG)];
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

export function nfsErrors({ server, path: target = '' }: Of<'nfs'>, path: string): FieldError[] {
  return [
    ...requiredText(`${path}.server`, server),
    ...requiredText(`${path}.path`, target),
    ...(target.startsWith('/') ? [] : [invalid(`${path}.path`, target, 'must be an absolute path')]),
  ];
}

export function driverNameErrors(driver: string | undefined, path: string): FieldError[] {
  if (isEmpty(driver)) return [required(path)];
  return [
    ...(Buffer.byteLength(driver) > MAX_DRIVER_BYTES ? [tooLong(path, MAX_DRIVER_BYTES)] : []),
    ...invalidFor(path, driver, dns1123SubdomainErrors(driver.toLowerCase())),
  ];
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

/** Upstream leaves the index of a source out of some paths. */
function projectedVolumeErrors({ defaultMode, sources }: Of<'projected'>, path: string): FieldError[] {
  const taken = new Set<string>();
  /** `shown` is what upstream names in place of the path. */
  const claim = (target: string | undefined, shown: string): FieldError[] => {
    if (isEmpty(target)) return [];
    if (taken.has(target)) return [invalid(path, shown, 'conflicting duplicate paths')];
    taken.add(target);
    return [];
  };
  return [
    ...fileMode(`${path}.defaultMode`, defaultMode),
    ...each(sources, `${path}.sources`, (source, item) => [
      ...namedFiles(source.secret, `${item}.secret`, claim),
      ...namedFiles(source.configMap, `${item}.configMap`, claim),
      ...(source.downwardAPI?.items ?? []).flatMap((file) => [
        ...downwardFileErrors(file, `${item}.downwardAPI`),
        ...claim(file.path, file.path ?? ''),
      ]),
      ...tokenErrors(source.serviceAccountToken, `${item}.serviceAccountToken`, `${path}.path`),
      ...(Object.values(source).filter((each) => each !== undefined).length > 1
        ? [forbiddenField(item, 'may not specify more than 1 volume type per source')]
        : []),
    ]),
  ];
}

type Claim = (target: string | undefined, shown: string) => FieldError[];

function namedFiles(
  source: { name?: string; items?: KeyToPath[] } | undefined,
  path: string,
  claim: Claim,
): FieldError[] {
  if (source === undefined) return [];
  return [
    ...requiredText(`${path}.name`, source.name),
    ...each(source.items, `${path}.items`, (item, path) => [
      ...keyToPathErrors(item, path),
      ...claim(item.path, source.name ?? ''),
    ]),
  ];
}

function tokenErrors(token: ProjectedSource['serviceAccountToken'], path: string, field: string): FieldError[] {
  if (token === undefined) return [];
  const { expirationSeconds: seconds = MIN_TOKEN_SECONDS, path: target } = token;
  const errors: FieldError[] = [];
  if (seconds < MIN_TOKEN_SECONDS) {
    errors.push(invalid(`${path}.expirationSeconds`, seconds, 'may not specify a duration less than 10 minutes'));
  }
  if (seconds > MAX_TOKEN_SECONDS) {
    errors.push(invalid(`${path}.expirationSeconds`, seconds, 'may not specify a duration larger than 2^32 seconds'));
  }
  return [...errors, ...(isEmpty(target) ? [required(field)] : unreservedPath(field, target))];
}

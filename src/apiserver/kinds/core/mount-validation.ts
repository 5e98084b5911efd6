/** Validation of volume mounts and devices: upstream `pkg/apis/core/validation/validation.go`. */
import { type FieldError, forbiddenField, invalid, notFoundField, required } from '../../../api/field-error.ts';
import type { ContainerDraft, VolumeDraft } from '../models.ts';
import { descendingPath, each, isEmpty, oneOf, requiredText } from '../validation/checks.ts';

type Mount = NonNullable<ContainerDraft['volumeMounts']>[number];
type Device = NonNullable<ContainerDraft['volumeDevices']>[number];
type Volumes = ReadonlyMap<string, VolumeDraft>;

export function mountErrors(container: ContainerDraft, volumes: Volumes, path: string): FieldError[] {
  const devices = container.volumeDevices ?? [];
  const seen = new Set<string>();
  return each(container.volumeMounts, path, (mount, item) => {
    const { name = '', mountPath = '' } = mount;
    const repeated = seen.has(mountPath);
    seen.add(mountPath);
    return [
      ...requiredText(`${item}.name`, name),
      ...(volumes.has(name) ? [] : [notFoundField(`${item}.name`, name)]),
      ...requiredText(`${item}.mountPath`, mountPath),
      ...(repeated ? [invalid(`${item}.mountPath`, mountPath, 'must be unique')] : []),
      ...(devices.some((device) => device.name === name)
        ? [invalid(`${item}.name`, name, 'must not already exist in volumeDevices')]
        : []),
      ...(devices.some((device) => device.devicePath === mountPath)
        ? [invalid(`${item}.mountPath`, mountPath, 'must not already exist as a path in volumeDevices')]
        : []),
      // Upstream leaves the index out of the paths of the rest.
      ...subPathErrors(mount, item, path),
      ...propagationErrors(mount, container, `${path}.mountPropagation`),
      ...readOnlyErrors(mount, `${path}.recursiveReadOnly`),
    ];
  });
}

function subPathErrors({ subPath, subPathExpr }: Mount, item: string, path: string): FieldError[] {
  return [
    ...(isEmpty(subPath) ? [] : descendingPath(`${path}.subPath`, subPath)),
    ...(!isEmpty(subPathExpr) && !isEmpty(subPath)
      ? [invalid(`${item}.subPathExpr`, subPathExpr, 'subPathExpr and subPath are mutually exclusive')]
      : []),
    ...(isEmpty(subPathExpr) ? [] : descendingPath(`${path}.subPathExpr`, subPathExpr)),
  ];
}

function propagationErrors({ mountPropagation }: Mount, container: ContainerDraft, path: string): FieldError[] {
  const errors = oneOf(path, mountPropagation, ['Bidirectional', 'HostToContainer', 'None']);
  if (mountPropagation !== 'Bidirectional' || container.securityContext?.privileged === true) return errors;
  const detail = 'Bidirectional mount propagation is available only to privileged containers';
  return [...errors, forbiddenField(path, detail)];
}

function readOnlyErrors({ recursiveReadOnly, readOnly, mountPropagation }: Mount, path: string): FieldError[] {
  const errors = oneOf(path, recursiveReadOnly, ['Disabled', 'Enabled', 'IfPossible']);
  if (errors.length > 0 || recursiveReadOnly === undefined || recursiveReadOnly === 'Disabled') return errors;
  return [
    ...(readOnly === true ? [] : [forbiddenField(path, 'may only be specified when readOnly is true')]),
    ...(mountPropagation === undefined || mountPropagation === 'None'
      ? []
      : [forbiddenField(path, 'may only be specified when mountPropagation is None or not specified')]),
  ];
}

export function deviceErrors(container: ContainerDraft, volumes: Volumes, path: string): FieldError[] {
  const names = new Set<string>();
  const paths = new Set<string>();
  return each(container.volumeDevices, path, (device, path) => {
    const errors = oneDeviceErrors(device, container, volumes, names, paths, path);
    if (!isEmpty(device.name)) names.add(device.name);
    paths.add(device.devicePath ?? '');
    return errors;
  });
}

function oneDeviceErrors(
  { name = '', devicePath = '' }: Device,
  { volumeMounts }: ContainerDraft,
  volumes: Volumes,
  names: ReadonlySet<string>,
  paths: ReadonlySet<string>,
  path: string,
): FieldError[] {
  const volume = volumes.get(name);
  const claimed = volume?.persistentVolumeClaim !== undefined || volume?.ephemeral !== undefined;
  const mounts = volumeMounts ?? [];
  const rules: [boolean, FieldError][] = [
    [name === '', required(`${path}.name`)],
    [names.has(name), invalid(`${path}.name`, name, 'must be unique')],
    [
      volume !== undefined && !claimed,
      invalid(
        `${path}.name`,
        name,
        'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode',
      ),
    ],
    [volume === undefined, notFoundField(`${path}.name`, name)],
    [devicePath === '', required(`${path}.devicePath`)],
    [paths.has(devicePath), invalid(`${path}.devicePath`, devicePath, 'must be unique')],
    [
      devicePath.split('/').includes('..'),
      invalid(`${path}.devicePath`, devicePath, "can not contain backsteps ('..')"),
    ],
    [
      mounts.some((mount) => mount.name === name),
      invalid(`${path}.name`, name, 'must not already exist in volumeMounts'),
    ],
    [
      mounts.some((mount) => mount.mountPath === devicePath),
      invalid(`${path}.devicePath`, devicePath, 'must not already exist as a path in volumeMounts'),
    ],
  ];
  return rules.filter(([broken]) => broken).map(([, error]) => error);
}

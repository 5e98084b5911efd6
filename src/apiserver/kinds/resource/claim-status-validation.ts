/** Validation of the status of ResourceClaims: upstream `pkg/apis/resource/validation/validation.go`. */
import { type FieldError, forbiddenField, invalid, tooLong, tooMany } from '../../../api/field-error.ts';
import { nodeSelectorErrors } from '../core/affinity-validation.ts';
import type { ResourceClaimDraft } from '../models.ts';
import { driverNameErrors } from '../storage/storage-validation.ts';
import { each, immutable, oneOf, requiredText } from '../validation/checks.ts';
import {
  bindingErrors,
  boundedList,
  boundedSet,
  configurationErrors,
  deviceTolerationErrors,
  labelText,
  poolNameErrors,
  rawObjectErrors,
} from './device-checks.ts';
import { requestNamesOf, requestReferenceErrors, requestReferencesErrors } from './request-names.ts';

type Status = NonNullable<ResourceClaimDraft['status']>;
type Allocation = NonNullable<Status['allocation']>;
type Results = NonNullable<NonNullable<Allocation['devices']>['results']>;
type Reported = NonNullable<Status['devices']>[number];
interface DeviceId {
  readonly driver?: string;
  readonly pool?: string;
  readonly device?: string;
  readonly shareID?: string;
}

const MAX_CONSUMERS = 256;
const MAX_RESULTS = 32;
/** Those of the class and those of the claim. */
const MAX_CONFIGURATIONS = 64;
const MAX_CONDITIONS = 8;
const MAX_INTERFACE_NAME_BYTES = 256;
const MAX_HARDWARE_ADDRESS_BYTES = 128;

export function claimStatusErrors(
  { metadata, spec, status = {} }: ResourceClaimDraft,
  old: ResourceClaimDraft,
): FieldError[] {
  const { allocation, devices, reservedFor } = status;
  const before = old.status ?? {};
  const names = requestNamesOf(spec?.devices?.requests);
  const allocated = new Set((allocation?.devices?.results ?? []).map(deviceIdOf));
  const path = 'status.allocation';
  return [
    ...boundedSet(reservedFor, MAX_CONSUMERS, 'status.reservedFor', consumerErrors, ({ uid }) => uid ?? ''),
    ...boundedSet(
      devices,
      Infinity,
      'status.devices',
      (device, path) => reportedErrors(device, allocated, path),
      deviceIdOf,
    ),
    ...reservationErrors(status, before, metadata?.deletionTimestamp !== undefined),
    ...(allocation === undefined
      ? []
      : before.allocation === undefined
        ? allocationErrors(allocation, names, path)
        : immutable(path, allocation, before.allocation)),
  ];
}

function deviceIdOf({ driver = '', pool = '', device = '', shareID }: DeviceId): string {
  return [driver, pool, device, ...(shareID === undefined ? [] : [shareID])].join('/');
}

function consumerErrors(consumer: { resource?: string; name?: string; uid?: string }, path: string): FieldError[] {
  return (['resource', 'name', 'uid'] as const).flatMap((member) =>
    requiredText(`${path}.${member}`, consumer[member]),
  );
}

/** Who uses a claim needs its allocation; nobody comes to use one that is going. */
function reservationErrors({ reservedFor = [], allocation }: Status, before: Status, going: boolean): FieldError[] {
  const path = 'status.reservedFor';
  if (reservedFor.length === 0) return [];
  if (allocation === undefined) return [forbiddenField(path, 'may not be specified when `allocated` is not set')];
  const known = new Set((before.reservedFor ?? []).map(({ uid }) => uid));
  if (!going || reservedFor.every(({ uid }) => known.has(uid))) return [];
  const detail = 'new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set';
  return [forbiddenField(path, detail)];
}

function allocationErrors(
  { devices = {}, nodeSelector }: Allocation,
  names: ReadonlySet<string>,
  path: string,
): FieldError[] {
  return [
    ...boundedList(devices.results, MAX_RESULTS, `${path}.devices.results`, (result, path) => [
      ...requestReferenceErrors(result.request ?? '', names, `${path}.request`),
      ...resultErrors(result, path),
    ]),
    ...boundedList(devices.config, MAX_CONFIGURATIONS, `${path}.devices.config`, (config, path) => [
      ...oneOf(`${path}.source`, config.source, ['FromClaim', 'FromClass'], 'required'),
      ...requestReferencesErrors(config.requests, names, `${path}.requests`),
      ...configurationErrors(config, path),
    ]),
    ...(nodeSelector === undefined ? [] : nodeSelectorErrors(nodeSelector, `${path}.nodeSelector`)),
  ];
}

function resultErrors(result: Results[number], path: string): FieldError[] {
  return [
    ...placeErrors(result, path),
    ...bindingErrors(result, path),
    ...each(result.tolerations, `${path}.tolerations`, deviceTolerationErrors),
  ];
}

function placeErrors({ driver, pool, device }: DeviceId, path: string): FieldError[] {
  return [
    ...driverNameErrors(driver, `${path}.driver`),
    ...poolNameErrors(pool, `${path}.pool`),
    ...labelText(`${path}.device`, device),
  ];
}

function reportedErrors(device: Reported, allocated: ReadonlySet<string>, path: string): FieldError[] {
  const { conditions = [], data, networkData = {} } = device;
  const id = deviceIdOf(device);
  const longer = (member: 'interfaceName' | 'hardwareAddress', max: number) =>
    Buffer.byteLength(networkData[member] ?? '') > max ? [tooLong(`${path}.networkData.${member}`, max)] : [];
  return [
    ...placeErrors(device, path),
    ...(allocated.has(id) ? [] : [invalid(path, id, 'must be an allocated device in the claim')]),
    ...(conditions.length > MAX_CONDITIONS ? [tooMany(`${path}.conditions`, conditions.length, MAX_CONDITIONS)] : []),
    ...(data === undefined || data === null ? [] : rawObjectErrors(data, `${path}.data`)),
    ...longer('interfaceName', MAX_INTERFACE_NAME_BYTES),
    ...longer('hardwareAddress', MAX_HARDWARE_ADDRESS_BYTES),
  ];
}

/** Validation of ResourceSlices: upstream `pkg/apis/resource/validation/validation.go`. */
import { type FieldError, invalid, required } from '../../../api/field-error.ts';
import { dns1123SubdomainErrors } from '../../../api/names.ts';
import { nodeSelectorErrors } from '../core/affinity-validation.ts';
import type { ResourceSliceDraft } from '../models.ts';
import { driverNameErrors } from '../storage/storage-validation.ts';
import { immutable, invalidFor } from '../validation/checks.ts';
import { boundedSet, labelText, poolNameErrors } from './device-checks.ts';
import { type Counters, countersErrors, deviceErrors } from './device-validation.ts';

type Spec = NonNullable<ResourceSliceDraft['spec']>;
interface NodeChoice extends Pick<Spec, 'nodeName' | 'nodeSelector' | 'allNodes' | 'perDeviceNodeSelection'> {}

const MAX_DEVICES = 128;
/** Where a device has taints or shares counters. */
const MAX_ELABORATE_DEVICES = 64;
const MAX_COUNTER_SETS = 8;
const ONE_CHOICE = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';

export function resourceSliceErrors({ spec = {} }: ResourceSliceDraft): FieldError[] {
  return [
    ...driverNameErrors(spec.driver, 'spec.driver'),
    ...poolErrors(spec.pool ?? {}),
    ...nodeErrors(spec),
    ...contentErrors(spec),
  ];
}

export function resourceSliceUpdateErrors(object: ResourceSliceDraft, old: ResourceSliceDraft): FieldError[] {
  const [spec, before] = [object.spec, old.spec];
  return [
    ...immutable('spec.pool.name', spec?.pool?.name, before?.pool?.name),
    ...immutable('spec.driver', spec?.driver, before?.driver),
    ...immutable('spec.nodeName', spec?.nodeName, before?.nodeName),
    ...resourceSliceErrors(object),
  ];
}

function poolErrors({ name, resourceSliceCount: count = 0, generation = 0 }: NonNullable<Spec['pool']>): FieldError[] {
  return [
    ...poolNameErrors(name, 'spec.pool.name'),
    ...(count <= 0 ? [invalid('spec.pool.resourceSliceCount', count, 'must be greater than zero')] : []),
    ...(generation < 0 ? [invalid('spec.pool.generation', generation, 'must be greater than or equal to zero')] : []),
  ];
}

/** Where the devices are: told once, for the whole slice or for each device. */
function nodeErrors(spec: NodeChoice): FieldError[] {
  const { nodeName, nodeSelector } = spec;
  const members = ['nodeName', 'nodeSelector', 'allNodes', 'perDeviceNodeSelection'] as const;
  const chosen = members.filter(
    (member) => spec[member] !== undefined && spec[member] !== '' && spec[member] !== false,
  );
  const shown = `{${chosen.map((member) => `\`${member}\``).join(', ')}}`;
  const untrue = (['allNodes', 'perDeviceNodeSelection'] as const).filter((member) => spec[member] === false);
  return [
    ...(nodeName === '' ? [invalid('spec.nodeName', '', 'must be either unset or set to a non-empty string')] : []),
    ...(nodeName === undefined || nodeName === ''
      ? []
      : invalidFor('spec.nodeName', nodeName, dns1123SubdomainErrors(nodeName))),
    ...selectorErrors(nodeSelector, 'spec.nodeSelector'),
    ...untrue.map((member) => invalid(`spec.${member}`, false, 'must be either unset or set to true')),
    ...(chosen.length === 0 ? [required('spec', ONE_CHOICE)] : []),
    ...(chosen.length > 1 ? [invalid('spec', shown, `${ONE_CHOICE}, but multiple fields are set`)] : []),
  ];
}

/** One term only: selectors of several slices can then be merged. */
function selectorErrors(selector: Spec['nodeSelector'], path: string): FieldError[] {
  if (selector === undefined) return [];
  const terms = selector.nodeSelectorTerms ?? [];
  const detail = 'must have exactly one node selector term';
  return [
    ...nodeSelectorErrors(selector, path),
    ...(terms.length === 1 ? [] : [invalid(`${path}.nodeSelectorTerms`, terms, detail)]),
  ];
}

function contentErrors({ devices, sharedCounters, perDeviceNodeSelection }: Spec): FieldError[] {
  const isElaborate = (devices ?? []).some(
    ({ taints = [], consumesCounters = [] }) => taints.length > 0 || consumesCounters.length > 0,
  );
  const max = isElaborate ? MAX_ELABORATE_DEVICES : MAX_DEVICES;
  return [
    ...(sharedCounters !== undefined && devices !== undefined
      ? [invalid('spec', '', 'only one of `sharedCounters` or `devices` is allowed')]
      : []),
    ...boundedSet(
      devices,
      max,
      'spec.devices',
      (device, path) => deviceErrors(device, perDeviceNodeSelection === true, path),
      ({ name }) => name ?? '',
    ),
    ...boundedSet(sharedCounters, MAX_COUNTER_SETS, 'spec.sharedCounters', counterSetErrors, ({ name }) => name ?? ''),
  ];
}

function counterSetErrors({ name, counters }: { name?: string; counters?: Counters }, path: string): FieldError[] {
  return [
    ...(name === undefined || name === '' ? [required(`${path}.name`)] : labelText(`${path}.name`, name)),
    ...countersErrors(counters, `${path}.counters`),
  ];
}

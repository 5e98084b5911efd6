/** Who owns which fields: `metadata.managedFields` decoded, and its rules of identity, order and size. */
import type { ManagedFieldsEntry } from '../object.ts';
import { FieldSet, memberElement } from './field-set.ts';

/** Entries of updates beyond this are folded into one for each version. */
const MAX_UPDATE_MANAGERS = 10;
const OLD_UPDATES = 'ancient-changes';

/** One entry. Appliers are the same manager in every version, updaters are not. */
export interface Manager {
  readonly name: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string;
  readonly fields: FieldSet;
  /** RFC 3339, whole seconds; absent until the manager changes something. */
  readonly time: string | undefined;
}

/** By identity. A value: changes make a new one. */
export type Managers = ReadonlyMap<string, Manager>;

export const NO_MANAGERS: Managers = new Map();

export function managerId(manager: Pick<Manager, 'name' | 'operation' | 'apiVersion' | 'subresource'>): string {
  const version = manager.operation === 'Update' ? manager.apiVersion : '';
  return JSON.stringify([manager.name, manager.operation, version, manager.subresource]);
}

export function withManager(managers: Managers, manager: Manager): Managers {
  return new Map([...managers, [managerId(manager), manager]]);
}

/** Those that own something, each with what `change` leaves it. */
export function withFields(managers: Managers, change: (manager: Manager) => FieldSet): Managers {
  const changed = [...managers].map(([id, manager]) => [id, { ...manager, fields: change(manager) }] as const);
  return new Map(changed.filter(([, { fields }]) => !fields.isEmpty));
}

/** Throws TypeError where the entries are malformed. */
export function decodeManagers(entries: readonly ManagedFieldsEntry[] | undefined): Managers {
  const managers = (entries ?? []).map((entry): Manager => {
    const { operation, apiVersion, fieldsType } = entry;
    if (operation !== 'Apply' && operation !== 'Update') throw new TypeError(`invalid operation "${operation ?? ''}"`);
    if (apiVersion === undefined || apiVersion === '') throw new TypeError('apiVersion must not be empty');
    if (fieldsType !== 'FieldsV1') throw new TypeError(`invalid fields type "${fieldsType ?? ''}"`);
    const fields = entry.fieldsV1 === undefined ? FieldSet.empty : FieldSet.decode(entry.fieldsV1).own(false);
    const { manager: name = '', subresource = '', time } = entry;
    return { name, operation, apiVersion, subresource, fields, time };
  });
  return new Map(managers.map((manager) => [managerId(manager), manager]));
}

/** As clients see it: appliers before updaters, then the older first. */
export function encodeManagers(managers: Managers): ManagedFieldsEntry[] {
  return [...managers.values()].sort(byOrder).map(({ name, operation, apiVersion, time, fields, subresource }) => ({
    manager: name,
    operation,
    apiVersion,
    ...(time === undefined ? {} : { time }),
    fieldsType: 'FieldsV1',
    fieldsV1: fields.encode(),
    ...(subresource === '' ? {} : { subresource }),
  }));
}

function byOrder(one: Manager, other: Manager): number {
  const keys = ({ operation, time = '', name, apiVersion, subresource }: Manager): string[] => [
    operation,
    time,
    name,
    apiVersion,
    subresource,
  ];
  return compareTexts(keys(one), keys(other));
}

function compareTexts(one: readonly string[], other: readonly string[]): number {
  const index = one.findIndex((text, place) => text !== other[place]);
  return index < 0 ? 0 : (one[index] ?? '') < (other[index] ?? '') ? -1 : 1;
}

/** Folds the oldest updates of a version into one entry while there are too many. */
export function capUpdates(managers: Managers): Managers {
  const updates = [...managers.values()].filter(({ operation }) => operation === 'Update');
  let excess = updates.length - MAX_UPDATE_MANAGERS;
  if (excess <= 0) return managers;
  updates.sort((a, b) => compareTexts([a.time ?? '', managerId(a)], [b.time ?? '', managerId(b)]));
  const capped = new Map(managers);
  const folded = new Map<string, Manager>();
  for (const manager of updates) {
    if (excess <= 0) break;
    const older = folded.get(manager.apiVersion);
    if (older === undefined) {
      folded.set(manager.apiVersion, manager);
      continue;
    }
    const fields = older.fields.union(manager.fields);
    const bucket: Manager = { ...manager, name: OLD_UPDATES, subresource: '', fields };
    capped.delete(managerId(older));
    capped.delete(managerId(manager));
    capped.set(managerId(bucket), bucket);
    folded.set(manager.apiVersion, bucket);
    excess -= 1;
  }
  return capped;
}

const SYSTEM_METADATA = [
  'name',
  'namespace',
  'creationTimestamp',
  'selfLink',
  'uid',
  'clusterName',
  'generation',
  'managedFields',
  'resourceVersion',
];

/** What nobody owns, since the server keeps it or it is the object's identity. */
export const SYSTEM_FIELDS = FieldSet.ofPaths(
  [memberElement('apiVersion')],
  [memberElement('kind')],
  [memberElement('metadata')],
  ...SYSTEM_METADATA.map((name) => [memberElement('metadata'), memberElement(name)]),
);

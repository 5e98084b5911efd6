/**
 * Who owns the replicas of an object, told of its scale and back: apimachinery `managedfields/scalehandler.go`. What a
 * scale writes carries no time, as upstream leaves it.
 */
import type { ManagedFieldsEntry } from '../object.ts';
import { FieldSet, memberElement } from './field-set.ts';
import {
  decodeManagers,
  encodeManagers,
  type Manager,
  managerId,
  type Managers,
  withFields,
  withManager,
} from './managers.ts';

const SCALE_VERSION = 'autoscaling/v1';
const SCALE_REPLICAS = pathSet(['spec', 'replicas']);

/** Where the object keeps its replicas: `['spec', 'replicas']`. */
export type ReplicasPath = readonly string[];

type Entries = readonly ManagedFieldsEntry[] | undefined;

function pathSet(path: ReplicasPath): FieldSet {
  return FieldSet.ofPaths(path.map(memberElement));
}

/** The managedFields of the scale of an object. */
export function scaleEntries(entries: Entries, path: ReplicasPath): ManagedFieldsEntry[] {
  const owners = [...managersOf(entries).values()].filter((manager) => owns(manager, pathSet(path)));
  return encodeManagers(
    new Map(
      owners
        .map((owner): Manager => ({ ...owner, apiVersion: SCALE_VERSION, fields: SCALE_REPLICAS }))
        .map((owner) => [managerId(owner), owner]),
    ),
  );
}

/** The managedFields of an object whose scale has the given ones now. */
export function entriesAfterScale(
  entries: Entries,
  scale: Entries,
  path: ReplicasPath,
  apiVersion: string,
): ManagedFieldsEntry[] {
  const replicas = pathSet(path);
  const before = managersOf(entries);
  const owners = new Map([...managersOf(scale).values()].map((each) => [managerId({ ...each, apiVersion }), each]));
  const kept = withFields(before, (manager) =>
    owns(manager, replicas) && !owners.has(managerId(manager)) ? manager.fields.difference(replicas) : manager.fields,
  );
  return encodeManagers(
    [...owners].reduce<Managers>((managers, [id, owner]) => {
      const known = before.get(id);
      if (known !== undefined && owns(known, replicas)) return managers;
      return withManager(managers, { ...owner, apiVersion, fields: replicas, time: known?.time });
    }, kept),
  );
}

function owns({ fields }: Manager, path: FieldSet): boolean {
  return !fields.intersection(path).isEmpty;
}

/** Those of an object that were spoilt by hand count as none. */
function managersOf(entries: Entries): Managers {
  try {
    return decodeManagers(entries);
  } catch (error) {
    if (error instanceof TypeError) return new Map();
    throw error;
  }
}

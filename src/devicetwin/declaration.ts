/**
 * What a declaration (a Device object) makes of a twin. Both sides may set expected values: the declaring one by the
 * desired values of its declaration, the edge by updates. Each has a version, `cloud` and `edge`, and who has not seen the
 * other's write loses to it if that one was later. Pure.
 */
import { setOwn } from '../api/json.ts';
import {
  type DeclaredProperty,
  type Device,
  type PropertyRule,
  sorted,
  TwinError,
  type TwinProperty,
  visible,
} from './twin.ts';
import { assertSettable, type TwinDocument } from './twin-update.ts';
import { assertKey, assertValue } from './twin-values.ts';

export interface Declaration {
  readonly id: string;
  readonly name: string;
  readonly description?: string;
  readonly properties: Readonly<Record<string, PropertyRule & { readonly desired?: DesiredValue }>>;
}

export interface DesiredValue {
  readonly value: string;
  /** When it was set, in milliseconds; decides between two writes that did not know of each other. */
  readonly at: number;
}

export interface DeclarationChange {
  readonly device: Device;
  /** Nothing where the declaration says nothing new. */
  readonly changed: boolean;
  readonly document: TwinDocument;
  /** Properties that cannot be, and desired values that the device is not told: why not. */
  readonly refused: Readonly<Record<string, string>>;
}

export function applyDeclaration(known: Device | undefined, declaration: Declaration, now: number): DeclarationChange {
  const { id, name, description, properties } = declaration;
  const before = known ?? { id, name, twin: {} };
  const twin: Record<string, TwinProperty> = { ...before.twin };
  const declared: Record<string, DeclaredProperty> = {};
  const document: Record<string, TwinDocument[string]> = {};
  const refused: Record<string, string> = {};
  for (const [key, property] of Object.entries(sorted(properties))) {
    const unspeakable = refusalOf(() => assertKey(key));
    if (unspeakable !== undefined) {
      setOwn(refused, key, unspeakable);
      continue;
    }
    const settled = settle(before.twin[key], before.declared?.[key], property, now);
    twin[key] = settled.property;
    declared[key] = settled.declared;
    if (settled.refusal !== undefined) refused[key] = settled.refusal;
  }
  for (const key of Object.keys(before.declared ?? {})) if (!Object.hasOwn(properties, key)) delete twin[key];
  for (const key of new Set([...Object.keys(before.twin), ...Object.keys(twin)])) {
    const [last, current] = [before.twin[key], twin[key]].map((each) => (each === undefined ? null : visible(each)));
    if (JSON.stringify(last) !== JSON.stringify(current))
      document[key] = { last: last ?? null, current: current ?? null };
  }
  const device = {
    ...before,
    name,
    ...(description === undefined ? {} : { description }),
    twin: sorted(twin),
    declared,
  };
  const changed = known === undefined || JSON.stringify(device) !== JSON.stringify(known);
  return { device, changed, document: sorted(document), refused };
}

/** Expected values that were set at the edge and that the declaring side does not know yet. */
export function unsettled({ twin, declared = {} }: Device): Record<string, TwinProperty> {
  return Object.fromEntries(
    Object.entries(declared).flatMap(([key, { settledEdge }]) => {
      const property = twin[key];
      return property !== undefined && edgeVersion(property) > settledEdge ? [[key, property]] : [];
    }),
  );
}

interface Settled {
  readonly property: TwinProperty;
  readonly declared: DeclaredProperty;
  readonly refusal?: string;
}

function settle(
  before: TwinProperty | undefined,
  known: DeclaredProperty | undefined,
  { desired, ...rule }: Declaration['properties'][string],
  now: number,
): Settled {
  const kept: TwinProperty = { ...before, optional: false, metadata: { type: rule.type } };
  const settledEdge = known?.settledEdge ?? 0;
  const as = (edge: number): DeclaredProperty => {
    return { ...rule, ...(desired === undefined ? {} : { desired: desired.value }), settledEdge: edge };
  };
  const refusal = desired === undefined ? undefined : refusalOf(() => assertDesired(rule, desired.value));
  if (refusal !== undefined) {
    const news = refusal === known?.refused && desired?.value === known.desired ? {} : { refusal };
    return { property: kept, declared: { ...as(settledEdge), refused: refusal }, ...news };
  }
  if (desired?.value === kept.expected?.value) return { property: kept, declared: as(edgeVersion(kept)) };
  const said = desired?.value === known?.desired && known?.refused === undefined;
  const edgeWasLater = (kept.expected?.metadata.timestamp ?? 0) > (desired?.at ?? now);
  if (said || (edgeVersion(kept) > settledEdge && edgeWasLater)) return { property: kept, declared: as(settledEdge) };
  return { property: expecting(kept, desired, now), declared: as(edgeVersion(kept)) };
}

/** With the value of the declaring side, or without any where it has taken its own away. */
function expecting(property: TwinProperty, desired: DesiredValue | undefined, now: number): TwinProperty {
  const { expected: _, expectedVersion = { cloud: 0, edge: 0 }, ...rest } = property;
  const version = { cloud: expectedVersion.cloud + 1, edge: expectedVersion.edge };
  const value = desired === undefined ? {} : { expected: { value: desired.value, metadata: { timestamp: now } } };
  return { ...rest, ...value, expectedVersion: version };
}

/** What an assertion has against it. */
function refusalOf(assert: () => void): string | undefined {
  try {
    assert();
    return undefined;
  } catch (error) {
    if (error instanceof TwinError) return error.message;
    throw error;
  }
}

function assertDesired(rule: PropertyRule, value: string): void {
  assertValue(rule.type, value, rule.anyText);
  assertSettable(rule, value);
}

function edgeVersion({ expectedVersion }: TwinProperty): number {
  return expectedVersion?.edge ?? 0;
}

/** From the Device object to the twin, and back what the edge has set. Pure. */
import { objectKey } from '../api/object.ts';
import type { Plan } from '../client/index.ts';
import { declarationOf } from './declaration-of.ts';
import type { Device, DeviceModel } from './device-kinds.ts';
import type { Declaration, TwinnedDevice, TwinProperty } from './device-twins.ts';

export interface DeclarationState {
  /** Where it is attached to this node. */
  readonly device: Device | undefined;
  readonly model: DeviceModel | undefined;
  readonly twinned: TwinnedDevice | undefined;
  readonly unsettled: Readonly<Record<string, TwinProperty>>;
  readonly isNews: (declaration: Declaration) => boolean;
  /** Milliseconds until what was set at the edge may be written again. */
  readonly restMs: number;
}

export type JsonPatch = readonly { readonly op: 'test' | 'add'; readonly path: string; readonly value: unknown }[];

export type DeclarationAction =
  | { readonly kind: 'declare'; readonly device: Device; readonly declaration: Declaration; readonly reason: string }
  | { readonly kind: 'warnOfModel'; readonly device: Device; readonly reason: string }
  | { readonly kind: 'retire'; readonly id: string; readonly reason: string }
  | { readonly kind: 'writeBack'; readonly device: Device; readonly patch: JsonPatch; readonly reason: string };

export function planDeclaration(state: DeclarationState): Plan<DeclarationAction> {
  const { device, twinned } = state;
  if (device !== undefined) return planFor(device, state);
  if (twinned?.declared === undefined) return { actions: [] };
  return { actions: [{ kind: 'retire', id: twinned.id, reason: 'no Device object attaches it to this node' }] };
}

function planFor(device: Device, { model, unsettled, isNews, restMs }: DeclarationState): Plan<DeclarationAction> {
  const declaration = declarationOf(device, model);
  if (isNews(declaration)) {
    const missing = model === undefined ? [{ kind: 'warnOfModel', device, reason: noModel(device) } as const] : [];
    return {
      actions: [...missing, { kind: 'declare', device, declaration, reason: 'the object says something new' }],
    };
  }
  const patch = writeBack(device, unsettled);
  if (patch.length === 0) return { actions: [] };
  if (restMs > 0) return { actions: [], recheckAfterMs: restMs };
  return { actions: [{ kind: 'writeBack', device, patch, reason: 'desired values were set at the edge' }] };
}

function noModel(device: Device): string {
  const name = device.spec?.deviceModelRef?.name ?? '';
  if (name === '') return 'the device names no model: its values are not checked';
  return `there is no DeviceModel ${device.metadata?.namespace}/${name}: values of ${objectKey(device)} are not checked`;
}

/** The tests make the patch fail where the object is another one by now; then it is read and planned again. */
function writeBack(device: Device, unsettled: DeclarationState['unsettled']): JsonPatch {
  return (device.spec?.properties ?? []).flatMap(({ name, desired }, index) => {
    const property = unsettled[name];
    const value = property?.expected?.value;
    if (property?.expected === undefined || value === undefined || value === desired?.value) return [];
    const path = `/spec/properties/${index}`;
    const metadata = {
      ...desired?.metadata,
      timestamp: String(property.expected.metadata.timestamp),
      type: property.metadata.type,
    };
    return [
      { op: 'test', path: `${path}/name`, value: name } as const,
      ...(desired === undefined ? [] : [{ op: 'test', path: `${path}/desired/value`, value: desired.value } as const]),
      { op: 'add', path: `${path}/desired`, value: { value, metadata } } as const,
    ];
  });
}

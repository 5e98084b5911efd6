/** What mappers must be told of one device. Pure. */
import type { Action, Plan } from '../../client/index.ts';
import { idOf, type Message } from './dmi-messages.ts';

/** What a mapper knows: a text of each message that it was told last. */
export interface Told {
  /** Whether it may know more than is noted here. */
  readonly restored: boolean;
  readonly devices: Map<string, { readonly text: string; readonly model: string | undefined }>;
  readonly models: Map<string, string>;
}

export interface MapperState<M extends Told> {
  readonly id: string;
  /** Mappers that know the device though it is none of theirs any more. */
  readonly strangers: readonly M[];
  /** Of the device's protocol; nothing where the device or its mapper is not there. */
  readonly mapper: M | undefined;
  readonly device: Message | undefined;
  readonly model: Message | undefined;
}

export type MapperAction<M> = Action &
  (
    | { kind: 'createModel' | 'updateModel'; mapper: M; message: Message; text: string }
    | { kind: 'registerDevice' | 'updateDevice'; mapper: M; message: Message; text: string; model: string | undefined }
    | { kind: 'removeDevice'; mapper: M; id: string }
    | { kind: 'removeModel'; mapper: M; id: string }
  );

/** A mapper needs the model before the device, and until the last device of it is gone. */
export function planMapper<M extends Told>(state: MapperState<M>): Plan<MapperAction<M>> {
  const { id, mapper, strangers, device, model } = state;
  const actions = strangers.flatMap((stranger) => removal(stranger, id));
  if (mapper === undefined || device === undefined) return { actions };
  const modelId = model === undefined ? undefined : keyOf(model);
  if (model !== undefined && modelId !== undefined) {
    const known = mapper.models.get(modelId);
    const text = textOf(model);
    if (known === undefined && !mapper.restored)
      actions.push({ kind: 'createModel', mapper, message: model, text, reason: 'new to it' });
    else if (known !== text) actions.push({ kind: 'updateModel', mapper, message: model, text, reason: 'changed' });
  }
  const known = mapper.devices.get(id);
  const text = textOf(device);
  const about = { mapper, message: device, text, model: modelId };
  if (known === undefined && !mapper.restored) actions.push({ kind: 'registerDevice', ...about, reason: 'new to it' });
  else if (known?.text !== text || known.model !== modelId) {
    actions.push({ kind: 'updateDevice', ...about, reason: 'changed' });
    actions.push(...unused(mapper, id, known?.model === modelId ? undefined : known?.model));
  }
  return { actions };
}

export function keyOf({ namespace, name }: Message): string {
  return idOf(namespace, name);
}

export function textOf(message: Message): string {
  return JSON.stringify(message);
}

function removal<M extends Told>(mapper: M, id: string): MapperAction<M>[] {
  const gone: MapperAction<M> = { kind: 'removeDevice', mapper, id, reason: 'no device of it any more' };
  return [gone, ...unused(mapper, id, mapper.devices.get(id)?.model)];
}

/** The model, where no other device of the mapper is of it. */
function unused<M extends Told>(mapper: M, id: string, model: string | undefined): MapperAction<M>[] {
  if (model === undefined || !mapper.models.has(model)) return [];
  for (const [other, { model: needed }] of mapper.devices) if (other !== id && needed === model) return [];
  return [{ kind: 'removeModel', mapper, id: model, reason: 'no device of it any more' }];
}
